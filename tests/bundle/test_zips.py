# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Archives: read by Python's zipfile and by unzip, the same bytes for the same members, hashed on the way."""

import hashlib
import io
import os
import subprocess
import time
import zipfile

import pytest

from railcrate.bundle.sums import Sums
from railcrate.bundle.zips import EXECUTABLE, LARGEST_MEMBER, LINK, ZipWriter, zip_bytes

CONTENT = {
    "a/weights.safetensors": os.urandom(5000),
    "a/words.txt": b"the same words\n" * 1000,
    "b/ümlaut.json": b"{}",
    "empty": b"",
}


def packed(members, comment="", modes=None):
    target = io.BytesIO()
    writer = ZipWriter(target, comment)
    for name, content in members.items():
        half = len(content) // 2
        writer.add(name, [content[:half], content[half:]], Sums.of(content), mode=(modes or {}).get(name, 0o100644))
    sums = writer.close()
    return target.getvalue(), sums


def unzip(path):
    return subprocess.run(["unzip", "-t", path], capture_output=True, text=True, check=True).stdout


def test_everybody_reads_it(tmp_path):
    content, sums = packed(CONTENT, "a comment")
    path = tmp_path / "it.zip"
    path.write_bytes(content)
    assert (sums.size, sums.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.comment == b"a comment"
        assert {name: archive.read(name) for name in archive.namelist()} == CONTENT
        for member in archive.infolist():
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert (member.extra, member.comment, member.create_system) == (b"", b"", 3)
    assert "No errors detected" in unzip(path)


def test_what_is_dense_is_stored(tmp_path):
    with zipfile.ZipFile(io.BytesIO(packed(CONTENT)[0])) as archive:
        kinds = {member.filename: member.compress_type for member in archive.infolist()}
        assert kinds["a/weights.safetensors"] == zipfile.ZIP_STORED
        assert kinds["a/words.txt"] == zipfile.ZIP_DEFLATED
        assert archive.getinfo("a/words.txt").compress_size < 200
        stored = archive.getinfo("a/weights.safetensors")
        assert not stored.flag_bits & 8  # its header is whole: readers of streams can take it


def test_the_same_bytes_at_another_time():
    first = packed(CONTENT)[0]
    time.sleep(2.1)  # the format's clock ticks every two seconds
    assert packed(CONTENT)[0] == first == zip_bytes(CONTENT)


def test_links_and_programs_stay_what_they_are(tmp_path):
    members = {"run.sh": b"#!/bin/sh\n", "way": b"run.sh"}
    (tmp_path / "it.zip").write_bytes(packed(members, modes={"run.sh": EXECUTABLE, "way": LINK})[0])
    subprocess.run(["unzip", "-q", "it.zip"], cwd=tmp_path, check=True)
    assert os.access(tmp_path / "run.sh", os.X_OK)
    assert (tmp_path / "way").readlink().name == "run.sh"


def test_more_members_than_the_old_format_has(tmp_path):
    members = {f"{number:06d}.npy": b"%d" % number for number in range(70_000)}
    path = tmp_path / "many.zip"
    path.write_bytes(packed(members)[0])
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == 70_000
        assert archive.read("069999.npy") == b"69999"
    assert "No errors detected" in unzip(path)


def test_content_that_is_not_what_it_should_be_is_refused():
    writer = ZipWriter(io.BytesIO())
    with pytest.raises(ValueError, match="a.txt is not what its checksum says"):
        writer.add("a.txt", [b"other"], Sums.of(b"bytes"))


def test_a_member_that_is_too_large_is_refused():
    with pytest.raises(ValueError, match="more than a member may have"):
        ZipWriter(io.BytesIO()).add("a.npy", [], Sums(LARGEST_MEMBER + 1, "", "", 0))
