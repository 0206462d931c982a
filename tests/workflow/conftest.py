# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The workflow as snakedeploy lays it down from a release."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from deploy_kit import ADDRESS, TAG, publish, run


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The environment in which this repository is at its public address."""
    return publish(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def deployed(world, tmp_path_factory):
    """The folder into which snakedeploy has deployed the workflow."""
    folder = tmp_path_factory.mktemp("deployed")
    run(folder, world, "snakedeploy", "deploy-workflow", ADDRESS, ".", "--tag", TAG)
    return folder
