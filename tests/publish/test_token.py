# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The token: where it is found, and that nothing shows it."""

import pickle

import pystow.config_api
import pytest
import requests

from railcrate.publish.address import server_of
from railcrate.publish.errors import TokenError
from railcrate.publish.token import Token, find_token

ZENODO, SANDBOX, OTHER = server_of("zenodo"), server_of("sandbox"), server_of("https://rdm.example.org")


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(tmp_path, monkeypatch):
    for name in ("ZENODO_API_TOKEN", "ZENODO_SANDBOX_API_TOKEN", "RAILCRATE_TOKEN", "ZENODO:SANDBOX_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYSTOW_CONFIG_HOME", str(tmp_path / "config"))
    pystow.config_api._get_cfp.cache_clear()


def header(token):
    return token(requests.Request("GET", "https://x.org").prepare()).headers["Authorization"]


def test_environment_comes_first(monkeypatch):
    monkeypatch.setenv("ZENODO_API_TOKEN", " for-zenodo\n")
    monkeypatch.setenv("ZENODO_SANDBOX_API_TOKEN", "for-sandbox")
    monkeypatch.setenv("RAILCRATE_TOKEN", "for-others")
    found = [header(find_token(server)) for server in (ZENODO, SANDBOX, OTHER)]
    assert found == ["Bearer for-zenodo", "Bearer for-sandbox", "Bearer for-others"]


@pytest.mark.parametrize("text", ["[zenodo]\napi_token = real\nsandbox_api_token = play\n",
                                  "[zenodo]\napi_token = real\n[zenodo:sandbox]\napi_token = play\n"])  # fmt: skip
def test_zenodo_clients_configuration(tmp_path, text):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/zenodo.ini").write_text(text)
    assert header(find_token(ZENODO)) == "Bearer real"
    assert header(find_token(SANDBOX)) == "Bearer play"
    with pytest.raises(TokenError, match=r"no access token for rdm\.example\.org"):
        find_token(OTHER)


def test_broken_configuration_is_not_quoted(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/zenodo.ini").write_text("my-secret-token\n")
    with pytest.raises(TokenError, match="cannot be read") as told:
        find_token(ZENODO)
    assert "my-secret" not in str(told.value)
    assert told.value.__cause__ is None


def test_asks_where_somebody_can_answer_and_makes_no_folder(tmp_path):
    asked = []
    assert header(find_token(ZENODO, prompt=lambda text: asked.append(text) or "typed")) == "Bearer typed"
    assert "not shown" in asked[0]
    assert not (tmp_path / "config").exists()
    with pytest.raises(TokenError, match="tokens/new/.*ZENODO_API_TOKEN"):
        find_token(ZENODO)


@pytest.mark.parametrize("value", ["", "  ", "two words", "line\nend", "tökén"])
def test_what_cannot_be_a_token_is_refused_unseen(value):
    with pytest.raises(TokenError) as told:
        Token(value, "RAILCRATE_TOKEN")
    assert not value.strip() or value not in str(told.value)


def test_it_is_not_shown_and_not_stored():
    token = Token("very-secret", "a test")
    assert "very-secret" not in f"{token} {token!r}"
    with pytest.raises(TypeError):
        pickle.dumps(token)
