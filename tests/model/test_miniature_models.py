# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is different with models in a miniature: blocks of too little text, and bases that the study has."""

from __future__ import annotations

import numpy as np
import pytest

from railcrate.model.base import describe, fetch_base
from railcrate.model.blocks import load_blocks, pack_blocks
from railcrate.model.errors import BaseError, EmptyTextError, HubError
from railcrate.study import paths
from railcrate.study.files import read_json, sha256_file, write_json
from railcrate.study.grid import base_of
from railcrate.study.miniature import HOME
from tests.servers.hub import hub_server

from .conftest import study

REVISION = "0123456789abcdef0123456789abcdef01234567"
WEIGHTS = b"\x40" + bytes(7) + b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.ljust(64) + bytes(4)


def test_text_that_does_not_fill_a_block_is_repeated_in_a_miniature_alone(folder):
    """One that fills blocks is packed as ever, rest and all."""
    before = (folder / paths.blocks("tiny", "raw")).read_bytes()
    long = study(training={"block_length": 8192, "batch_size": 1, "tokens": 8192})
    with pytest.raises(EmptyTextError, match="fewer than one block of 8192"):
        pack_blocks(folder, long, "tiny", "raw")
    write_json(folder / paths.MINIATURE_MARK, {"note": ""})
    pack_blocks(folder, study(), "tiny", "raw")
    assert (folder / paths.blocks("tiny", "raw")).read_bytes() == before
    pack_blocks(folder, long, "tiny", "raw")
    (block,) = load_blocks(folder / paths.blocks("tiny", "raw"))
    counts = read_json(folder / paths.blocks_report("tiny", "raw"))
    assert (counts["blocks"], counts["block_length"], counts["dropped_tokens"]) == (1, 8192, 0)
    assert counts["tokens"] < 8192
    assert np.array_equal(block, np.resize(block[: counts["tokens"]], 8192))


@pytest.fixture
def hub(monkeypatch):
    """A hub that has nothing."""
    with hub_server() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """A study that has a base of the hub, and its miniature, beside it."""
    home, small = tmp_path, tmp_path / paths.MINIATURE
    (home / "config").mkdir()
    (home / paths.CONFIG).write_text("title: x\n")
    write_json(small / paths.MINIATURE_MARK, {"note": ""})
    write_json(small / HOME, {"study": str(home), "files": []})
    return home, small


@pytest.mark.parametrize("has", ["the study", "its miniature"])
def test_a_base_that_the_other_one_has_is_not_downloaded_again(pair, hub, has):
    one, other = pair if has == "the study" else reversed(pair)
    with_base = study(
        models={
            "b": {
                "kind": "pretrained",
                "base": {"repository": "jane/small", "revision": REVISION, "license": "CC0-1.0"},
            }
        },
        tokenizers={},
    )
    place = one / paths.base_folder("b")
    place.mkdir(parents=True)
    for name, content in {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": WEIGHTS}.items():
        (place / name).write_bytes(content)
    files = [
        {"path": path.name, "bytes": path.stat().st_size, "sha256": sha256_file(path)}
        for path in sorted(place.iterdir())
    ]
    record = {"model": "b", **describe(base_of(with_base, "b")), "files": files}
    write_json(one / paths.base_record("b"), {**record, "license": "MIT"})  # older records held statements, too
    fetch_base(other, with_base, "b")
    assert read_json(other / paths.base_record("b")) == record
    assert (other / paths.base_folder("b") / "model.safetensors").read_bytes() == WEIGHTS

    write_json(one / paths.base_record("b"), {**record, "revision": "1" * 40})
    with pytest.raises((BaseError, HubError)):
        fetch_base(other, with_base, "b")
    write_json(one / paths.base_record("b"), record)
    (place / "config.json").unlink()
    (place / "config.json").write_bytes(b"[]")
    with pytest.raises((BaseError, HubError)):
        fetch_base(other, with_base, "b")
