# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""An assessment in the file format of the Model Openness Tool (https://github.com/lfai/model_openness_tool).

One YAML file for one model: the framework, the release, and the components that are there,
each with its license. What is not there is left out, for the tool counts what it finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from railcrate.openness.facts import Status
from railcrate.openness.framework import frameworks
from railcrate.openness.judge import assess
from railcrate.openness.subject import subject_of
from railcrate.openness.words import together
from railcrate.study.config import Study
from railcrate.study.files import write_text
from railcrate.study.grid import base_of

MOF = "mof-1.0"
_FORMAT_DATE = date(2024, 12, 15)  # of the framework's version, as the tool's own files state it


def export_mot(folder: Path, study: Study, target: Path) -> None:
    """Write a study's components for the Model Openness Tool.

    Args:
        folder: the study's folder.
        study: the configuration.
        target: the file to write.

    Raises:
        OSError: when it cannot be written.
    """
    text = yaml.safe_dump(mot(folder, study), sort_keys=False, allow_unicode=True)
    write_text(target, text)


def mot(folder: Path, study: Study) -> dict[str, Any]:
    """Describe a study as the Model Openness Tool does.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        The content of the tool's file.
    """
    names = [creator.name for creator in study.creators]
    bases = {model: base_of(study, model) for model in study.models}
    origin = [base.repository or base.path or name for name, base in bases.items() if base is not None]
    return {
        "framework": {"name": "Model Openness Framework", "version": "1.0", "date": _FORMAT_DATE.isoformat()},
        "release": {
            "name": study.title,
            "version": study.release.version,
            "type": "language",
            "architecture": "transformer",
            "treatment": "pre-trained",
            "origin": ", ".join(origin),
            "producer": "; ".join(names),
            "license": {
                "code": {"name": study.licenses.code, "path": ""},
                "data": {"name": study.licenses.data, "path": ""},
                "document": {"name": study.licenses.documentation, "path": ""},
            },
            "components": list(_components(folder, study)),
        },
    }


def _components(folder: Path, study: Study) -> Iterator[dict[str, str]]:
    """The components that are there, also those whose terms do not count."""
    subject = subject_of(folder, study)
    found = assess(subject, frameworks()[MOF])
    licenses = {
        "code": study.licenses.code, "data": study.licenses.data, "weights": study.licenses.weights,
        "documentation": study.licenses.documentation,
    }  # fmt: skip
    for finding in found.findings.values():
        if finding.status in (Status.MET, Status.PARTLY):
            yield {
                "name": finding.criterion.title,
                "description": together(finding.because),
                "license": licenses[finding.criterion.component],
            }
