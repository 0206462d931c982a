# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study with any sources, in a folder of its own, and the servers that they may come from."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.servers.files import file_server
from tests.servers.hub import hub_server

from railcrate.study.config import Study


def study_of(**sources) -> Study:
    """A study with these sources."""
    terms = {"license": "CC0-1.0", "citation": "nobody"}
    return Study.model_validate(
        {
            "title": "Sources",
            "abstract": "Do they come?",
            "creators": [{"name": "Doe, Jane"}],
            "sources": {name: {**terms, **source} for name, source in sources.items()},
            "recipes": {"raw": {"from": list(sources)}},
            "models": {"tiny": {"kind": "pretrained", "base": {"path": "base", "license": "CC0-1.0"}}},
            "benchmarks": {"quiz": {"tasks": ["*"], "path": "tasks"}},
        }
    )


@pytest.fixture
def make_study():
    return study_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The study's folder: jobs run in it, without a mirror and without long pauses."""
    (tmp_path / "study").mkdir()
    monkeypatch.chdir(tmp_path / "study")
    monkeypatch.delenv("RAILCRATE_MIRROR", raising=False)
    monkeypatch.setenv("RAILCRATE_RETRY_PAUSE", "0.01")
    return tmp_path / "study"


@pytest.fixture
def files():
    with file_server() as server:
        yield server


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch):
    with hub_server() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server
