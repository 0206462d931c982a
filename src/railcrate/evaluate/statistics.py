# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Intervals and tests for figures that vary with the training's seed and with what was asked.

A figure of a variant is the mean of a table: a row for each seed, a column for each unit of
the benchmark (a task, or an item where there is one task, or a document). Both vary. Were
the weights trained again with another seed, all units of a row would move together; were
the benchmark made of other units, all seeds of a column would. So rows and columns are
crossed random effects:

    value[seed, unit] = mean + row[seed] + column[unit] + rest[seed, unit]

and the variance of the mean is the sum of their three parts (Cornfield and Tukey 1956,
https://doi.org/10.1214/aoms/1177728067; for benchmarks: Miller 2024, arXiv:2411.00640, who
clusters related items as columns do here). The parts come from the mean squares of the
table's analysis of variance, a negative one counting as zero, and the degrees of freedom
from Satterthwaite (1946, https://doi.org/10.2307/3002019), so three seeds give a wide
interval where seeds matter, and one as narrow as the units allow where they do not. His
formula is used with the mean squares of rows and columns as they were found: a part that
was cut off at zero was estimated too, and to count it as known makes intervals too narrow.

tests/evaluate/test_statistics.py draws studies from this model and counts how often the
interval holds the truth. With three seeds or more it does so about as often as it says, or
more often where rows and columns vary little beside the rest. With two seeds that matter it
does so less often, nearer 90 % than 95 %: one degree of freedom is not enough to learn a
variance from. One seed says nothing of other trainings at all, and the scope says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

CONFIDENCE = 0.95
TRAINING = "training with other seeds"
WEIGHTS = "these weights only"

# What varies by less than this part of the values is rounding, not chance.
ROUNDING = 1e-12

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A mean with its uncertainty.

    Attributes:
        value: the mean.
        low: lower end of the 95 % interval; None where nothing varies that could be measured.
        high: its upper end.
        p: two-sided p-value of a mean of zero; None where there is no interval.
        freedom: degrees of freedom; None where there is no interval.
        scope: what it may be generalized to: with one seed, to no other training.
    """

    value: float
    low: float | None
    high: float | None
    p: float | None
    freedom: float | None
    scope: str


def estimate(table: Table) -> Estimate:
    """Estimate the mean of a table of seeds and units.

    Args:
        table: values of shape (seeds, units), or paired differences of two such tables.

    Returns:
        The mean over all cells, its 95 % t interval and p-value. With one seed, only units
        count; with one unit, only seeds. A table whose cells are all the same has no
        interval: it tells nothing of how much others would differ.

    Raises:
        ValueError: when the table is empty or holds what is no number.
    """
    if table.ndim != 2 or table.size == 0 or not np.isfinite(table).all():
        raise ValueError(f"a table of shape {table.shape} with {np.isnan(table).sum()} gaps has no mean")
    seeds = table.shape[0]
    value = math.fsum(table.ravel()) / table.size
    scope = TRAINING if seeds > 1 else WEIGHTS
    variance, freedom = _variance(table)
    error = math.sqrt(variance)
    if freedom is None or error <= ROUNDING * max(1.0, float(np.abs(table).max())):
        return Estimate(value, None, None, None, None, scope)
    reach = float(stats.t.ppf(0.5 + CONFIDENCE / 2, freedom)) * error
    p = float(2 * stats.t.sf(abs(value) / error, freedom))
    return Estimate(value, value - reach, value + reach, p, freedom, scope)


def _variance(table: Table) -> tuple[float, float | None]:
    """The variance of a table's mean, and its degrees of freedom; None where nothing was repeated."""
    seeds, units = table.shape
    if table.size == 1:
        return 0.0, None
    if seeds == 1 or units == 1:
        return float(table.var(ddof=1)) / table.size, table.size - 1
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    rest = table - rows[:, None] - columns[None, :] + table.mean()
    by_seed = units * float(rows.var(ddof=1))
    by_unit = seeds * float(columns.var(ddof=1))
    by_rest = float((rest**2).sum()) / ((seeds - 1) * (units - 1))
    total = by_rest + max(0.0, by_seed - by_rest) + max(0.0, by_unit - by_rest)
    spread = by_seed**2 / (seeds - 1) + by_unit**2 / (units - 1)
    highest = table.size - 1
    freedom = total**2 / spread if total**2 < highest * spread else float(highest)
    return total / table.size, max(1.0, freedom)


def holm(values: Sequence[float | None]) -> list[float | None]:
    """Correct p-values for their number (Holm 1979, https://www.jstor.org/stable/4615733).

    Args:
        values: p-values; None where there is none, which does not count.

    Returns:
        The corrected ones, in the same order.
    """
    known = sorted((p, place) for place, p in enumerate(values) if p is not None)
    corrected: list[float | None] = [None] * len(values)
    highest = 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        corrected[place] = highest
    return corrected


def cohens_h(one: float, other: float) -> float:
    """Effect size of a difference of two shares (Cohen 1988, "Statistical Power Analysis", chapter 6).

    Args:
        one: a share from 0 to 1; what rounding puts above 1 counts as 1.
        other: the share that it is compared with.

    Returns:
        The difference of their arcsine transforms: about 0.2 is small, 0.5 medium, 0.8 large.
    """
    return 2 * math.asin(math.sqrt(min(1.0, one))) - 2 * math.asin(math.sqrt(min(1.0, other)))


def ratio_units(numerators: Table, denominators: Table) -> Table:
    """Turn a ratio of two sums into a mean over units, by its linear approximation (the delta method).

    Args:
        numerators: the parts of the upper sum, of shape (seeds, units).
        denominators: those of the lower sum, of the same shape.

    Returns:
        Values whose mean over each row is exactly that row's ratio, and whose variance over
        units approximates the ratio's (Cochran 1977, "Sampling Techniques", chapter 6).
    """
    ratio = numerators.sum(axis=1, keepdims=True) / denominators.sum(axis=1, keepdims=True)
    return ratio + (numerators - ratio * denominators) / denominators.mean(axis=1, keepdims=True)
