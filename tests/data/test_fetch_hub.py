# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import gzip
import hashlib
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.servers.hub import hub_server

from railcrate.data.errors import ChecksumError, DownloadError, SourceError
from railcrate.data.fetch import fetch_source
from railcrate.data.rows import read_rows

REVISION = "0123456789abcdef0123456789abcdef01234567"
NAME = "datasets/jane/words"
CARD = b"""---
configs:
- config_name: default
  data_files:
  - split: train
    path: plain/train-*.jsonl
  - split: test
    path: plain/test.jsonl
- config_name: other
  data_files:
  - split: train
    path: "other/*.parquet"
---
# Words
"""


def lines(*texts: str) -> bytes:
    return "".join(json.dumps({"text": text, "n": len(text)}) + "\n" for text in texts).encode()


def parquet(*texts: str) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": list(texts), "n": [len(text) for text in texts]}), sink)
    return sink.getvalue()


FILES = {
    "README.md": CARD,
    "plain/train-0.jsonl": lines("one", "two"),
    "plain/train-1.jsonl": lines("three"),
    "plain/test.jsonl": lines("four"),
    "other/0.parquet": parquet("five", "six"),
    "words.py": b"raise SystemExit('a script of the data set was run')\n",
}


@pytest.fixture
def words(make_study, hub):
    hub.add(NAME, REVISION, dict(FILES))

    def source(**changes):
        return make_study(words={"type": "hub", "dataset": "jane/words", "revision": REVISION, **changes})

    return source


def read(split: str = "train") -> list[str]:
    return pq.read_table(f"data/raw/words/{split}.parquet")["text"].to_pylist()


def test_a_split_comes_as_one_parquet_file_with_its_record(folder, words, hub):
    fetch_source(folder, words(), "words")
    assert read() == ["one", "two", "three"]
    record = json.loads(Path("data/raw/words.json").read_text())
    assert (record["dataset"], record["revision"], record["split"]) == ("jane/words", REVISION, "train")
    assert [file["path"] for file in record["hub_files"]] == [
        "plain/test.jsonl", "plain/train-0.jsonl", "plain/train-1.jsonl",
    ]  # fmt: skip
    assert [file["path"] for file in record["files"]] == ["data/raw/words/train.parquet"]
    assert sorted(path.name for path in Path("data/raw").iterdir()) == ["words", "words.json"]


def test_only_data_of_the_configuration_are_downloaded_and_no_scripts(folder, words, hub):
    fetch_source(folder, words(), "words")
    assert hub.downloaded() == {"README.md", "plain/train-0.jsonl", "plain/train-1.jsonl", "plain/test.jsonl"}


def test_the_same_bytes_come_out_again(folder, words):
    fetch_source(folder, words(), "words")
    made = [Path("data/raw/words/train.parquet"), Path("data/raw/words.json")]
    before = [path.read_bytes() for path in made]
    made[0].unlink()
    fetch_source(folder, words(), "words")
    assert [path.read_bytes() for path in made] == before


def test_another_split_and_another_configuration(folder, words):
    fetch_source(folder, words(split="test"), "words")
    assert read("test") == ["four"]
    fetch_source(folder, words(config="other"), "words")
    assert read() == ["five", "six"]


def test_rows_are_read_from_it(folder, words):
    fetch_source(folder, words(), "words")
    assert list(read_rows(folder, words(), "words"))[2] == {
        "id": "words/train.parquet:3",
        "text": "three",
        "source": "words",
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.jsonl", lines("seven")),
        ("train.csv", b"text,n\nseven,5\n"),
        ("train.txt", b"seven\n"),
        ("data/train-00000-of-00001.parquet", parquet("seven")),
        ("train.jsonl.gz", gzip.compress(lines("seven"), mtime=0)),
    ],
)
def test_a_data_set_without_a_card_is_sorted_by_file_names(folder, words, hub, name, content):
    hub.repositories[NAME][REVISION] = {name: content}
    fetch_source(folder, words(), "words")
    assert read() == ["seven"]


def test_the_endpoint_is_read_at_every_call(folder, words, monkeypatch):
    fetch_source(folder, words(), "words")
    with hub_server() as empty:
        monkeypatch.setenv("HF_ENDPOINT", empty.address)
        with pytest.raises(SourceError, match="the hub has no data set jane/words"):
            fetch_source(folder, words(), "words")


@pytest.mark.slow  # huggingface_hub tries for 23 seconds
def test_a_hub_that_cannot_be_reached_is_told(folder, words, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match="could not be downloaded") as told:
        fetch_source(folder, words(), "words")
    assert "HF_ENDPOINT" in told.value.hint


def test_large_files_are_checked_by_their_sha256(folder, words, hub):
    hub.large = {"other/0.parquet"}
    fetch_source(folder, words(config="other"), "words")
    assert read() == ["five", "six"]
    hub.spoilt["other/0.parquet"] = parquet("five", "sex")
    assert len(hub.spoilt["other/0.parquet"]) == len(FILES["other/0.parquet"])
    with pytest.raises(ChecksumError, match=hashlib.sha256(FILES["other/0.parquet"]).hexdigest()):
        fetch_source(folder, words(config="other"), "words")


def test_small_files_are_checked_by_their_git_hash(folder, words, hub):
    hub.spoilt["plain/train-1.jsonl"] = lines("thief")
    with pytest.raises(ChecksumError, match=r"plain/train-1\.jsonl arrived with the hash"):
        fetch_source(folder, words(), "words")
    hub.spoilt.clear()
    fetch_source(folder, words(), "words")  # what was right is kept, what was wrong comes anew
    assert read() == ["one", "two", "three"]


def test_what_does_not_exist_is_told(folder, words, hub):
    with pytest.raises(SourceError, match="has no revision ffff"):
        fetch_source(folder, words(revision="f" * 40), "words")
    with pytest.raises(SourceError, match="the hub has no data set jane/none"):
        fetch_source(folder, words(dataset="jane/none"), "words")
    with pytest.raises(SourceError, match="no configuration 'third'"):
        fetch_source(folder, words(config="third"), "words")
    with pytest.raises(SourceError, match="with a split 'dev'") as told:
        fetch_source(folder, words(split="dev"), "words")
    assert str(folder) not in str(told.value)
    assert not Path("data/raw/words.json").exists()


def test_a_data_set_that_needs_its_script_is_refused(folder, words, hub):
    hub.repositories[NAME][REVISION] = {"words.py": FILES["words.py"], "raw.bin": b"\0"}
    with pytest.raises(SourceError, match="no data files"):
        fetch_source(folder, words(), "words")


def test_files_that_are_not_what_their_names_say_are_told(folder, words, hub):
    hub.repositories[NAME][REVISION] = {"train.parquet": b"no parquet"}
    with pytest.raises(SourceError, match="the files of jane/words cannot be read"):
        fetch_source(folder, words(), "words")


def test_a_gated_data_set_is_told(folder, words, hub):
    hub.gated = {NAME}
    with pytest.raises(DownloadError, match="gated") as told:
        fetch_source(folder, words(), "words")
    assert "HF_TOKEN" in told.value.hint
