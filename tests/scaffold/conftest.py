# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A person with a name, a home without settings, and an empty folder."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

PERSON = "[user]\n\tname = Jane Doe\n\temail = jane@example.org\n"


@pytest.fixture
def person(tmp_path_factory, monkeypatch):
    """The settings of a person that git knows; of nobody else's."""
    home = tmp_path_factory.mktemp("home")
    (home / "gitconfig").write_text(PERSON)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def place(person, tmp_path, monkeypatch):
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
