# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The folder target: what Zenodo would get, without an account."""

import json

import pytest
from publish_kit import Builder, make_folder, study

from railcrate.bundle.manifest import read_manifest
from railcrate.publish.errors import ReleaseConfigError, TargetTakenError, UnchangedError, VersionTakenError
from railcrate.publish.folder import FolderTarget
from railcrate.publish.progress import Lines
from railcrate.publish.release import release
from railcrate.study.errors import DataError


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path / "study")


def run(folder, builder, **more):
    said = []
    return release(
        folder, study(version=builder.version), target=FolderTarget(folder, Lines(said.append)), builder=builder,
        ask=lambda plan: True, **more,
    )  # fmt: skip


def test_makes_what_zenodo_would_get(folder):
    builder = Builder()
    outcome = run(folder, builder)
    made = folder / "release/1.0.0"
    assert (outcome.state, outcome.link, outcome.tag) == ("published", str(made), None)
    manifest = read_manifest(made)
    assert manifest.doi is None
    files = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    assert files == {entry.path for entry in manifest.files} | {"manifest.json"}
    record = json.loads((folder / "release/1.0.0.record.json").read_text())
    assert record["metadata"]["version"] == "1.0.0"
    assert builder.built == [None]
    assert not (folder / "releases.yaml").exists()
    assert (folder / "release/.gitignore").read_text() == "*\n"


def test_twice_is_once(folder):
    run(folder, Builder())
    before = (folder / "release/1.0.0").stat()
    assert run(folder, Builder()).state == "unchanged"
    assert (folder / "release/1.0.0").stat() == before


def test_other_content_does_not_replace_a_version(folder):
    run(folder, Builder())
    with pytest.raises(VersionTakenError, match=r"version 1\.0\.0 is published already"):
        run(folder, Builder(data="other"))
    assert run(folder, Builder("1.1.0", "other")).state == "published"
    with pytest.raises(UnchangedError, match=r"since version 1\.1\.0"):
        run(folder, Builder("1.2.0", "other"))
    assert sorted(path.name for path in (folder / "release").glob("[0-9]*")) == [
        "1.0.0", "1.0.0.record.json", "1.1.0", "1.1.0.record.json",
    ]  # fmt: skip


def test_damage_is_found(folder):
    run(folder, Builder())
    (folder / "release/1.0.0/README.md").unlink()
    (folder / "release/1.0.0/weights.zip").write_bytes(b"weightz" * 30)
    (folder / "release/1.0.0/more.txt").write_text("x")
    with pytest.raises(DataError, match=r"damaged: README\.md, more\.txt, weights\.zip"):
        run(folder, Builder())


def test_what_is_no_release_stays(folder):
    (folder / "release/1.0.0").mkdir(parents=True)
    (folder / "release/1.0.0/mine.txt").write_text("x")
    with pytest.raises(TargetTakenError, match="no release that this study made"):
        run(folder, Builder())
    assert (folder / "release/1.0.0/mine.txt").exists()
    with pytest.raises(TargetTakenError, match="name of a folder"):
        run(folder, Builder("../up"))


def test_what_a_kill_has_left_does_not_matter(folder):
    part = folder / "release/.1.0.0.part"
    part.mkdir(parents=True)
    (part / "half").write_text("x")
    run(folder, Builder())
    assert not part.exists()
    assert not (folder / "release/1.0.0/half").exists()


def test_there_are_no_drafts_in_a_folder(folder):
    with pytest.raises(ReleaseConfigError, match="no drafts"):
        run(folder, Builder(), draft=True)


def test_dry_run_makes_nothing(folder):
    outcome = run(folder, Builder(), dry_run=True)
    assert outcome.state == "planned"
    assert not (folder / "release").exists()
