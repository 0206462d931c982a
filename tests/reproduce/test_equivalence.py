# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Verifications drawn at random: how often true repetitions are called different, and real changes are found."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from railcrate.reproduce.equivalence import (
    Difference,
    Spread,
    counts,
    difference,
    judge,
    seeds_alone,
    spreads,
)
from railcrate.reproduce.metrics import Evaluation, Figure

VERIFICATIONS = 200


def share(scores: np.ndarray, metric: str = "accuracy") -> Figure:
    return Figure(
        "t", metric, metric, float(scores.mean()), float(scores.std(ddof=1) / math.sqrt(scores.size)), scores.size
    )


def paired(before: np.ndarray, after: np.ndarray, **more) -> tuple[Figure, Figure, Difference | None]:
    one, other = share(before), share(after)
    same = bool((before == after).all())
    return one, other, difference(one, other, units=(before, after), same_answers=same, **more)


def verdicts(rows) -> list[str]:
    return [judgement.verdict for judgement in judge(*(list(column) for column in zip(*rows, strict=True)))]


def any_different(draw_one) -> float:
    """The share of drawn verifications that call any figure different."""
    draw = np.random.default_rng(5)
    return float(np.mean(["different" in verdicts(draw_one(draw)) for _ in range(VERIFICATIONS)]))


def at_most(share: float) -> float:
    """What a share of at most this much may show in so many draws, in 99 of 100 cases."""
    return float(stats.binom.ppf(0.99, VERIFICATIONS, share)) / VERIFICATIONS


# --- true repetitions -------------------------------------------------------------------------


@pytest.mark.parametrize("flips", [0.003, 0.02, 0.2])
def test_items_that_flip_by_chance_are_no_difference(flips):
    """20 figures of 150 items each; a part of the items comes out otherwise, either way alike."""

    def one(draw):
        for _ in range(20):
            before = (draw.random(150) < 0.65).astype(float)
            flipped = draw.random(150) < flips
            yield paired(before, np.where(flipped, draw.random(150) < 0.65, before).astype(float))

    assert any_different(one) <= at_most(0.05)


def test_log_likelihoods_that_move_by_chance_are_no_difference():
    def one(draw):
        for _ in range(20):
            before = draw.normal(2.0, 0.3, 60)
            yield paired(before, before + draw.normal(0, 0.01, 60))

    assert any_different(one) <= at_most(0.05)


def test_estimates_without_items_are_no_difference():
    def one(draw):
        for _ in range(20):
            yes = draw.binomial(400, 0.6, 2) / 400
            pair = [Figure("t", "accuracy", "acc", p, math.sqrt(p * (1 - p) / 399), 400) for p in yes]
            yield pair[0], pair[1], difference(*pair)

    assert any_different(one) <= at_most(0.05)


def trained(draw, shift: float = 0.0, seeds: int = 3, variants: int = 4, by_seed: float = 0.02):
    """A study and its repetition on another machine, at the worst: each training as if with another seed."""
    level = 0.6 + 0.05 * draw.standard_normal(variants)
    before = level[:, None] + by_seed * draw.standard_normal((variants, seeds))
    after = level[:, None] + by_seed * draw.standard_normal((variants, seeds)) + shift
    evaluations = [
        [
            Evaluation(f"m.v{v}.seed{s}", "b", {}, (Figure(None, "accuracy", "accuracy", values[v, s], 0.005),))
            for v in range(variants)
            for s in range(seeds)
        ]
        for values in (before, after)
    ]
    assert spreads(evaluations[0])["b", None, "accuracy"].freedom == variants * (seeds - 1)
    spread = spreads(*evaluations)["b", None, "accuracy"]
    assert spread.freedom == 2 * variants * (seeds - 1)
    rows = []
    for v in range(variants):
        for s in range(seeds):
            pair = [Figure(None, "accuracy", "accuracy", float(x[v, s]), 0.005) for x in (before, after)]
            rows.append((*pair, difference(*pair, spread=spread)))
    gap = seeds_alone(float((after - before).mean()), spread, before.size)
    mean = [Figure(None, "accuracy", "accuracy", float(x.mean()), None) for x in (before, after)]
    return [*rows, (*mean, gap)]


@pytest.mark.parametrize(("seeds", "variants"), [(3, 4), (2, 2), (5, 2)])
def test_trainings_that_differ_as_seeds_do_are_no_difference(seeds, variants):
    found = any_different(lambda draw: trained(draw, seeds=seeds, variants=variants))
    assert found <= at_most(0.05)


def test_items_alone_would_call_them_different():
    """Why seeds must count: the same trainings, judged by their items, are called different nearly always."""

    def one(draw):
        for first, second, _ in trained(draw)[:-1]:
            yield first, second, difference(first, second)

    assert any_different(one) > 0.5


# --- real changes -----------------------------------------------------------------------------


def found_by(draw_one, verdict: str = "different", times: int = 100) -> float:
    draw = np.random.default_rng(7)
    return float(np.mean([verdict in verdicts(draw_one(draw)) for _ in range(times)]))


def test_another_model_is_found_among_twenty_figures():
    """One of 20 figures is 6 points worse on 1,000 items, of which a fifth comes out otherwise."""

    def one(draw):
        for place in range(20):
            before = (draw.random(1000) < 0.65).astype(float)
            after = before.copy()
            if place == 3:
                moved = draw.random(1000) < 0.2
                after[moved] = draw.random(int(moved.sum())) < 0.35
            yield paired(before, after)

    assert found_by(one) >= 0.9


def test_what_moves_every_training_is_found_by_the_mean():
    """Two standard deviations of seeds: too little for one training, enough for the mean of twelve."""
    assert found_by(lambda draw: trained(draw, shift=0.04)) >= 0.85
    assert found_by(lambda draw: trained(draw, shift=0.04)[:-1]) < 0.4


def test_two_seeds_of_two_variants_find_what_is_large():
    """Eight standard deviations of seeds, with four degrees of freedom."""
    assert found_by(lambda draw: trained(draw, shift=0.16, seeds=2, variants=2)) >= 0.85


# --- what is called equivalent, and on which ground ---------------------------------------------


def test_equivalence_is_not_shown_of_what_differs_by_a_standard_error():
    """TOST at its margin: shown in at most 5 of 100 cases."""
    draw = np.random.default_rng(11)
    shown = 0
    for _ in range(600):
        before = draw.normal(2.0, 0.3, 60)
        error = before.std(ddof=1) / math.sqrt(60)
        after = before + error + draw.normal(0, 0.1, 60)
        shown += judge(*([x] for x in paired(before, after)))[0].ground == "shown"
    assert shown / 600 <= 0.07


def test_small_but_certain_is_equivalent_and_shown():
    """Every item moves a little, all the same way: significant, and negligible."""
    draw = np.random.default_rng(1)
    before = draw.normal(2.0, 0.3, 500)
    one, other, gap = paired(before, before + 1e-6 * draw.random(500))
    assert gap.p < 1e-100
    judgement = judge([one], [other], [gap])[0]
    assert (judgement.verdict, judgement.ground) == ("equivalent", "shown")


def test_few_items_tell_nothing_apart_and_it_is_said_what_would_have_been_found():
    before = np.array([1.0] * 6 + [0.0] * 4)
    after = np.array([1.0] * 4 + [0.0] * 6)
    judgement = judge(*([x] for x in paired(before, after)))[0]
    assert (judgement.verdict, judgement.ground) == ("equivalent", "not told apart")
    assert judgement.detectable > 0.3


def test_the_same_value_from_other_answers_is_not_identical():
    before, after = np.array([1.0, 0.0] * 50), np.array([0.0, 1.0] * 50)
    judgement = judge(*([x] for x in paired(before, after)))[0]
    assert (judgement.verdict, judgement.ground) == ("equivalent", "not told apart")
    same = judge(*([x] for x in paired(before, before)))[0]
    assert same.verdict == "identical"


@pytest.mark.parametrize(
    ("published", "again", "verdict"),
    [
        ((0.5, None), (0.5, None), "identical"),
        ((0.5, None), (0.6, None), "different"),
        ((0.5, None), (0.6, 0.1), "different"),
        ((None, None), (None, None), "identical"),
        ((0.5, 0.1), (None, None), "different"),
        ((0.5, 0.1), (0.5, 0.1), "identical"),
        ((0.5, 0.1), (0.5, 0.2), "equivalent"),
        ((0.5, 0.01), (0.6, 0.01), "different"),
    ],
)
def test_without_items(published, again, verdict):
    pair = [Figure("t", "m", "m", *values) for values in (published, again)]
    assert verdicts([(*pair, difference(*pair))]) == [verdict]


def test_a_figure_that_is_not_that_of_its_answers():
    scores = np.array([1.0, 0.0] * 50)
    right = share(scores)
    mended = Figure("t", "accuracy", "accuracy", 0.6, right.stderr, 100)
    judgement = judge([mended], [right], [difference(mended, right, units=(scores, scores), same_answers=True)])[0]
    assert (judgement.verdict, judgement.ground) == ("different", "every answer is the same, and the figure is not")


def test_signs_are_counted_exactly():
    """McNemar's exact test: 9 of 10 changes upwards."""
    before = np.array([0.0] * 9 + [1.0] + [1.0] * 90)
    after = np.array([1.0] * 9 + [0.0] + [1.0] * 90)
    gap = paired(before, after)[2]
    assert gap.p == pytest.approx(stats.binomtest(9, 10).pvalue)
    assert gap.estimate == pytest.approx(0.08)
    # Of changes of unlike size, no p is below that of all signs alike.
    after = before.copy()
    after[:3] += [0.001, 0.0011, 0.0012]
    assert paired(before, after)[2].p >= 0.25


def test_the_interval_is_the_t_interval_of_paired_differences():
    draw = np.random.default_rng(2)
    before, after = draw.normal(0, 1, 40), draw.normal(0.5, 1, 40)
    gap = paired(before, after)[2]
    theirs = stats.ttest_rel(after, before)
    assert gap.interval() == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    assert gap.p == pytest.approx(theirs.pvalue)


def test_the_larger_variance_counts_where_seeds_do():
    before = np.array([1.0] * 60 + [0.0] * 40)
    after = before.copy()
    after[:8] = 0.0
    assert paired(before, after)[2].basis == "items"
    assert paired(before, after, spread=Spread(0.0, 4))[2].basis == "items"
    wide = paired(before, after, spread=Spread(0.01, 4))[2]
    assert (wide.basis, wide.freedom) == ("seeds", 4)
    assert wide.error == pytest.approx(math.sqrt(0.02))


def test_verdicts_are_counted():
    pair = [Figure("t", "m", "m", value, 0.01) for value in (0.5, 0.9)]
    judged = judge([pair[0], pair[0]], [pair[0], pair[1]], [difference(pair[0], pair[0]), difference(*pair)])
    assert counts(judged) == {"identical": 1, "equivalent": 0, "different": 1}
