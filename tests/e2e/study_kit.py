# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study with all its real parts at a size that takes seconds, and what one does with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGKILL, SIGSTOP

import psutil

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LEDGER = {"dvc.yaml", "dvc.lock", "records.dvc", "report.dvc"}
GENERATED = ["data", "models", "results", "records", "logs", "checkpoints", ".snakemake", ".railcrate", ".dvc/cache"]
RIGHT, SECONDS = 0, 240


def make_study(folder: Path) -> Path:
    """Lay the study down as a person would commit it: git, DVC and nothing generated."""
    shutil.copytree(HERE / "tiny", folder)
    shutil.copytree(ROOT / "workflow" / "profiles", folder / "profiles")
    for name in (".gitignore", ".dvcignore"):
        shutil.copy(ROOT / name, folder / name)
    run(folder, "git", "init", "-q")
    run(folder, "git", "config", "user.email", "jane@example.org")
    run(folder, "git", "config", "user.name", "Jane")
    run(folder, "dvc", "init", "-q")
    shutil.copy(ROOT / ".dvc" / "config", folder / ".dvc" / "config")
    commit(folder)
    return folder


def environment(**more: str) -> dict[str, str]:
    """The environment of a person's shell: the commands of this installation, and no run's leavings."""
    names = ("RAILCRATE_WARM", "DVC_STAGE", "PYTEST_CURRENT_TEST")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **more}


def run(folder: Path, *words: str, code: int | None = RIGHT, **more: str) -> str:
    """Run a command to its end and give all that it printed; `code` None accepts any exit code but 0."""
    done = subprocess.run(
        words, cwd=folder, env=environment(**more), text=True, check=False, timeout=SECONDS,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == code or (code is None and done.returncode), f"{words}: {done.returncode}\n{done.stdout}"
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def snakemake(folder: Path, *words: str, code: int | None = RIGHT, **more: str) -> str:
    return run(folder, "snakemake", "--cores", "2", *words, code=code, **more)


def commit(folder: Path) -> None:
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", "A step", "--allow-empty")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def jobs_of(folder: Path, *words: str, **more: str) -> set[str]:
    """Run the study, and name the jobs that ran, such as "train tiny.raw.seed0"."""
    lines = snakemake(folder, *words, **more).splitlines()
    return {line.split(": done in ")[0] for line in lines if ": done in " in line}


def assert_all_recorded(folder: Path) -> None:
    """Ask everyone who can tell: Snakemake, DVC and git."""
    assert "Nothing to be done" in snakemake(folder, "--dry-run")
    status = run(folder, "dvc", "status")
    assert "up to date" in status, status
    changed = {line[3:] for line in run(folder, "git", "status", "--short").splitlines()}
    assert changed <= LEDGER, changed
    left = [path for path in folder.rglob("*.part") if ".dvc" not in path.parts]
    assert not left, left


def lock_of(folder: Path) -> str:
    return (folder / "dvc.lock").read_text()


def without_generated(folder: Path) -> Path:
    for name in GENERATED:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in LEDGER:
        (folder / name).unlink(missing_ok=True)
    return folder


def start(folder: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    """Start a run that goes on by itself."""
    return subprocess.Popen(
        ["snakemake", "--cores", "2", *words], cwd=folder, env=environment(**more), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def wait_for(what, seconds: float = 120):
    """Wait until a function gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


def kill_all(process: subprocess.Popen[str]) -> None:
    """End a run as a power cut does: it and every process that it started, all at once."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for signal in (SIGSTOP, SIGKILL):  # first all stand still, so that none sees another end
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.send_signal(signal)
    process.communicate()
    psutil.wait_procs(family, timeout=10)


def is_newer(path: Path, than: float) -> bool:
    """Whether a file is there and was written after a time; a job's log goes away before the job begins."""
    try:
        return path.stat().st_mtime > than
    except FileNotFoundError:
        return False
