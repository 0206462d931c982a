# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A server, and a client that sends exactly what a test says."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from zenodo_kit import Client

from railcrate.testing.zenodo import zenodo_server


@pytest.fixture
def server(tmp_path):
    with zenodo_server(tmp_path / "state") as server:
        yield server


@pytest.fixture
def client(server):
    with Client(server.address, server.token) as client:
        yield client


@pytest.fixture
def stranger(server):
    """Somebody without a token."""
    with Client(server.address, None) as client:
        yield client
