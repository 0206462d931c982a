# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
r"""When two figures are identical, when equivalent, and when different.

**Identical**: the same value to its last digit, and, where the samples of both are known, the
same answer to every item.

Else the difference of the two, `again - published`, is held against its own uncertainty:

- *Items.* Where the samples of both are known, the runs are paired item by item, and the
  standard error is that of the mean of the differences (Miller 2024, arXiv:2411.00640,
  section 4.2). Its interval is `railcrate.evaluate.statistics.estimate`'s. What an item can
  change by at most in few ways is no normal variate while few items change: where all
  changes have one size, as for accuracies, p is the exact binomial one of the signs (for
  shares McNemar 1947's, https://doi.org/10.1007/BF02295996), and no p is smaller than
  2^(1-k) where k items changed, which is the smallest that any test of signs can give.
- *Standard errors.* Without samples the two estimates are taken for independent, and the
  variance of the difference is the sum of theirs. They are not, since both answered the same
  items; so this errs on the side of calling nothing different.
- *Seeds.* A model that was trained again and came out with other weights may differ from the
  published one as much as two seeds do: the last digits of another machine are amplified by
  training. Its difference then has at least twice the variance of the figure over seeds,
  pooled over all models and variants, of the published study and of the trainings that came
  out otherwise, with as many degrees of freedom as seeds beyond the first of each (Student's
  t). The larger of the two variances counts. Means over all that was trained again are
  judged, too: what moves every training a little shows there. With fewer than four degrees of
  freedom a variance is as good as unknown, and nothing is allowed for seeds.

**Different**: p is below 0.05 after Holm's correction (1979) over all figures behind which any
answer moved, and the difference is not shown to be negligible. So among runs that truly
repeat each other, at most one verification in twenty calls any figure different; more may
where a model was trained again of which there are too few seeds to know what they do.

**Equivalent**: all else; and it is said on which ground:

- *shown*: the 90 % interval of the difference lies within plus and minus the published
  standard error. These are two one-sided tests at 5 % (TOST: Schuirmann 1987,
  https://doi.org/10.1007/BF01068419; Lakens 2017, https://doi.org/10.1177/1948550617697177)
  with the figure's own standard error as the margin: what changes a figure by less than it
  claims to know changes nothing that can be concluded from it.
- *not told apart*: neither a difference nor its absence is shown. That is weaker: it is told
  beside it how large a difference would have been found in 8 of 10 cases.

Figures that differ and of which no standard error is known are different: nothing is known
that would allow for it.

tests/reproduce/test_equivalence.py draws verifications and counts how often each is said.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from railcrate.evaluate.statistics import ROUNDING, estimate, holm
from railcrate.reproduce.metrics import Evaluation, Figure, model_variant_seed

LEVEL = 0.05
CONFIDENCE = 0.95
POWER = 0.8
FEWEST = 4  # degrees of freedom from which on the variance over seeds is known

Verdict = Literal["identical", "equivalent", "different"]
Basis = Literal["items", "seeds", "standard errors", "none"]
RULE = (
    "Identical: the same value to the last digit and the same answer to every item. Different: the difference is "
    "significant at 5 % after Holm's correction over all figures, and not shown to be smaller than the published "
    "standard error. Equivalent: all else; “shown” where the 90 % interval of the difference lies within plus and "
    "minus the published standard error (two one-sided tests), “not told apart” where that is not shown either. "
    "Differences are paired item by item where the items are published; a model that was trained again may differ as "
    "much as two seeds do, where there are seeds enough to know that."
)
SOURCES = (
    "Schuirmann 1987, doi:10.1007/BF01068419; Lakens 2017, doi:10.1177/1948550617697177; Miller 2024, "
    "arXiv:2411.00640; McNemar 1947, doi:10.1007/BF02295996; Holm 1979, jstor.org/stable/4615733"
)


@dataclass(frozen=True)
class Difference:
    """How far two figures are apart, and how well that is known.

    Attributes:
        estimate: again minus published.
        error: its standard error; None where nothing tells it.
        freedom: degrees of freedom; infinite for a normal variate.
        p: two-sided p of no difference, before correction; None where there is no error.
        basis: what the error was learnt from.
        same_answers: whether every item got the same answer; None where items are not known.
        few_seeds: whether seeds should be allowed for, and are too few to know what they do.
    """

    estimate: float
    error: float | None
    freedom: float
    p: float | None
    basis: Basis
    same_answers: bool | None = None
    few_seeds: bool = False

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
        """The t interval of the difference; None where no error is known."""
        if self.error is None:
            return None
        reach = _t(0.5 + confidence / 2, self.freedom) * self.error
        return self.estimate - reach, self.estimate + reach


@dataclass(frozen=True)
class Judgement:
    """What became of one figure.

    Attributes:
        verdict: identical, equivalent or different.
        ground: why, in a word: `shown`, `not told apart`, …
        p: corrected p of no difference; None where there is none.
        margin: what counts as negligible: the published standard error.
        detectable: the smallest difference that would have been found in 8 of 10 cases; None
            where it is not known.
    """

    verdict: Verdict
    ground: str
    p: float | None
    margin: float | None
    detectable: float | None


@dataclass(frozen=True)
class Spread:
    """How much a figure varies over seeds.

    Attributes:
        variance: of one seed's figure.
        freedom: its degrees of freedom.
    """

    variance: float
    freedom: int


def spreads(
    evaluations: Iterable[Evaluation], retrained: Iterable[Evaluation] = ()
) -> dict[tuple[str, str | None, str], Spread]:
    """Learn how much figures vary over seeds.

    Args:
        evaluations: all evaluations of the published study.
        retrained: those of trainings that came out with other weights.

    Returns:
        The pooled variance of each figure (benchmark, task, metric), where any model was
        trained on one variant with two seeds or more.
    """
    cells: dict[tuple[str, str | None, str], dict[tuple[int, str, str], list[float]]] = defaultdict(dict)
    for side, found in enumerate((evaluations, retrained)):
        for evaluation in found:
            model, variant, seed = model_variant_seed(evaluation.experiment)
            if variant is None or seed is None:
                continue
            for figure in evaluation.figures:
                if figure.value is not None:
                    key = (evaluation.benchmark, figure.task, figure.metric)
                    cells[key].setdefault((side, model, variant), []).append(figure.value)
    known = {}
    for key, groups in cells.items():
        freedom = sum(len(values) - 1 for values in groups.values())
        if freedom:
            squares = sum((len(v) - 1) * float(np.var(v, ddof=1)) for v in groups.values() if len(v) > 1)
            known[key] = Spread(squares / freedom, freedom)
    return known


def difference(
    published: Figure,
    again: Figure,
    *,
    units: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
    same_answers: bool | None = None,
    spread: Spread | None = None,
) -> Difference | None:
    """Say how far two figures are apart, and how well that is known.

    Args:
        published: the figure that is verified.
        again: the figure of the other run.
        units: each item's part in both, in one order; None where the items are not known.
        same_answers: whether every item got the same answer; None where that is not known.
        spread: the figure's variation over seeds, where the model was trained again and came
            out with other weights; None where seeds do not count.

    Returns:
        The difference; None where one of the two is no finite number.
    """
    if published.value is None or again.value is None:
        return None
    gap = again.value - published.value
    if units is not None:
        found = _paired(gap, units[1] - units[0], same_answers)
    elif published.stderr is not None and again.stderr is not None:
        error = math.hypot(published.stderr, again.stderr)
        found = Difference(gap, error, math.inf, _p(gap, error, math.inf), "standard errors", same_answers)
    else:
        found = Difference(gap, None, math.inf, None, "none", same_answers)
    if spread is None:
        return found
    if spread.freedom < FEWEST:
        return replace(found, few_seeds=True)
    seeds = seeds_alone(gap, spread)
    p = max(seeds.p or 0.0, found.p or 0.0)
    larger = found.error is None or (seeds.error or 0.0) > found.error
    return replace(seeds if larger else found, p=p, same_answers=same_answers)


def seeds_alone(gap: float, spread: Spread, trainings: int = 1) -> Difference:
    """Hold a difference against what seeds alone allow.

    Args:
        gap: the difference; of several trainings its mean.
        spread: the figure's variation over seeds.
        trainings: how many trainings it is the mean of.

    Returns:
        The difference, with the standard error of that of two trainings.
    """
    error = math.sqrt(2 * spread.variance / trainings)
    return Difference(gap, error, spread.freedom, _p(gap, error, spread.freedom), "seeds", same_answers=False)


def _paired(gap: float, changes: NDArray[np.float64], same_answers: bool | None) -> Difference:
    """The mean of paired differences, with the p-value of their signs where few or equal changes make it exact."""
    count = changes.size
    sizes = np.abs(changes[np.abs(changes) > ROUNDING])
    if not sizes.size:
        return Difference(gap, 0.0, max(1, count - 1), 1.0, "items", same_answers)
    if count < 2:
        return Difference(gap, None, math.inf, None, "none", same_answers)
    if np.allclose(sizes, sizes[0], rtol=1e-6):
        p = _signs(int((changes > ROUNDING).sum()), int(sizes.size))
    else:
        found = estimate(changes[None, :])
        p = max(found.p if found.p is not None else 0.0, 2.0 ** (1 - int(sizes.size)))
    error = float(np.std(changes, ddof=1)) / math.sqrt(count)
    return Difference(gap, error, count - 1, min(1.0, p), "items", same_answers)


def _signs(up: int, count: int) -> float:
    """The exact two-sided p of so many changes upwards among all changes."""
    from scipy import stats

    return min(1.0, 2 * float(stats.binom.cdf(min(up, count - up), count, 0.5)))


def judge(published: Sequence[Figure], again: Sequence[Figure], gaps: Sequence[Difference | None]) -> list[Judgement]:
    """Give the verdict on every figure of a verification.

    Args:
        published: the figures that are verified.
        again: the same figures of the other run, in the same order.
        gaps: their differences, in the same order.

    Returns:
        The judgements, in the same order.
    """
    # Where no answer moved, nothing could differ: such figures do not count in the correction. Where answers
    # moved and the figure did not, or where nothing is known of the answers, they do.
    values = [
        None if gap is None or gap.same_answers else 1.0 if _same(one, other, gap) else gap.p
        for one, other, gap in zip(published, again, gaps, strict=True)
    ]
    family = sum(value is not None for value in values)
    return [
        _judge(one, other, gap, p, family)
        for one, other, gap, p in zip(published, again, gaps, holm(values), strict=True)
    ]


def _same(published: Figure, again: Figure, gap: Difference | None) -> bool:
    """Whether the two are the same to the last digit, and every item's answer is."""
    answers = gap is None or gap.same_answers is not False
    return published.value == again.value and published.stderr == again.stderr and answers


def _judge(published: Figure, again: Figure, gap: Difference | None, p: float | None, family: int) -> Judgement:
    if _same(published, again, gap):
        return Judgement("identical", "the same to the last digit", None, published.stderr, None)
    if gap is None:
        return Judgement("different", "one of the two is no finite number", None, published.stderr, None)
    if gap.same_answers:  # rounding of the sum at most, or the figure is of other answers than those beside it
        close = math.isclose(published.value or 0.0, again.value or 0.0, rel_tol=1e-9, abs_tol=1e-12)
        if close:
            return Judgement("equivalent", "shown", None, published.stderr, 0.0)
        return Judgement("different", "every answer is the same, and the figure is not", None, published.stderr, None)
    if gap.error is None or p is None:
        return Judgement(
            "different", "no standard error is known that would allow for it", None, published.stderr, None
        )
    margin = published.stderr
    reach = _t(1 - LEVEL / (2 * max(1, family)), gap.freedom) + _t(POWER, gap.freedom)
    detectable = reach * gap.error
    if _negligible(gap, margin):
        return Judgement("equivalent", "shown", p, margin, detectable)
    if p < LEVEL:
        few = "more than its items allow; there are too few seeds to say what they allow"
        return Judgement("different", few if gap.few_seeds else "more than chance allows", p, margin, detectable)
    return Judgement("equivalent", "not told apart", p, margin, detectable)


def _negligible(gap: Difference, margin: float | None) -> bool:
    """Two one-sided tests: the 90 % interval lies within the margin."""
    inner = gap.interval(1 - 2 * LEVEL)
    return margin is not None and inner is not None and -margin < inner[0] and inner[1] < margin


def _t(quantile: float, freedom: float) -> float:
    from scipy import stats

    return float(stats.norm.ppf(quantile) if math.isinf(freedom) else stats.t.ppf(quantile, freedom))


def _p(gap: float, error: float, freedom: float) -> float:
    """The two-sided p of a difference; of one whose error is nothing, 0 unless there is none."""
    from scipy import stats

    if error == 0:
        return 1.0 if gap == 0 else 0.0
    ratio = abs(gap) / error
    return float(2 * (stats.norm.sf(ratio) if math.isinf(freedom) else stats.t.sf(ratio, freedom)))


def counts(judgements: Iterable[Judgement]) -> Mapping[Verdict, int]:
    """Count the verdicts."""
    found: dict[Verdict, int] = {"identical": 0, "equivalent": 0, "different": 0}
    for judgement in judgements:
        found[judgement.verdict] += 1
    return found
