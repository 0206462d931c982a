# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The documentation: its tools, the states that pages begin with, and the site."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "docs" / "tools"))


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def states(shared, request):
    """Where pages begin; each state is made when the first page asks for it."""
    from doc_pages.states import States

    kept = shared("page-states", lambda folder: folder.mkdir())
    return States(kept, lambda: request.getfixturevalue("finished_study"))


@pytest.fixture(scope="session")
def site(shared):
    """The site, built strictly: every link on it leads somewhere."""

    def build(folder):
        done = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
            cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    return shared("site", build)
