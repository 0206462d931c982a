# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a verification came to: the outcome, in a sentence and as JSON.

The JSON (`railcrate-verification/1`) holds:

- `format`, `railcrate` (version), `date` (the one thing that differs between equal verifications);
- `of`: `reference`, `title`, `version`, `doi`, `concept_doi`, `commit`, `identity` of what was verified;
- `depth` (files, evaluate, train), `strict`, `outcome` (identical, equivalent, different,
  unverified), `exit_code` and `sentence`;
- `rule`: `text`, `sources`, `level`;
- `files`: `checked`, `bytes`, `withheld`, `external`, `problems`;
- `mismatches`: what was published and does not fit together (`kind`, `where`, `message`, `stated`, `found`);
- `counts` of the verdicts, and `figures`: `experiment`, `benchmark`, `task` (null for the whole
  benchmark), `metric`, `published` and `again` (`value`, `stderr`, `items`), `difference`, `low`
  and `high` (95 %), `p` (corrected), `basis`, `margin`, `detectable`, `verdict`, `ground`;
- `missing`: figures that only one side has; `skipped`: evaluations that could not be run, with the reason;
- `weights`: sha256 by experiment, published and again; null where nothing was trained;
- `origins`: the steps of the workflow at which the run left the published one;
- `claims`: the study's comparisons, published and again;
- `causes`: `kind`, `title`, `known`, `substance`, `where`, `details`; the most likely first;
- `items`: how evaluations differ item by item;
- `environments`: `what`, `published`, `again`, `same`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from railcrate.reproduce.consistency import Mismatch
from railcrate.reproduce.contrast import Apart, Compared, Contrast
from railcrate.reproduce.equivalence import LEVEL, RULE, SOURCES
from railcrate.reproduce.explain import Cause
from railcrate.reproduce.surroundings import Claim, Condition
from railcrate.study import units

FORMAT = "railcrate-verification/1"
Depth = Literal["files", "evaluate", "train"]
Outcome = Literal["identical", "equivalent", "different", "unverified"]
EXIT_HOLDS, EXIT_DIFFERENT, EXIT_UNVERIFIED = 0, 1, 2


@dataclass(frozen=True)
class Subject:
    """What was verified.

    Attributes:
        reference: as it was asked for.
        title: the study's title.
        version: of the release; None for a study that is none.
        doi: its DOI.
        concept_doi: the DOI of all its versions.
        commit: the git commit of its code.
        identity: the manifest's identity.
    """

    reference: str
    title: str
    version: str | None = None
    doi: str | None = None
    concept_doi: str | None = None
    commit: str | None = None
    identity: str | None = None


@dataclass(frozen=True)
class FilesChecked:
    """What came of the checksums.

    Attributes:
        checked: files that were hashed and are right.
        bytes: their size.
        withheld: files that are not published.
        external: files that stay elsewhere.
        problems: what is wrong, each with its file.
    """

    checked: int = 0
    bytes: int = 0
    withheld: int = 0
    external: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weights:
    """The weights of an experiment, published and trained again."""

    experiment: str
    published: str | None
    again: str | None

    @property
    def same(self) -> bool:
        """Whether they are the same bytes."""
        return self.published is not None and self.published == self.again


@dataclass
class Verification:
    """What a verification came to.

    Attributes:
        of: what was verified.
        depth: how deep.
        made: the day.
        railcrate: the version that verified.
        strict: whether only identical figures hold.
        files: what came of the checksums.
        mismatches: what was published and does not fit together.
        contrast: what became of each figure; empty at the depth `files`.
        skipped: evaluations that could not be run, with the reason.
        weights: the weights that were trained again.
        origins: steps of the workflow at which the run left the published one.
        claims: the study's comparisons.
        causes: why figures differ.
        environments: the two surroundings.
    """

    of: Subject
    depth: Depth
    made: date
    railcrate: str
    strict: bool = False
    files: FilesChecked = field(default_factory=FilesChecked)
    mismatches: list[Mismatch] = field(default_factory=list)
    contrast: Contrast = field(default_factory=Contrast)
    skipped: dict[str, str] = field(default_factory=dict)
    weights: list[Weights] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    environments: list[Condition] = field(default_factory=list)

    @property
    def missing(self) -> list[Apart]:
        """Figures that only one of the two has."""
        return self.contrast.apart

    @property
    def unaccounted(self) -> bool:
        """Whether more came out otherwise than last digits, of which the records tell no reason."""
        return any(cause.kind.startswith("unexplained") and cause.substance for cause in self.causes)

    @property
    def outcome(self) -> Outcome:
        """What it came to.

        Different is also what was published and contradicts itself, a figure that only one
        side has, and weights that came out otherwise though nothing recorded accounts for it.
        """
        if self.files.problems:
            return "unverified"
        counts = self.contrast.counts
        if counts["different"] or self.missing or self.mismatches or self.unaccounted:
            return "different"
        other = counts["equivalent"] or any(not weights.same for weights in self.weights)
        return "equivalent" if other else "identical"

    @property
    def exit_code(self) -> int:
        """0 where it holds, 1 where something is different, 2 where it could not be verified."""
        if self.outcome == "unverified":
            return EXIT_UNVERIFIED
        holds = self.outcome == "identical" or (self.outcome == "equivalent" and not self.strict)
        return EXIT_HOLDS if holds else EXIT_DIFFERENT

    @property
    def headline(self) -> str:
        """The outcome in a few words."""
        if self.outcome == "unverified":
            return "It could not be verified"
        if self.outcome == "identical":
            return "It holds" if self.depth == "files" else "It holds: identical"
        if self.outcome == "equivalent":
            return "It holds: equivalent" if not self.strict else "Equivalent, but not identical"
        if self.contrast.counts["different"]:
            return "Figures are different"
        if self.mismatches:
            return "What was published does not fit together"
        return "Figures are missing" if self.missing else "It came out otherwise, and nothing recorded accounts for it"

    @property
    def sentence(self) -> str:
        """The outcome in a sentence or two, for a reader who looks at nothing else."""
        if self.outcome == "unverified":
            count = len(self.files.problems)
            verb = "is" if count == 1 else "are"
            return f"It could not be verified: {units.count(count, 'file')} {verb} missing or damaged."
        parts: list[str] = []
        if self.mismatches:
            kinds = ", ".join(dict.fromkeys(mismatch.kind for mismatch in self.mismatches))
            parts.append(f"What was published does not fit together ({kinds}).")
        if self.depth == "files":
            parts.append(f"All {units.count(self.files.checked, 'file')} are what their checksums say.")
            if not self.mismatches:
                parts.append("Figures, weights and data that name each other fit together. Nothing was run.")
        else:
            parts.append(self._figures())
            if self.weights:
                parts.append(self._trained())
        if self.skipped:
            parts.append(f"{units.count(len(self.skipped), 'evaluation')} could not be run.")
        if self.missing:
            parts.append(f"{units.count(len(self.missing), 'figure')} of one side have no counterpart in the other.")
        if self.unaccounted:
            parts.append("Nothing that is recorded accounts for it.")
        return " ".join(parts)

    def _figures(self) -> str:
        how = "evaluated again from the published weights" if self.depth == "evaluate" else "run again from the sources"
        counts, total = self.contrast.counts, len(self.contrast.compared)
        told = f"all {total:,} came out identical"
        if counts["identical"] != total:
            parts = [f"{counts['identical']:,} came out identical"]
            if counts["equivalent"]:
                shown = sum(one.judgement.ground == "shown" for one in self.contrast.with_verdict("equivalent"))
                grounds = f"{shown:,} shown, {counts['equivalent'] - shown:,} not told apart"
                parts.append(f"{counts['equivalent']:,} equivalent ({grounds})")
            told = f"of {total:,} figures {', '.join(parts)} and {counts['different'] or 'none'} different"
        if counts["different"]:
            return f"The figures do not hold: {how}, {told}."
        if self.outcome == "different":  # the figures are not what is wrong
            return f"{how.capitalize()}, {told}."
        return f"The figures hold: {how}, {told}."

    def _trained(self) -> str:
        same, total = sum(weights.same for weights in self.weights), len(self.weights)
        if same == total:
            return f"All {units.count(total, 'set')} of weights came out with the same bytes."
        return f"Of {units.count(total, 'set')} of weights, {same or 'none'} came out with the same bytes."

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON; the module's docstring says what it holds."""
        return {
            "format": FORMAT,
            "railcrate": self.railcrate,
            "date": self.made.isoformat(),
            "of": asdict(self.of),
            "depth": self.depth,
            "strict": self.strict,
            "outcome": self.outcome,
            "exit_code": self.exit_code,
            "sentence": self.sentence,
            "rule": {"text": RULE, "sources": SOURCES, "level": LEVEL},
            "files": asdict(self.files),
            "mismatches": [asdict(mismatch) for mismatch in self.mismatches],
            "counts": self.contrast.counts,
            "figures": [figure_json(one) for one in self.contrast.compared],
            "missing": [asdict(apart) for apart in self.missing],
            "skipped": self.skipped,
            "weights": [asdict(weights) | {"same": weights.same} for weights in self.weights],
            "origins": self.origins,
            "claims": [asdict(claim) | {"same": claim.same} for claim in self.claims],
            "causes": [asdict(cause) for cause in self.causes],
            "items": [
                {"experiment": name[0], "benchmark": name[1], **asdict(view)}
                for name, view in self.contrast.views.items()
            ],
            "environments": [asdict(one) | {"same": one.same} for one in self.environments],
        }


def figure_json(one: Compared) -> dict[str, Any]:
    """Give a compared figure as JSON."""
    interval = None if one.gap is None else one.gap.interval()
    return {
        "experiment": one.evaluation[0],
        "benchmark": one.evaluation[1],
        "task": one.published.task,
        "metric": one.published.metric,
        "published": _number(one.published),
        "again": _number(one.again),
        "difference": None if one.gap is None else one.gap.estimate,
        "low": None if interval is None else interval[0],
        "high": None if interval is None else interval[1],
        "p": one.judgement.p,
        "basis": None if one.gap is None else one.gap.basis,
        "margin": one.judgement.margin,
        "detectable": one.judgement.detectable,
        "verdict": one.judgement.verdict,
        "ground": one.judgement.ground,
        "caveats": list(one.caveats),
    }


def _number(figure: Any) -> dict[str, Any]:
    return {"value": figure.value, "stderr": figure.stderr, "items": figure.items}
