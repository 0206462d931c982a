# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Whole bundles: what is in them, the same bytes everywhere, restored, stamped anew, and on bad days."""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from datetime import date

import pytest
from bundle_kit import WEIGHTS, check_bundle, digests, made, manifest, refused, restored, unpacked
from study_kit import ROOT, commit, environment, run, snakemake

from railcrate.bundle.errors import CodeError, NotPublishableError, OutputError
from railcrate.bundle.stamp import Stamp
from railcrate.ledger.errors import DataDamagedError
from railcrate.study.disk import DiskFullError

STAMP = Stamp("1.0.0", date(2026, 5, 4), "10.5072/zenodo.2", "10.5072/zenodo.1", "https://zenodo.org/records/2")


def test_a_bundle_is_what_its_manifest_says(finished_study, finished_bundle):
    check_bundle(finished_bundle)
    listed = manifest(finished_bundle)
    assert listed["commit"] == run(finished_study, "git", "rev-parse", "HEAD").strip()
    assert (listed["version"], listed["doi"], listed["anonymous"]) == ("1.0.0", None, False)
    roles = {entry["path"]: entry["role"] for entry in listed["files"]}
    expected = {
        "README.md": "metadata", "ro-crate-metadata.json": "metadata", "ro-crate-preview.html": "metadata",
        "CITATION.cff": "metadata", "codemeta.json": "metadata", "datacite.json": "metadata",
        "environment.json": "metadata", "report.html": "metadata", "NOTICE": "license",
        "LICENSES/CC0-1.0.txt": "license",
        "cards/variants.raw.md": "card", "cards/weights.tiny.raw.md": "card", "croissant/raw.json": "card",
        "dvc.lock": "records", "code.zip": "code", "data.zip": "data", "weights.zip": "weights",
        "results.zip": "results", "records.zip": "records",
    }  # fmt: skip
    assert expected.items() <= roles.items()
    # Every file of git, and every file of DVC, is in it once, with the content that it has in the study.
    members = [member for entry in listed["files"] for member in entry["members"]]
    paths = [member["path"] for member in members]
    assert len(paths) == len(set(paths))
    code = next(entry for entry in listed["files"] if entry["path"] == "code.zip")
    assert {member["path"] for member in code["members"]} == set(run(finished_study, "git", "ls-files").split("\n")) - {
        ""
    }
    for member in members:
        if not member["path"].startswith(".dvc/cache"):
            assert member["sha256"] == digests_of(finished_study / member["path"]), member["path"]
    licenses = {entry["path"]: entry["license"] for entry in listed["files"]}
    assert licenses["weights.zip"] == "CC-BY-4.0 AND Apache-2.0"  # models/REUSE.toml is a document
    assert (licenses["code.zip"], licenses["results.zip"]) == ("Apache-2.0", "CC-BY-4.0")


def digests_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_code_names_its_commit_as_git_does(finished_study, finished_bundle, tmp_path):
    git = tmp_path / "git.zip"
    run(finished_study, "git", "archive", "--format=zip", "-o", str(git), "HEAD")
    with zipfile.ZipFile(git) as theirs, zipfile.ZipFile(finished_bundle / "code.zip") as ours:
        assert ours.comment == theirs.comment
        files = {name: theirs.read(name) for name in theirs.namelist() if not name.endswith("/")}
        assert {name: ours.read(name) for name in ours.namelist()} == files


def test_a_restored_study_has_nothing_to_be_done(finished_bundle, tmp_path):
    folder = restored(finished_bundle, tmp_path / "restored")
    assert "Nothing to be done" in snakemake(folder, "--dry-run")
    assert "up to date" in run(folder, "dvc", "status")


def test_the_same_bytes_everywhere(finished_study, finished_bundle, tmp_path):
    """In another folder, at another time, with another umask, clock, language and home."""
    other = shutil.copytree(finished_study, tmp_path / "another place", symlinks=True)
    shutil.rmtree(other / ".railcrate")
    (tmp_path / "home").mkdir()
    settings = {"TZ": "Asia/Kolkata", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "7", "HOME": str(tmp_path / "home")}
    words = f"umask 077; cd '{other}' && railcrate bundle --output ../there"
    subprocess.run(["sh", "-c", words], env=environment(**settings), check=True, capture_output=True)
    assert digests(tmp_path / "there") == digests(finished_bundle)


def test_a_stamp_changes_only_texts(study, tmp_path):
    first = made(study, study / "bundle").manifest
    told = []
    stamped = made(study, tmp_path / "stamped", stamp=STAMP, progress=told.append).manifest
    assert (stamped.doi, stamped.concept_doi) == (STAMP.doi, STAMP.concept_doi)
    assert stamped.identity == first.identity
    assert {f"taking over {name}.zip" for name in ("data", "weights", "results", "records")} <= set(told)
    before = {entry.path: entry.sha256 for entry in first.files}
    changed = {entry.path for entry in stamped.files if before[entry.path] != entry.sha256}
    assert changed >= {"README.md", "CITATION.cff", "report.html", "ro-crate-metadata.json", "datacite.json"}
    assert not {path for path in changed if path.endswith(".zip") or path.startswith("LICENSES/")}
    for name in ("data.zip", "weights.zip"):
        assert (tmp_path / "stamped" / name).samefile(study / "bundle" / name)
    check_bundle(tmp_path / "stamped")
    # In its place, back to the one without a stamp: the same bytes as the first.
    made(study, tmp_path / "stamped")
    assert digests(tmp_path / "stamped") == digests(study / "bundle")


def test_what_is_withheld_or_elsewhere_is_told_but_not_there(peoples_study, tmp_path):
    result = made(peoples_study, tmp_path / "bundle")
    check_bundle(tmp_path / "bundle")
    listed = manifest(tmp_path / "bundle")
    assert {entry["path"] for entry in listed["withheld"]} >= {"corpus/notes.txt", "data/variants/raw/text.parquet"}
    [external] = listed["external"]
    assert external["url"].endswith("janedoe/tiny/resolve/main/model.safetensors")
    assert external["sha256"] == digests_of(peoples_study / WEIGHTS)
    everything = unpacked(tmp_path / "bundle", tmp_path / "all")
    for path in (WEIGHTS, "corpus/notes.txt", "data/variants/raw/text.parquet", "data/blocks/tiny/raw.npy"):
        assert not (everything / path).exists()
    assert not (everything / "cards/variants.raw.md").exists()
    corpus = (peoples_study / "corpus/notes.txt").read_text().splitlines()
    longest = max(corpus, key=len)
    assert not any(longest.encode() in path.read_bytes() for path in everything.rglob("*") if path.is_file())
    assert [finding.file for finding, _ in result.accepted] == ["scripts/plot.py"]
    assert [entry.file for entry in result.unused] == ["nothing/*"]


# --- what must not leave -----------------------------------------------------------------


def test_findings_stop_with_file_and_line(study, tmp_path):
    token = "ghp_" + "aB3dE6gH9" * 4
    (study / "notes.md").write_text(f"# Notes\n\nrun it in {study}/data\nwith {token}\nask quill@uni-nowhere.de\n")
    (study / "model.bin").write_bytes(b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x01a\x94K\x01s.")
    (study / "out").symlink_to("/etc")
    commit(study)
    message = refused(study, tmp_path / "bundle", NotPublishableError)
    assert message.splitlines()[:5] == [
        "these must not be published unseen (file, line, what was found):",
        "  model.bin: pickle: a pickle, which runs code when it is loaded",
        "  notes.md:3: path: " + str(study),
        "  notes.md:4: secret: GitHub Token",
        "  notes.md:5: e-mail: quill@uni-nowhere.de",
    ]
    assert token not in message
    (study / "notes.md").unlink()
    (study / "model.bin").unlink()
    commit(study)
    message = refused(study, tmp_path / "bundle", NotPublishableError)
    assert message.splitlines()[1] == "  out: link: a link that leads out of the study, to /etc"


# --- bad days ----------------------------------------------------------------------------


def test_what_is_no_bundle_is_not_replaced(study, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("ten years")
    (tmp_path / "file").write_text("x")
    for name in ("mine", "file"):
        with pytest.raises(OutputError):
            made(study, tmp_path / name)
    assert (tmp_path / "mine/thesis.txt").read_text() == "ten years"
    (tmp_path / "empty").mkdir()
    made(study, tmp_path / "empty")
    check_bundle(tmp_path / "empty")


def test_a_bundle_that_was_committed_is_refused(study, finished_bundle, tmp_path):
    shutil.copytree(finished_bundle, study / "bundle")
    run(study, "git", "add", "-f", "bundle")
    commit(study)
    assert "git has a bundle: bundle/" in refused(study, tmp_path / "other", CodeError)


def test_damage_in_the_cache_is_found_before_it_is_published(study, tmp_path):
    listed = manifest_member(study, tmp_path)
    stored = study / ".dvc/cache/files/md5" / listed["md5"][:2] / listed["md5"][2:]
    content = bytearray(stored.read_bytes())
    content[100] ^= 1
    stored.chmod(0o644)
    stored.write_bytes(content)
    message = refused(study, tmp_path / "damaged", DataDamagedError)
    assert "data/variants/clean/text.parquet is damaged in DVC's cache" in message
    assert "railcrate restore" in message


def manifest_member(study, tmp_path):
    made(study, tmp_path / "whole")
    members = [member for entry in manifest(tmp_path / "whole")["files"] for member in entry["members"]]
    return next(member for member in members if member["path"] == "data/variants/clean/text.parquet")


@pytest.mark.parametrize("moment", ["taking over data.zip", "the end"])
def test_killed_at_any_moment(study, finished_bundle, tmp_path, moment):
    """The old bundle is still there, whole; the next one clears away what was left."""
    target = shutil.copytree(finished_bundle, tmp_path / "bundle")
    before = digests(target)
    (study / "more.md").write_text("more\n")
    commit(study)
    script = f"""
import os, sys
sys.path.insert(0, {str(ROOT / "src")!r})
from pathlib import Path
from railcrate.bundle import build, workshop
from railcrate.study.load import load_study
def die(text):
    if text == {moment!r}:
        os.kill(os.getpid(), 9)
replace = workshop._replace
workshop._replace = lambda *words: die("the end") or replace(*words)
build.build(Path({str(study)!r}), load_study(Path({str(study)!r})), Path({str(target)!r}), progress=die)
"""
    shutil.rmtree(target.with_name(".bundle.old"), ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=study, env=environment(), check=False, capture_output=True
    )
    assert done.returncode == -9, done.stderr
    assert digests(target) == before
    assert target.with_name(".bundle.part").exists()
    made(study, target)
    check_bundle(target)
    assert {path.name for path in tmp_path.iterdir()} == {"study", "bundle"}


def test_killed_between_two_renames(study, finished_bundle, tmp_path):
    """On a disk that cannot exchange folders, the old bundle is for a moment beside its place."""
    shutil.copytree(finished_bundle, tmp_path / ".bundle.old")
    (tmp_path / ".bundle.part/bundle").mkdir(parents=True)
    made(study, tmp_path / "bundle")
    assert digests(tmp_path / "bundle") == digests(finished_bundle)
    assert {path.name for path in tmp_path.iterdir()} == {"study", "bundle"}


def test_two_at_once_wait_for_each_other(study, tmp_path):
    words = [sys.executable, "-m", "railcrate.cli", "bundle", "--output", str(tmp_path / "bundle")]
    both = [subprocess.Popen(words, cwd=study, env=environment(), stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    check_bundle(tmp_path / "bundle")


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", folder], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("only root can make a small disk (mount -t tmpfs)")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk(study, small_disk):
    with pytest.raises(DiskFullError, match="the disk is full: the bundle in .* has no room"):
        made(study, small_disk / "bundle")
    assert list(small_disk.iterdir()) == []
