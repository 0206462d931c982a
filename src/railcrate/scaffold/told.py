# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is told once a study has been made: what it is, what is in it, and what to do next."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from railcrate.scaffold.make import Made

IS = {
    "scratch": "trains a very small model from random weights",
    "finetune": "trains {base} further, by LoRA",
    "evaluate": "tests {base} as it is",
}
DATA = {
    "synthetic": "on a corpus that a generator makes",
    "files": "on the files in corpus/, where an example lies",
    "url": "on {data_url}",
    "hub": "on the data set {data_set}",
}


def made(study: Made, start: Path | None = None) -> str:
    """Tell that a study was made, and the next commands.

    Args:
        study: what was made.
        start: the folder that the commands are given in; the current one by default.

    Returns:
        Several lines of text.
    """
    answers = study.answers
    what = " ".join((IS[answers["kind"]], DATA[answers["data"]])).format_map(answers)
    where = os.path.relpath(study.folder, start)
    lines = [f"Made {'this folder' if where == '.' else f'{where}/'}, a study that {what}.", ""]
    lines += [f"  {name:20}{text}" for name, text in _parts(study)]
    if not study.in_somebodys_name:
        lines += [
            "",
            "Git does not know your name, so the first commits are by 'railcrate new'. Before your own:",
            f'  git config --global user.name "{_given_first(answers["author"])}"',
            "  git config --global user.email you@example.org",
        ]
    if study.conflicts:
        lines += [
            "",
            "The licenses do not fit together yet: `railcrate license check` tells why, and the ways out.",
            "That stops no run, only publishing.",
        ]
    lines += ["", "Next:"]
    on_cluster = (study.folder / "profiles" / "slurm").is_dir()
    command = "snakemake --profile profiles/slurm" if on_cluster else "snakemake --cores 2"
    steps = [f"cd {shlex.quote(where)}", "railcrate check", command]
    if where == ".":
        steps = steps[1:]
    notes = {"railcrate check": "is all that it needs there?", command: _how_long(study, on_cluster=on_cluster)}
    width = max(24, len(command) + 4)
    lines += [f"  {step:{width}}{notes.get(step, '')}".rstrip() for step in steps]
    return "\n".join(lines)


def _parts(study: Made) -> list[tuple[str, str]]:
    """The files that an author looks at first."""
    parts = [("config/study.yaml", "the whole study; begin to change it here")]
    if (study.folder / "corpus").is_dir():
        parts.append(("corpus/", "your texts come here"))
    parts += [("steps/, tasks/", "your own steps and benchmarks, an example each")]
    parts += [("sections/", "your own sections of the report")]
    if (study.folder / "profiles" / "slurm").is_dir():
        parts.append(("profiles/slurm/", "what jobs ask of the cluster"))
    return [*parts, ("README.md", "for those who find it")]


def _how_long(study: Made, *, on_cluster: bool) -> str:
    answers = study.answers
    loads = []
    if answers["data"] in ("url", "hub"):
        loads.append("the data")
    if answers["kind"] != "scratch":
        if answers["base"].startswith("./"):
            return f"once the base lies in {answers['base'][2:]}/"
        loads.append("the base")
    if loads:
        return f"downloads {' and '.join(loads)} first"
    return f"{'' if on_cluster else 'about two minutes; '}then see results/report.html"


def _given_first(author: str) -> str:
    family, comma, given = author.partition(", ")
    return f"{given} {family}" if comma else author
