# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A server, a study that is ready to be released to it, and the small real study."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from publish_kit import Releasing, make_folder

from railcrate.testing.zenodo import zenodo_server


@pytest.fixture
def server(tmp_path):
    with zenodo_server(tmp_path / "zenodo") as server:
        yield server


@pytest.fixture
def releasing(server, tmp_path):
    return Releasing(make_folder(tmp_path / "study"), server.address, server.token)


@pytest.fixture
def real_study(finished_study, tmp_path):
    """A copy of the small real study, dates and all."""
    return shutil.copytree(finished_study, tmp_path / "real", symlinks=True)
