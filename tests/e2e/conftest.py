# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The small real study: finished, and new."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from study_kit import make_study


@pytest.fixture
def study(finished_study, tmp_path):
    """A copy of the finished study, dates and all."""
    return shutil.copytree(finished_study, tmp_path / "study", symlinks=True)


@pytest.fixture
def new_study(tmp_path):
    """The study before its first run."""
    return make_study(tmp_path / "study")
