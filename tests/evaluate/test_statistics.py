# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Intervals hold the truth about as often as they say, and figures are those of textbooks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from railcrate.evaluate.statistics import TRAINING, WEIGHTS, cohens_h, estimate, holm, ratio_units

STUDIES = 2000


def draw(seeds, units, by_seed, by_unit, rest, studies=STUDIES):
    """Tables of studies without an effect, from crossed random effects with these standard deviations."""
    random = np.random.default_rng(seeds * 1000 + units)
    return (
        by_seed * random.standard_normal((studies, seeds, 1))
        + by_unit * random.standard_normal((studies, 1, units))
        + rest * random.standard_normal((studies, seeds, units))
    )


def naive_holds(table):
    """Whether the interval that takes every cell for a draw of its own holds the truth."""
    return abs(table.mean()) <= 1.96 * table.std(ddof=1) / math.sqrt(table.size)


@pytest.mark.parametrize(
    ("seeds", "units", "by_seed", "by_unit", "rest"),
    [
        (3, 12, 0.3, 0.5, 1.0),
        (3, 12, 0.5, 0.5, 0.5),
        (3, 12, 0.1, 1.0, 0.5),
        (3, 67, 0.1, 0.5, 1.0),
        (3, 67, 1.0, 0.3, 1.0),
        (5, 67, 0.3, 0.5, 1.0),
        (5, 12, 0.5, 1.0, 0.5),
        (3, 4, 1.0, 0.3, 1.0),
        (3, 4, 1.0, 1.0, 0.5),
    ],
)
def test_intervals_hold_the_truth(seeds, units, by_seed, by_unit, rest):
    tables = draw(seeds, units, by_seed, by_unit, rest)
    found = [estimate(table) for table in tables]
    coverage = np.mean([one.low <= 0 <= one.high for one in found])
    naive = np.mean([naive_holds(table) for table in tables])
    assert 0.92 <= coverage <= 0.98
    assert naive < 0.9
    assert np.mean([one.p < 0.05 for one in found]) == pytest.approx(1 - coverage, abs=1e-9)


def test_intervals_are_wide_rather_than_narrow_where_little_varies():
    """Where neither seeds nor units matter, parts cut off at zero leave the interval too wide, if anything."""
    for seeds, units in ((2, 12), (3, 4), (3, 12), (5, 67)):
        found = [estimate(table) for table in draw(seeds, units, 0.0, 0.0, 1.0, studies=500)]
        assert np.mean([one.low <= 0 <= one.high for one in found]) >= 0.95


def test_items_of_clusters_are_not_taken_for_independent():
    """Items share their task: averaged within tasks first, the interval holds; over items, it does not."""
    random = np.random.default_rng(1)
    holds, naive = [], []
    for _ in range(STUDIES // 2):
        items = 0.05 * random.standard_normal((3, 1, 1)) + 0.3 * random.standard_normal((1, 12, 1))
        items = items + random.standard_normal((3, 12, 25))
        one = estimate(items.mean(axis=2))
        holds.append(one.low <= 0 <= one.high)
        naive.append(naive_holds(items))
    assert 0.92 <= np.mean(holds) <= 0.98
    assert np.mean(naive) < 0.75


def test_degrees_of_freedom_are_worth_their_trouble():
    """A difference of four standard errors is found twice as often as with the fewest degrees of freedom."""
    error = math.sqrt(0.05**2 / 3 + 0.2**2 / 12 + 0.5**2 / 36)
    tables = draw(3, 12, 0.05, 0.2, 0.5) + 4 * error
    found = [estimate(table) for table in tables]
    errors = [(one.high - one.value) / stats.t.ppf(0.975, one.freedom) for one in found]
    fewest = np.mean([2 * stats.t.sf(one.value / e, 2) < 0.05 for one, e in zip(found, errors, strict=True)])
    assert np.mean([one.p < 0.05 for one in found]) > 2 * fewest


def test_variance_is_that_of_the_analysis_of_variance():
    """Both parts above zero: MS(seed) + MS(unit) - MS(rest), with Satterthwaite's degrees of freedom."""
    table = np.array([[1.0, 2.0, 4.0], [2.0, 4.0, 5.0], [6.0, 8.0, 9.5]])
    rows, columns, mean = table.mean(1), table.mean(0), table.mean()
    by_seed, by_unit = 3 * rows.var(ddof=1), 3 * columns.var(ddof=1)
    by_rest = ((table - rows[:, None] - columns + mean) ** 2).sum() / 4
    assert min(by_seed, by_unit) > by_rest
    variance = by_seed + by_unit - by_rest
    found = estimate(table)
    assert found.value == pytest.approx(mean)
    # Seeds and units have as many degrees of freedom here; each mean square is squared on its own.
    assert found.freedom == pytest.approx(variance**2 / (by_seed**2 / 2 + by_unit**2 / 2))
    reach = stats.t.ppf(0.975, found.freedom) * math.sqrt(variance / 9)
    assert (found.low, found.high) == pytest.approx((mean - reach, mean + reach))
    assert found.scope == TRAINING


@pytest.mark.parametrize("shape", [(1, 8), (8, 1)])
def test_one_seed_or_one_unit_is_the_t_test(shape):
    values = np.random.default_rng(3).standard_normal(8) + 0.5
    found, theirs = estimate(values.reshape(shape)), stats.ttest_1samp(values, 0)
    assert found.p == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval()))
    assert found.scope == (WEIGHTS if shape[0] == 1 else TRAINING)


@pytest.mark.parametrize(
    "table",
    [
        np.array([[0.25]]),
        np.full((1, 5), 0.25),
        np.zeros((3, 4)),
        np.array([[0.7 - 0.6, 0.8 - 0.7, 0.9 - 0.8]] * 2),  # differs in the last bits only
    ],
)
def test_nothing_that_varies_gives_no_interval(table):
    found = estimate(table)
    assert found.value == pytest.approx(table.mean())
    assert (found.low, found.high, found.p, found.freedom) == (None, None, None, None)


@pytest.mark.parametrize("table", [np.zeros((0, 3)), np.zeros(3), np.array([[1.0, np.nan]]), np.array([[np.inf]])])
def test_gaps_are_refused(table):
    with pytest.raises(ValueError, match="has no mean"):
        estimate(table)


def test_holm():
    """The example of four p-values: 0.01, 0.04, 0.03, 0.005; what has none does not count."""
    assert holm([0.01, None, 0.04, 0.03, 0.005]) == pytest.approx([0.03, None, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_cohens_h():
    assert cohens_h(0.5, 0.5) == 0
    assert cohens_h(1.0, 0.0) == pytest.approx(math.pi)
    assert cohens_h(0.75, 0.5) == pytest.approx(math.pi / 6)
    assert cohens_h(0.2, 0.3) == -cohens_h(0.3, 0.2)
    assert cohens_h(1.0 + 1e-15, 0.5) == pytest.approx(math.pi / 2)


def test_ratios_have_their_own_mean_and_error():
    random = np.random.default_rng(5)
    sizes = random.integers(50, 500, (1, 40)).astype(float)
    tops = sizes * (1.2 + 0.1 * random.standard_normal((3, 40)))
    table = ratio_units(tops, np.repeat(sizes, 3, axis=0))
    np.testing.assert_allclose(table.mean(axis=1), tops.sum(axis=1) / sizes.sum(), rtol=1e-12)
    # The error of one row is that of a ratio estimator; a bootstrap over documents agrees.
    picks = random.integers(0, 40, (4000, 40))
    ratios = tops[0][picks].sum(axis=1) / sizes[0][picks].sum(axis=1)
    assert table[0].std(ddof=1) / math.sqrt(40) == pytest.approx(ratios.std(), rel=0.1)
