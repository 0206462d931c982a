# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Studies for the ledger's tests: finished, and new."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledger_kit import commit, make_study, snakemake


@pytest.fixture(scope="session")
def finished_study(tmp_path_factory):
    """The study, run and recorded; not to be changed."""
    folder = make_study(tmp_path_factory.mktemp("finished") / "study")
    snakemake(folder)
    commit(folder)
    return folder


@pytest.fixture
def study(finished_study, tmp_path):
    """A copy of the finished study, dates and all."""
    return shutil.copytree(finished_study, tmp_path / "study", symlinks=True)


@pytest.fixture
def new_study(tmp_path):
    """The study before its first run."""
    return make_study(tmp_path / "study")
