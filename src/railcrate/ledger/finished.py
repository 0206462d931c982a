# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which stages are finished: made by Snakemake from what is there now, and untouched since.

Snakemake is asked what it would make. It judges by dates first, so three things could
slip through, and are looked at here: an output that was changed after its job had ended;
an input whose content changed while its date did not become newer; an output of which
Snakemake has no memory. A stage that rests on an unfinished one is unfinished itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from railcrate.ledger.archive import read_memory
from railcrate.ledger.errors import PlanError
from railcrate.ledger.stages import Stage
from railcrate.study import paths
from railcrate.study.files import sha256_file, write_text

HASHES = f"{paths.STATE}/sha256.json"  # sha256 of files by date and size, so that no file is read twice

Stamp = tuple[int, int, int]  # date in ns, size, inode
AsRecorded = Callable[[str, dict[str, Any]], bool]


def unfinished(folder: Path, stages: Sequence[Stage], as_recorded: AsRecorded) -> dict[str, str]:
    """Name the stages that are not finished, each with the reason.

    Args:
        folder: the study's folder, which must be the current one.
        stages: all stages.
        as_recorded: tells, for an output whose date is not that of its job's end and for
            Snakemake's memory of it, whether the ledger knows exactly this content with this
            memory: so it is after a restore, and after copying a study.

    Returns:
        Reasons by stage, in the order of the stages.

    Raises:
        PlanError: when Snakemake cannot say what is up to date.
    """
    plan = ask_snakemake(folder)
    hashes = _Hashes(folder)
    reasons: dict[str, str] = {}
    behind: dict[str, str] = {}  # outputs of unfinished stages
    for stage in in_order(stages):
        reason = _own_reason(folder, stage, plan, hashes, as_recorded)
        if reason is None:
            upstream = next((behind[name] for name in stage.dependencies if name in behind), None)
            reason = f"it rests on {upstream}" if upstream else None
        if reason is not None:
            reasons[stage.name] = reason
            behind.update(dict.fromkeys(stage.targets, stage.name))
    hashes.save()
    return {stage.name: reasons[stage.name] for stage in stages if stage.name in reasons}


def in_order(stages: Sequence[Stage]) -> list[Stage]:
    """Sort stages so that each comes after those that it reads from."""
    maker = {target: stage for stage in stages for target in stage.targets}
    done: dict[str, Stage] = {}

    def visit(stage: Stage) -> None:
        if stage.name in done:
            return
        for name in stage.dependencies:
            if name in maker and maker[name] is not stage:
                visit(maker[name])
        done[stage.name] = stage

    for stage in stages:
        visit(stage)
    return list(done.values())


def ask_snakemake(folder: Path) -> dict[str, str | None]:
    """Ask Snakemake what it would make now.

    Args:
        folder: the study's folder.

    Returns:
        For each output of the workflow None when it is up to date, and the reason when it is not.

    Raises:
        PlanError: when Snakemake ends with an error; the message holds its last lines.
    """
    # Dates, inputs, parameters: the fingerprint of the code is among the parameters.
    triggers = ["--rerun-triggers", "mtime", "input", "params", "software-env", "--rerun-incomplete"]
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--summary", "--nolock", "--cores", "1", *triggers],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = "\n  ".join(line for line in done.stderr.strip().splitlines()[-12:] if line.strip())
        raise PlanError(
            f"Snakemake cannot plan the study, so nothing was recorded:\n  {last}",
            "Mend what it names (`snakemake -n` shows it again), then run `railcrate record`.",
        )
    return _plan(done.stdout)


def _plan(summary: str) -> dict[str, str | None]:
    lines = summary.splitlines()
    start = next((row for row, line in enumerate(lines) if line.startswith("output_file\t")), None)
    if start is None:
        raise PlanError(
            "snakemake --summary printed no table, so nothing was recorded",
            "Run it by hand to see what it prints; railcrate is tested with Snakemake 9.",
        )
    columns = lines[start].split("\t")
    plan: dict[str, str | None] = {}
    for line in lines[start + 1 :]:
        row = dict(zip(columns, line.split("\t"), strict=False))
        if len(row) == len(columns):
            plan[row["output_file"]] = _reason(row["output_file"], row["status"], row["plan"])
    return plan


def _reason(output: str, status: str, plan: str) -> str | None:
    if status == "missing":
        return f"{output} is missing"
    if plan == "no update":
        return None
    return f"{output} is to be made anew" + (f" ({status})" if status != "ok" else "")


def _own_reason(
    folder: Path, stage: Stage, plan: dict[str, str | None], hashes: _Hashes, as_recorded: AsRecorded
) -> str | None:
    """Why a stage is not finished, leaving aside what it rests on."""
    planned = [plan.get(target, f"{target} is not made by the workflow") for target in stage.targets]
    reason = next((reason for reason in planned if reason is not None), None)
    if reason is not None:
        return reason
    lost = next((name for name in (*stage.kept(), *stage.dependencies) if not (folder / name).exists()), None)
    if lost is not None:
        return f"{lost} is missing"
    for target in stage.targets:
        memory = read_memory(folder, target)
        if memory is None:
            return f"Snakemake does not know how {target} was made; delete it to have it made anew"
        if (folder / target).stat().st_mtime != memory.get("endtime") and not as_recorded(target, memory):
            return f"{target} was changed after it had been made; delete it to have it made anew"
        for name, wanted in (memory.get("input_checksums") or {}).items():
            if hashes.of(name) != wanted.removeprefix("sha256:"):
                return f"{name} was changed without a newer date; `touch` it to have {target} made anew"
    return None


class _Hashes:
    """The sha256 of inputs, remembered by date, size and inode."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._known: dict[str, list[Any]] = json.loads((folder / HASHES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}
        self._asked: dict[str, str | None] = {}

    def of(self, name: str) -> str | None:
        """The hash of a file; None when it is not there."""
        if name not in self._asked:
            self._asked[name] = self._find(name)
        return self._asked[name]

    def _find(self, name: str) -> str | None:
        now = stamp(self._folder / name)
        if now is None or not (self._folder / name).is_file():
            return None
        known = self._known.get(name)
        if known is None or tuple(known[:3]) != now:
            self._known[name] = [*now, sha256_file(self._folder / name)]
        return str(self._known[name][3])

    def save(self) -> None:
        """Keep what was asked for, and forget the rest."""
        kept = {name: self._known[name] for name in sorted(self._asked) if self._asked[name] is not None}
        write_text(self._folder / HASHES, json.dumps(kept) + "\n")


def stamp(path: Path) -> Stamp | None:
    """Date, size and inode of a file; None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def stamps(folder: Path, names: Iterable[str]) -> dict[str, Stamp | None]:
    """The stamps of many files, and of the files in folders among them."""
    found: dict[str, Stamp | None] = {}
    for name in names:
        path = folder / name
        if path.is_dir():
            for root, _, files in os.walk(path):
                for file in files:
                    member = Path(root) / file
                    found[member.relative_to(folder).as_posix()] = stamp(member)
        else:
            found[name] = stamp(path)
    return found
