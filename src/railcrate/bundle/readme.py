# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The README of a bundle: the question, the answer, how to check it, what is here, and on which terms."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from railcrate.bundle.citation import bibtex, sentence
from railcrate.bundle.contents import rows
from railcrate.bundle.environment import machine_in_words
from railcrate.bundle.facts import Facts
from railcrate.bundle.material import Material, distinct
from railcrate.bundle.pages import render
from railcrate.bundle.people import makers, names
from railcrate.bundle.plain import code, one_line
from railcrate.bundle.stamp import Stamp
from railcrate.openness import words as openness
from railcrate.report import words

# Packages that a reader looks for first.
_FIRST = ("torch", "transformers", "lm-eval", "snakemake", "dvc", "railcrate")
TEST_PREFIX = "10.5072"  # https://support.datacite.org/docs/testing-guide
_SHOWN = 12  # names of components of one license


def readme(material: Material, environment: Mapping[str, Any], sizes: Mapping[str, int | None]) -> str:
    """Write README.md of a bundle.

    Args:
        material: what there is to tell.
        environment: the content of environment.json.
        sizes: the texts that describe the bundle, by their path, with their bytes where they are known.

    Returns:
        Markdown.

    Raises:
        BundleConfigError: when an ORCID is wrong.
        DataError: when a record of the study is damaged.
    """
    facts = material.facts
    study = facts.study
    records = [record for job in material.jobs for record in job.records]
    prints = [record["footprint"] for record in records if record.get("footprint")]
    return render(
        "readme.md",
        study=study,
        stamp=facts.stamp,
        people=names(makers(study)),
        answer=[(one_line(claim).rstrip("."), verdict, found) for claim, verdict, found in material.answer],
        cautions=_cautions(facts),
        openness=[
            (f"{entry['title']} {entry['version']}", openness.verdict(entry))
            for entry in material.openness["frameworks"].values()
            if entry["kind"] != "checklist"
        ],
        reference=shlex.quote(reference(facts.stamp)),
        copy="my-copy" if facts.stamp.doi else "../my-copy",
        archives=[entry.path for entry in facts.entries if entry.members],
        plain=_plain_folders(facts),
        cut=sorted({entry.cut.path for entry in facts.entries if entry.cut is not None}),
        pythons=list(dict.fromkeys(str(entry["python"]) for entry in environment["environments"])),
        packages=list(_packages(environment)),
        constraints="constraints.txt" if "constraints.txt" in material.places else "",
        files=list(rows(material, sizes)),
        external=facts.external,
        withheld=list(_withheld(facts)),
        cite=sentence(study, facts.stamp),
        bibtex=bibtex(study, facts.stamp),
        sources=[{"title": source.title or name, "citation": source.citation, "url": source.url}
                 for name, source in study.sources.items()],
        related=[f"{entry.identifier} ({entry.relation})" for entry in study.release.related],
        funding=[_grant(grant.funder, grant.award, grant.url) for grant in study.funding],
        groups=[{**group, "parts": _briefly(group["parts"])} for group in words.license_groups(facts.licenses)],
        waivers=study.licenses.waivers,
        disclaimer=facts.licenses["disclaimer"],
        jobs=len(records),
        seconds=sum(record["seconds"] for record in records) if records else None,
        energy=_sum(prints, "energy_kwh"),
        emissions=_sum(prints, "emissions_kg"),
        water=_sum(prints, "water_l"),
        country=study.footprint.country or "no country is stated",
        notes=list(dict.fromkeys(entry["power_note"] for entry in prints if entry.get("power_note"))),
        machines=[machine_in_words(machine) for machine in distinct(material.jobs, "machine")],
    )  # fmt: skip


def reference(stamp: Stamp) -> str:
    """Name the bundle as `railcrate fetch` and `verify` take it: by DOI, by address, or as the folder that it is in.

    A DOI under DataCite's prefix for tests leads nowhere, so there the address is given.
    """
    if stamp.doi is not None and not stamp.doi.startswith(f"{TEST_PREFIX}/"):
        return stamp.doi
    return stamp.url or "."


def _plain_folders(facts: Facts) -> list[str]:
    """The folders of the bundle that hold files of the study as they are."""
    payload = ("data", "weights", "results", "records")
    files = [entry.path for entry in facts.entries if entry.role in payload and "/" in entry.path]
    return sorted({f"{path.split('/')[0]}/" for path in files})


def _cautions(facts: Facts) -> list[str]:
    """The sanity gates that failed behind a comparison."""
    found = [gate.replace("_", " ") for entry in facts.comparisons["comparisons"] for gate in entry["gates_failed"]]
    return list(dict.fromkeys(found))


def _packages(environment: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _FIRST:
        found = {
            package["version"]
            for entry in environment["environments"]
            for known, package in entry["packages"].items()
            if known.replace("_", "-") == name
        }
        if found:
            yield name, " or ".join(sorted(found))


def _withheld(facts: Facts) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[str, str], list[int]] = {}
    for file in facts.withheld:
        groups.setdefault((file.component, file.reason), []).append(file.size)
    for (component, reason), found in groups.items():
        yield {"component": component, "reason": reason, "files": len(found), "size": sum(found)}


def _grant(funder: str, award: str | None, url: str | None) -> str:
    return funder + (f", {award}" if award else "") + (f" ({url})" if url else "")


def _briefly(parts: list[str]) -> str:
    """Name components, in Markdown; of many the first ones."""
    more = f" and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    return ", ".join(map(code, parts[:_SHOWN])) + more


def _sum(prints: list[Mapping[str, Any]], key: str) -> float | None:
    """Add up a figure over the jobs that measured it; None where none did."""
    values = [float(entry[key]) for entry in prints if entry.get(key) is not None]
    return sum(values) if values else None
