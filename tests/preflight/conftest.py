# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A small study's configuration, and the small real study before and after its run."""

import contextlib
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "e2e"))
sys.path.insert(0, str(Path(__file__).parent.parent / "ledger"))

from study_kit import make_study

from railcrate.preflight import tasks
from railcrate.study.load import load_study


@pytest.fixture(scope="session")
def laid_out(shared):
    """The small real study before its first run, whose tasks were looked at once; not to be changed."""

    def make(folder):
        make_study(folder)
        with contextlib.chdir(folder):
            study = load_study(folder)
            tasks.finish(folder, study, tasks.start(folder, study))

    return shared("new-study", make)


@pytest.fixture
def new_study(laid_out, tmp_path, monkeypatch):
    """A copy of it, which is the current folder."""
    folder = shutil.copytree(laid_out, tmp_path / "study", symlinks=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def done_study(finished_study, laid_out, tmp_path, monkeypatch):
    """A copy of the small real study after its run, which is the current folder."""
    folder = shutil.copytree(finished_study, tmp_path / "study", symlinks=True)
    shutil.copy(laid_out / tasks.MEMORY, folder / tasks.MEMORY)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Whatever the machine's own shell has set must not decide."""
    for name in (
        "RAILCRATE_MIRROR",
        "HF_ENDPOINT",
        "HF_TOKEN",
        "HF_HUB_OFFLINE",
        "ZENODO_API_TOKEN",
        "RAILCRATE_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
