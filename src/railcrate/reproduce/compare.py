# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Comparing figures that were published in two places: two studies, bundles, or result files of lm-eval.

Only what was asked the same is compared: the same task, in the same version and with the
same hash where they are known, with as many examples, of as many items, by the same filter.

As JSON (`railcrate-comparison/1`): `a` and `b` (`label`, `kind`, `evaluations`), `outcome`,
`counts`, `figures` (as in `railcrate-verification/1`, with `other`, the evaluation in b, and
`caveats`), `apart` (`evaluation`, `figure`, `side`, `reasons`), `causes`, `items`, `notes`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from railcrate.reproduce.contrast import Apart, Contrast, contrast, same_names
from railcrate.reproduce.equivalence import LEVEL, RULE, SOURCES
from railcrate.reproduce.explain import Cause, explain
from railcrate.reproduce.facts import Facts, facts_of
from railcrate.reproduce.known import KNOWN, TITLES
from railcrate.reproduce.lm_eval_files import lm_eval_results
from railcrate.reproduce.metrics import Evaluation, Results, study_results
from railcrate.reproduce.recorded import Detail
from railcrate.reproduce.stores import EVALUATIONS, BundleStore, UnreadableError, open_store
from railcrate.reproduce.telling import causes as tell_causes
from railcrate.reproduce.telling import figures as tell_figures
from railcrate.reproduce.verification import figure_json
from railcrate.study import paths
from railcrate.study.units import count

FORMAT = "railcrate-comparison/1"
EXIT_SAME, EXIT_DIFFERENT, EXIT_NOT_COMPARABLE = 0, 1, 2
_SHOWN = 12


@dataclass(frozen=True)
class Comparison:
    """Two places, compared.

    Attributes:
        one: the first place.
        other: the second.
        contrast: what became of each figure.
        causes: why figures differ, as far as is known.
        notes: what one should know of the whole.
    """

    one: Results
    other: Results
    contrast: Contrast
    causes: list[Cause]
    notes: list[str]

    @property
    def outcome(self) -> str:
        """Identical, equivalent, different, or nothing comparable."""
        counts = self.contrast.counts
        if not self.contrast.compared:
            return "nothing comparable"
        return "different" if counts["different"] else "equivalent" if counts["equivalent"] else "identical"

    @property
    def exit_code(self) -> int:
        """0 where all that can be compared is the same, 1 where something differs, 2 where nothing can be compared."""
        codes = {"different": EXIT_DIFFERENT, "nothing comparable": EXIT_NOT_COMPARABLE}
        return codes.get(self.outcome, EXIT_SAME)

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON; the module's docstring says what it holds."""
        return {
            "format": FORMAT,
            "a": _place(self.one),
            "b": _place(self.other),
            "outcome": self.outcome,
            "exit_code": self.exit_code,
            "rule": {"text": RULE, "sources": SOURCES, "level": LEVEL},
            "counts": self.contrast.counts,
            "figures": [{**figure_json(one), "other": list(one.other)} for one in self.contrast.compared],
            "apart": [asdict(apart) for apart in self.contrast.apart],
            "causes": [asdict(cause) for cause in self.causes],
            "items": [
                {"experiment": name[0], "benchmark": name[1], **asdict(view)}
                for name, view in self.contrast.views.items()
            ],
            "notes": self.notes,
        }


def _place(results: Results) -> dict[str, Any]:
    return {"label": results.label, "kind": results.kind, "evaluations": [list(name) for name in results.evaluations]}


def read_results(label: str) -> Results:
    """Read the figures of a place, whatever it is.

    Args:
        label: a study's folder, a bundle's folder, a result file of lm-eval, or a folder of such files.

    Returns:
        Its figures.

    Raises:
        UnreadableError: when it is none of these, or is damaged.
        ManifestError: when it is a bundle whose manifest is damaged.
    """
    place = Path(label).expanduser()
    if not place.exists():
        raise UnreadableError(
            f"{label} is not there",
            "Give a folder or a file; what has a DOI is fetched first: `railcrate fetch DOI`.",
        )
    if place.is_dir():
        store = open_store(place)
        is_bundle = isinstance(store, BundleStore)
        if is_bundle or (place / paths.CONFIG).is_file() or (place / EVALUATIONS).is_dir():
            results = study_results(label, store, "bundle" if is_bundle else "study")
            if not results.evaluations:
                raise UnreadableError(f"{place} holds no results", "Run the study, or fetch its results.")
            return results
    return lm_eval_results(label, place)


def compare(one: str, other: str) -> Comparison:
    """Compare the figures of two places.

    Args:
        one: the first: a study, a bundle, or result files of lm-eval.
        other: the second.

    Returns:
        What can be compared and what became of it, and what cannot, with the reason.

    Raises:
        UnreadableError: when one of them cannot be read.
        ManifestError: when one is a bundle whose manifest is damaged.
    """
    a, b = read_results(one), read_results(other)
    pairs, alone = _pairs(a, b)
    studies = a.store is not None and b.store is not None
    found = contrast(a, b, pairs, seeds=studies, strictly=True)
    found.apart = [*alone, *found.apart]
    facts = (facts_of(a.store), facts_of(b.store))
    causes = explain((a, facts[0]), (b, facts[1]), found, pairs)
    if not studies:
        causes = _models(pairs, found) + [c for c in causes if not c.kind.startswith("un")]
    return Comparison(a, b, found, causes, _notes(a, b, facts, found))


def _pairs(a: Results, b: Results) -> tuple[list[tuple[Evaluation, Evaluation]], list[Apart]]:
    """Which evaluation of the one belongs to which of the other."""
    if a.store is not None and b.store is not None:
        return same_names(a, b)
    ours, theirs = list(a.evaluations.values()), list(b.evaluations.values())
    both_files = a.store is None and b.store is None
    if len(ours) == len(theirs) == 1:
        pairs = [(ours[0], theirs[0])]
    elif both_files:
        same_file = {e.benchmark for e in ours} & {e.benchmark for e in theirs}
        pairs = [
            (e, f)
            for e in ours
            for f in theirs
            if (
                e.benchmark == f.benchmark
                or (e.experiment == f.experiment and not {e.benchmark, f.benchmark} & same_file)
            )
            and _share(e, f)
        ]
    else:
        pairs = [(e, f) for e in ours for f in theirs if _share(e, f)]
    paired = {(side, e.name) for pair in pairs for side, e in enumerate(pair)}
    alone = [
        Apart(e.name, None, (f"no evaluation of the same tasks in {there.label}",), side)
        for side, (here, there) in enumerate(((a, b), (b, a)))
        for e in here.evaluations.values()
        if (side, e.name) not in paired
    ]
    return pairs, alone


def _share(one: Evaluation, other: Evaluation) -> bool:
    """Whether two evaluations have a task in common, with as many examples where that is known."""
    common = one.tasks.keys() & other.tasks.keys()
    return any(
        None in (one.tasks[name].shots, other.tasks[name].shots) or one.tasks[name].shots == other.tasks[name].shots
        for name in common
    )


def _models(pairs: Sequence[tuple[Evaluation, Evaluation]], found: Contrast) -> list[Cause]:
    """That files are of different models is no mistake, but the first reason why their figures differ."""
    moved = set(found.moved)
    details = {
        Detail(f"model of {ours.benchmark}", ours.experiment, theirs.experiment): None
        for ours, theirs in pairs
        if ours.experiment != theirs.experiment and ours.name in moved
    }
    return [Cause("models", TITLES["models"], KNOWN["models"], tuple(details), (), substance=True)] if details else []


def _notes(a: Results, b: Results, facts: tuple[Facts, Facts], found: Contrast) -> list[str]:
    notes: list[str] = []
    if a.store is not None and b.store is not None and facts[0].config and facts[1].config:
        titles = [str(one.config.get("title")) for one in facts]
        if titles[0] != titles[1]:
            notes.append(f"these are different studies: “{titles[0]}” and “{titles[1]}”")
    uncertain = [c for c in found.compared if c.judgement.verdict != "identical"]
    if any(c.gap is not None and c.gap.basis == "standard errors" for c in uncertain):
        notes.append(
            "single items are not published on both sides, so the standard errors were taken for independent: "
            "that calls fewer figures different than there may be"
        )
    versions = [{e.versions.get("lm_eval") for e in results.evaluations.values()} for results in (a, b)]
    if versions[0] != versions[1] and found.compared:
        told = [", ".join(sorted(map(str, one))) for one in versions]
        notes.append(f"the versions of lm-eval differ ({told[0]} and {told[1]}): its results move between versions")
    caveats = Counter(caveat for c in found.compared for caveat in c.caveats)
    notes += [f"{caveat} ({count(amount, 'figure')})" for caveat, amount in caveats.items()]
    return notes


def tell(comparison: Comparison) -> str:
    """Say what a comparison came to, for a terminal.

    Args:
        comparison: what is told.

    Returns:
        Lines: the outcome, what differs, what cannot be compared and why, and causes.
    """
    found, counts = comparison.contrast, comparison.contrast.counts
    total = len(found.compared)
    lines = [f"A: {_describe(comparison.one)}", f"B: {_describe(comparison.other)}"]
    if not total:
        lines.append("nothing can be compared")
    elif counts["identical"] == total:
        all_of_them = f"all {total:,} figures that can be compared are" if total > 1 else "the one figure to compare is"
        lines.append(f"identical: {all_of_them} the same to the last digit")
    else:
        shown = sum(one.judgement.ground == "shown" for one in found.with_verdict("equivalent"))
        lines.append(
            f"{comparison.outcome}: of {count(total, 'figure')} that can be compared, "
            f"{counts['identical']:,} are identical, "
            f"{counts['equivalent']:,} equivalent ({shown:,} shown, {counts['equivalent'] - shown:,} not told apart), "
            f"{counts['different']:,} different"
        )
    lines += tell_figures(found.compared)
    lines += [f"note: {note}" for note in comparison.notes]
    lines += _apart(found.apart)
    lines += tell_causes(comparison.causes)
    return "\n".join(lines)


def _describe(results: Results) -> str:
    experiments = {name[0] for name in results.evaluations}
    parts = (
        (len(experiments), "model" if results.store is None else "experiment"),
        (len(results.evaluations), "evaluation"),
    )
    counted = ", ".join(count(amount, what) for amount, what in parts)
    return f"{results.label} ({results.kind}: {counted})"


def _apart(found: Sequence[Apart]) -> list[str]:
    """What cannot be compared, gathered by reason."""
    if not found:
        return []
    by_reason: dict[str, list[str]] = {}
    for apart in found:
        name = " ".join(apart.evaluation) if apart.figure is None else apart.figure
        by_reason.setdefault("; ".join(apart.reasons), []).append(name)
    lines = [f"cannot be compared: {len(found):,} (a figure or a whole evaluation each)"]
    groups = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    for reason, names in groups[:_SHOWN]:
        distinct = list(dict.fromkeys(names))
        lines.append(f"  {len(names):,}: {reason}: {', '.join(distinct[:4])}{' …' if distinct[4:] else ''}")
    if groups[_SHOWN:]:
        lines.append(f"  and {len(groups) - _SHOWN} more reasons")
    return lines
