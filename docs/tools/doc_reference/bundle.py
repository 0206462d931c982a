# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/bundle.md: the files of a bundle, how large it may be, and the keys of its manifest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel

from doc_reference import kinds, markdown
from doc_reference.markdown import code, entry, escape, sentence
from railcrate.bundle.contents import FILES, FOLDERS, ROLES
from railcrate.bundle.layout import ARCHIVES, CARDS_ARCHIVE, CARDS_AT_MOST, LARGE, MOST_BYTES, MOST_FILES
from railcrate.bundle.manifest import FORMAT, MANIFEST, Manifest, Role
from railcrate.study import units
from railcrate.study.config import Study

ORIGIN = "src/railcrate/bundle"

INTRODUCTION = """\
A bundle is a study in a folder, ready to publish: an [RO-Crate](https://www.researchobject.org/ro-crate/) of a few files with everything in it. [`railcrate bundle`](commands.md#railcrate-bundle) makes it, and [`railcrate release`](commands.md#railcrate-release) makes and publishes it. [Publishing](../publishing.md) tells what stops it.\
"""  # noqa: E501


def page() -> str:
    """Write the page.

    Returns:
        Its text.
    """
    part = Study.model_fields["release"].get_default().part_gigabytes
    plain = {path: text for path, text in FILES.items() if path != CARDS_ARCHIVE}
    archives = {f"{role}.zip": ROLES[role] for role in ARCHIVES}
    rows = [(code(path), escape(text)) for path, text in {**plain, **archives, **FOLDERS}.items()]
    return markdown.page(
        "Bundle",
        ORIGIN,
        INTRODUCTION,
        "## Files",
        markdown.table(["file", "what it holds"], rows),
        f"The path of a file in an archive is its path in the study. A file of {_binary(LARGE)} or more lies beside "
        "the archives, at its own path. The [manifest](#manifest) names the license of each.",
        "## Size",
        f"At most {MOST_FILES} files and {units.size(MOST_BYTES)}, which is what a record at Zenodo takes. More than "
        f"{CARDS_AT_MOST} cards and Croissant files go into {code(CARDS_ARCHIVE)}.",
        f"An archive that would be larger than `release.part_gigabytes` ({part:g} by default) is split into "
        "`data-1.zip`, `data-2.zip` and so on; a larger file is cut into parts, which joined in order are the file.",
        "## Manifest",
        f"{code(MANIFEST)} is written last, so a bundle with a manifest is whole. Its format is {code(FORMAT)}. "
        f"Roles of files are {', '.join(code(role) for role in get_args(Role))}.",
        *_keys("manifest", Manifest),
    )


def _binary(size: int) -> str:
    return f"{size >> 20} MiB"


def _keys(at: str, model: type[BaseModel], level: int = 0) -> Iterator[str]:
    """The keys of a part of the manifest."""
    for name, field in model.model_fields.items():
        models = kinds.models_in(field.annotation)
        said = kinds.words(field.annotation, tuple(field.metadata))
        nullable = "or `null`" if type(None) in get_args(field.annotation) else ""
        nested = [text for inner in models for text in _keys(f"{at}.{name}", inner, level + 1)]
        text = sentence(escape(field.description or ""))
        yield entry(
            f"{at}.{name}",
            name,
            [" ".join(part for part in (said, nullable) if part)],
            text,
            level=level,
            nested=nested,
        )
