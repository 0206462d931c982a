# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Two places figure by figure: what can be compared, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, NamedTuple

from railcrate.reproduce.equivalence import (
    FEWEST,
    Difference,
    Judgement,
    Spread,
    Verdict,
    counts,
    difference,
    judge,
    seeds_alone,
    spreads,
)
from railcrate.reproduce.items import Paired, View
from railcrate.reproduce.metrics import Evaluation, Figure, Name, Results, model_variant_seed
from railcrate.study.units import count


@dataclass(frozen=True)
class Compared:
    """A figure that both places have.

    Attributes:
        evaluation: the evaluation in the first place.
        other: the evaluation in the second.
        published: the figure of the first.
        again: the figure of the second.
        gap: their difference; None where one is no finite number.
        judgement: the verdict.
        caveats: what one should know when comparing them.
    """

    evaluation: Name
    other: Name
    published: Figure
    again: Figure
    gap: Difference | None
    judgement: Judgement
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Apart:
    """A figure that cannot be compared.

    Attributes:
        evaluation: where it is.
        figure: task and metric, as its file names them; of the whole evaluation where there is none.
        reasons: why not.
        side: 0 where only the first place has it, 1 where only the second has; None where both have.
    """

    evaluation: Name
    figure: str | None
    reasons: tuple[str, ...]
    side: int | None = None


@dataclass
class Contrast:
    """Two places, figure by figure.

    Attributes:
        compared: what can be compared, with its verdict.
        apart: what cannot, with the reason.
        views: the evaluations whose answers differ, item by item, by the first place's name.
        retrained: experiments whose weights differ, so that the seeds' spread was allowed for.
    """

    compared: list[Compared] = field(default_factory=list)
    apart: list[Apart] = field(default_factory=list)
    views: dict[Name, View] = field(default_factory=dict)
    retrained: set[str] = field(default_factory=set)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many figures are identical, equivalent, different."""
        return dict(counts(one.judgement for one in self.compared))

    def with_verdict(self, verdict: Verdict) -> list[Compared]:
        """The figures with a verdict."""
        return [one for one in self.compared if one.judgement.verdict == verdict]

    @property
    def moved(self) -> list[Name]:
        """Evaluations that did not come out identical, in the order of the first place."""
        return list(dict.fromkeys(c.evaluation for c in self.compared if c.judgement.verdict != "identical"))


class _Row(NamedTuple):
    """A figure that is to be judged with all others."""

    evaluation: Name
    other: Name
    published: Figure
    again: Figure
    gap: Difference | None
    caveats: tuple[str, ...] = ()


def contrast(
    published: Results,
    again: Results,
    pairs: Sequence[tuple[Evaluation, Evaluation]],
    *,
    seeds: bool,
    strictly: bool = False,
) -> Contrast:
    """Compare two places, figure by figure.

    Args:
        published: the first place.
        again: the second.
        pairs: which evaluation of the first belongs to which of the second.
        seeds: whether a model may have been trained again, so that other weights are allowed
            what the seeds' spread allows.
        strictly: whether figures are only compared where both were asked the same; else
            whatever differs is left to the explanation.

    Returns:
        What became of each figure.

    Raises:
        UnreadableError: when samples are damaged.
    """
    found = Contrast()
    others = [theirs for ours, theirs in pairs if seeds and _other_weights(ours, theirs)]
    known = spreads(published.evaluations.values(), others) if others else {}
    rows: list[_Row] = []
    for ours, theirs in pairs:
        retrained = seeds and _other_weights(ours, theirs)
        if retrained:
            found.retrained.add(ours.experiment)
        matched, alone = _match(ours, theirs)
        found.apart += alone
        same_file = published.same_samples(again, ours.name) if ours.name == theirs.name else None
        paired = None if same_file else _paired(published, again, ours, theirs)
        for one, other in matched:
            reasons = obstacles(ours, theirs, one, other) if strictly else []
            if reasons:
                found.apart.append(Apart(ours.name, _label(one), tuple(reasons)))
                continue
            spread: Spread | None = None
            if retrained:
                spread = known.get((ours.benchmark, one.task, one.metric), Spread(0.0, 0))
            gap = difference(
                one, other,
                units=None if paired is None else paired.units(one, other),
                same_answers=True if same_file else None if paired is None else paired.same(one.tasks),
                spread=spread,
            )  # fmt: skip
            rows.append(_Row(ours.name, theirs.name, one, other, gap, caveats(ours, theirs, one)))
        if paired is not None:
            view = paired.view()
            if view.moved or view.rescored or view.only_again or view.only_published:
                found.views[ours.name] = view
    rows += _means(rows, known, found.retrained)
    verdicts = judge([row.published for row in rows], [row.again for row in rows], [row.gap for row in rows])
    found.compared = [
        Compared(row.evaluation, row.other, row.published, row.again, row.gap, verdict, row.caveats)
        for row, verdict in zip(rows, verdicts, strict=True)
    ]
    return found


def _means(
    rows: Sequence[_Row], known: Mapping[tuple[str, str | None, str], Spread], retrained: Collection[str]
) -> list[_Row]:
    """Means over what was trained again: they find what moves all trainings, each of them too little to be seen."""
    groups: dict[tuple[str, str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        experiment, benchmark = row.evaluation
        if row.published.task is None and experiment in retrained and row.gap is not None:
            model, variant, _ = model_variant_seed(experiment)
            for title in (f"{model}.{variant}, mean", "all that was trained again, mean"):
                groups[title, benchmark, row.published.metric].append(row)
    means: list[_Row] = []
    seen: set[frozenset[str]] = set()
    for (title, benchmark, metric), members in groups.items():
        spread = known.get((benchmark, None, metric))
        whose = frozenset([*(row.evaluation[0] for row in members), benchmark, metric])
        if len(members) < 2 or spread is None or spread.freedom < FEWEST or whose in seen:
            continue
        seen.add(whose)
        values = [(row.published.value or 0.0, row.again.value or 0.0) for row in members]  # none is missing here
        before, after = (fmean(side) for side in zip(*values, strict=True))
        gap = seeds_alone(after - before, spread, len(members))
        name = (title, benchmark)
        means.append(_Row(name, name, _mean(metric, before), _mean(metric, after), gap))
    return means


def _mean(metric: str, value: float) -> Figure:
    return Figure(None, metric, metric, value, None)


def _other_weights(ours: Evaluation, theirs: Evaluation) -> bool:
    """Whether something was trained, and came out with other weights."""
    _, variant, _ = model_variant_seed(ours.experiment)
    one, other = ours.hashes.get("weights"), theirs.hashes.get("weights")
    return variant is not None and one is not None and other is not None and one != other


def _paired(published: Results, again: Results, ours: Evaluation, theirs: Evaluation) -> Paired | None:
    one, other = published.samples(ours.name), again.samples(theirs.name)
    return None if one is None or other is None else Paired(one, other)


def _match(ours: Evaluation, theirs: Evaluation) -> tuple[list[tuple[Figure, Figure]], list[Apart]]:
    """Figures of the same task and metric, and those that only one side has."""
    others = {(figure.task, figure.metric): figure for figure in theirs.figures}
    matched: list[tuple[Figure, Figure]] = []
    alone: list[Apart] = []
    for figure in ours.figures:
        other = others.pop((figure.task, figure.metric), None)
        if other is None:
            alone.append(Apart(ours.name, _label(figure), (_missing(theirs, figure),), side=0))
        else:
            matched.append((figure, other))
    alone += [Apart(theirs.name, _label(f), (_missing(ours, f),), side=1) for f in others.values()]
    return matched, alone


def _missing(there: Evaluation, figure: Figure) -> str:
    if figure.task is not None and figure.task not in there.tasks:
        return f"the task is not in {' on '.join(there.name)}"
    return f"the metric is not in {' on '.join(there.name)}"


def _label(figure: Figure) -> str:
    return f"{figure.task}/{figure.own}" if figure.task is not None else figure.own


def obstacles(ours: Evaluation, theirs: Evaluation, one: Figure, other: Figure) -> list[str]:
    """Say why two figures are not of the same question.

    Args:
        ours: the evaluation of the first.
        theirs: that of the second.
        one: the first figure.
        other: the second.

    Returns:
        The reasons; none where nothing that is known stands in the way.
    """
    found: list[str] = []
    for name in dict.fromkeys([*one.tasks, *other.tasks]):
        a, b = ours.tasks.get(name), theirs.tasks.get(name)
        if a is None or b is None:
            found.append(f"the task {name} is behind one of them only")
            continue
        if a.version is not None and b.version is not None and a.version != b.version:
            found.append(f"version {a.version} of the task against {b.version}")
        if a.shots is not None and b.shots is not None and a.shots != b.shots:
            found.append(f"{a.shots}-shot against {b.shots}-shot")
        if a.items is not None and b.items is not None and a.items != b.items:
            found.append(f"{count(a.items, 'item')} against {b.items:,}")
        elif a.items is None and b.items is None and a.limit != b.limit:
            found.append(f"{_limit(a.limit)} against {_limit(b.limit)}")
        elif a.hash is not None and b.hash is not None and a.hash != b.hash:
            found.append("other documents, prompts or targets: the task's hash differs")
    if one.filter != other.filter:
        found.append(f"the filter {one.filter or 'none'} against {other.filter or 'none'}")
    return list(dict.fromkeys(found))


def _limit(limit: float | None) -> str:
    return "all items" if limit is None else f"the first {limit:g} items" if limit >= 1 else f"{limit:.0%} of the items"


def caveats(ours: Evaluation, theirs: Evaluation, figure: Figure) -> tuple[str, ...]:
    """Say what one should know when comparing a figure of railcrate with one of lm-eval's own command."""
    if ("hashes" in ours.content) == ("hashes" in theirs.content):
        return ()
    study = ours if "hashes" in ours.content else theirs
    found: list[str] = []
    if figure.metric in ("accuracy", "accuracy_norm") and any(_ties(study, task) for task in figure.tasks):
        found.append("items tie: railcrate lets those that tie share the point, lm-eval gives it to the first choice")
    if figure.metric == "accuracy_norm":
        found.append("railcrate divides by bytes, lm-eval's acc_norm by characters: the same where all are ASCII")
    return tuple(found)


def _ties(study: Evaluation, task: str) -> bool:
    """Whether items of a task tie, or may."""
    gates: Any = study.content["tasks"].get(task, {}).get("gates", {})
    rate = gates.get("tie_rate", {}).get("value")
    return rate is None or rate > 0


def same_names(published: Results, again: Results) -> tuple[list[tuple[Evaluation, Evaluation]], list[Apart]]:
    """Pair the evaluations of two studies that have the same name, and name those that have no partner."""
    pairs = [(e, again.evaluations[n]) for n, e in published.evaluations.items() if n in again.evaluations]
    alone = [*_without(published, again, 0), *_without(again, published, 1)]
    return pairs, alone


def _without(here: Results, there: Results, side: int) -> Iterable[Apart]:
    for name in here.evaluations:
        if name not in there.evaluations:
            known = {experiment for experiment, _ in there.evaluations}
            what = "benchmark" if name[0] in known else "experiment"
            yield Apart(name, None, (f"the {what} is not in {there.label}",), side)
