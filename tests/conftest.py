# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The small real study, finished, and its bundle: made once for all tests, and for all of pytest's workers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

sys.path.insert(0, str(Path(__file__).parent / "e2e"))
# pytest-xdist gives its workers a width; commands that tests call would fold their messages to it.
os.environ.pop("COLUMNS", None)

from study_kit import commit, make_study, snakemake

# What the tests of releases under faults count (tests/publish/publish_kit.py).
RUNS, FAILURES = "fault runs", "fault failures"
# What the tests of the template count (tests/scaffold/test_pairwise.py).
STUDIES = "studies of the template"


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


@pytest.fixture(scope="session")
def finished_bundle(finished_study, shared):
    """A bundle of the study, without a release; not to be changed."""
    from railcrate.bundle.build import build
    from railcrate.study.load import load_study

    return shared("finished-bundle", lambda folder: build(finished_study, load_study(finished_study), folder))


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium without a screen, which logs what a page says and asks for."""
    from selenium import webdriver

    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no browser: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for switch in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(driver)) as opened:
        yield opened


@pytest.fixture
def disk_of(tmp_path):
    """A disk of its own: `disk_of(size)` makes one, such as of "2m", and gives its folder."""
    folder = tmp_path / "disk"

    def made(size):
        folder.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
        if subprocess.run(words, capture_output=True, check=False).returncode:
            folder.rmdir()
            pytest.skip("only root can make a small disk (mount -t tmpfs)")
        return folder

    yield made
    if folder.is_dir():
        subprocess.run(["umount", "--lazy", folder], check=True)


def pytest_terminal_summary(terminalreporter):
    """Say how many releases were run under faults, how many of them ended badly, and how many studies were made."""
    totals = {RUNS: 0, FAILURES: 0, STUDIES: 0}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name in totals and getattr(report, "when", "") == "call":
                    totals[name] += value
    if totals[RUNS]:
        terminalreporter.write_line(f"releases under faults: {totals[RUNS]}, of which ended badly: {totals[FAILURES]}")
    if totals[STUDIES]:
        terminalreporter.write_line(f"studies of the template, every pair of answers in one of them: {totals[STUDIES]}")
