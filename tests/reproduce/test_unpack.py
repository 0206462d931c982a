# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Archives that somebody else made: what is in the manifest comes out, and nothing else, nowhere else."""

import os
import stat
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from reproduce_kit import Bundle, Packed, archive, code_members, entry, listed, small_bundle, tree, zipped

from railcrate.bundle.manifest import Member
from railcrate.bundle.zips import EXECUTABLE, LINK, REGULAR
from railcrate.reproduce.errors import DamagedError, FolderError, UnsafeError
from railcrate.reproduce.limits import Limits, check_limits, check_paths
from railcrate.reproduce.unpack import Ground, unpack

TEXT = Packed("data/raw/a.txt", b"a text\n" * 1000)


def unpacked(folder, content, members, role="data"):
    """Unpack an archive, of which a manifest lists the members, into a new folder."""
    folder.mkdir(exist_ok=True)
    (folder.parent / "archive.zip").write_bytes(content)
    ground = Ground(folder)
    one = entry("archive.zip", content, role, members=listed(members))
    try:
        links = unpack(ground, folder.parent / "archive.zip", one, lambda wanted: wanted.path)
        for path, target in links:
            ground.symlink(path, target)
    finally:
        ground.close()
    return folder


@pytest.fixture
def ground(tmp_path):
    return tmp_path / "study"


def everything(folder):
    """All that lies under a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def test_what_the_manifest_lists(ground):
    members = [TEXT, Packed("data/raw/umlaut-ü.txt", b"\xc3\xbc"), Packed("data/raw/empty", b"")]
    unpacked(ground, archive(members), members)
    assert tree(ground) == {member.path: member.content for member in members}
    assert stat.S_IMODE((ground / TEXT.path).stat().st_mode) == 0o444


def test_an_archive_of_another_tool(ground):
    """Folders of their own, other methods of writing: what counts is what comes out."""

    def build(made):
        made.writestr("data/", b"")
        made.writestr("data/raw/", b"")
        made.writestr(zipfile.ZipInfo("data/raw/a.txt"), TEXT.content, zipfile.ZIP_DEFLATED)

    unpacked(ground, zipped(build), [TEXT])
    assert tree(ground) == {TEXT.path: TEXT.content}


def test_code_keeps_what_git_keeps(ground):
    members = [*code_members(), Packed("tool", b"#!/bin/sh\n", 0o106755)]  # with setuid and setgid
    unpacked(ground, archive(members), members, "code")
    modes = {name: stat.S_IMODE((ground / name).stat().st_mode) for name in ("scripts/run.sh", "steps/own.py", "tool")}
    assert modes == {"scripts/run.sh": 0o755, "steps/own.py": 0o644, "tool": 0o755}
    assert (ground / "profiles").readlink() == Path("config")
    assert (ground / "profiles/study.yaml").is_file()


def test_data_is_never_executable(ground):
    members = [Packed("data/raw/x.sh", b"#!/bin/sh\n", EXECUTABLE)]
    unpacked(ground, archive(members), members)
    assert not (ground / "data/raw/x.sh").stat().st_mode & 0o111


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt", "data/../../outside.txt", "/tmp/outside.txt", "..\\outside.txt", "C:\\outside.txt",
        "data/raw/a.txt\0.sh", "~/outside", "data//raw/b.txt", "./data/raw/b.txt", "unlisted.txt", "data/raw/A.txt",
    ],
)  # fmt: skip
def test_a_name_that_the_manifest_does_not_list(ground, name):
    with pytest.raises(UnsafeError, match=r"archive\.zip holds .* which .*the manifest does not list"):
        unpacked(ground, archive([TEXT, Packed(name, b"out")]), [TEXT])
    assert everything(ground.parent) == ["archive.zip"]


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../b", "a\\b", "a//b", "./a", "", "a\0b"])
def test_a_manifest_cannot_name_a_path_outside(path):
    with pytest.raises(ValueError, match="not a path inside the bundle"):
        Member(path=path, size=0, md5="0" * 32, sha256="0" * 64)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (".git/hooks/post-checkout", "code"), (".GIT/config", "code"), ("sub/.git/config", "code"),
        (".g\u200cit/config", "code"), ("GIT~1/config", "code"), (".git./config", "code"),
        (".dvc/config.local", "code"), (".dvc/cache/files/md5/aa/" + "b" * 30, "records"),
        (".dvc/cache/files/md5/aa/" + "b" * 30 + ".dir", "code"), (".railcrate/fetch.json", "data"),
        (".snakemake/scripts/x.py", "code"), (".dvc/config", "data"), ("C:/x", "data"), ("data/\x1b[31m.txt", "data"),
        ("data/" + "x" * 256, "data"),
    ],
)  # fmt: skip
def test_paths_that_only_this_machines_tools_may_write(path, role):
    bundle = Bundle().archive("x.zip", role, [Packed(path, b"x")])
    with pytest.raises(UnsafeError):
        check_paths(bundle.manifest)


@pytest.mark.parametrize(
    ("first", "second"),
    [("data/a.txt", "data/A.txt"), ("data/\u00fc", "data/u\u0308"), ("data/a", "data/a/b"), ("DATA/a/b", "data/A")],
)
def test_names_that_are_one_on_other_disks(first, second):
    bundle = Bundle().archive("x.zip", "data", [Packed(first, b"1"), Packed(second, b"2")])
    with pytest.raises(UnsafeError, match="Nothing was unpacked"):
        check_paths(bundle.manifest)


def test_one_path_with_two_contents():
    bundle = Bundle().archive("x.zip", "data", [Packed("a", b"1")]).archive("y.zip", "data", [Packed("a", b"2")])
    with pytest.raises(DamagedError, match="two different contents for a"):
        check_paths(bundle.manifest)
    check_paths(small_bundle().manifest)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc", "..", ".", "profiles", "a/../../..", "nothing", ""])
def test_a_link_out_of_the_code(ground, target):
    members = [Packed("a/b.txt", b"b"), Packed("profiles", target.encode(), LINK)]
    with pytest.raises(UnsafeError):
        unpacked(ground, archive(members), members, "code")
    assert not os.path.lexists(ground / "profiles")


def test_a_way_out_through_two_links(ground):
    """Each link is harmless, and `deep/up/../../x` leaves the folder only because `up` is one."""
    members = [
        Packed("deep/x.txt", b"x"), Packed("deep/up", b"../top", LINK), Packed("top/x.txt", b"x"), Packed("x", b"x"),
        Packed("out", b"deep/up/../../x", LINK),
    ]  # fmt: skip
    with pytest.raises(UnsafeError, match="holds the link out"):
        unpacked(ground, archive(members), members, "code")


@pytest.mark.parametrize("role", ["data", "weights", "results", "records"])
def test_a_link_among_the_data(ground, role):
    members = [Packed("data/link", b"/etc/passwd", LINK)]
    with pytest.raises(UnsafeError, match="a symbolic link"):
        unpacked(ground, archive(members), members, role)


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFBLK, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_device(ground, kind):
    members = [Packed("data/device", b"", kind | 0o666)]
    with pytest.raises(UnsafeError, match="neither a file nor a folder"):
        unpacked(ground, archive(members), members, "code")


def test_a_name_twice(ground):
    with pytest.raises(UnsafeError, match="twice"):
        unpacked(ground, archive([TEXT, TEXT]), [TEXT])


def test_a_missing_member(ground):
    with pytest.raises(DamagedError, match=r"lacks data/raw/b\.txt"):
        unpacked(ground, archive([TEXT]), [TEXT, Packed("data/raw/b.txt", b"b")])


def test_another_content_of_the_same_length(ground):
    with pytest.raises(DamagedError, match=r"data/raw/a\.txt is damaged: its sha256 is"):
        unpacked(ground, archive([Packed(TEXT.path, b"A" + TEXT.content[1:])]), [TEXT])
    assert everything(ground) == []


def test_an_encrypted_member(ground):
    content = bytearray(archive([TEXT]))
    for signature, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(signature) + at] |= 1
    with pytest.raises(UnsafeError, match="encrypted"):
        unpacked(ground, bytes(content), [TEXT])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 99])
def test_another_method_of_packing(ground, method):
    content = bytearray(archive([TEXT]))
    for signature, at in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        struct.pack_into("<H", content, content.index(signature) + at, method)
    with pytest.raises(UnsafeError, match="a method that is not read"):
        unpacked(ground, bytes(content), [TEXT])


def test_a_size_that_lies(ground):
    """The list of contents promises ten bytes; a bomb would come."""
    small = Packed(TEXT.path, TEXT.content[:10])
    content = bytearray(archive([TEXT]))
    struct.pack_into("<L", content, content.index(b"PK\1\2") + 24, 10)
    with pytest.raises(DamagedError):
        unpacked(ground, bytes(content), [small])
    with pytest.raises(DamagedError, match="with 7,000 bytes; the manifest says 10"):
        unpacked(ground, archive([TEXT]), [small])
    assert everything(ground) == []


def test_members_over_each_other(ground):
    """Many names for the same bytes: so a small archive unpacks to any size."""
    members = [TEXT, Packed("data/raw/b.txt", TEXT.content)]
    content = bytearray(archive(members))
    second = content.rindex(b"PK\1\2")
    struct.pack_into("<L", content, second + 42, 0)
    with pytest.raises(UnsafeError, match="lies over another member"):
        unpacked(ground, bytes(content), members)


def test_a_million_entries(ground):
    """Refused by the length of the list alone: before it is read, and without the room that it would take."""
    local = archive([TEXT])
    at, end = local.index(b"PK\1\2"), local.index(b"PK\5\6")
    directory = local[at:end] * 1_000_000
    count = 1_000_000
    content = local[:at] + directory
    content += struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), at)
    content += struct.pack("<4sIQI", b"PK\6\7", 0, at + len(directory), 1)
    content += struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    ground.mkdir()
    path = ground.parent / "archive.zip"
    path.write_bytes(content)
    one = entry("archive.zip", content, "data", members=listed([TEXT]))
    tracemalloc.start()
    begin = time.perf_counter()
    with pytest.raises(UnsafeError, match="has a list of contents of 60,000,000 bytes"):
        unpack(Ground(ground), path, one, lambda wanted: wanted.path)
    assert time.perf_counter() - begin < 1
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()


def test_a_bomb_is_refused_by_its_manifest(tmp_path):
    """A hundred megabytes of zeros in a hundred kilobytes; and a manifest with too much of everything."""

    def build(made):
        with made.open(zipfile.ZipInfo("data/zeros"), "w") as member:
            for _ in range(100):
                member.write(bytes(1 << 20))

    content = zipped(lambda made: (setattr(made, "compression", zipfile.ZIP_DEFLATED), build(made)))
    zeros = Member(path="data/zeros", size=100 << 20, md5="0" * 32, sha256="0" * 64)
    bundle = Bundle().plain("data.zip", content[: 100 << 10], "data", members=[zeros])
    with pytest.raises(UnsafeError, match=r"data\.zip would unpack from 102,400 to 104,857,600 bytes"):
        check_limits(bundle.manifest, Limits())
    small = small_bundle().manifest
    check_limits(small, Limits())
    with pytest.raises(UnsafeError, match="files; at most 3"):
        check_limits(small, Limits(entries=3))
    with pytest.raises(UnsafeError, match="bytes; at most 1,000"):
        check_limits(small, Limits(unpacked=1000))


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>", b"PK\5\6" + bytes(18), b"x" * 100_000])
def test_what_is_no_archive(ground, content):
    with pytest.raises(DamagedError, match=r"archive\.zip"):
        unpacked(ground, content, [TEXT])


def test_every_byte_of_an_archive_turned_round(tmp_path):
    """Whatever byte is spoilt: the file as it should be, or a clear message, and never another file."""
    members = [Packed("data/a.txt", b"some text " * 3), Packed("data/b.npy", b"dense")]
    whole = archive(members)
    refused = 0
    for place in range(len(whole)):
        content = bytearray(whole)
        content[place] ^= 0xFF
        folder = tmp_path / f"study{place}"
        try:
            unpacked(folder, bytes(content), members)
        except (DamagedError, UnsafeError):
            refused += 1
        for name, found in tree(folder).items():
            assert {member.path: member.content for member in members}[name] == found
    assert refused > len(whole) * 0.5


# --- what lies there already ------------------------------------------------------------------


def test_nothing_is_overwritten(ground):
    (ground / "data/raw").mkdir(parents=True)
    (ground / TEXT.path).write_text("days of work")
    with pytest.raises(FolderError, match="is there already"):
        unpacked(ground, archive([TEXT]), [TEXT])
    assert (ground / TEXT.path).read_text() == "days of work"


def test_what_is_right_stays(ground):
    (ground / "data/raw").mkdir(parents=True)
    (ground / TEXT.path).write_bytes(TEXT.content)
    before = (ground / TEXT.path).stat()
    unpacked(ground, archive([TEXT]), [TEXT])
    assert (ground / TEXT.path).stat() == before


def test_nothing_is_written_through_a_link(ground, tmp_path):
    (tmp_path / "outside").mkdir()
    ground.mkdir()
    (ground / "data").symlink_to(tmp_path / "outside")
    with pytest.raises(FolderError, match="is a link"):
        unpacked(ground, archive([TEXT]), [TEXT])
    assert everything(tmp_path / "outside") == []


def test_a_file_where_a_folder_belongs(ground):
    ground.mkdir()
    (ground / "data").write_text("a file")
    with pytest.raises(FolderError, match="is a file"):
        unpacked(ground, archive([TEXT]), [TEXT])


def test_modes_of_members_are_known():
    assert stat.S_ISLNK(LINK)
    assert stat.S_ISREG(REGULAR)
