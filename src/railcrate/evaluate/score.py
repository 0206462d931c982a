# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""From lm-eval's samples to one row for each item, and from rows to metrics.

lm-eval gives a tie to the choice that stands first: a model that cannot tell anything
scores 1.000 where the right choice always stands first. Here those that tie share the
point, so such a model scores at chance. All else is lm-eval's own number.
"""

from __future__ import annotations

import hashlib
import math
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from railcrate.evaluate.tasks import LoadedTask

# Batches of other shapes change a float32 log-likelihood by about this part of itself:
# what is closer than that is decided by the batch, not by the model.
TIE_TOLERANCE = 1e-6
# lm-eval's names, and ours. Its acc_bytes divides by bytes, as accuracy_norm does.
COMPUTED_HERE = ("acc", "acc_norm", "acc_bytes", "bits_per_byte", "byte_perplexity", "word_perplexity")

Row = dict[str, Any]


@dataclass(frozen=True)
class Metric:
    """A figure.

    Attributes:
        value: the figure; None where it is not finite.
        stderr: its standard error over items; None where there is none.
    """

    value: float | None
    stderr: float | None


@dataclass(frozen=True)
class ScoredTask:
    """What came out for one task.

    Attributes:
        loaded: the task.
        rows: one for each item, with the columns of the samples table.
        targets: for each item the indices of its right choices; empty where nothing is chosen.
        samples: lm-eval's own, item by item.
        metrics: figures by name.
        chance: the accuracy of guessing; None where nothing is chosen.
        task_hash: lm-eval's hash of all documents, prompts and targets.
        truncated: requests whose context lost its beginning.
    """

    loaded: LoadedTask
    rows: list[Row]
    targets: list[set[int]]
    samples: Sequence[Mapping[str, Any]] = field(repr=False)
    metrics: dict[str, Metric]
    chance: float | None
    task_hash: str
    truncated: int

    @property
    def kind(self) -> str:
        """What was asked of the model."""
        return self.loaded.kind


def score_task(
    loaded: LoadedTask, samples: Sequence[Mapping[str, Any]], results: Mapping[str, Any], truncated: int
) -> ScoredTask:
    """Score one task.

    Args:
        loaded: the task.
        samples: lm-eval's samples of it.
        results: lm-eval's figures of it, such as `{"acc,none": 0.61}`.
        truncated: requests whose context lost its beginning.

    Returns:
        Rows, metrics and hashes.
    """
    kind = loaded.kind
    filters = list(dict.fromkeys(sample["filter"] for sample in samples))
    first = [sample for sample in samples if sample["filter"] == filters[0]]  # one sample for each item
    rows: list[Row]
    targets: list[set[int]] = []
    chance: float | None = None
    if kind in ("pairs", "choice"):
        rows = [_choice_row(loaded, sample) for sample in first]
        targets = [row.pop("targets") for row in rows]
        chance = statistics.fmean(row.pop("chance") for row in rows)
        metrics = {"accuracy": mean_of(row["score"] for row in rows)}
        metrics["accuracy_norm"] = mean_of(row["score_norm"] for row in rows)
    elif kind == "perplexity":
        rows = [_text_row(loaded, sample) for sample in first]
        metrics = perplexity(rows)
    else:
        rows = [_other_row(sample) for sample in first]
        metrics = {}
    for row, sample in zip(rows, first, strict=True):
        row |= {"task": loaded.name, "group": loaded.group, "item": sample["doc_id"]}
        row |= {key: sample[key] for key in ("doc_hash", "prompt_hash", "target_hash")}
        row["cluster"] = f"{loaded.name}/{sample['doc_id']}" if kind == "perplexity" else loaded.name
    metrics |= _passed_on(kind, results, samples, filters)
    hashes = "".join(s["doc_hash"] + s["prompt_hash"] + s["target_hash"] for s in samples)
    return ScoredTask(
        loaded, rows, targets, first, metrics, chance, hashlib.sha256(hashes.encode()).hexdigest(), truncated
    )


def _choice_row(loaded: LoadedTask, sample: Mapping[str, Any]) -> Row:
    choices = choices_of(loaded, sample)
    scores = [float(answer[0]) for answer in sample["filtered_resps"]][: len(choices)]
    targets = targets_of(sample["target"], choices)
    if loaded.task.multiple_input:  # the choices stand in the contexts, and all have the same continuation
        targets = {int(loaded.task.doc_to_text(sample["doc"]))}
    others = [score for i, score in enumerate(scores) if i not in targets]
    best = max((scores[i] for i in targets), default=-math.inf)
    margin = best - max(others) if others and targets else None
    return {
        "score": share_of_top(scores, targets),
        "score_norm": share_of_top(
            [s / max(1, len(c.encode())) for s, c in zip(scores, choices, strict=True)], targets
        ),
        "tie": margin is not None and abs(margin) <= TIE_TOLERANCE * max(map(abs, scores)),
        "margin": margin,
        "loglikelihoods": scores,
        "chosen": max(range(len(scores)), key=scores.__getitem__),
        "target": min(targets, default=None),
        "targets": targets,
        "chance": len(targets) / len(scores),
    }


def choices_of(loaded: LoadedTask, sample: Mapping[str, Any]) -> list[str]:
    """Give the choices of an item as text."""
    return [str(choice) for choice in loaded.task.doc_to_choice(sample["doc"])]


def targets_of(target: Any, choices: Sequence[str]) -> set[int]:
    """Give the indices of the right choices; none for a target that is not among them, as in lm-eval."""
    found = target if isinstance(target, list) else [target]
    indices = {choices.index(t) if isinstance(t, str) and t in choices else t for t in found}
    return {i for i in indices if isinstance(i, int) and 0 <= i < len(choices)}


def share_of_top(scores: Sequence[float], targets: set[int]) -> float:
    """Give the point to the top choice; those that tie for the top share it.

    Args:
        scores: of the choices, the higher the better.
        targets: indices of the right ones.

    Returns:
        1.0, 0.0, or the right ones' share of those at the top: 0.5 for a tie of two.
    """
    top = max(scores)
    tied = [i for i, score in enumerate(scores) if top - score <= TIE_TOLERANCE * max(map(abs, scores))]
    return sum(i in targets for i in tied) / len(tied)


def _text_row(loaded: LoadedTask, sample: Mapping[str, Any]) -> Row:
    text = loaded.task.doc_to_target(sample["doc"])
    return {
        "nll": -float(sample["filtered_resps"][0]),
        "bytes": loaded.task.count_bytes(text),
        "words": loaded.task.count_words(text),
    }


def _other_row(sample: Mapping[str, Any]) -> Row:
    """Keep the item's first metric as its score where that is a share."""
    values = [sample[metric] for metric in sample["metrics"]]
    score = values[0] if values and _is_number(values[0]) and 0 <= values[0] <= 1 else None
    return {"score": None if score is None else float(score)}


def perplexity(rows: Sequence[Row]) -> dict[str, Metric]:
    """Compute bits per byte and perplexity per word over texts.

    Both are ratios of sums over documents, so that each byte or word counts the same. The
    standard error is that of a ratio estimator (Cochran 1977, Sampling Techniques, ch. 6),
    with documents as the sampled units; for word_perplexity carried through the exponential.

    Args:
        rows: with `nll` (nats), `bytes` and `words`.

    Returns:
        `bits_per_byte` and `word_perplexity`.
    """
    per_byte = _ratio([row["nll"] for row in rows], [row["bytes"] for row in rows])
    per_word = _ratio([row["nll"] for row in rows], [row["words"] for row in rows])
    bits = Metric(_scaled(per_byte.value, 1 / math.log(2)), _scaled(per_byte.stderr, 1 / math.log(2)))
    try:
        words = math.exp(per_word.value) if per_word.value is not None else None
    except OverflowError:
        words = None
    slope = None if words is None or per_word.stderr is None else words * per_word.stderr
    return {"bits_per_byte": bits, "word_perplexity": Metric(words, slope)}


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _ratio(tops: Sequence[float], bottoms: Sequence[float]) -> Metric:
    if not sum(bottoms):
        return Metric(None, None)
    ratio = math.fsum(tops) / sum(bottoms)
    n = len(tops)
    if n < 2:
        return Metric(ratio, None)
    squares = math.fsum((top - ratio * bottom) ** 2 for top, bottom in zip(tops, bottoms, strict=True))
    return Metric(ratio, math.sqrt(squares / (n - 1) * n) / sum(bottoms))


def _passed_on(
    kind: str, results: Mapping[str, Any], samples: Sequence[Mapping[str, Any]], filters: Sequence[str]
) -> dict[str, Metric]:
    """Take over lm-eval's metrics that are not computed here, under a name that a comparison can use."""
    metrics: dict[str, Metric] = {}
    for key, value in results.items():
        name, _, chosen = key.partition(",")
        if not chosen or name.endswith("_stderr") or not _is_number(value):
            continue
        if kind != "other" and name in COMPUTED_HERE:
            continue
        own = "accuracy" if name == "acc" else name
        label = own if len(filters) == 1 else f"{own}_{chosen}"
        items = [sample[name] for sample in samples if sample["filter"] == chosen and name in sample]
        error = None
        if items and all(map(_is_number, items)) and math.isclose(statistics.fmean(items), value, abs_tol=1e-9):
            error = mean_of(items).stderr
        finite = float(value) if math.isfinite(value) else None
        metrics[re.sub(r"[^a-z_]+", "_", label.lower())] = Metric(finite, error)
    return metrics


def mean_of(values: Iterable[float]) -> Metric:
    """Average, with the standard error of the mean; None for the latter with one value."""
    found = [float(value) for value in values]
    if not found:
        return Metric(None, None)
    error = statistics.stdev(found) / math.sqrt(len(found)) if len(found) > 1 else None
    return Metric(statistics.fmean(found), error)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or hasattr(value, "dtype")
