# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The small real study, finished, its bundle, and a study of people; each made once for all of pytest's workers.

The finished study is the one that the tests of whole runs use, too.
"""

import shutil
import sys
from pathlib import Path

import pytest
from filelock import FileLock

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from bundle_kit import give_people
from study_kit import commit, make_study, snakemake


@pytest.fixture(scope="session")
def shared(tmp_path_factory, worker_id):
    """Make a folder once: `shared(name, make)`, where `make` fills the folder that it is given."""
    base = tmp_path_factory.getbasetemp()
    root = base if worker_id == "master" else base.parent

    def once(name, make):
        folder = root / name
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                new = folder.with_name(f"{name}-new")
                make(new)
                new.rename(folder)
        return folder

    return once


@pytest.fixture(scope="session")
def finished_study(shared):
    """The study, run, recorded and committed; not to be changed."""

    def make(folder):
        make_study(folder)
        snakemake(folder)
        commit(folder)

    return shared("finished-study", make)


@pytest.fixture
def study(finished_study, tmp_path):
    """A copy of the finished study, dates and all."""
    return shutil.copytree(finished_study, tmp_path / "study", symlinks=True)


@pytest.fixture(scope="session")
def finished_bundle(finished_study, shared):
    """A bundle of the study, without a release; not to be changed."""
    from railcrate.bundle.build import build
    from railcrate.study.load import load_study

    return shared("finished-bundle", lambda folder: build(finished_study, load_study(finished_study), folder))


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
