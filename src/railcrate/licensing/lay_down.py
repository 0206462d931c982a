# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Laying the licenses down where people and tools look for them: the workflow's rule `license`.

What git keeps stands at the top: LICENSES/ with a text for each license (REUSE 3.3,
https://reuse.software/spec-3.3/), NOTICE, and a REUSE.toml where there is none. What DVC
keeps carries its own: a REUSE.toml in `data/`, `models/` and `results/`, and a LICENSE beside
each component.
"""

from __future__ import annotations

from pathlib import Path

from railcrate.licensing.catalogue import text
from railcrate.licensing.entry import License
from railcrate.licensing.judge import Verdict
from railcrate.licensing.notice import license_file, notice
from railcrate.licensing.own import FOLDER, OwnLicense
from railcrate.licensing.registries import citation, hugging_face, ro_crate, zenodo
from railcrate.licensing.resolve import Resolution, as_json, resolve
from railcrate.licensing.reuse_files import OURS, reuse_files, reuse_toml, top_reuse_file
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import write_json, write_text
from railcrate.study.grid import base_of
from railcrate.study.records import job_record

POINTER = "This is not its text."


def lay_down(folder: Path, study: Study) -> None:
    """Write everything that states a license; conflicts are written, too, and stop nothing here.

    Args:
        folder: the study's folder.
        study: the configuration.

    Raises:
        LicenseError: when a license is malformed, unknown or damaged.
    """
    with job_record(folder, "license", "all"):
        resolution = resolve(folder, study)
        for name in used(resolution):
            _lay_text(folder, study, resolution.judge.find(name))
        write_text(folder / "NOTICE", notice(study, resolution, base_notices(folder, study)))
        files = reuse_files(study, resolution)
        top = folder / "REUSE.toml"
        if not top.exists() or top.read_text(encoding="utf-8").startswith(OURS):
            write_text(top, top_reuse_file(study, files))
        for verdict in resolution.verdicts:
            beside = license_path(verdict)
            if beside is not None:
                texts = [
                    (name, text_of(folder, study, resolution.judge.find(name))) for name in _ids(resolution, verdict)
                ]
                write_text(folder / beside, license_file(verdict, resolution, texts))
        for inside, tables in files.items():
            write_text(folder / inside / "REUSE.toml", reuse_toml(tables))
        write_json(folder / paths.LICENSES, _for_machines(resolution))


def _lay_text(folder: Path, study: Study, license: License) -> None:
    """Put a license's text into LICENSES/, unless one is there that the author has put there."""
    file = folder / "LICENSES" / f"{license.id}.txt"
    ours = isinstance(license, OwnLicense) or (file.exists() and POINTER in file.read_text(encoding="utf-8"))
    if ours or not file.exists():
        write_text(file, text_of(folder, study, license))


def used(resolution: Resolution) -> list[str]:
    """Name the licenses whose texts go along: those that any published component carries."""
    found = [name for verdict in resolution.published for name in _ids(resolution, verdict)]
    return sorted(dict.fromkeys(found))


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


def license_path(verdict: Verdict) -> str | None:
    """Give the path of the LICENSE beside a component; None for code, documentation, and others' weights."""
    part = verdict.component
    group, _, name = part.id.partition(".")
    if group not in ("sources", "variants", "weights") or (group == "weights" and not part.made_here):
        return None
    return paths.license_beside(group, name)


def _ids(resolution: Resolution, verdict: Verdict) -> list[str]:
    """The licenses that a component carries, each once."""
    choices = resolution.judge.choices(verdict.component.license)
    return list(dict.fromkeys(license.id for licenses in choices for license in licenses))


def _for_machines(resolution: Resolution) -> dict[str, object]:
    content = as_json(resolution)
    for verdict in resolution.verdicts:
        licenses = [license for choice in resolution.judge.choices(verdict.component.license) for license in choice]
        content["components"][verdict.component.id] |= {
            "hugging_face": hugging_face(licenses),
            "zenodo": zenodo(licenses),
            "citation": citation(licenses),
            "ro_crate": ro_crate(licenses),
        }
    return content
