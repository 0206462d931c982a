# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: running commands, measuring them, printing ratios."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
}


@dataclass(frozen=True)
class Run:
    """One run of a command.

    Attributes:
        seconds: wall-clock time.
        memory: peak resident memory of the largest process, in bytes.
        output: what it printed.
    """

    seconds: float
    memory: int
    output: str


def run(command: list[str], folder: Path, **variables: str) -> Run:
    """Run a command to its end and measure it.

    Raises:
        SystemExit: when it fails; what it printed is shown.
    """
    clock = time.monotonic()
    # Measured by a process of its own, whose only child is the command.
    meter = "import resource, subprocess, sys; c = subprocess.run(sys.argv[1:]).returncode;"
    meter += "print('PEAK', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, flush=True); sys.exit(c)"
    done = subprocess.run(
        [sys.executable, "-c", meter, *command],
        cwd=folder, env={**ENVIRONMENT, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - clock
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    peak = int(done.stdout.rsplit("PEAK ", 1)[1].split()[0])
    return Run(seconds, peak, done.stdout + done.stderr)


def best(command: list[str], folder: Path, times: int = 3) -> Run:
    """Run a command several times and give the fastest, which other work disturbed least."""
    return min((run(command, folder) for _ in range(times)), key=lambda one: one.seconds)


def ratio(what: str, ours: float, theirs: float, target: float | None = None, *, faster: bool = False) -> None:
    """Print how two figures of one run compare.

    Args:
        what: the sentence's beginning.
        ours: our figure.
        theirs: what it is measured against.
        target: the ratio that is wanted: at most, or at least where `faster`.
        faster: whether the ratio is theirs to ours.
    """
    value = theirs / ours if faster else ours / theirs
    wanted = "" if target is None else f" (wanted: at {'least' if faster else 'most'} {target:g})"
    print(f"{what}: {value:.2f}{wanted}", flush=True)


def finished_study(argument: str | None) -> Path:
    """The folder of a finished reference study: the one that is named, or this repository.

    Raises:
        SystemExit: when it is not finished.
    """
    folder = Path(argument).resolve() if argument else ROOT
    if not (folder / "results" / "report.html").is_file():
        sys.exit(f"{folder} holds no finished study: run `make reproduce` first, or name the folder of one")
    return folder


def copy_study(folder: Path, target: Path) -> Path:
    """Copy the configuration, tasks and steps of a study, and nothing that it made."""
    for name in ("config", "tasks", "steps", "workflow"):
        shutil.copytree(folder / name, target / name)
    shutil.copyfile(folder / "Snakefile", target / "Snakefile")
    (target / "profiles").symlink_to("workflow/profiles")
    return target


def peak_of_children() -> int:
    """Peak resident memory of this process's children so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
