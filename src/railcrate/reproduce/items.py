# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Two runs item by item: which items both answered, where their answers differ, and by how much.

Items are paired by task, and by the hashes of document, prompt and target: so items that
come in another order, or of which one run asked fewer, still find each other, and a
question that was put otherwise finds none.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from railcrate.evaluate.statistics import ratio_units
from railcrate.evaluate.tables import ITEM_SCORES, RATIOS
from railcrate.reproduce.metrics import Figure

IDENTITY = ("task", "doc_hash", "prompt_hash", "target_hash")
ANSWERS = ("score", "score_norm", "nll", "loglikelihoods", "chosen", "tie")
CLOSE = 1e-9  # a mean over items that is off by more is not the figure
# How much of itself a log-likelihood changes when the same sums are taken in another order, on
# another instruction set or in another batch: in float32 a few parts in a million, and in
# bfloat16, which keeps 8 bits of a number, about 2^-8 of it a few times over.
ROUNDING = {"float32": 1e-5, "bfloat16": 2e-2, "float16": 5e-3}
EXAMPLES = 3

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    """An item that came out otherwise.

    Attributes:
        task: its task.
        item: its number in the task.
        doc_hash: lm-eval's hash of its document.
        before: what was published: its score, or the log-likelihoods of its choices or text.
        after: the same of the other run.
        change: the largest difference of a log-likelihood; None where there is none.
    """

    task: str
    item: int
    doc_hash: str
    before: list[float]
    after: list[float]
    change: float | None


@dataclass(frozen=True)
class View:
    """Two runs of one evaluation, item by item.

    Attributes:
        items: items that both answered.
        only_published: items that only the published run answered.
        only_again: items that only the other answered.
        rescored: items whose score differs.
        moved: items whose log-likelihoods differ at all.
        largest: the largest difference of a log-likelihood, in nats; None where there are none.
        relative: the largest difference as a part of the log-likelihood itself.
        examples: the items that moved most.
    """

    items: int
    only_published: int
    only_again: int
    rescored: int
    moved: int
    largest: float | None
    relative: float | None
    examples: tuple[Example, ...]

    def is_rounding(self, dtype: str | None) -> bool | None:
        """Tell whether rounding alone can account for the differences; None where that cannot be told."""
        if self.relative is None or self.only_published or self.only_again:
            return None
        return self.relative <= ROUNDING.get(dtype or "float32", ROUNDING["float32"])


class Paired:
    """The items that two runs share, in one order.

    Args:
        published: the samples of one run.
        again: those of the other.
    """

    def __init__(self, published: pa.Table, again: pa.Table) -> None:
        """Bring both into one order."""
        self._all = (published, again)
        if published.select(IDENTITY).equals(again.select(IDENTITY)):
            self._tables = (published, again)
        else:
            ours, theirs = _match(published, again)
            self._tables = (published.take(pa.array(ours, pa.int64())), again.take(pa.array(theirs, pa.int64())))
        self.tasks = np.array(self._tables[0]["task"].to_pylist(), dtype=object)
        self._asked = [Counter(table["task"].to_pylist()) for table in self._all]
        self._shared = Counter(self.tasks.tolist())
        self._differs = self._where_answers_differ()

    def __len__(self) -> int:
        """Items that both answered."""
        return int(self._tables[0].num_rows)

    def complete(self, tasks: Sequence[str]) -> bool:
        """Tell whether both runs answered exactly the same items of some tasks."""
        return all(asked[task] == self._shared[task] for task in tasks for asked in self._asked)

    def same(self, tasks: Sequence[str]) -> bool:
        """Tell whether both runs gave the very same answers to all items of some tasks."""
        return self.complete(tasks) and not self._differs[np.isin(self.tasks, list(tasks))].any()

    def units(self, figure: Figure, other: Figure) -> tuple[Values, Values] | None:
        """Give each item's part in a figure, so that the mean over items is the figure.

        Args:
            figure: the published figure.
            other: the same figure of the other run.

        Returns:
            The parts in both runs; None where not all items have a pair, or where the figure
            is no mean over what is known of the items.
        """
        mine = np.isin(self.tasks, list(figure.tasks))
        if not mine.any() or not self.complete(figure.tasks):
            return None
        found = [self._units(table, mine, figure) for table in self._tables]
        for units, one in zip(found, (figure, other), strict=True):
            if units is None or one.value is None:
                return None
            if not math.isclose(float(units.mean()), one.value, rel_tol=CLOSE, abs_tol=CLOSE):
                return None
        assert found[0] is not None
        assert found[1] is not None
        return found[0], found[1]

    def _units(self, table: pa.Table, mine: NDArray[np.bool_], figure: Figure) -> Values | None:
        if figure.metric in RATIOS:
            nll, size = (_column(table, name, mine) for name in ("nll", RATIOS[figure.metric]))
            if nll is None or size is None or not size.sum() > 0:
                return None
            if figure.metric == "bits_per_byte":
                return ratio_units(nll[None] / math.log(2), size[None])[0]
            logarithm = ratio_units(nll[None], size[None])[0]
            center = float(logarithm.mean())
            return np.asarray(np.exp(center) * (1 + logarithm - center))  # linear around its mean
        values = _column(table, ITEM_SCORES.get(figure.metric, "score"), mine)
        if values is None:
            return None
        # The figure of a benchmark is the mean over its tasks, so an item of a short task weighs more.
        names, place, counts = np.unique(self.tasks[mine].astype(str), return_inverse=True, return_counts=True)
        return np.asarray(values * len(values) / (len(names) * counts[place]))

    def view(self, tasks: Sequence[str] | None = None) -> View:
        """Say how the two runs differ, item by item.

        Args:
            tasks: only these; all by default.
        """
        chosen = np.ones(len(self), bool) if tasks is None else np.isin(self.tasks, list(tasks))
        before, after = (table.filter(pa.array(chosen)) for table in self._tables)
        change, size = _changes(before, after)
        moved = np.nan_to_num(change, nan=0.0) > 0
        rescored = np.zeros(len(change), bool)
        for name in ("score", "score_norm"):
            if name in before.column_names and name in after.column_names:
                rescored |= _unequal(before[name], after[name])
        known = change[~np.isnan(change)]
        parts = (change / np.maximum(1.0, size))[~np.isnan(change)]
        order = np.argsort(-(np.nan_to_num(change, nan=0.0) + 1e-12 * rescored), kind="stable")
        worst = [int(n) for n in order[:EXAMPLES] if moved[n] or rescored[n]]
        asked = [sum(n for task, n in counts.items() if tasks is None or task in tasks) for counts in self._asked]
        return View(
            items=int(chosen.sum()),
            only_published=asked[0] - int(chosen.sum()),
            only_again=asked[1] - int(chosen.sum()),
            rescored=int(rescored.sum()),
            moved=int(moved.sum()),
            largest=float(known.max()) if known.size else None,
            relative=float(parts.max()) if parts.size else None,
            examples=tuple(_example(before, after, n, change[n]) for n in worst),
        )

    def _where_answers_differ(self) -> NDArray[np.bool_]:
        before, after = self._tables
        differs = np.zeros(before.num_rows, bool)
        for name in ANSWERS:
            if name in before.column_names and name in after.column_names:
                differs |= _unequal(before[name], after[name])
        return differs


def _match(published: pa.Table, again: pa.Table) -> tuple[list[int], list[int]]:
    """The rows of two tables that are about the same item; of equal items the first with the first, and so on."""
    waiting: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, key in reversed(list(enumerate(_keys(again)))):
        waiting[key].append(row)
    ours: list[int] = []
    theirs: list[int] = []
    for row, key in enumerate(_keys(published)):
        if waiting[key]:
            ours.append(row)
            theirs.append(waiting[key].pop())
    return ours, theirs


def _keys(table: pa.Table) -> list[tuple[str, ...]]:
    return list(zip(*(table[name].to_pylist() for name in IDENTITY), strict=True))


def _column(table: pa.Table, name: str, mine: NDArray[np.bool_]) -> Values | None:
    """A column of numbers; None where it is missing, or has gaps."""
    if name not in table.column_names:
        return None
    values = table[name].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)[mine]
    return np.asarray(values) if np.isfinite(values).all() else None


def _unequal(one: pa.ChunkedArray, other: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Where two columns differ; what is missing, or no number, in both does not."""
    if one.combine_chunks().equals(other.combine_chunks()):
        return np.zeros(len(one), bool)
    pairs = zip(one.to_pylist(), other.to_pylist(), strict=True)
    return np.array([not _equal(a, b) for a, b in pairs], dtype=bool)


def _equal(a: object, b: object) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_equal, a, b))
    both_nan = isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b)
    return a == b or both_nan


def _changes(before: pa.Table, after: pa.Table) -> tuple[Values, Values]:
    """Each item's largest change of a log-likelihood, and how large that log-likelihood is; NaN where there is none."""
    change, size = np.full(before.num_rows, np.nan), np.full(before.num_rows, np.nan)
    columns = [name for name in ("nll", "loglikelihoods") if name in before.column_names and name in after.column_names]
    for name in columns:
        for row, (a, b) in enumerate(zip(before[name].to_pylist(), after[name].to_pylist(), strict=True)):
            ours, theirs = (value if isinstance(value, list) else [value] for value in (a, b))
            if None in ours or None in theirs or len(ours) != len(theirs):
                continue
            gaps = [0.0 if _equal(x, y) else abs(y - x) for x, y in zip(ours, theirs, strict=True)]
            largest = max(range(len(gaps)), key=gaps.__getitem__)
            change[row], size[row] = gaps[largest], abs(ours[largest])
    return change, size


def _example(before: pa.Table, after: pa.Table, row: int, change: float) -> Example:
    one, other = (table.slice(row, 1).to_pylist()[0] for table in (before, after))
    names = [name for name in ("loglikelihoods", "nll", "score") if one.get(name) is not None]
    pair = [value[names[0]] if names else None for value in (one, other)]
    shown = [v if isinstance(v, list) else [] if v is None else [float(v)] for v in pair]
    return Example(
        str(one["task"]), int(one["item"]), str(one["doc_hash"]), shown[0], shown[1],
        None if math.isnan(change) else float(change),
    )  # fmt: skip
