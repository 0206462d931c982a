# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that are near already: in mirrors and in DVC's cache. No test here can reach a network."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from railcrate.data.errors import DownloadError
from railcrate.data.fetch import fetch_source

CONTENT = b"A corpus of one line.\n" * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PLACE = Path("data/raw/web/corpus.txt")
MIRROR = os.environ.get("RAILCRATE_MIRROR", "")  # before a test changes it
NOWHERE = "http://127.0.0.1:9/corpus.txt"  # the port of `discard`, where nobody listens


@pytest.fixture
def study(make_study):
    return make_study(web={"type": "url", "files": [{"url": NOWHERE, "sha256": SHA256}]})


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    (tmp_path / "mirror" / "deep").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("RAILCRATE_MIRROR", f"{tmp_path / 'empty'}{os.pathsep}{tmp_path / 'mirror'}")
    return tmp_path / "mirror"


def came_from() -> str:
    return json.loads(Path("records/fetch/web.json").read_text())["from"]["corpus.txt"]


def dvc(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "dvc", "--quiet", *words], check=True)


def index(mirror: Path, content: object) -> None:
    (mirror / "index.yaml").write_text(yaml.safe_dump(content))


def test_a_mirror_is_searched_by_content_whatever_the_name(folder, study, mirror):
    (mirror / "deep" / "otherwise.bin").write_bytes(CONTENT)
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert came_from() == "a mirror"


def test_what_is_fetched_is_a_copy(folder, study, mirror):
    (mirror / "a").write_bytes(CONTENT)
    fetch_source(folder, study, "web")
    PLACE.write_bytes(b"spoilt")
    assert (mirror / "a").read_bytes() == CONTENT


def test_what_a_killed_run_had_half_copied_is_removed(folder, study, mirror):
    (mirror / "a").write_bytes(CONTENT)
    PLACE.parent.mkdir(parents=True)
    (PLACE.parent / ".corpus.txt.4711.part").write_bytes(CONTENT[:10])
    fetch_source(folder, study, "web")
    assert [path.name for path in PLACE.parent.iterdir()] == ["corpus.txt"]


def test_hashes_of_a_mirror_are_remembered_until_the_file_changes(folder, study, mirror):
    (mirror / "a").write_bytes(CONTENT)
    fetch_source(folder, study, "web")
    remembered = json.loads(Path(".railcrate/mirror-hashes.json").read_text())
    assert remembered[str(mirror / "a")][2] == SHA256
    PLACE.unlink()
    (mirror / "a").rename(mirror / "b")
    (mirror / "a").write_bytes(b"something else")
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "content",
    [
        {"web": {"files": [{"path": "deep/corpus.txt", "sha256": SHA256, "bytes": 1}]}},
        [{"file": "deep/corpus.txt", "sha256": SHA256}],
        {"files": {"deep/corpus.txt": {"sha256": SHA256}}},
    ],
)
def test_an_index_saves_hashing(folder, study, mirror, content):
    (mirror / "deep" / "corpus.txt").write_bytes(CONTENT)
    index(mirror, content)
    fetch_source(folder, study, "web")
    assert came_from() == "a mirror"
    assert not Path(".railcrate/mirror-hashes.json").exists()


def test_an_index_that_is_wrong_does_no_harm(folder, study, mirror, capsys):
    (mirror / "corpus.txt").write_bytes(b"another one")
    (mirror / "right.txt").write_bytes(CONTENT)
    index(mirror, [{"path": "corpus.txt", "sha256": SHA256}, {"path": "none.txt", "sha256": SHA256}])
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert "is not what its mirror's index says" in capsys.readouterr().err


def test_an_index_that_cannot_be_read_is_told(folder, study, mirror, capsys):
    (mirror / "right.txt").write_bytes(CONTENT)
    (mirror / "index.yaml").write_text("a: [")
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert "index.yaml cannot be read" in capsys.readouterr().err


def test_a_mirror_that_is_not_there_is_told(folder, study, monkeypatch, capsys):
    monkeypatch.setenv("RAILCRATE_MIRROR", "/nowhere/at/all")
    with pytest.raises(DownloadError):
        fetch_source(folder, study, "web")
    assert "RAILCRATE_MIRROR names /nowhere/at/all, which is no folder" in capsys.readouterr().err


@pytest.fixture
def in_cache(folder):
    """The file is recorded and then gone, as on a fresh clone with a cache that is shared."""
    dvc("init", "--no-scm")
    PLACE.parent.mkdir(parents=True)
    PLACE.write_bytes(CONTENT)
    dvc("add", str(PLACE))
    PLACE.unlink()
    return Path(f"{PLACE}.dvc")


def test_dvc_cache_gives_what_dvc_add_has_kept(folder, study, in_cache):
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert came_from() == "DVC's cache"


def test_dvc_cache_gives_what_the_lock_names_wherever_the_cache_is(folder, study, in_cache, tmp_path):
    Path(".dvc/cache").rename(tmp_path / "shared")
    dvc("cache", "dir", str(tmp_path / "shared"))
    output = {**yaml.safe_load(in_cache.read_text())["outs"][0], "path": str(PLACE)}
    in_cache.unlink()
    Path("dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": {"fetch-web": {"outs": [output]}}}))
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert came_from() == "DVC's cache"


def test_a_damaged_object_of_the_cache_is_passed_over(folder, study, in_cache, mirror):
    (mirror / "a").write_bytes(CONTENT)
    stored = next(path for path in Path(".dvc/cache/files/md5").rglob("*") if path.is_file())
    stored.chmod(0o644)
    stored.write_bytes(b"damaged")
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert came_from() == "a mirror"


@pytest.mark.parametrize("lock", ["stages: [", "- a", "stages: {fetch: {outs: 3}}", "stages: {fetch: [1]}"])
def test_a_damaged_lock_is_passed_over(folder, study, mirror, lock):
    (mirror / "a").write_bytes(CONTENT)
    Path("dvc.lock").write_text(lock)
    fetch_source(folder, study, "web")
    assert came_from() == "a mirror"


@pytest.mark.mirror
@pytest.mark.skipif(not MIRROR, reason="RAILCRATE_MIRROR is not set")
def test_real_data_come_from_the_mirror(folder, make_study, monkeypatch):
    monkeypatch.setenv("RAILCRATE_MIRROR", MIRROR)
    wanted = yaml.safe_load((Path(MIRROR) / "index.yaml").read_text())["blimp"]["files"][0]
    study = make_study(web={"type": "url", "files": [{"url": NOWHERE, "sha256": wanted["sha256"]}]})
    fetch_source(folder, study, "web")
    assert PLACE.stat().st_size == wanted["bytes"]
