# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Facts about what is written of a study: cards, report, results, footprint, people, releases."""

from __future__ import annotations

from collections.abc import Callable

from railcrate.openness.facts import Fact, Pointer, Status
from railcrate.openness.seen import Record, Seen, config, met, named, not_met, shares
from railcrate.openness.training_data import training_summary
from railcrate.study import paths
from railcrate.study.grid import experiments

_PREPRINTS = ("arxiv", "biorxiv", "osf.io/preprints", "10.48550")


def facts(seen: Seen) -> dict[str, Fact]:
    """Judge the documentation.

    Args:
        seen: the study.

    Returns:
        The facts `docs.*`, `compute.*` and `who.*` that files show.
    """
    study = seen.study
    cells = [(cell.id, name) for cell in experiments(study) for name in study.benchmarks]
    report = Pointer("the report", paths.REPORT)
    # Judged by what they are made from: the report tells of this assessment, so it comes after it, and a
    # bundle and a release come after the report.
    results = [paths.RESULTS_JSON, paths.COMPARISONS]
    return {
        "docs.model-card": met("every bundle has a card for each set of weights", config("models")),
        "docs.report": seen.made(
            results, "from these results the report is written: question, method, figures and terms", report
        ),
        "docs.metadata": met("every bundle is an RO-Crate, which describes each part for machines", config("release")),
        "docs.results": seen.made(results, "every figure is published"),
        "docs.results.uncertainty": _uncertainty(seen),
        "docs.samples": seen.made(
            [paths.samples(*cell) for cell in cells],
            "every answer to every item is kept",
            report,
        ),
        "docs.training-summary": training_summary(seen),
        "docs.versions": seen.made(["CHANGELOG.md"], "versions and what changed are told"),
        "docs.doi": _doi(seen),
        "docs.preprint": _preprint(seen),
        **_computing(seen),
        "who.creators": met(f"made by {named([creator.name for creator in study.creators])}", config("creators")),
        "who.funding": met(f"paid by {named([grant.funder for grant in study.funding])}", config("funding"))
        if study.funding
        else Fact(Status.NOT_SHOWN, "no funder is named"),
    }


def _uncertainty(seen: Seen) -> Fact:
    content = seen.read(paths.COMPARISONS)
    if content is None:
        return Fact(Status.NOT_SHOWN, "the comparisons are not made yet")
    where = Pointer("the comparisons", paths.COMPARISONS)
    if not seen.study.comparisons:
        return Fact(Status.PARTLY, "figures have standard errors, but nothing is compared", (where,))
    return met("comparisons are shown with intervals that count seeds and items", where)


def _doi(seen: Seen) -> Fact:
    """By where it is to be released: the release itself must not make the assessment in it outdated."""
    target, where = seen.study.release.target, config("release.target")
    if target == "folder":
        return not_met("release.target is a folder, which gives no DOI", where)
    return met(f"release.target is {target}, which reserves a DOI and stamps it into everything", where)


def _preprint(seen: Seen) -> Fact:
    for related in seen.study.release.related:
        if any(name in related.identifier.lower() for name in _PREPRINTS):
            return met("a preprint is named", Pointer(related.identifier, _address(related.identifier)))
    return Fact(Status.NOT_SHOWN, "no preprint is named")


def _address(identifier: str) -> str:
    return identifier if identifier.startswith("http") else f"https://doi.org/{identifier}"


def _computing(seen: Seen) -> dict[str, Fact]:
    """What the records of the trainings say."""
    if not seen.trained:
        none = Fact(Status.NOT_APPLICABLE, "the study trains nothing")
        return {f"compute.{name}": none for name in _MEASURES}
    records = {cell.id: seen.read(paths.record("train", cell.id)) for cell in seen.trained}
    unmade = [name for name, record in records.items() if record is None]
    if unmade:
        none = Fact(Status.NOT_SHOWN, f"the training of {named(unmade)} is not recorded yet")
        return {f"compute.{name}": none for name in _MEASURES}
    where = Pointer("a training's record", paths.record("train", next(iter(records))))
    found = {}
    for name, (holds, yes, no) in _MEASURES.items():
        lacking = [cell for cell, record in records.items() if record is not None and not holds(record)]
        found[f"compute.{name}"] = shares([c for c in records if c not in lacking], lacking, yes, no, where)
    return found


_MEASURES: dict[str, tuple[Callable[[Record], bool], str, str]] = {
    "hardware": (
        lambda record: bool(record["machine"].get("cpu")), "processor and cores of every training are recorded",
        "the machine is not recorded of",
    ),
    "duration": (
        lambda record: record.get("seconds") is not None, "the duration of every training is recorded",
        "the duration is not recorded of",
    ),
    "amount": (
        lambda record: record.get("tokens_per_second") is not None,
        "parameters and tokens are recorded, from which the operations follow (six for each pair)",
        "tokens are not recorded of",
    ),
    "energy": (
        lambda record: (record.get("footprint") or {}).get("energy_kwh") is not None,
        "the energy of every training is recorded, with how it was estimated", "no energy is recorded of",
    ),
    "emissions": (
        lambda record: (record.get("footprint") or {}).get("emissions_kg") is not None,
        "the emissions of every training are recorded, with the country they were reckoned for",
        "no emissions are recorded of",
    ),
    "water": (
        lambda record: (record.get("footprint") or {}).get("water_l") is not None,
        "the water of every training is recorded, with the factor's source", "no water is recorded of",
    ),
}  # fmt: skip
