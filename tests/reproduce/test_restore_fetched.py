# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A real study, fetched: restored so that nothing is to be done, and nothing of it was run; or refused."""

import hashlib
import io
import json
import shutil
import zipfile

import pytest
import yaml
from reproduce_kit import (
    MARKER,
    Bundle,
    Packed,
    bundle_of,
    kill_at_events,
    publish,
    railcrate,
    tree,
)
from study_kit import commit, edit, run, snakemake
from tests.servers.files import file_server

from railcrate.bundle.build import build
from railcrate.bundle.errors import CodeError, UnfinishedError
from railcrate.bundle.manifest import read_manifest
from railcrate.ledger.errors import UnsavedChangesError
from railcrate.reproduce.errors import DamagedError, UnsafeError
from railcrate.reproduce.fetch import fetch
from railcrate.reproduce.files import check_files
from railcrate.reproduce.limits import Limits
from railcrate.reproduce.restore import check_ledger
from railcrate.reproduce.study_files import check_study
from railcrate.study.load import load_study

WEIGHT = "models/weights/tiny.raw.seed0/model.safetensors"


def assert_nothing_to_do(folder):
    assert "Nothing to be done" in snakemake(folder, "--dry-run")


def assert_same_study(folder, study):
    """Every file that the study made, or that git has, is the same."""
    made = ("data/", "models/", "results/", "records/", "steps/", "config/", "tasks/", "corpus/")
    expected = {name: content for name, content in tree(study).items() if name.startswith(made)}
    found = {name: content for name, content in tree(folder).items() if name.startswith(made)}
    expected = {name: content for name, content in expected.items() if "__pycache__" not in name}
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name]] == []


def test_a_study_fetched_by_its_doi(server, published_study, finished_study, tmp_path):
    """Into an empty folder with an empty cache, far from the study: `snakemake -n` has nothing to do."""
    folder = tmp_path / "fetched"
    told = railcrate("fetch", publish(server, published_study).doi, str(folder), folder=tmp_path)
    assert "restored: 22 stages" in told
    assert "`railcrate status`: nothing is to be made" in told
    assert_same_study(folder, finished_study)
    assert "up to date" in run(folder, "dvc", "status")
    shutil.rmtree(folder / ".dvc/cache")  # what is in place does not need it
    assert_nothing_to_do(folder)


def test_inside_a_git_repository_of_something_else(published_study, tmp_path):
    run(tmp_path, "git", "init", "-q")
    fetched = fetch(published_study, tmp_path / "fetched")
    assert len(fetched.restored.stages) == 22
    assert "up to date" in run(tmp_path / "fetched", "dvc", "status")


def test_nothing_of_the_study_is_run(study, tmp_path):
    """Its Snakefile and its own step write a file when they are run or imported; railcrate restores without."""
    marker = tmp_path / MARKER
    for path in (study / "steps/own.py", study / "Snakefile", study / "tasks/heldout/hold.py"):
        path.write_text(path.read_text().rstrip() + f"\n\n\nopen({str(marker)!r}, 'w')\n")
    commit(study)
    bundle = bundle_of(study, tmp_path / "bundle")
    fetched = fetch(bundle, tmp_path / "fetched")
    assert len(fetched.restored.stages) == 22
    assert check_files(fetched.bundle).holds
    assert not marker.exists()
    snakemake(tmp_path / "fetched", "--dry-run")  # Snakemake does run it: so the trap works
    assert marker.exists()


def test_a_source_that_is_too_large_for_git(study, tmp_path):
    """Its author gave it to DVC by `dvc add`: it is published, fetched, pushed and restored like all that DVC keeps."""
    notes = (study / "corpus/notes.txt").read_bytes()
    run(study, "git", "rm", "-q", "--cached", "corpus/notes.txt")
    run(study, "dvc", "add", "-q", "corpus")
    commit(study)
    bundle = tmp_path / "bundle"
    build(study, load_study(study), bundle)
    data = next(entry for entry in read_manifest(bundle).files if entry.path == "data.zip")
    assert "corpus/notes.txt" in {member.path for member in data.members}
    folder = tmp_path / "fetched"
    assert fetch(bundle, folder).unavailable == ()
    assert (folder / "corpus/notes.txt").read_bytes() == notes
    assert check_study(folder).problems == ()
    assert_nothing_to_do(folder)

    run(study, "railcrate", "record", "--push")
    run(tmp_path, "git", "clone", "-q", str(study), "clone")
    run(tmp_path / "clone", "railcrate", "restore", "--remote", str(study / ".dvc-storage"))
    assert (tmp_path / "clone/corpus/notes.txt").read_bytes() == notes

    edit(study / "corpus.dvc", "md5: ", "md5: 0")
    commit(study)
    with pytest.raises(
        UnfinishedError, match=r"corpus\.dvc: corpus is not as it was when it was added; `dvc add corpus`"
    ):
        build(study, load_study(study), tmp_path / "changed")

    edit(folder / "corpus.dvc", "path: corpus", "path: ../corpus")
    with pytest.raises(UnsafeError, match="outside the study"):
        check_ledger(folder, Limits())
    edit(folder / "corpus.dvc", "path: ../corpus", "path: corpus\nwdir: .git/hooks")
    with pytest.raises(UnsafeError, match=r"corpus\.dvc holds wdir"):
        check_ledger(folder, Limits())
    edit(study / "corpus.dvc", "md5: 0", "md5: ")
    edit(study / "corpus.dvc", "outs:", "desc: ours\nfrozen: true\nouts:")
    commit(study)
    with pytest.raises(CodeError, match=r"corpus\.dvc is not as `dvc add` writes it: it holds frozen"):
        build(study, load_study(study), tmp_path / "imported")


def test_killed_while_it_restores(published_study, finished_study, tmp_path):
    killed = kill_at_events(published_study, tmp_path / "studies", moments=3)
    assert killed == 3
    for folder in sorted((tmp_path / "studies").iterdir()):
        assert_same_study(folder, finished_study)
        assert not [path for path in folder.rglob(".*") if path.name.endswith((".part", ".tmp"))]
    assert_nothing_to_do(folder)


def test_days_of_work_are_not_overwritten(published_study, tmp_path):
    fetch(published_study, tmp_path / "fetched")
    weights = tmp_path / "fetched" / WEIGHT
    weights.write_text("days of work")
    with pytest.raises(UnsavedChangesError, match=r"tiny\.raw\.seed0"):
        fetch(published_study, tmp_path / "fetched")
    assert weights.read_text() == "days of work"


# --- what is not there ------------------------------------------------------------------------


def repacked(published, target, drop=(), change=None, external=None):
    """A copy of a bundle without some files of the study, which it withholds or keeps elsewhere."""
    manifest = read_manifest(published)
    bundle = Bundle(identity=manifest.identity)
    for entry in manifest.files:
        content = (published / entry.path).read_bytes()
        if not entry.members:
            bundle.plain(entry.path, content, entry.role)
            continue
        made = []
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            for info in opened.infolist():
                inside = opened.read(info)
                inside = change(info.filename, inside) if change is not None else inside
                if info.filename in drop:
                    if external is not None:
                        bundle.external(info.filename, inside, external(info.filename, inside))
                    else:
                        bundle.withhold(info.filename, inside)
                elif inside is not None:
                    made.append(Packed(info.filename, inside, info.external_attr >> 16))
        bundle.archive(entry.path, entry.role, made, license=entry.license)
    return bundle.write(target)


def test_withheld_files(published_study, tmp_path):
    """A source and the weights of one experiment are not published: the rest is in place, and they are named."""
    secret = "data/raw/english/text.jsonl"
    bundle = repacked(published_study, tmp_path / "bundle", drop={secret, WEIGHT})
    folder = tmp_path / "fetched"
    fetched = fetch(bundle, folder)
    assert set(dict(fetched.unavailable)) == {secret, WEIGHT}
    assert set(fetched.restored.missing) == {secret, WEIGHT}
    assert set(fetched.restored.incomplete) == {"fetch-english", "train-tiny--raw--seed0"}
    assert len(fetched.restored.stages) == 20
    assert not (folder / WEIGHT).exists()
    assert (folder / WEIGHT).with_name("training.json").exists()  # the others of its folder are there
    plan = snakemake(folder, "--dry-run")
    assert "fetch" in plan
    assert "Nothing to be done" not in plan
    told = railcrate("fetch", str(bundle), str(folder), folder=tmp_path)
    assert "not there: 2 files of the study" in told
    assert f"{WEIGHT}: withheld (sources.notes): not to be shared" in told
    assert "`railcrate status`: what would be made" in told


def test_weights_that_stay_elsewhere(published_study, finished_study, tmp_path):
    with file_server() as files:

        def put(path, content):
            files.files["/w"] = content
            return files.url("/w")

        bundle = repacked(published_study, tmp_path / "bundle", drop={WEIGHT}, external=put)
        fetched = fetch(bundle, tmp_path / "fetched")
    assert fetched.unavailable == ()
    assert_same_study(tmp_path / "fetched", finished_study)
    assert_nothing_to_do(tmp_path / "fetched")


def test_code_alone(published_study, tmp_path):
    fetched = fetch(published_study, tmp_path / "fetched", parts=["code"])
    assert (tmp_path / "fetched/config/study.yaml").exists()
    assert not (tmp_path / "fetched" / WEIGHT).exists()
    assert WEIGHT in fetched.restored.missing
    assert (tmp_path / "fetched/records/snakemake.tar.gz").exists()
    again = fetch(published_study, tmp_path / "fetched")
    assert (again.restored.missing, len(again.restored.stages)) == ([], 22)


# --- ledgers that deceive ---------------------------------------------------------------------


def deceiving(published, target, path, edit):
    """A copy of a bundle of which one file of the code is another one."""

    def change(name, content):
        return edit(content.decode()).encode() if name == path else content

    return repacked(published, target, change=change)


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        ("dvc.lock", "path: data/raw/english.json", "path: ../outside.json", "which is outside the study"),
        ("dvc.lock", "path: data/raw/english.json", "path: /tmp/outside.json", "which is outside the study"),
        ("dvc.lock", "path: data/raw/english.json", "path: .git/hooks/post-checkout", "own tools"),
        ("dvc.lock", "path: data/raw/english.json", "path: .dvc/config", "own tools"),
        ("dvc.lock", "english.json\n      hash: md5\n      md5: ", "english.json\n      md5: ../../../..", "md5"),
        ("dvc.lock", "english.json\n      hash", "english.json\n      isexec: true\n      hash", "isexec"),
        ("dvc.yaml", "    - data/raw/english.json:", "    - ../outside.json:", "which is outside the study"),
        ("dvc.yaml", "  fetch-english:\n", "  fetch-english:\n    wdir: ../..\n", "fetch-english.wdir"),
        ("dvc.yaml", "stages:\n", "vars:\n- config/study.yaml\nstages:\n", "holds vars"),
        ("dvc.yaml", "        persist: true\n", "        persist: true\n        remote: x\n", "says more of"),
        ("records.dvc", "path: records", "path: ../records", "which is outside the study"),
        ("records.dvc", "outs:", "wdir: .git/hooks\nouts:", "records.dvc holds wdir"),
        (".dvc/config", "[core]\n", "[core]\n    site_cache_dir = /tmp/outside\n", "core.site_cache_dir"),
    ],
)  # fmt: skip
def test_a_ledger_that_would_write_elsewhere(published_study, tmp_path, path, old, new, told):
    def change(text):
        assert old in text
        return text.replace(old, new, 1)

    bundle = deceiving(published_study, tmp_path / "bundle", path, change)
    with pytest.raises(UnsafeError, match=told):
        fetch(bundle, tmp_path / "fetched")
    assert not (tmp_path / "outside.json").exists()
    assert not (tmp_path / "fetched" / WEIGHT).exists()


def test_a_cache_elsewhere_is_not_used(published_study, tmp_path):
    """DVC's cache is the study's own, whatever the bundle's configuration says."""
    bundle = deceiving(
        published_study,
        tmp_path / "bundle",
        ".dvc/config",
        lambda text: f"{text}[cache]\n    dir = {tmp_path}/outside\n",
    )
    fetched = fetch(bundle, tmp_path / "fetched")
    assert not (tmp_path / "outside").exists()
    assert len(fetched.restored.stages) == 22


def with_listing(published, target, change):
    """A copy of a bundle of which the listing of a weights folder, and the ledger that names it, are others."""
    lock = yaml.safe_load(contents(published)["dvc.lock"])
    old = lock["stages"]["train-tiny--raw--seed0"]["outs"][0]["md5"]
    stored = f".dvc/cache/files/md5/{old[:2]}/{old[2:]}"
    listing = json.loads(contents(published)[stored])
    change(listing)
    text = json.dumps(listing)
    new = f"{hashlib.md5(text.encode()).hexdigest()}.dir"
    moved = f".dvc/cache/files/md5/{new[:2]}/{new[2:]}"
    manifest = read_manifest(published)
    bundle = Bundle(identity=manifest.identity)
    for entry in manifest.files:
        if not entry.members:
            bundle.plain(entry.path, (published / entry.path).read_bytes(), entry.role)
            continue
        made = []
        for name, content in members_of(published / entry.path).items():
            changed = content.replace(old.encode(), new.encode()) if name == "dvc.lock" else content
            made.append(Packed(moved, text.encode()) if name == stored else Packed(name, changed))
        bundle.archive(entry.path, entry.role, made)
    return bundle.write(target)


def members_of(path):
    with zipfile.ZipFile(path) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}


def contents(published):
    return members_of(published / "code.zip") | members_of(published / "records.zip")


@pytest.mark.parametrize("name", ["../../../../outside.bin", "/tmp/outside.bin", "a/../../x", "../.git/config"])
def test_a_listing_that_leads_out(published_study, tmp_path, name):
    bundle = with_listing(published_study, tmp_path / "bundle", lambda listing: listing[0].update(relpath=name))
    with pytest.raises(UnsafeError, match="the listing of models/weights/tiny"):
        fetch(bundle, tmp_path / "a/b/fetched")
    assert not list(tmp_path.glob("outside*"))
    assert not (tmp_path / "a/b/fetched/models").exists()


def test_a_listing_that_says_more(published_study, tmp_path):
    bundle = with_listing(published_study, tmp_path / "bundle", lambda listing: listing[0].update(isexec=True))
    with pytest.raises(UnsafeError, match="says more of its files than DVC does"):
        fetch(bundle, tmp_path / "fetched")


def test_a_listing_under_another_name(published_study, tmp_path):
    def change(name, content):
        return content + b" " if name.endswith(".dir") else content

    with pytest.raises(UnsafeError, match="holds another listing than its name says"):
        fetch(repacked(published_study, tmp_path / "bundle", change=change), tmp_path / "fetched")


def test_a_memory_of_snakemake_that_is_a_bomb(published_study, tmp_path):
    with pytest.raises(UnsafeError, match=r"records/snakemake\.tar\.gz unpacks from .* to more than"):
        fetch(published_study, tmp_path / "fetched", limits=Limits(small=1000, ratio=12))


def test_the_remote_of_a_bundle_is_never_asked(published_study, tmp_path):
    """Whoever made it could have named any address there, and a command that gives its password."""
    remote = f"[core]\n    remote = theirs\n['remote \"theirs\"']\n    url = {tmp_path}/theirs\n"
    bundle = repacked(
        published_study, tmp_path / "bundle", drop={WEIGHT},
        change=lambda name, content: remote.encode() if name == ".dvc/config" else content,
    )  # fmt: skip
    fetched = fetch(bundle, tmp_path / "fetched")
    assert fetched.restored.missing == [WEIGHT]
    assert not (tmp_path / "theirs").exists()


def test_a_damaged_ledger(published_study, tmp_path):
    bundle = deceiving(
        published_study, tmp_path / "bundle", "dvc.lock", lambda text: text[: text.index("    outs:")] + "{"
    )
    with pytest.raises(DamagedError, match=r"dvc\.lock (cannot be read|says nothing of)"):
        fetch(bundle, tmp_path / "fetched")


def test_a_bundle_made_by_hand_is_one(published_study):
    """What the tests above rest on."""
    report = check_files(published_study)
    assert report.holds
    assert report.members_right > 150
