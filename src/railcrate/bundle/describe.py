# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Everything that describes a bundle, made from the facts: the same bytes for the same facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from railcrate.bundle.citation import citation_cff
from railcrate.bundle.codemeta import describe_code
from railcrate.bundle.contents import SUMMARY
from railcrate.bundle.crate import METADATA, describe_crate
from railcrate.bundle.crate_people import PREVIEW
from railcrate.bundle.croissant import croissant
from railcrate.bundle.data_card import data_card
from railcrate.bundle.datacite import describe_datacite
from railcrate.bundle.environment import describe_environment
from railcrate.bundle.facts import Facts
from railcrate.bundle.layout import CARDS_ARCHIVE, CARDS_AT_MOST
from railcrate.bundle.manifest import MANIFEST
from railcrate.bundle.material import Material, distinct
from railcrate.bundle.model_card import model_card
from railcrate.bundle.preview import preview
from railcrate.bundle.readme import readme
from railcrate.bundle.report_stamp import Whereabouts, stamp_report, stamp_summary
from railcrate.study import paths
from railcrate.study.errors import DataError


def describe(facts: Facts) -> dict[str, bytes]:
    """Write all that describes a bundle.

    Args:
        facts: what there is to tell.

    Returns:
        The content of each file, by its path in the bundle; the crate's metadata, which tell of
        all others, come last. Cards and Croissant files are given one by one, also where there
        are so many that the bundle keeps them in one archive.

    Raises:
        BundleConfigError: when the configuration holds what a format does not allow.
        DataError: when a file of the study that is told of is missing or damaged.
    """
    material = Material(facts)
    environment = describe_environment(facts.folder, material.jobs)
    where = Whereabouts(facts.entries, facts.external, facts.withheld)
    texts = {
        "CITATION.cff": citation_cff(facts.study, facts.stamp, facts.licenses, facts.repository),
        "codemeta.json": _json(describe_code(facts, distinct(material.jobs, "versions"))),
        "datacite.json": _json(describe_datacite(facts)),
        "environment.json": _json(environment),
        "report.html": stamp_report(_text(facts, paths.REPORT), facts.study, facts.stamp, where),
        SUMMARY: stamp_summary(_text(facts, paths.TRAINING_SUMMARY), facts.study, facts.stamp),
    }
    cards = _cards(material)
    there: dict[str, int | None] = {name: len(text.encode()) for name, text in {**texts, **cards}.items()}
    if len(cards) > CARDS_AT_MOST:
        there = {name: size for name, size in there.items() if name not in cards} | {CARDS_ARCHIVE: None}
    # These tell of each other, so their sizes are left out.
    sizes = {"README.md": None, METADATA: None, PREVIEW: None, **there, MANIFEST: None}
    texts["README.md"] = readme(material, environment, sizes)
    texts[PREVIEW] = preview(material, sizes)
    content = {name: text.encode() for name, text in sorted({**texts, **cards}.items())}
    content[METADATA] = describe_crate(material, content).encode()
    return content


def _cards(material: Material) -> dict[str, str]:
    """A data card and a Croissant file for each variant, and a model card for each set of weights, if published."""
    components = material.facts.licenses["components"]
    found: dict[str, str] = {}
    for variant in material.facts.study.recipes:
        if components[f"variants.{variant}"]["published"]:
            found[f"cards/variants.{variant}.md"] = data_card(material, variant)
            found[f"croissant/{variant}.json"] = croissant(material, variant)
    for model, variant in material.trained:
        if components[f"weights.{model}.{variant}"]["published"]:
            found[f"cards/weights.{model}.{variant}.md"] = model_card(material, model, variant)
    return found


def _text(facts: Facts, path: str) -> str:
    try:
        return (facts.folder / path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(f"{path} is missing", "Run `snakemake`, or `railcrate restore`.") from None


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
