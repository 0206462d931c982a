# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: which belong to a run, and which of them are whole."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from railcrate.study.files import read_json, write_json
from railcrate.study.fingerprint import fingerprint
from railcrate.study.records import versions

RESTS_ON = "rests_on.json"
# Trainer writes this file of a checkpoint last: with it, the checkpoint is whole.
LAST_FILE = "trainer_state.json"
DECIDING = ("torch", "transformers", "accelerate", "peft")
DECIDING_CODE = ("train.py", "schedule.py", "build.py", "objective.py", "kinds.py", "resume.py")
HERE = Path(__file__).parent


def prepare_checkpoints(folder: Path, rests_on: Mapping[str, Any]) -> None:
    """Make a run's folder for checkpoints; throw away those of another run.

    Args:
        folder: the folder.
        rests_on: what the weights follow from: data, settings, seed. The versions of the
            libraries and the code of the training are added here: a run that goes on under
            another version ends with bytes that no whole run would give.
    """
    found = versions()
    wanted = {
        **rests_on,
        "versions": {name: found[name] for name in DECIDING if name in found},
        "code": fingerprint(HERE / name for name in DECIDING_CODE),
    }
    wanted = json.loads(json.dumps(wanted))
    note = folder / RESTS_ON
    if _read(note) != wanted:
        shutil.rmtree(folder, ignore_errors=True)
    write_json(note, wanted)


def last_checkpoint(folder: Path) -> Path | None:
    """Give the newest whole checkpoint of a run, and remove those that are not whole.

    Args:
        folder: the run's folder for checkpoints.

    Returns:
        Its folder; None when there is none.
    """
    found: list[tuple[int, Path]] = []
    for path in folder.glob("checkpoint-*"):
        step = re.fullmatch(r"checkpoint-(\d+)", path.name)
        if step is None or _read(path / LAST_FILE) is None:
            shutil.rmtree(path)
        else:
            found.append((int(step[1]), path))
    return max(found)[1] if found else None


def _read(path: Path) -> Any:
    """A JSON file's content; None when it is not there or was cut off."""
    try:
        return read_json(path)
    except (OSError, ValueError):
        return None
