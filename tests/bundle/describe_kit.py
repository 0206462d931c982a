# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The facts of a bundle that was made, for tests that change some of them, and a release's marks."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from railcrate.bundle.describe import describe
from railcrate.bundle.facts import Facts, gather
from railcrate.bundle.inventory import take
from railcrate.bundle.manifest import read_manifest
from railcrate.bundle.stamp import Stamp
from railcrate.study.config import Creator, Funding
from railcrate.study.load import load_study
from railcrate.study.release import Related

STAMP = Stamp(
    version="1.2.0",
    date=date(2026, 11, 25),
    doi="10.5072/zenodo.124",
    concept_doi="10.5072/zenodo.123",
    url="https://sandbox.zenodo.org/records/124",
    server="https://sandbox.zenodo.org",
)
JANE = Creator(name="Doe, Jane", orcid="0000-0002-1825-0097", affiliation="University of Nowhere")


def facts_of(folder: Path, bundle: Path, stamp: Stamp = STAMP) -> Facts:
    """The facts behind a bundle: its entries but for the texts that describe it, and what the study tells."""
    study = load_study(folder)
    with contextlib.chdir(folder):
        inventory = take(folder, study)
    payload = {"code", "data", "weights", "results", "records", "license"}
    entries = [entry for entry in read_manifest(bundle).files if entry.role in payload or entry.path == "dvc.lock"]
    return gather(folder, study, inventory, entries, stamp, anonymous=False)


def graph_of(content: bytes) -> dict[str, dict[str, Any]]:
    """The entities of a crate, by their ids."""
    return {entity["@id"]: entity for entity in json.loads(content)["@graph"]}


def references(value: Any) -> Iterator[str]:
    """The ids that a property refers to."""
    if isinstance(value, dict):
        yield value["@id"]
    for entry in value if isinstance(value, list) else ():
        yield from references(entry)


def with_people(facts: Facts) -> Facts:
    """The same study, made by persons, with a grant and related works."""
    release = facts.study.release.model_copy(
        update={
            "related": [
                Related(identifier="10.1093/bioinformatics/bts480", relation="cites"),
                Related(identifier="https://example.org/paper", relation="isdescribedby"),
            ]
        }
    )
    study = facts.study.model_copy(
        update={
            "creators": [JANE, Creator(name="Roe, Richard", orcid="0000-0001-5109-3700"), Creator(name="The group")],
            "funding": [Funding(funder="Some Foundation", award="A-1", url="https://example.org/grants/1")],
            "release": release,
        }
    )
    return replace(facts, study=study)


def write(facts: Facts, folder: Path) -> dict[str, bytes]:
    """Write what describes a bundle into its folder."""
    content = describe(facts)
    for name, text in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    return content
