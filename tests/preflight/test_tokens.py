# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which tokens are there is told; what they are is not, whatever one asks and whatever goes wrong."""

from __future__ import annotations

import secrets

import pytest
from preflight_kit import railcrate

from railcrate.preflight import tokens

PART = 5  # characters of a token that must not be seen in a row
VARIABLES = ("ZENODO_API_TOKEN", "ZENODO_SANDBOX_API_TOKEN", "RAILCRATE_TOKEN", "HF_TOKEN")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home without anything."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (*VARIABLES, "HUGGING_FACE_HUB_TOKEN", "HF_HOME", "HF_TOKEN_PATH", "PYSTOW_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def parts_of(token):
    return {token[start : start + PART] for start in range(len(token) - PART + 1)}


def test_none(home):
    (found,) = tokens.look()
    assert (found.state, found.facts) == ("ok", {"there": []})


def test_in_the_environment(home, monkeypatch):
    for name in VARIABLES:
        monkeypatch.setenv(name, secrets.token_hex(20))
    (found,) = tokens.look()
    assert found.facts["there"] == ["Zenodo", "Zenodo's sandbox", "another server", "the Hugging Face hub"]
    assert "for Zenodo, in the environment" in found.text
    assert all(name in found.detail for name in VARIABLES)


def test_in_files(home, monkeypatch):
    config = home / ".config" / "zenodo.ini"
    config.parent.mkdir()
    config.write_text(f"[zenodo]\napi_token = {secrets.token_hex(20)}\n")
    hub = home / ".cache" / "huggingface" / "token"
    hub.parent.mkdir(parents=True)
    hub.write_text(f"hf_{secrets.token_hex(20)}\n")
    monkeypatch.setenv("PYSTOW_CONFIG_HOME", str(config.parent))
    (found,) = tokens.look()
    assert found.facts["there"] == ["Zenodo", "the Hugging Face hub"]
    assert "in zenodo-client's file" in found.text
    assert str(home) not in found.text


def test_what_cannot_be_a_token(home, monkeypatch):
    monkeypatch.setenv("ZENODO_API_TOKEN", "my secret token")
    found = tokens.look()
    assert [finding.state for finding in found] == ["ok", "warning"]
    assert "secret" not in f"{found}"


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_no_command_shows_a_part_of_one(home, words):
    values = {name: secrets.token_hex(20) for name in VARIABLES} | {
        "https_proxy": f"http://jane:{secrets.token_hex(9)}@h"
    }
    values["ZENODO_SANDBOX_API_TOKEN"] = f"{secrets.token_hex(9)} {secrets.token_hex(9)}"  # with a space: none
    done = railcrate(home, "doctor", "--offline", *words, HOME=str(home), **values)
    shown = done.stdout + done.stderr
    assert "Zenodo" in shown
    for value in values.values():
        for token in value.removeprefix("http://jane:").split():
            assert not [part for part in parts_of(token) if part in shown and part not in "http://jane:@h"]
