# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A SLURM of one node, on this machine alone, for as long as a test needs it (Debian: slurm-wlm, munge)."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

CONFIG = Path("/etc/slurm/slurm.conf")  # where job steps look for it: they get no other environment
MARK = "# Written for the tests of railcrate; it may be deleted.\n"
MUNGE = Path("/run/munge")
PROGRAMS = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
SECONDS = 20


def why_not() -> str:
    """Why there can be no SLURM here; empty where there can."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"no {', '.join(missing)} (Debian packages slurm-wlm and munge)"
    if os.getuid() != 0:
        return "only root can start SLURM's daemons"
    if CONFIG.exists() and not CONFIG.read_text().startswith(MARK):
        return f"{CONFIG} is there: this machine belongs to a cluster"
    return ""


@contextmanager
def slurm(folder: Path) -> Iterator[None]:
    """Start SLURM, and end it.

    Args:
        folder: where its daemons keep their state and logs.
    """
    folder.mkdir(parents=True)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    CONFIG.parent.mkdir(parents=True, exist_ok=True)
    CONFIG.write_text(MARK + _config(folder))
    munge = None if _answers("munge", "-n") else _start_munge()
    try:
        for daemon in ("slurmctld", "slurmd"):
            subprocess.run([daemon], check=True, capture_output=True)
        _wait(lambda: "idle" in _said("sinfo", "-h", "-o", "%T"), f"SLURM did not come up: see {folder}")
        yield
    finally:
        for daemon in ("slurmd", "slurmctld"):
            _end(folder / f"{daemon}.pid")
        if munge is not None:
            _end(munge)
        CONFIG.unlink(missing_ok=True)


def jobs() -> list[dict[str, str]]:
    """What SLURM knows of its jobs, the ended ones included."""
    blocks = _said("scontrol", "show", "job", "--oneliner").splitlines()
    return [dict(word.split("=", 1) for word in block.split() if "=" in word) for block in blocks if "JobId=" in block]


def _config(folder: Path) -> str:
    name = socket.gethostname().split(".")[0]
    memory = psutil.virtual_memory().total // 2**20
    settings = {
        "ClusterName": "railcrate", "SlurmctldHost": f"{name}(127.0.0.1)", "AuthType": "auth/munge",
        "SlurmUser": "root", "SlurmdUser": "root", "ReturnToService": "2",
        "StateSaveLocation": folder / "state", "SlurmdSpoolDir": folder / "spool",
        "SlurmctldPidFile": folder / "slurmctld.pid", "SlurmdPidFile": folder / "slurmd.pid",
        "SlurmctldLogFile": folder / "slurmctld.log", "SlurmdLogFile": folder / "slurmd.log",
        # What needs no control groups, no accounting, and no waiting.
        "ProctrackType": "proctrack/linuxproc", "TaskPlugin": "task/none", "JobAcctGatherType": "jobacct_gather/none",
        "AccountingStorageType": "accounting_storage/none",
        "SchedulerParameters": "sched_interval=1,sched_min_interval=0",
        # Memory counts, so that what the jobs ask for is put to the test.
        "SelectType": "select/cons_tres", "SelectTypeParameters": "CR_CPU_Memory",
    }  # fmt: skip
    lines = [f"{key}={value}" for key, value in settings.items()]
    lines.append(f"NodeName={name} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory={memory} State=UNKNOWN")
    lines.append(f"PartitionName=main Nodes={name} Default=YES MaxTime=INFINITE State=UP")
    return "\n".join(lines) + "\n"


def _start_munge() -> Path:
    """Start munge, by which SLURM's daemons know one another; gives its pid file."""
    MUNGE.mkdir(exist_ok=True)
    shutil.chown(MUNGE, "munge", "munge")
    # As root where there is nobody else; it warns of folders that are not its own, and serves all the same.
    started = subprocess.run(["runuser", "-u", "munge", "--", "munged"], capture_output=True, check=False)
    if started.returncode != 0:
        subprocess.run(["munged", "--force"], capture_output=True, check=True)
    _wait(lambda: _answers("munge", "-n"), "munge did not come up")
    return MUNGE / "munged.pid"


def _end(pid_file: Path) -> None:
    try:
        process = psutil.Process(int(pid_file.read_text()))
        process.send_signal(signal.SIGTERM)
        # Whoever inherited it need not have taken note of its end.
        _wait(lambda: process.status() == psutil.STATUS_ZOMBIE, f"{process} does not end")
    except (OSError, ValueError, psutil.NoSuchProcess):
        return  # it is not there


def _answers(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _said(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def _wait(what, otherwise: str) -> None:
    end = time.monotonic() + SECONDS
    while not what():
        if time.monotonic() > end:
            raise AssertionError(otherwise)
        time.sleep(0.1)
