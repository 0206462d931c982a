# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The page of a verification: one HTML file without scripts, which can be published in turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

from railcrate.report import charts, words
from railcrate.reproduce.contrast import Compared
from railcrate.reproduce.equivalence import RULE, SOURCES
from railcrate.reproduce.verification import Verification
from railcrate.study import units
from railcrate.study.files import write_json, write_text

CHARTED = 24  # figures in the chart
SHOWN = 200  # rows of a table that is open
_UNITS = 1e-12

DONE = {
    "files": "Every file's checksum was computed anew, and figures, weights and data that name each other were "
    "compared. Nothing was run.",
    "evaluate": "The files were checked, and the published weights were evaluated again on every benchmark.",
    "train": "The files were checked, and the study was run again from its sources: data, training, evaluation.",
}


def write_page(path: Path, verification: Verification) -> tuple[Path, Path]:
    """Write the page, and the same as JSON beside it.

    Args:
        path: the HTML file; the JSON file has the same name with another ending.
        verification: what is told.

    Returns:
        The two files.

    Raises:
        OSError: when they cannot be written; older ones are then as they were.
    """
    data = path.with_suffix(".json")
    write_json(data, verification.as_json())
    write_text(path, render(verification))
    return path, data


def render(verification: Verification) -> str:
    """Lay the page out.

    Args:
        verification: what it tells.

    Returns:
        HTML that refers to nothing outside itself but DOIs; the same for the same verification.
    """
    loader = jinja2.ChoiceLoader(
        [jinja2.PackageLoader("railcrate.reproduce"), jinja2.PackageLoader("railcrate.report")]
    )
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        bytes=units.size, thousands=lambda value: f"{value:,}", p=words.p_value, value=_value,
        change=_change, interval=_interval, hash=_short,
        power=_power,
    )  # fmt: skip
    style = environment.get_template("report.css").render() + environment.get_template("verification.css").render()
    whole = [one for one in verification.contrast.compared if one.published.task is None]
    single = [one for one in verification.contrast.compared if one.published.task is not None]
    return environment.get_template("verification.html").render(
        v=verification,
        style=style,
        done=DONE[verification.depth],
        counts=verification.contrast.counts,
        whole=_by_verdict(whole),
        single=_by_verdict(single),
        shown=SHOWN,
        chart=_chart(whole),
        rule=RULE,
        sources=SOURCES,
        words=words,
        conditions=sorted(verification.environments, key=lambda one: one.same),
    )


def _by_verdict(figures: list[Compared]) -> dict[str, list[Compared]]:
    """Different ones first, then equivalent, then identical; in the order of the study within each."""
    return {verdict: [one for one in figures if one.judgement.verdict == verdict] for verdict in
            ("different", "equivalent", "identical")}  # fmt: skip


def _chart(figures: list[Compared]) -> charts.Chart | None:
    """Differences in units of the published standard error, of what is not identical; None where there is nothing."""
    rows: list[dict[str, Any]] = []
    changed = [one for verdict in ("different", "equivalent") for one in _by_verdict(figures)[verdict]]
    models = {one.evaluation[0].split(".")[0] for one in changed}
    for one in changed:
        interval = None if one.gap is None else one.gap.interval()
        error = one.published.stderr
        if one.gap is None or interval is None or not error or error < _UNITS:
            continue
        whose = one.evaluation[0] if len(models) > 1 else one.evaluation[0].split(".", 1)[-1]
        name = f"{whose} {one.evaluation[1]} {_SHORT.get(one.published.metric, one.published.metric)}"
        low, high = (end / error for end in interval)
        rows.append({"name": name, "estimate": one.gap.estimate / error, "low": low, "high": high})
    if not rows:
        return None
    chosen = rows[:CHARTED]
    return charts.intervals(
        chosen,
        title="difference, in published standard errors",
        zero=0.0,
        names=[row["name"] for row in chosen],
        percent=False,
    )


_SHORT = {"accuracy": "acc", "accuracy_norm": "acc norm", "bits_per_byte": "bits/byte", "word_perplexity": "ppl/word"}


def _value(one: Any, metric: str) -> str:
    """A figure with its standard error, to as many digits as that tells."""
    if one.value is None:
        return "not finite"
    if words.is_share(metric):
        error = "" if one.stderr is None else f" ± {100 * one.stderr:.1f}"
        return f"{100 * one.value:.2f}{error} %"
    error = "" if one.stderr is None else f" ± {_plain(one.stderr, 3)}"
    return f"{_plain(one.value, 5)}{error}"


def _change(value: float, metric: str) -> str:
    """A difference with its sign, in points where it is one of shares."""
    sign = "−" if value < 0 else "+" if value > 0 else ""
    if words.is_share(metric):
        return f"{sign}{100 * min(1.0, abs(value)):.2f}"  # shares cannot differ by more
    return f"{sign}{_plain(abs(value), 2)}"


def _plain(value: float, digits: int) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}g}"


def _interval(one: Compared) -> str:
    """The 95 % interval of a difference."""
    interval = None if one.gap is None else one.gap.interval()
    if interval is None:
        return "no interval"
    low, high = (_change(end, one.published.metric) for end in interval)
    return f"{low} to {high}"


def _power(one: Compared) -> str:
    """How large a difference would have been found."""
    size, metric = one.judgement.detectable, one.published.metric
    if size is None:
        return ""
    if words.is_share(metric) and size >= 1:
        return "; too little is known to find any"
    return f"; ±{_change(size, metric).lstrip('+')} would have been found"


def _short(value: str) -> str:
    """A checksum by its beginning; anything else as it is."""
    is_hash = len(value) in (32, 40, 64) and not set(value) - set("0123456789abcdef")
    return f"{value[:12]}…" if is_hash else value
