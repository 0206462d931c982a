# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Restoring that was killed: what it was in the middle of is swept away, and is no obstacle to the next one."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ledger_kit import commit, nothing_to_do, record, shell

from railcrate.ledger.leftovers import sweep
from railcrate.ledger.restore import restore_study

LARGE = 1 << 26  # bytes: long enough under way to be seen
CACHE = Path(".dvc/cache/files/md5")


@pytest.fixture
def clone(finished_study, tmp_path):
    """A clone of a study that keeps one large file, with the remote beside it."""
    study = shutil.copytree(finished_study, tmp_path / "study", symlinks=True)
    (study / "records" / "large.bin").write_bytes(os.urandom(LARGE))
    record(study, push=True)
    commit(study)
    shell(tmp_path, "git", "clone", "-q", str(study), "clone")
    return tmp_path / "clone"


def half_written(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".*.tmp") if path.parent != folder / ".dvc" / "tmp"]


def kill_restore(folder: Path, place: Path) -> list[Path]:
    """Kill a restoring while it writes below a place; name what it has left there."""
    command = [sys.executable, "-m", "railcrate.cli", "restore", "--remote", "../study/.dvc-storage"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not half_written(place):
        time.sleep(0.001)
    process.kill()
    process.wait()
    return half_written(place)


def test_restoring_that_was_killed_twice(clone):
    for place in (CACHE, Path("records")):  # on the way from the remote, and on the way to its place
        if not kill_restore(clone, clone / place):  # on disks that share blocks, a copy takes no time
            (clone / place).mkdir(parents=True, exist_ok=True)
            (clone / place / ".0123456789abcdefghijkl.tmp").write_bytes(b"half")
    assert half_written(clone / "records")
    summary = restore_study(clone, remote="../study/.dvc-storage")
    assert (summary.unrecorded, summary.missing) == ([], [])
    assert half_written(clone) == []
    assert not list(clone.rglob(".*.part"))
    assert (clone / "records" / "large.bin").stat().st_size == LARGE
    assert nothing_to_do(clone)


def test_what_is_still_written_or_somebody_elses_is_left_alone(tmp_path):
    cache, output = tmp_path / CACHE, tmp_path / "data" / "words"
    for folder in (cache / "ab", output, tmp_path / ".snakemake" / "metadata"):
        folder.mkdir(parents=True)
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = [
        cache / ".0123456789abcdefghijkl.tmp",
        cache / "ab" / ".0123456789abcdefghijkl.tmp",
        output / f".words.txt.{ended.pid}.part",
        output.parent / ".0123456789abcdefghijkl.tmp",
        tmp_path / ".snakemake" / "metadata" / f".name.{ended.pid}.part",
    ]
    kept = [
        output / f".words.txt.{os.getpid()}.part",
        output / ".mine.tmp",
        output / "words.tmp",
        cache / "ab" / "cdef",
    ]
    for path in (*left, *kept):
        path.write_bytes(b"half")
    assert sorted(sweep(tmp_path, cache, [output])) == sorted(left)
    assert all(path.exists() for path in kept)
