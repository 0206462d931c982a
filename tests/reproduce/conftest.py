# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The small real study, finished, and its bundle; a server of records, at which DOIs are resolved."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from reproduce_kit import small_bundle

from railcrate.testing.zenodo import zenodo_server


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    """Nobody waits between two attempts, and nothing is looked for outside the test."""
    monkeypatch.setenv("RAILCRATE_RETRY_PAUSE", "0")
    monkeypatch.delenv("RAILCRATE_MIRROR", raising=False)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server of records; DOIs are resolved there."""
    with zenodo_server(tmp_path / "zenodo") as running:
        monkeypatch.setenv("RAILCRATE_DOI_RESOLVER", f"{running.address}/doi")
        yield running


@pytest.fixture
def bundle(tmp_path):
    """A small bundle without a ledger, in a folder."""
    return small_bundle().write(tmp_path / "bundle")


@pytest.fixture(scope="session")
def published_study(finished_bundle):
    """The bundle of the finished study, in a folder; not to be changed."""
    return finished_bundle


@pytest.fixture
def study(finished_study, tmp_path):
    """A copy of the finished study, dates and all."""
    return shutil.copytree(finished_study, tmp_path / "study", symlinks=True)
