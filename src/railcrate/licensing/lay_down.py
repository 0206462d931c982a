# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Laying the licenses down where people and tools look for them: the workflow's rule `license`.

What git keeps stands at the top: LICENSES/ with a text for each license (REUSE 3.3,
https://reuse.software/spec-3.3/), and NOTICE. What DVC keeps carries its own: a REUSE.toml
in `data/`, `models/` and `results/`, and a LICENSE beside each component.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from railcrate.licensing.catalogue import text
from railcrate.licensing.entry import License
from railcrate.licensing.judge import Verdict
from railcrate.licensing.notice import license_file, notice
from railcrate.licensing.own import FOLDER, OwnLicense
from railcrate.licensing.registries import citation, hugging_face, ro_crate, zenodo
from railcrate.licensing.resolve import Resolution, as_json, resolve
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import write_json, write_text
from railcrate.study.grid import experiments
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
        for name in used(resolution):
            file = folder / "LICENSES" / f"{name}.txt"
            if not file.exists():  # a text that is there is the author's
                write_text(file, text_of(folder, resolution.judge.find(name)))
        write_text(folder / "NOTICE", notice(study, resolution))
        for verdict in resolution.verdicts:
            beside = license_path(verdict)
            if beside is not None:
                texts = [(name, text_of(folder, resolution.judge.find(name))) for name in _ids(resolution, verdict)]
                write_text(folder / beside, license_file(verdict, resolution, texts))
        for top, content in reuse_files(study, resolution).items():
            write_text(folder / top / "REUSE.toml", content)
        write_json(folder / paths.LICENSES, _for_machines(resolution))


def used(resolution: Resolution) -> list[str]:
    """Name the licenses whose texts go along: those that any published component carries."""
    found = [name for verdict in resolution.published for name in _ids(resolution, verdict)]
    return sorted(dict.fromkeys(found))


def text_of(folder: Path, license: License) -> str:
    """Give a license's text: from the catalogue, from the study, or, for a vendor's, where it can be read.

    Args:
        folder: the study's folder.
        license: the license.

    Returns:
        The text; of a license whose text only its licensor gives, and that is not in
        `config/licenses` yet, a few lines that say where it is.
    """
    if isinstance(license, OwnLicense) and license.file:
        return (folder / license.file).read_text(encoding="utf-8")
    if license.text is not None:
        return text(license.id)
    own = folder / FOLDER / f"{license.id}.txt"
    if own.is_file():
        return own.read_text(encoding="utf-8")
    if license.upstream is None:
        return f"{license.name}\n\n{license.note or ''}\n"
    return (
        f"{license.name}\n\nThis is not its text. The text is at\n{license.upstream}\n"
        f"`railcrate license text {license.id} --fetch {FOLDER}` puts it beside the study.\n"
    )


def license_path(verdict: Verdict) -> str | None:
    """Give the path of the LICENSE beside a component; None for code and documentation, and what is elsewhere."""
    part = verdict.component
    group, _, name = part.id.partition(".")
    if not part.published or group not in ("sources", "variants", "weights"):
        return None
    return paths.license_beside(group, name)


def reuse_files(study: Study, resolution: Resolution) -> dict[str, str]:
    """Write the REUSE.toml of each folder that DVC keeps.

    Args:
        study: the configuration.
        resolution: the resolution.

    Returns:
        Content by folder: `data`, `models`, `results`.
    """
    authors = [creator.name for creator in study.creators]
    licenses = {verdict.component.id: verdict.component.license for verdict in resolution.verdicts}
    found: dict[str, list[str]] = {"data": [], "models": [], "results": []}
    found["data"].append(_annotation(["*", "tokenizers/**", "blocks/**"], authors, study.licenses.data))
    for name, source in study.sources.items():
        where = [f"raw/{name}/**", f"raw/{name}.*"]
        found["data"].append(_annotation(where, [source.citation], licenses[f"sources.{name}"]))
    for name in study.recipes:
        found["data"].append(_annotation([f"variants/{name}/**"], authors, licenses[f"variants.{name}"]))
        blocks = [f"blocks/{model}/{name}.*" for model in study.models]
        found["data"].append(_annotation(blocks, authors, licenses[f"variants.{name}"]))
    found["models"].append(_annotation(["*"], authors, study.licenses.weights))
    for part, globs in _weights(study):
        found["models"].append(_annotation(globs, authors, licenses[part]))
    for name, model in study.models.items():
        if (base := getattr(model, "base", None)) is not None:
            found["models"].append(
                _annotation([f"bases/{name}/**", f"bases/{name}.*"], [base.citation or name], base.license)
            )
    found["results"].append(_annotation(["**"], authors, study.licenses.documentation))
    return {top: "version = 1\n\n" + "\n".join(parts) for top, parts in found.items()}


def _weights(study: Study) -> Iterator[tuple[str, list[str]]]:
    """The globs of each set of weights, by component."""
    pairs = dict.fromkeys((cell.model, cell.variant) for cell in experiments(study) if cell.variant is not None)
    for model, variant in pairs:
        yield (
            f"weights.{model}.{variant}",
            [f"weights/{model}.{variant}.seed*/**", f"weights/{model}.{variant}.LICENSE"],
        )


def _annotation(globs: list[str], copyrights: list[str], expression: str) -> str:
    """One table of a REUSE.toml. JSON's strings and lists are TOML's, too."""
    lines = [" ".join(text.split()) for text in copyrights]
    return (
        "[[annotations]]\n"
        f"path = {json.dumps(globs, ensure_ascii=False)}\n"
        'precedence = "override"\n'
        f"SPDX-FileCopyrightText = {json.dumps(lines, ensure_ascii=False)}\n"
        f"SPDX-License-Identifier = {json.dumps(expression)}\n"
    )


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
