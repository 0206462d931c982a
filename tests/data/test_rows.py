# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import tracemalloc
import zipfile
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from railcrate.data.errors import SourceError
from railcrate.data.rows import read_rows
from railcrate.study.errors import ConfigError

PLAIN = "First line\nand more.\n\n  \nSecond block.\n"
JSON_LINES = '{"text": "First"}\n\n{"text": "Zwölf\\nSecond", "n": 2}\n{"text": ""}\n'
TABLE = 'n,text\n1,First\n2,"Second, with\na break"\n'


def parquet(**columns) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, row_group_size=2)
    return sink.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def tarred(members: dict[str, bytes] | list[tuple[str, bytes]], mode: str = "w") -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode=mode) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        archive.addfile(tarfile.TarInfo("a/folder"))
    return sink.getvalue()


@pytest.fixture
def read(folder, make_study):
    """Put a file into the study, and give each of its rows as (id behind the source's name, text)."""

    def read_one(name: str, content: str | bytes, **settings) -> list[tuple[str, str]]:
        path = folder / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        rows = list(read_rows(folder, make_study(s={"type": "local", "path": f"own/{name}", **settings}), "s"))
        assert {row["source"] for row in rows} <= {"s"}
        assert len({row["id"] for row in rows}) == len(rows)
        return [(row["id"].removeprefix("s/own/"), row["text"]) for row in rows]

    return read_one


def test_plain_text_by_paragraphs(read):
    assert read("a.txt", PLAIN) == [("a.txt:1", "First line\nand more."), ("a.txt:5", "Second block.")]


def test_plain_text_by_lines(read):
    expected = [("a.txt:1", "First line"), ("a.txt:2", "and more."), ("a.txt:5", "Second block.")]
    assert read("a.txt", PLAIN, rows="lines") == expected
    assert read("a.txt", PLAIN.replace("\n", "\r\n"), rows="lines") == expected


def test_plain_text_by_files(read):
    assert read("a.txt", PLAIN, rows="files") == [("a.txt:1", PLAIN)]


def test_encodings(read):
    assert read("a.txt", "Zwölf".encode("latin-1"), encoding="latin-1") == [("a.txt:1", "Zwölf")]
    assert read("a.txt", "Zwölf".encode("utf-16"), encoding="utf-16") == [("a.txt:1", "Zwölf")]
    assert read("a.txt", "Zwölf".encode("utf-8-sig")) == [("a.txt:1", "Zwölf")]
    assert read("a.jsonl", JSON_LINES.encode("utf-8-sig"))[0] == ("a.jsonl:1", "First")


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "A.JSONL"])
def test_json_lines(read, name):
    assert read(name, JSON_LINES) == [(f"{name}:1", "First"), (f"{name}:3", "Zwölf\nSecond")]


def test_tables(read):
    assert read("a.csv", TABLE) == [("a.csv:2", "First"), ("a.csv:4", "Second, with\na break")]
    assert read("a.tsv", "story\tn\nFirst, then\t1\n", field="story") == [("a.tsv:2", "First, then")]


def test_parquet(read):
    content = parquet(text=["First", None, "", "Fourth"], n=[1, 2, 3, 4])
    assert read("a.parquet", content) == [("a.parquet:1", "First"), ("a.parquet:4", "Fourth")]


MEMBERS = {
    "b/second.txt": b"Second",
    "first.jsonl": b'{"text": "First"}\n',
    "third.parquet": parquet(text=["Third"]),
    "fourth.csv.gz": gzip.compress(b"text\nFourth\n", mtime=0),
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.zip", zipped(MEMBERS)),
        ("c.tar", tarred(MEMBERS)),
        ("c.tar.gz", tarred(MEMBERS, "w:gz")),
        ("c.tgz", tarred(MEMBERS, "w:gz")),
        ("c.tar.bz2", tarred(MEMBERS, "w:bz2")),
        ("c.tar.xz", tarred(MEMBERS, "w:xz")),
    ],
)
def test_archives_are_read_in_place(read, folder, name, content):
    expected = {
        f"{name}/b/second.txt:1": "Second",
        f"{name}/first.jsonl:1": "First",
        f"{name}/third.parquet:1": "Third",
        f"{name}/fourth.csv.gz:2": "Fourth",
    }
    assert dict(read(name, content)) == expected
    assert [path.name for path in (folder / "own").iterdir()] == [name]
    assert [text for _, text in read(name, content, text="**/*.txt")] == ["Second"]
    assert [text for _, text in read(name, content, text="b/*")] == ["Second"]
    assert [text for _, text in read(name, content, text="first.*")] == ["First"]
    assert [text for _, text in read(name, content, text="*.csv")] == ["Fourth"]
    assert [text for _, text in read(name, content, text=f"own/{name}/third.*")] == ["Third"]


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_packed_files(read, ending, pack):
    assert read(f"a.jsonl.{ending}", pack(JSON_LINES.encode()))[0] == (f"a.jsonl.{ending}:1", "First")
    assert read(f"a.parquet.{ending}", pack(parquet(text=["First"]))) == [(f"a.parquet.{ending}:1", "First")]


def test_a_packed_file_and_its_plain_twin_keep_their_ids(folder, make_study):
    Path("own").mkdir()
    Path("own/a.txt").write_bytes(b"plain")
    Path("own/a.txt.gz").write_bytes(gzip.compress(b"packed"))
    rows = read_rows(folder, make_study(s={"type": "local", "path": "own/*"}), "s")
    assert {row["id"]: row["text"] for row in rows} == {"s/own/a.txt:1": "plain", "s/own/a.txt.gz:1": "packed"}


def test_names_that_lead_out_or_come_twice_are_made_safe(read, folder):
    members = [("../../a.txt", b"one"), ("/a.txt", b"two"), ("a.txt", b"three"), ("./b/..\\c.txt", b"four")]
    expected = [("c.tar/a.txt:1", "one"), ("c.tar/a.txt~2:1", "two"), ("c.tar/a.txt~3:1", "three")]
    assert read("c.tar", tarred(members)) == [*expected, ("c.tar/b/c.txt:1", "four")]
    assert not (folder.parent / "a.txt").exists()


def test_ids_leave_out_where_fetched_files_are(folder, make_study):
    Path("data/raw/web").mkdir(parents=True)
    Path("data/raw/web/a.txt").write_text("one")
    Path("data/raw/web/b.txt").write_text("two")
    files = [{"url": f"https://example.org/{name}.txt", "sha256": "0" * 64} for name in "ab"]
    study = make_study(web={"type": "url", "files": files})
    assert [row["id"] for row in read_rows(folder, study, "web")] == ["web/a.txt:1", "web/b.txt:1"]
    Path("data/raw/web/b.txt").unlink()
    with pytest.raises(SourceError, match=r"data/raw/web/b\.txt is not there") as told:
        list(read_rows(folder, study, "web"))
    assert "snakemake" in told.value.hint


@pytest.mark.parametrize(
    ("name", "content", "settings", "message", "hint"),
    [
        ("a.txt", b"fine\nZw\xf6lf\n", {}, r"own/a\.txt:2 is not utf-8: the byte 0xf6", "encoding"),
        ("a.txt", b"\n" * 9000 + b"\x81", {"encoding": "cp1252"}, r"a\.txt:9001 is not cp1252", "encoding"),
        ("a.txt", b"a\x00b\x00c", {"encoding": "utf-16-le"}, r"a\.txt.* is not utf-16-le", "encoding"),
        ("a.jsonl", '{"text": "a"}\n{"text": "b"\n', {}, r"own/a\.jsonl:2 is not JSON: .* at column", "exclude"),
        ("a.jsonl", '[\n{"text": "a"}\n]\n', {}, r"a\.jsonl:1 is not JSON", "no list"),
        ("a.jsonl", "\n3\n", {}, r"a\.jsonl:2 holds a int, not an object", '{"text": "…"}'),
        ("a.jsonl", '{"texts": "a"}\n', {}, r"a\.jsonl:1 has no 'text'; it has texts", "'texts'"),
        ("a.jsonl", '{"text": 3}\n', {}, r"a\.jsonl:1: 'text' is int, not text", "field"),
        ("a.jsonl", '{"text": "\\ud800"}\n', {}, r"a\.jsonl:1: 'text' holds half a character", "exclude"),
        ("a.csv", "n,story\n1,a\n", {}, r"a\.csv:1 has no 'text'; it has n, story", "field"),
        ("a.csv", "n,text\n1,a\n2\n", {}, r"a\.csv:3 has 1 cells, but the header has 2", "exclude"),
        ("a.csv", 'n,text\n1,"a\n2,b\n', {}, r"a\.csv:3 is not CSV", "exclude"),
        ("a.parquet", parquet(story=["a"]), {}, r"a\.parquet has no 'text'; it has story", "field"),
        ("a.parquet", parquet(text=[1]), {}, r"a\.parquet, row 1: 'text' is int", "field"),
        ("a.parquet", parquet(text=["a"])[:-9], {}, r"a\.parquet is cut off, damaged, or not Parquet", "exclude"),
        ("a.gz", gzip.compress(PLAIN.encode(), mtime=0)[:-12], {}, r"a\.gz is cut off, damaged", "Delete it"),
        ("a.gz", PLAIN, {}, r"a\.gz is cut off, damaged, or not packed", "Delete it"),
        ("a.bz2", PLAIN, {}, r"a\.bz2 is cut off, damaged, or not packed", "Delete it"),
        ("a.xz", PLAIN, {}, r"a\.xz is cut off, damaged, or not packed", "Delete it"),
        ("a.zip", zipped(MEMBERS)[:-30], {}, r"a\.zip is cut off, damaged", "Delete it"),
        ("a.tar", PLAIN, {}, r"a\.tar is cut off, damaged", "Delete it"),
        ("a.zip", zipped({"b.zip": zipped({})}), {}, r"a\.zip/b\.zip is an archive inside an archive", "`text`"),
        ("a.7z", b"7z", {}, r"a\.7z is packed in a way that is not read", "zip"),
        ("a.txt", "a", {"text": "*.md"}, r"no files that match '\*\.md'", "`text`"),
    ],
)
def test_what_is_wrong_is_told(read, name, content, settings, message, hint):
    with pytest.raises(SourceError, match=message) as told:
        read(name, content, **settings)
    assert hint in told.value.hint


def test_an_unknown_encoding_is_told(read):
    with pytest.raises(ConfigError, match="no character encoding 'utf-9'") as told:
        read("a.txt", "a", encoding="utf-9")
    assert "utf-8" in told.value.hint or "utf_8" in told.value.hint


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_archive_that_ends_early_is_never_taken_for_a_short_one(read, mode):
    whole = tarred({f"{number}.txt": b"text\n" * 200 for number in range(5)}, mode)
    plain = gzip.decompress(whole) if mode == "w:gz" else whole
    assert len(read("a.tar", plain)) == 5
    for length in range(512, 5 * 1536 + 512, 512):  # at every boundary of the format, also between two members
        with pytest.raises(SourceError, match="cut off"):
            read("a.tar", plain[:length])
    with pytest.raises(SourceError, match="cut off"):
        read("a.tar.gz", gzip.compress(plain)[:-20])


def test_damage_is_told_with_the_last_row_before_it(read):
    random = Random(0)
    content = gzip.compress("\n\n".join(str(random.random()) for _ in range(20_000)).encode())
    with pytest.raises(SourceError, match=r"the last row read was s/own/a\.txt\.gz:\d+"):
        read("a.txt.gz", content[: len(content) // 2])


def test_a_file_of_sixty_megabytes_is_read_in_two(folder, make_study):
    Path("own").mkdir()
    line = json.dumps({"text": "word " * 200}) + "\n"
    with gzip.open("own/a.jsonl.gz", "wt", compresslevel=1) as output:
        for _ in range(60):
            output.write(line * 1000)
    rows = read_rows(folder, make_study(s={"type": "local", "path": "own/a.jsonl.gz"}), "s")
    tracemalloc.start()
    count = sum(1 for _ in rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 2_000_000
