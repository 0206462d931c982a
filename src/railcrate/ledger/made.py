# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a stage has made under `dvc repro`, by content.

DVC moves a stage's outputs into its cache as soon as the stage has ended, and lays copies or
links in their place. Their dates are then no longer those of their jobs' ends, by which one
could tell that nobody has changed them since. So their hashes are noted before DVC comes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from railcrate.ledger.archive import read_memory
from railcrate.ledger.stages import stages_of
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import sha256_file, write_json

MADE = f"{paths.STATE}/made.json"


def note_stage(folder: Path, study: Study, name: str) -> None:
    """Note what a stage's outputs hold, of those that are as their jobs left them.

    Args:
        folder: the study's folder.
        study: its configuration.
        name: the stage's name; one that the study does not have has nothing to note.
    """
    note(folder, [target for stage in stages_of(folder, study) if stage.name == name for target in stage.targets])


def note(folder: Path, targets: Iterable[str]) -> None:
    """Note what outputs hold, of those that are as their jobs left them.

    Args:
        folder: the study's folder.
        targets: the outputs, relative to it.
    """
    notes = read_notes(folder)
    for target in targets:
        memory, path = read_memory(folder, target), folder / target
        if memory is not None and path.is_file() and path.stat().st_mtime == memory.get("endtime"):
            notes[target] = {"memory": memory, "sha256": sha256_file(path)}
    write_json(folder / MADE, notes)


def read_notes(folder: Path) -> dict[str, Any]:
    """Read the notes.

    Args:
        folder: the study's folder.

    Returns:
        For each noted output Snakemake's memory of it and its sha256; empty where nothing
        was noted, or the file is damaged: what it knew is then made anew.
    """
    try:
        content = json.loads((folder / MADE).read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def is_as_made(folder: Path, notes: Mapping[str, Any], output: str, memory: Mapping[str, Any]) -> bool:
    """Tell whether an output is what was noted when its job had ended.

    Args:
        folder: the study's folder.
        notes: the notes.
        output: the output, relative to the folder.
        memory: Snakemake's present memory of it: that of the same job, if this is to be so.

    Returns:
        Whether job and content are those that were noted.
    """
    known = notes.get(output)
    return known is not None and known["memory"] == memory and known["sha256"] == sha256_file(folder / output)


def forget_notes(folder: Path) -> None:
    """Drop the notes: what was noted is now in the ledger.

    Args:
        folder: the study's folder.
    """
    (folder / MADE).unlink(missing_ok=True)
