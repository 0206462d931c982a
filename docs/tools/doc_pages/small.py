# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study made small, so that a test runs in seconds what takes its reader minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from doc_pages.states import command
from doc_pages.studies import merge_file
from railcrate.study import paths

TOKENS = 2048
DOCUMENTS, TESTS = 60, 6  # generated at most: of text to train on, of each kind to test with


def make_small(folder: Path) -> None:
    """Let a study train on little, generate little and ask little; it is committed where git keeps it.

    How many experiments there are stays as it is, so that what is printed of them is what a reader sees.

    Args:
        folder: the study's folder.
    """
    file = folder / paths.CONFIG
    study: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    training = study.get("training") or {}
    little = {
        "tokens": TOKENS, "block_length": min(64, training.get("block_length", 64)), "batch_size": 2, "checkpoints": 2,
        "log_every": 8,
    }  # fmt: skip
    part: dict[str, Any] = {
        # A key more than the study has would be one more in its dvc.yaml, too.
        "training": {key: value for key, value in little.items() if key in training},
        "sources": {name: _less(source) for name, source in study["sources"].items()},
    }
    merge_file(file, part)
    if (folder / ".git").exists():
        command(folder, "git", "commit", "--quiet", "--message", "Make it small", "--", paths.CONFIG)


def _less(source: dict[str, Any]) -> dict[str, Any]:
    """A source that generates less; others stay as they are."""
    parameters = dict(source.get("parameters") or {})
    documents = TESTS if parameters.get("part") == "tests" else DOCUMENTS
    for key, most in (("documents", documents), ("pairs_each", TESTS)):
        if key in parameters:
            parameters[key] = min(parameters[key], most)
    return {**source, "parameters": parameters} if parameters else source
