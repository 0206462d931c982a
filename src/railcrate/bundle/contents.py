# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the files of a bundle hold, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from railcrate.bundle.layout import CARDS_ARCHIVE
from railcrate.bundle.material import Material
from railcrate.study import paths

SUMMARY = "training-data-summary.md"  # a copy of the study's, with version, date and DOI
FILES = {
    "README.md": "what was found, how to reproduce it, and how to cite it",
    "ro-crate-metadata.json": "the bundle as a research object, for machines (RO-Crate)",
    "ro-crate-preview.html": "the same for people",
    "CITATION.cff": "how to cite the study, for machines",
    "codemeta.json": "the code, in the words of software (CodeMeta)",
    "datacite.json": "the study's metadata, in DataCite's words",
    "environment.json": "packages and machines that the results were made with",
    "manifest.json": "every file with its size and checksums",
    "report.html": "the report: the answer, and every figure behind it",
    SUMMARY: "what the weights were trained on, after the template of the EU's AI Office",
    "NOTICE": "who made what the study is made from",
    "dvc.lock": "the ledger: the md5 of everything that was read and made",
    "code.zip": "the study as code: configuration, steps, tasks, and the Snakefile of the workflow",
    CARDS_ARCHIVE: "cards of variants and weights, and the variants for machine learning (Croissant)",
}
FOLDERS = {
    "cards/": "cards of variants and of sets of weights",
    "croissant/": "the variants, for machine learning (Croissant)",
    "LICENSES/": "the texts of the licenses",
}
# Files of the study, inside of archives, that stand for the whole of it.
OF_THE_STUDY = {
    paths.OPENNESS: "how open the study is by several frameworks, each line with its evidence: a self-assessment",
    paths.TRAINING_SUMMARY: FILES[SUMMARY],
    **{paths.badge(name): "a badge with a result of the self-assessment" for name in paths.BADGES},
}
ROLES = {
    "data": "data: sources, variants, tokenizers and blocks",
    "weights": "weights, with configuration, tokenizer and training curve",
    "results": "results with every scored item",
    "records": "how each job went, Snakemake's memory, and DVC's listings of folders",
}


def holds(path: str, role: str) -> str:
    """Say what a file of the bundle holds.

    Args:
        path: its path in the bundle.
        role: its role, as the manifest has it.

    Returns:
        A phrase.
    """
    folder = next((text for start, text in FOLDERS.items() if path.startswith(start)), None)
    return FILES.get(path) or folder or ROLES.get(role, role)


def rows(material: Material, sizes: Mapping[str, int | None]) -> Iterator[dict[str, Any]]:
    """List the files of a bundle, texts first; cards, Croissant files and licenses have one row each.

    Args:
        material: what there is to tell.
        sizes: the texts that describe the bundle, by their path, with their bytes where they are known.

    Yields:
        `path`, `holds`, `size` (None where it is not known) and `license` of each.
    """
    facts = material.facts
    documents = facts.licenses["components"]["documentation"]["license"]
    found: dict[str, dict[str, Any]] = {}

    def add(path: str, role: str, size: int | None, license: str) -> None:
        shown = next((start for start in FOLDERS if path.startswith(start)), path)
        row = found.setdefault(shown, {"path": shown, "holds": holds(path, role), "size": 0, "license": license})
        row["size"] = None if size is None or row["size"] is None else row["size"] + size

    for path, size in sizes.items():
        add(path, "metadata", size, documents)
    for entry in facts.entries:
        add(entry.path, entry.role, entry.size, "" if entry.role == "license" else entry.license or documents)
    yield from found.values()
