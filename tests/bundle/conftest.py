# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A copy of the small real study, and a study of people, made once for all of pytest's workers."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bundle_kit import give_people
from study_kit import commit, snakemake


@pytest.fixture
def study(finished_study, tmp_path):
    """A copy of the finished study, dates and all."""
    return shutil.copytree(finished_study, tmp_path / "study", symlinks=True)


@pytest.fixture(scope="session")
def peoples_study(finished_study, shared):
    """The study as persons would have it: with names, a repository, something withheld, something elsewhere."""

    def make(folder):
        shutil.copytree(finished_study, folder, symlinks=True)
        give_people(folder)
        snakemake(folder)
        commit(folder)

    return shared("peoples-study", make)


@pytest.fixture
def people(peoples_study, tmp_path):
    """A copy of the study of people."""
    return shutil.copytree(peoples_study, tmp_path / "study", symlinks=True)
