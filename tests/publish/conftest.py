# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A server, a study that is ready to be released to it, the small real study, and the count of the fault matrix."""

import shutil
import sys
from pathlib import Path

import pytest
from filelock import FileLock

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "e2e"))

from publish_kit import FAILURES, RUNS, Releasing, make_folder
from study_kit import commit, make_study, snakemake

from railcrate.testing.zenodo import zenodo_server


@pytest.fixture
def server(tmp_path):
    with zenodo_server(tmp_path / "zenodo") as server:
        yield server


@pytest.fixture
def releasing(server, tmp_path):
    return Releasing(make_folder(tmp_path / "study"), server.address, server.token)


@pytest.fixture(scope="session")
def finished_study(tmp_path_factory, worker_id):
    """The small real study, run, recorded and committed; made once, for the tests of whole runs, too."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "finished-study"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            new = make_study(folder.with_name("finished-study-new"))
            snakemake(new)
            commit(new)
            new.rename(folder)
    return folder


@pytest.fixture
def real_study(finished_study, tmp_path):
    """A copy of the small real study, dates and all."""
    return shutil.copytree(finished_study, tmp_path / "real", symlinks=True)


def pytest_terminal_summary(terminalreporter):
    """Say how many releases were run under faults, and how many of them ended badly."""
    totals = {RUNS: 0, FAILURES: 0}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name in totals and getattr(report, "when", "") == "call":
                    totals[name] += value
    if totals[RUNS]:
        terminalreporter.write_line(f"releases under faults: {totals[RUNS]}, of which ended badly: {totals[FAILURES]}")
