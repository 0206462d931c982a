# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Verification at depth `files`: whatever is wrong with a bundle is found, and named."""

import json
import os

import pytest
from reproduce_kit import DATA, TITLE, WEIGHTS, Bundle, Packed, archive, entry, listed, publish, small_bundle, spoil

from railcrate.bundle.manifest import MANIFEST
from railcrate.reproduce.fetch import fetch
from railcrate.reproduce.files import check_files
from railcrate.reproduce.find import find

NOTES, WEIGHT = "data/raw/notes.txt", next(iter(WEIGHTS))


def wrong(report):
    return {file.path: file.state for file in report.wrong}


def rewrite(folder, change):
    """Change a manifest as a forger would."""
    content = json.loads((folder / MANIFEST).read_text())
    change(content)
    (folder / MANIFEST).write_text(json.dumps(content))


def test_a_bundle_as_it_should_be(bundle):
    report = check_files(bundle)
    assert report.holds
    assert (report.counts(), report.members_right, report.members, report.problems) == ({"right": 8}, 9, (), ())
    assert report.manifest.title == TITLE
    assert json.loads(json.dumps(report.as_dict()))["holds"] is True
    assert check_files(bundle, members=False).members_right == 0


def test_a_flipped_byte(bundle):
    spoil(bundle / WEIGHT)
    report = check_files(bundle)
    assert not report.holds
    assert wrong(report) == {WEIGHT: "damaged"}
    assert "its sha256 is" in report.wrong[0].reason


def test_a_flipped_byte_in_an_archive_is_told_by_the_members_name(bundle):
    content = (bundle / "data.zip").read_bytes()
    spoil(bundle / "data.zip", content.index(DATA["data/variants/clean/text.parquet"][:256]) + 1000)
    report = check_files(bundle, members=False)
    assert wrong(report) == {"data.zip": "damaged"}
    assert [(m.path, m.state, m.archive) for m in report.members] == [
        ("data/variants/clean/text.parquet", "damaged", "data.zip")
    ]


def test_every_file_cut_off_missing_or_strange(bundle):
    os.truncate(bundle / "code.zip", 100)
    (bundle / "README.md").unlink()
    (bundle / "LICENSES/stranger.txt").write_text("not of this bundle")
    (bundle / "CITATION.cff").unlink()
    (bundle / "CITATION.cff").symlink_to("/etc/hostname")
    (bundle / "link").symlink_to("/etc")
    report = check_files(bundle)
    assert wrong(report) == {
        "code.zip": "damaged", "README.md": "missing", "LICENSES/stranger.txt": "stranger",
        "CITATION.cff": "damaged", "link": "stranger",
    }  # fmt: skip
    assert report.counts() == {"right": 5, "damaged": 2, "missing": 1, "stranger": 2}


def test_no_manifest_or_none_that_can_be_read(bundle, tmp_path):
    report = check_files(tmp_path)
    assert (report.holds, report.manifest, wrong(report)) == (False, None, {MANIFEST: "missing"})
    os.truncate(bundle / MANIFEST, 1000)
    report = check_files(bundle)
    assert (report.holds, report.manifest, wrong(report)) == (False, None, {MANIFEST: "damaged"})


def test_a_bundle_of_another_version(bundle):
    rewrite(bundle, lambda content: content.update(format="railcrate-bundle/9", railcrate="7.0.0"))
    report = check_files(bundle)
    assert "made by railcrate '7.0.0' in the format 'railcrate-bundle/9'" in report.problems[0]


# --- manifests that lie -----------------------------------------------------------------------


def test_a_manifest_that_lies_about_a_file(bundle):
    def lie(content):
        next(file for file in content["files"] if file["path"] == "README.md")["sha256"] = "0" * 64

    rewrite(bundle, lie)
    assert wrong(check_files(bundle)) == {"README.md": "damaged"}


def test_a_manifest_that_lies_about_a_member(bundle):
    """The archive is the one that it names; what is in it is not."""

    def lie(content):
        members = next(file for file in content["files"] if file["path"] == "data.zip")["members"]
        next(member for member in members if member["path"] == NOTES)["md5"] = "0" * 32

    rewrite(bundle, lie)
    report = check_files(bundle)
    assert (wrong(report), report.holds) == ({}, False)
    assert [(member.path, member.archive) for member in report.members] == [(NOTES, "data.zip")]


def test_an_archive_that_holds_more_than_the_manifest_says(tmp_path):
    members = [Packed("data/a.txt", b"a"), Packed("data/b.txt", b"b")]
    bundle = Bundle()
    bundle.plain("data.zip", archive(members), "data", members=listed(members[:1]))
    report = check_files(bundle.write(tmp_path / "bundle"))
    assert not report.holds
    assert "data/b.txt" in report.members[0].reason


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (entry("x.zip", b"x", "data", members=listed([Packed(".git/config", b"")])), ".git/config"),
        (entry("readme.md", b"x"), "README.md"),
        (entry("manifest.json", b"x"), "manifest.json"),
        (entry("x.zip", b"x", "data", members=listed([Packed(NOTES, b"other")])), "two different contents"),
    ],
)
def test_a_manifest_that_contradicts_itself(tmp_path, other, told):
    bundle = small_bundle()
    folder = bundle.write(tmp_path / "bundle")
    bundle.entries["~"] = other
    (folder / MANIFEST).write_text(bundle.manifest.text())
    report = check_files(folder)
    assert not report.holds
    assert told in report.problems[0]


def test_a_file_in_parts(tmp_path):
    whole = os.urandom(1000)
    bundle = Bundle().cut("models/weights/big.safetensors", whole, 300)
    folder = bundle.write(tmp_path / "right")
    report = check_files(folder)
    assert (report.holds, report.members_right) == (True, 1)

    spoil(folder / "models/weights/big.safetensors.part-002")
    assert wrong(check_files(folder)) == {"models/weights/big.safetensors.part-002": "damaged"}

    swapped = Bundle().cut("w", whole, 500)
    first, second = swapped.contents.values()
    swapped.contents = {"w.part-001": second, "w.part-002": first}
    for path, content in swapped.contents.items():
        swapped.entries[path] = entry(path, content, "weights", cut=swapped.entries[path].cut)
    report = check_files(swapped.write(tmp_path / "swapped"))
    assert (wrong(report), report.holds) == ({}, False)
    assert [(member.path, member.state) for member in report.members] == [("w", "damaged")]

    lost = Bundle().cut("w", whole, 300)
    del lost.entries["w.part-004"], lost.contents["w.part-004"]
    assert "do not fit together" in check_files(lost.write(tmp_path / "lost")).problems[0]


# --- compared with a record -------------------------------------------------------------------


def test_a_bundle_and_its_record(server, bundle, tmp_path):
    fetched = fetch(publish(server, bundle).doi, tmp_path / "study")
    assert check_files(fetched.bundle, record=fetched.found.record).holds


def test_a_record_with_another_manifest(server, bundle, tmp_path):
    record = find(publish(server, bundle).doi).record
    rewrite(bundle, lambda content: content.update(version="6.6.6"))
    report = check_files(bundle, record=record)
    assert wrong(report) == {MANIFEST: "damaged"}
    assert report.wrong[0].reason == "it is not the manifest that the record holds"


def test_a_record_that_is_not_what_its_manifest_says(server, bundle, tmp_path):
    files = {p.relative_to(bundle).as_posix(): p.read_bytes() for p in bundle.rglob("*") if p.is_file()}
    files["README.md"] = files["README.md"][::-1]
    files["CITATION.cff"] += b"\n"
    del files["LICENSES/Apache-2.0.txt"]
    files["virus.exe"] = b"MZ"
    doi = publish(server, files).doi
    fetched = fetch(doi, tmp_path / "study", strict=False)
    assert len(fetched.problems) == 3
    report = check_files(fetched.bundle, record=fetched.found.record)
    assert wrong(report) == {
        "README.md": "damaged", "CITATION.cff": "damaged", "LICENSES/Apache-2.0.txt": "missing",
        "virus.exe": "stranger",
    }  # fmt: skip
    assert {file.path: file.reason for file in report.wrong}["README.md"].startswith(
        "README.md is damaged, or the manifest lies: its md5 in the record is"
    )


def test_a_doi_that_is_not_the_records(server, tmp_path):
    folder = small_bundle(doi="10.5281/zenodo.1", concept_doi="10.5281/zenodo.0").write(tmp_path / "bundle")
    found = find(publish(server, folder).doi)
    report = check_files(folder, record=found.record)
    assert "names the DOI 10.5281/zenodo.1, the record has" in report.problems[0]


def test_a_part_of_a_bundle(server, bundle, tmp_path):
    """What was not asked for is neither right nor missing."""
    fetched = fetch(publish(server, bundle).doi, tmp_path / "study", parts=["data"])
    names = [entry.path for entry in fetched.manifest.files if (fetched.bundle / entry.path).exists()]
    report = check_files(fetched.bundle, record=fetched.found.record, only=names)
    assert report.holds
    assert report.counts() == {"right": 5, "unchecked": 3}
    assert check_files(fetched.bundle).counts() == {"right": 5, "missing": 3}
