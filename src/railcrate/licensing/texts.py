# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The words of the licenses of a study: the catalogue's, the study's own, and what came with a base."""

from __future__ import annotations

from pathlib import Path

from railcrate.licensing.catalogue import text
from railcrate.licensing.entry import License
from railcrate.licensing.own import FOLDER, OwnLicense
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.grid import base_of

POINTER = "This is not its text."


def text_of(folder: Path, study: Study, license: License) -> str:
    """Give a license's text: from the catalogue, from the study, or, for a vendor's, as it came with a base.

    Args:
        folder: the study's folder.
        study: the configuration.
        license: the license.

    Returns:
        The text; of a license whose text only its licensor gives, and that neither came with a
        base nor lies in `config/licenses`, a few lines that say where it is.
    """
    if isinstance(license, OwnLicense) and license.file:
        return (folder / license.file).read_text(encoding="utf-8")
    if license.text is not None:
        return text(license.id)
    own = folder / FOLDER / f"{license.id}.txt"
    came = [file for model in bases_of(study, license.id) for file in _beside_base(folder, model, "LICENSE")]
    for file in (own, *came):
        if file.is_file():
            return file.read_text(encoding="utf-8", errors="replace")
    if license.upstream is None:
        return f"{license.name}\n\n{license.note or ''}\n"
    return (
        f"{license.name}\n\n{POINTER} The text is at\n{license.upstream}\n"
        f"`railcrate license text {license.id} --fetch {FOLDER}` puts it beside the study.\n"
    )


def bases_of(study: Study, identifier: str | None = None) -> list[str]:
    """Name the models that start from a base, or those whose base stands under one license."""
    bases = {model: base_of(study, model) for model in study.models}
    return [model for model, base in bases.items() if base is not None and identifier in (None, base.license)]


def is_here(folder: Path, study: Study, license: License) -> bool:
    """Tell whether the words of a license are at hand, so that they can be handed on."""
    return POINTER not in text_of(folder, study, license)


def base_notices(folder: Path, study: Study) -> dict[str, str]:
    """Read the NOTICE files that came with bases, which are handed on with what is made of them, by model."""
    found = {model: _beside_base(folder, model, "NOTICE") for model in bases_of(study)}
    return {
        model: "\n".join(file.read_text(encoding="utf-8", errors="replace").strip() for file in files)
        for model, files in found.items()
        if files
    }


def _beside_base(folder: Path, model: str, name: str) -> list[Path]:
    return sorted(file for file in (folder / paths.base_folder(model)).glob(f"{name}*") if file.is_file())
