# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Facts about terms: what each component may be used for, by the resolver's judgement."""

from __future__ import annotations

from collections.abc import Sequence

from railcrate.licensing.chain import Component
from railcrate.licensing.entry import License
from railcrate.openness.facts import Fact, Pointer, Status
from railcrate.openness.seen import Seen, config, named, not_met, shares
from railcrate.study import paths

_LICENSES = Pointer("what each component carries", paths.LICENSES)


def facts(seen: Seen) -> dict[str, Fact]:
    """Judge the terms of code, data, weights and texts.

    Args:
        seen: the study.

    Returns:
        The facts `*.license.*`, `data.information-open`, `*.published` and `eval-data.*`.
    """
    weights = [part for part in seen.of_kind("weights.") if part.made_here]
    texts = _terms(seen, seen.of_kind("documentation."))
    variants = [seen.components[f"variants.{name}"] for name in seen.trained_on]
    tests = _test_data(seen)
    return {
        "code.license.osi": _terms(seen, seen.of_kind("code."), osi=True),
        "data.license.open": _terms(seen, variants),
        "data.license.known": _known(seen),
        "data.published": _published("the variants", variants),
        "data.queryable": _published("the variants", variants),
        "weights.published": _published("the weights", weights),
        "weights.license.free": _terms(seen, weights),
        "weights.license.stated": shares(
            [part.id for part in weights], [], "the license of every set of weights is stated", "", _LICENSES
        ),
        "docs.license.open": texts,
        "data.information-open": texts,  # the cards are texts, too
        "eval-data.published": _published("the data of the tests", tests) if tests else _elsewhere("published"),
        "eval-data.license.open": _terms(seen, tests) if tests else _elsewhere("open"),
    }


def _terms(seen: Seen, parts: Sequence[Component], *, osi: bool = False) -> Fact:
    """Whether parts may be used, studied, changed and shared for any purpose."""
    if not parts:
        return Fact(Status.NOT_SHOWN, "the study has none")
    conflicts = [v.component.id for v in seen.resolution.verdicts if v.conflicts and v.component in parts]
    if conflicts:
        return not_met(f"license conflicts are open: {named(conflicts)}", _LICENSES)
    fine, closed = [], {}
    for part in parts:
        reasons = _against(seen, part, osi=osi)
        if reasons:
            closed[part.id] = reasons
        else:
            fine.append(part.id)
    what = "approved by the OSI" if osi else "open: free to use, study, change and share for any purpose"
    licenses = named(list(dict.fromkeys(part.license for part in parts)))
    if not closed:
        return Fact(Status.MET, f"{licenses}: {what}", (_LICENSES, config(parts[0].key)))
    first = next(iter(closed))
    why = f"{named(list(closed))}: {seen.components[first].license} {closed[first]}"
    return Fact(Status.PARTLY if fine else Status.NOT_MET, why, (_LICENSES, config(seen.components[first].key)))


def _against(seen: Seen, part: Component, *, osi: bool) -> str:
    """What speaks against a part's license; nothing where one of its alternatives will do."""
    reasons = [_why_not(licenses, osi=osi) for licenses in seen.resolution.judge.choices(part.license)]
    return min(reasons, key=len)


def _why_not(licenses: Sequence[License], *, osi: bool) -> str:
    for entry in licenses:
        if entry.osi if osi else entry.osaid:
            continue
        if entry.clauses is not None or entry.family == "rail" or "-rail" in entry.id.lower():
            return "restricts what it may be used for (a RAIL is not open source)"
        if entry.purpose is not None:
            return f"allows one purpose alone: {entry.purpose}"
        missing = {"use", "share", "adapt", "commercial"} - set(entry.permits)
        if missing:
            return f"does not permit to {', '.join(sorted(missing))}"
        return "is not approved by the OSI" if osi else "is not known to be open"
    return ""


def _published(what: str, parts: Sequence[Component]) -> Fact:
    return shares(
        [part.id for part in parts if part.published],
        [part.id for part in parts if not part.published],
        f"{what} are part of the bundle",
        "withheld from the bundle",
        config("licenses.withhold"),
    )


def _known(seen: Seen) -> Fact:
    unknown = [name for name, source in seen.study.sources.items() if "LicenseRef-unknown" in source.license]
    return shares(
        [name for name in seen.study.sources if name not in unknown], unknown,
        "the license of every source is stated", "nobody knows the terms of", config("sources"),
    )  # fmt: skip


def _test_data(seen: Seen) -> list[Component]:
    """The sources that benchmarks of the study's own read."""
    read = {file for benchmark in seen.study.benchmarks.values() for file in benchmark.data}
    found = []
    for name, source in seen.study.sources.items():
        if any(file in read for file in paths.raw_files(name, source)):
            found.append(seen.components[f"sources.{name}"])
    return found


def _elsewhere(what: str) -> Fact:
    return Fact(
        Status.NOT_SHOWN, f"the benchmarks' data are not sources of the study, so nothing shows whether they are {what}"
    )
