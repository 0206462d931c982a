# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Bases: safetensors only, whole files only."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import save_file

from railcrate.model.base import base_files, fetch_base
from railcrate.model.errors import BaseError, HubError, WeightsError
from railcrate.study import paths
from railcrate.study.files import read_json
from tests.servers.hub import hub_server

from .conftest import study


def with_base(**base):
    models = {"b": {"kind": "pretrained", "base": {"license": "CC0-1.0", **base}}}
    return study(models=models, tokenizers={})


@pytest.fixture
def given(tmp_path):
    place = tmp_path / "given"
    place.mkdir()
    save_file({"w": torch.zeros(4)}, place / "model.safetensors")
    for name in ("config.json", "tokenizer.json", "notes.md"):
        (place / name).write_text("{}")
    return place


def test_the_record_names_every_file_and_leaves_the_rest(tmp_path, given):
    fetch_base(tmp_path, with_base(path="given"), "b")
    record = read_json(tmp_path / paths.base_record("b"))
    assert [file["path"] for file in record["files"]] == ["config.json", "model.safetensors", "tokenizer.json"]
    assert str(tmp_path) not in json.dumps(record)
    assert base_files(tmp_path, "b").is_dir()


def test_pickles_are_refused(tmp_path, given):
    (given / "model.safetensors").rename(given / "pytorch_model.bin")
    with pytest.raises(BaseError, match="no safetensors weights"):
        fetch_base(tmp_path, with_base(path="given"), "b")


def test_a_base_that_is_cut_short_or_not_whole(tmp_path, given):
    file = given / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(WeightsError, match="cut short"):
        fetch_base(tmp_path, with_base(path="given"), "b")
    (given / "config.json").unlink()
    with pytest.raises(BaseError, match="no config.json"):
        fetch_base(tmp_path, with_base(path="given"), "b")


def test_a_file_that_is_gone_later(tmp_path, given):
    fetch_base(tmp_path, with_base(path="given"), "b")
    (tmp_path / paths.base_folder("b") / "config.json").unlink()
    with pytest.raises(BaseError, match="config.json is missing"):
        base_files(tmp_path, "b")


def test_a_hub_that_does_not_answer(tmp_path, monkeypatch):
    """One that is not there at all is in test_catalogue_base.py: here the client would try it for half a minute."""
    with hub_server() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        hub.down = True
        with pytest.raises(HubError, match="could not be downloaded"):
            fetch_base(tmp_path, with_base(repository="a/b", revision="0" * 40), "b")


def test_a_download_that_broke_off_is_not_mixed_with_another(tmp_path, monkeypatch, given):
    """Neither the files of another commit, nor code that is no longer trusted, are found in the base."""
    files = {path.name: path.read_bytes() for path in given.iterdir()}
    first, second = "1" * 40, "2" * 40
    with hub_server() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        hub.add("a/b", first, {**files, "model.safetensors": b"cut short", "added_tokens.json": b"{}", "own.py": b""})
        hub.add("a/b", second, files)
        for trusted in (True, False):
            with pytest.raises(WeightsError):
                fetch_base(tmp_path, with_base(repository="a/b", revision=first, trust_remote_code=trusted), "b")
        fetch_base(tmp_path, with_base(repository="a/b", revision=second), "b")
    found = [file["path"] for file in read_json(tmp_path / paths.base_record("b"))["files"]]
    assert found == ["config.json", "model.safetensors", "tokenizer.json"]
    assert not list((tmp_path / paths.base_folder("b")).parent.glob(".*"))
