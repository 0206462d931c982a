# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Gates: what must hold before a number means what its name says.

Each gate is a value, a limit and a verdict that stand beside the number wherever it is shown.

- tie_rate: items that the model cannot decide. Many ties say that something is wrong with
  the model or the task, and lm-eval's own accuracy would depend on the order of the choices.
- chance: how far the accuracy is from guessing, with its interval.
- length_bias: what a model would score that finds every token equally likely. It prefers
  what has fewer tokens, so a task whose wrong choices are longer can be solved by counting.
- order_flip: how often another choice is picked when the choices stand in reverse order.
- float32: how often another choice is picked when the model computes in float32.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import Any

from lm_eval.api.instance import Instance

from railcrate.evaluate.harness.lm import BatchedLM, Pair
from railcrate.evaluate.score import ScoredTask, choices_of, mean_of, share_of_top

TIE_LIMIT = 0.01
LENGTH_LIMIT = 0.1
FLIP_LIMIT = 0.1
FLOAT32_LIMIT = 0.02
NOISE_LIMIT = 1e-3  # nats: more than batches of other shapes may change a float32 log-likelihood
FLIP_SAMPLE = 64  # items of a task
FLOAT32_SAMPLE = 400  # items of a benchmark
SINGLE_SAMPLE = 32  # items of a benchmark that are scored one by one
CONFIDENCE = 0.95

Gate = dict[str, Any]


def gate(value: float | None, limit: float | None, passed: bool | None, note: str, **more: Any) -> Gate:
    """Make a gate; `passed` is None where there was nothing to test."""
    return {"value": value, "limit": limit, "passed": passed, "note": note, **more}


def tie_rate(scored: ScoredTask) -> Gate:
    """Test the share of items whose best right and best wrong choice are equally likely."""
    ties = sum(row["tie"] for row in scored.rows)
    rate = ties / len(scored.rows)
    return gate(rate, TIE_LIMIT, rate <= TIE_LIMIT, f"{ties} of {len(scored.rows)} items tie; each counts as guessed")


def chance(scored: ScoredTask) -> Gate:
    """Test whether the interval of the accuracy excludes the accuracy of guessing."""
    assert scored.chance is not None
    total = sum(row["score"] for row in scored.rows)
    low, high = wilson(total, len(scored.rows))
    return _chance_gate(total / len(scored.rows), scored.chance, low, high)


def wilson(successes: float, trials: int) -> tuple[float, float]:
    """Give the 95 % score interval of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22:209-212).

    Args:
        successes: how many; ties count in part.
        trials: of how many, at least 1.

    Returns:
        Lower and upper bound.
    """
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share = successes / trials
    center = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / (1 + z * z / trials)
    return max(0.0, center - half), min(1.0, center + half)


def _chance_gate(value: float, guessing: float, low: float, high: float) -> Gate:
    side = "above" if low > guessing else "below" if high < guessing else "not told apart from"
    note = f"{value:.3f} ({low:.3f} to {high:.3f}) is {side} chance, {guessing:.3f}"
    passed = not low <= guessing <= high
    return gate(value - guessing, 0.0, passed, note, interval=[low - guessing, high - guessing])


def length_bias(scored: ScoredTask, lm: BatchedLM) -> Gate:
    """Test what a model scores that finds every token equally likely: it takes what has fewest tokens."""
    assert scored.chance is not None
    shares = []
    for i, targets in enumerate(scored.targets):
        tokens = [-float(lm.continuation_tokens[pair]) for pair in _pairs(scored, i)]
        shares.append(share_of_top(tokens, targets))
    distance = sum(shares) / len(shares) - scored.chance
    note = f"taking the choice with fewest tokens scores {distance + scored.chance:.3f}, chance {scored.chance:.3f}"
    return gate(distance, LENGTH_LIMIT, abs(distance) <= LENGTH_LIMIT, note)


def order_flip(scored: ScoredTask, lm: BatchedLM) -> Gate:
    """Test how often another choice is picked when the choices stand in reverse order.

    Where the prompt does not show the choices, each is scored on its own: only exact ties
    depend on the order. Where it does, a sample of items is asked again with the options of
    the document reversed and the examples of the prompt as they were.
    """
    flipped = [(i, pairs) for i in evenly(len(scored.rows), FLIP_SAMPLE) if (pairs := _reversed(scored, i))]
    if not flipped:
        moved = sum(row["loglikelihoods"].count(max(row["loglikelihoods"])) > 1 for row in scored.rows)
        rate = moved / len(scored.rows)
        note = "the prompt does not show the choices, so only exact ties depend on their order"
        return gate(rate, FLIP_LIMIT, rate <= FLIP_LIMIT, note)
    answers = rescore(lm, scored, [pair for _, pairs in flipped for pair in pairs])
    moved = 0
    for i, pairs in flipped:
        scores = [next(answers) for _ in pairs]
        picked = len(scores) - 1 - max(range(len(scores)), key=scores.__getitem__)
        moved += picked != scored.rows[i]["chosen"]
    rate = moved / len(flipped)
    note = f"{moved} of {len(flipped)} items asked again with their options reversed got another answer"
    return gate(rate, FLIP_LIMIT, rate <= FLIP_LIMIT, note)


def _reversed(scored: ScoredTask, i: int) -> list[Pair]:
    """Give an item's requests with the options reversed in its document; none where its prompt stays the same."""
    task, sample = scored.loaded.task, scored.samples[i]
    if task.multiple_input or not isinstance(sample["doc"], dict):
        return []
    choices = choices_of(scored.loaded, sample)
    doc = copy.deepcopy(sample["doc"])
    for key, value in doc.items():
        if isinstance(value, list) and len(value) == len(choices) and all(isinstance(v, str) for v in value):
            doc[key] = value[::-1]
    before, after = task.doc_to_text(sample["doc"]), task.doc_to_text(doc)
    if before == after or not isinstance(before, str):
        return []
    context = sample["arguments"][0][0]
    head, _, tail = context.rpartition(before)
    delimiter = task.config.target_delimiter
    return [(head + after + tail, f"{delimiter}{choice}") for choice in task.doc_to_choice(doc)]


def rescore(lm: BatchedLM, scored: ScoredTask, pairs: Sequence[Pair]) -> Any:
    """Score pairs of context and continuation once more; gives an iterator of log-likelihoods."""
    requests = [Instance("loglikelihood", {}, pair, idx=0, metadata=(scored.loaded.name, None, 1)) for pair in pairs]
    return iter([score for score, _ in lm.loglikelihood(requests, disable_tqdm=True)])


def float32(scored: Sequence[ScoredTask], precision: str, load: Callable[[], BatchedLM]) -> dict[str, Gate]:
    """Score a sample of every task in float32 and compare the picks.

    Args:
        scored: the tasks of a benchmark.
        precision: what the model computed in.
        load: gives the model in float32; called only where it computed in something else.

    Returns:
        A gate for each task where something is chosen, by the task's name.
    """
    chosen = [task for task in scored if task.kind in ("pairs", "choice")]
    if precision == "float32":
        return {task.loaded.name: gate(None, FLOAT32_LIMIT, None, "it computed in float32") for task in chosen}
    lm = load() if chosen else None
    gates: dict[str, Gate] = {}
    for task in chosen:
        assert lm is not None
        items = evenly(len(task.rows), max(8, FLOAT32_SAMPLE // len(chosen)))
        pairs = [_pairs(task, i) for i in items]
        answers = rescore(lm, task, [pair for item in pairs for pair in item])
        moved, largest = 0, 0.0
        for i, item in zip(items, pairs, strict=True):
            again = [next(answers) for _ in item]
            old = task.rows[i]["loglikelihoods"]
            moved += max(range(len(again)), key=again.__getitem__) != task.rows[i]["chosen"]
            largest = max(largest, *(abs(a - b) for a, b in zip(again, old, strict=True)))
        rate = moved / len(items)
        note = f"{moved} of {len(items)} items get another answer in float32; largest difference {largest:.2g} nats"
        gates[task.loaded.name] = gate(rate, FLOAT32_LIMIT, rate <= FLOAT32_LIMIT, note)
    return gates


def alone(scored: Sequence[ScoredTask], lm: BatchedLM) -> Gate | None:
    """Test how far log-likelihoods move when items are scored one by one: a sample over all tasks.

    The difference is rounded up to a power of ten: its digits are noise, and would make the
    results of two equal runs on different machines look different.
    """
    chosen = [task for task in scored if task.kind in ("pairs", "choice")]
    if not chosen:
        return None
    largest, items = 0.0, 0
    for task in chosen:
        for i in evenly(len(task.rows), max(1, SINGLE_SAMPLE // len(chosen))):
            if items == SINGLE_SAMPLE:
                break
            items += 1
            for pair, old in zip(_pairs(task, i), task.rows[i]["loglikelihoods"], strict=True):
                largest = max(largest, abs(next(rescore(lm, task, [pair])) - old))
    bound = 10.0 ** max(-5, math.ceil(math.log10(largest))) if largest else 1e-5
    note = f"it computed in float32; {items} items scored one by one differ by less than {bound:g} nats"
    return gate(bound, NOISE_LIMIT, bound <= NOISE_LIMIT, note)


def _pairs(scored: ScoredTask, i: int) -> list[Pair]:
    row = scored.rows[i]
    return [(args[0], args[1]) for args in scored.samples[i]["arguments"][: len(row["loglikelihoods"])]]


def evenly(count: int, wanted: int) -> list[int]:
    """Pick indices at even distances: the same ones whenever there are as many items."""
    if count <= wanted:
        return list(range(count))
    return [i * count // wanted for i in range(wanted)]


def overall(scored: Sequence[ScoredTask], gates: Mapping[str, Mapping[str, Gate]]) -> dict[str, Gate]:
    """Sum up the gates of a benchmark: the worst task's of each, and for chance the benchmark's own.

    Args:
        scored: its tasks.
        gates: for each task its gates by name.

    Returns:
        Gates by name; `failed` names the tasks that fail.
    """
    summary: dict[str, Gate] = {}
    for name in dict.fromkeys(name for own in gates.values() for name in own):
        found = {task: own[name] for task, own in gates.items() if name in own}
        failed = [task for task, one in found.items() if one["passed"] is False]
        if name == "chance":
            summary[name] = {
                **_overall_chance([task for task in scored if task.loaded.name in found]),
                "failed": failed,
            }
            continue
        worst = max(found, key=lambda task: (found[task]["passed"] is False, abs(found[task]["value"] or 0.0)))
        note = (
            found[worst]["note"] if len(found) == 1 else f"{len(failed)} of {len(found)} tasks fail; worst is {worst}: "
        )
        if len(found) > 1:
            note = note + found[worst]["note"] if found[worst]["passed"] is not None else found[worst]["note"]
        tested = [one["passed"] for one in found.values() if one["passed"] is not None]
        summary[name] = gate(
            found[worst]["value"], found[worst]["limit"], all(tested) if tested else None, note, failed=failed
        )
    return summary


def _overall_chance(tasks: Sequence[ScoredTask]) -> Gate:
    """Test the benchmark's accuracy, the mean over its tasks; its items were sampled, its tasks were chosen."""
    if len(tasks) == 1:
        return chance(tasks[0])
    found = [mean_of(row["score"] for row in task.rows) for task in tasks]
    value = sum(one.value or 0.0 for one in found) / len(found)
    error = math.sqrt(sum((one.stderr or 0.0) ** 2 for one in found)) / len(found)
    guessing = sum(task.chance or 0.0 for task in tasks) / len(tasks)
    half = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * error
    return _chance_gate(value, guessing, value - half, value + half)
