# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Laying the licenses down where people and tools look for them: the workflow's rule `license`.

What git keeps stands at the top: LICENSES/ with a text for each license (REUSE 3.3,
https://reuse.software/spec-3.3/), NOTICE, and a REUSE.toml where there is none. What DVC
keeps carries its own: a REUSE.toml in `data/`, `models/`, `results/` and `records/`, and a
LICENSE beside each component. So `reuse lint` passes both on what git keeps and on the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

from railcrate.licensing.judge import Verdict
from railcrate.licensing.notice import license_file, notice
from railcrate.licensing.own import FOLDER, OwnLicense
from railcrate.licensing.registries import citation, hugging_face, ro_crate, zenodo
from railcrate.licensing.resolve import Resolution, as_json, resolve
from railcrate.licensing.reuse_files import (
    LICENSE_TEXT,
    OURS,
    WORDS_OF_LICENSE_TEXT,
    Annotation,
    reuse_files,
    reuse_toml,
    top_reuse_file,
)
from railcrate.licensing.texts import POINTER, base_notices, text_of
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json, write_json, write_text
from railcrate.study.records import job_record


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
        files = lay_at_top(folder, study, resolution)
        for verdict in resolution.verdicts:
            beside = license_path(verdict)
            if beside is not None:
                carried, others = [
                    [(name, text_of(folder, study, resolution.judge.find(name))) for name in names]
                    for names in (_ids(resolution, verdict), _handed_on(resolution, verdict))
                ]
                write_text(folder / beside, license_file(verdict, resolution, carried, others))
        for inside, tables in files.items():
            target = folder / inside / "REUSE.toml"
            if inside != FOLDER or not target.exists() or target.read_text(encoding="utf-8").startswith(OURS):
                write_text(target, (OURS + "\n" if inside == FOLDER else "") + reuse_toml(tables))
        write_json(folder / paths.LICENSES, _for_machines(resolution))


def lay_at_top(folder: Path, study: Study, resolution: Resolution) -> dict[str, list[Annotation]]:
    """Write what git keeps: LICENSES/, NOTICE, and a REUSE.toml where there is none of the author's.

    Args:
        folder: the study's folder.
        study: the configuration.
        resolution: the resolution.

    Returns:
        What the REUSE.toml of each folder is to hold, for those that DVC keeps.

    Raises:
        LicenseError: when a license's text is not there.
    """
    licenses = [resolution.judge.find(name) for name in used(resolution)]
    own = {license.id for license in licenses if isinstance(license, OwnLicense)}
    _lay_texts(folder, {license.id: text_of(folder, study, license) for license in licenses}, own)
    write_text(folder / "NOTICE", notice(study, resolution, base_notices(folder, study)))
    files = reuse_files(study, resolution)
    if not any((folder / FOLDER).glob("LicenseRef-*")):
        del files[FOLDER]
    top = folder / "REUSE.toml"
    if not top.exists() or top.read_text(encoding="utf-8").startswith(OURS):
        write_text(top, top_reuse_file(study, files))
    return files


def _lay_texts(folder: Path, texts: Mapping[str, str], own: Collection[str]) -> None:
    """Put the texts of licenses into LICENSES/, and take away those that nothing is under any more.

    What the author has put there, or has changed, is left alone: this machine remembers what it
    wrote. The study's own licenses have their home in `config/licenses`, and are copied from there.
    """
    memory = folder / paths.STATE / "licenses.json"
    before: dict[str, str] = read_json(memory) if memory.is_file() else {}
    if any((folder / FOLDER).glob("LicenseRef-*")):
        texts = {**texts, LICENSE_TEXT: WORDS_OF_LICENSE_TEXT}
    for name, written in before.items():
        file = folder / "LICENSES" / f"{name}.txt"
        if name not in texts and file.is_file() and _sha256(file.read_bytes()) == written:
            file.unlink()
    laid: dict[str, str] = {}
    for name, words in texts.items():
        file = folder / "LICENSES" / f"{name}.txt"
        there = file.read_bytes() if file.is_file() else b""
        if not there or name in own or POINTER.encode() in there or before.get(name) == _sha256(there):
            write_text(file, words)
            laid[name] = _sha256(words.encode())
    write_json(memory, laid)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def used(resolution: Resolution) -> list[str]:
    """Name the licenses whose texts go along: those that any published component carries."""
    found = [name for verdict in resolution.published for name in _ids(resolution, verdict)]
    return sorted(dict.fromkeys(found))


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


def _handed_on(resolution: Resolution, verdict: Verdict) -> list[str]:
    """The licenses of what a component is made from whose texts are to be handed on with it, beside its own."""
    asked = [duty.license for duty in verdict.duties if duty.kind in ("text", "pass-on-restrictions")]
    return [name for name in dict.fromkeys(asked) if name not in _ids(resolution, verdict)]


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
