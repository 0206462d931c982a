# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report's sentences: figures in words, for a reader who looks at nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from railcrate.report.content import Content
from railcrate.study import units
from railcrate.study.config import Study

LOWER_IS_BETTER = {"bits_per_byte", "word_perplexity", "byte_perplexity"}
VERDICTS = {
    "supported": "The figures support it.",
    "contradicted": "The figures speak against it.",
    "not shown": "The figures do not show it, nor do they show the opposite.",
}


def variant_title(study: Study, variant: str) -> str:
    """Name a variant for readers: its title, or its name with spaces."""
    title = study.recipes[variant].title if variant in study.recipes else None
    return title or variant.replace("-", " ").replace("_", " ")


def model_title(study: Study, model: str) -> str:
    """Name a model for readers."""
    chosen = study.models.get(model)
    return (chosen.title if chosen is not None else None) or model


def benchmark_title(study: Study, benchmark: str) -> str:
    """Name a benchmark for readers."""
    chosen = study.benchmarks.get(benchmark)
    return (chosen.title if chosen is not None else None) or benchmark


def metric_title(metric: str) -> str:
    """Name a metric for readers, with its unit where it has one."""
    return {
        "accuracy": "accuracy",
        "accuracy_norm": "accuracy, normalized by length",
        "bits_per_byte": "bits per byte (lower is better)",
        "word_perplexity": "perplexity per word (lower is better)",
    }.get(metric, metric.replace("_", " "))


def is_share(metric: str) -> bool:
    """Tell whether a metric is a share, to be written in percent."""
    return metric.startswith(("accuracy", "acc", "exact_match"))


def number(metric: str, value: float) -> str:
    """Write a metric's value."""
    return f"{100 * value:.1f} %" if is_share(metric) else f"{value:.3f}"


def difference(metric: str, value: float) -> str:
    """Write a difference of two values of a metric, with its sign."""
    sign = "+" if value >= 0 else "−"
    return f"{sign}{100 * abs(value):.1f} points" if is_share(metric) else f"{sign}{abs(value):.3f}"


def overlap(study: Study, benchmark: str, found: Mapping[str, Any]) -> str:
    """Say how many items of a benchmark stand in a variant, of those that are long enough to tell."""
    title, judged = benchmark_title(study, benchmark), int(found["items"]) - int(found.get("too_short", 0))
    if not judged:
        return f"Overlap with {title}: cannot be told, its items are too short."
    short = f" ({found['too_short']:,} more are too short to tell)" if found.get("too_short") else ""
    return f"Overlap with {title}: {int(found['matched']):,} of {judged:,} items{short}."


def effect(comparison: Mapping[str, Any]) -> str:
    """Write a comparison's effect size, in percent where it is relative."""
    value = comparison["effect_size"]
    if value is None:
        return "—"
    sign = "+" if value >= 0 else "−"
    relative = comparison["effect_size_name"] == "relative difference"
    return f"{sign}{100 * abs(value):.1f} %" if relative else f"{sign}{abs(value):.2f}"


def p_value(value: float | None) -> str:
    """Write a p-value; small ones as a bound, because their last digits say nothing."""
    if value is None:
        return "—"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def finding(study: Study, comparison: Mapping[str, Any]) -> str:
    """Say in one sentence what a comparison found.

    Args:
        study: the configuration.
        comparison: one entry of `comparisons.json`.

    Returns:
        A sentence with the difference, its interval, and what stands behind it.
    """
    metric = str(comparison["metric"])
    estimate, low, high = (comparison[key] for key in ("estimate", "ci_low", "ci_high"))
    variant = variant_title(study, str(comparison["variant"]))
    baseline = variant_title(study, str(comparison["baseline"]))
    change = difference(metric, float(estimate))
    interval = "" if low is None else f" (95 % interval {difference(metric, low)} to {difference(metric, high)})"
    seeds = units.count(int(comparison["seeds"]), "seed")
    items = units.count(int(comparison["items"]), "item")
    p = f", corrected p {p_value(comparison['p_holm'])}" if comparison["p_holm"] is not None else ""
    return (
        f"{variant.capitalize()} against {baseline}: {change} in {metric_title(metric).split(' (')[0]}"
        f"{interval}{p}, over {seeds} and {items}."
    )


def answer(content: Content) -> list[tuple[str, str, list[str]]]:
    """Answer the study's question: each claim, what became of it, and its findings.

    Returns:
        For each claim: the claim, the verdict in words, and a sentence for each variant.
    """
    by_claim: dict[str, list[Mapping[str, Any]]] = {}
    for comparison in content.comparisons["comparisons"]:
        by_claim.setdefault(str(comparison["claim"]), []).append(comparison)
    return [
        (claim, _verdict([str(entry["verdict"]) for entry in entries]), [finding(content.study, e) for e in entries])
        for claim, entries in by_claim.items()
    ]


def _verdict(verdicts: list[str]) -> str:
    distinct = set(verdicts)
    if len(distinct) == 1:
        return VERDICTS.get(verdicts[0], verdicts[0])
    counts = ", ".join(f"{verdicts.count(word)} {word}" for word in VERDICTS if word in distinct)
    return f"It depends on the variant: {counts}."


TITLES = {"code": "Code", "data": "Data", "weights": "Weights", "documents": "Texts and figures"}


def license_groups(licenses: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Gather the published components of one kind under one license: they are told of together."""
    groups: dict[tuple[str, str, bool], dict[str, Any]] = {}
    for name, component in licenses["components"].items():
        if not component["published"]:
            continue
        source = name.startswith("sources.")
        key = (component["kind"], component["license"], source)
        title = "Sources" if source else TITLES[component["kind"]]
        groups.setdefault(key, {**component, "title": title, "parts": []})["parts"].append(name)
    return list(groups.values())


def conflicts(licenses: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Gather the conflicts that no waiver lifts, those of several components with one reason together."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name, component in licenses["components"].items():
        for conflict in component["conflicts"]:
            if not conflict["waived"]:
                entry = found.setdefault((conflict["code"], conflict["reason"]), {**conflict, "parts": []})
                entry["parts"].append(name)
    return list(found.values())
