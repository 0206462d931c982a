# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The small real study: finished, and new."""

import shutil
import sys
from pathlib import Path

import pytest
from filelock import FileLock

sys.path.insert(0, str(Path(__file__).parent))

from study_kit import commit, make_study, snakemake


@pytest.fixture(scope="session")
def finished_study(tmp_path_factory, worker_id):
    """The study, run, recorded and committed; not to be changed. It is made once for all of pytest's workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "finished-study"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            new = make_study(folder.with_name("new-study"))
            snakemake(new)
            commit(new)
            new.rename(folder)
    return folder


@pytest.fixture
def study(finished_study, tmp_path):
    """A copy of the finished study, dates and all."""
    return shutil.copytree(finished_study, tmp_path / "study", symlinks=True)


@pytest.fixture
def new_study(tmp_path):
    """The study before its first run."""
    return make_study(tmp_path / "study")
