# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
import yaml

SOURCE = {"type": "local", "path": "a.txt", "license": "CC0-1.0", "citation": "Doe 2026"}
STUDY = {
    "title": "A study",
    "abstract": "What is asked.",
    "creators": [{"name": "Doe, Jane"}],
    "sources": {"speeches": SOURCE},
    "recipes": {"raw": {"from": ["speeches"]}},
    "tokenizers": {"shared": {"train_on": "raw"}},
    "models": {"small": {"kind": "scratch", "tokenizer": "shared", "architecture": {"model_type": "llama"}}},
    "benchmarks": {"pairs": {"tasks": ["*"], "path": "tasks"}},
}


@pytest.fixture
def study_folder(tmp_path, monkeypatch):
    """A function that writes a study with some keys changed, and gives its folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "t.yaml").write_text("pairs: tests.jsonl\n")
    (tmp_path / "a.txt").write_text("words\n")

    def write(**changes) -> Path:
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / "study.yaml").write_text(yaml.safe_dump({**STUDY, **changes}, sort_keys=False))
        return tmp_path

    return write


def source(license: str, **more: object) -> dict[str, object]:
    return {**SOURCE, "license": license, **more}
