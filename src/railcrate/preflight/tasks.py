# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The benchmarks' tasks: whether the study's own files are right, and whether lm-eval knows the other names.

`python -m railcrate.preflight.tasks FOLDER` prints what is wrong as JSON: lm-eval takes a second or
two to import, which is done in a process of its own while other things are looked at, and only
when a task file or a benchmark has changed.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from railcrate.preflight.findings import Finding, error, ok, told, warning
from railcrate.preflight.recorded import read_or_none
from railcrate.study import paths, units
from railcrate.study.config import Study
from railcrate.study.errors import ConfigError, RailcrateError
from railcrate.study.files import write_json
from railcrate.study.load import load_study

MEMORY = f"{paths.STATE}/tasks.json"  # what was found the last time, and what that rests on

TOPIC = "benchmarks"
GLOB = frozenset("*?[")


@dataclass(frozen=True)
class Asked:
    """A look at tasks that was begun.

    Attributes:
        process: the process that looks; None where the answer is remembered.
        key: what the answer rests on.
        answer: the remembered answer.
    """

    process: subprocess.Popen[str] | None
    key: str
    answer: dict[str, Any] | None = None


def start(folder: Path, study: Study) -> Asked:
    """Begin to look at the tasks of a study, in a process of its own; or remember what was found the last time.

    Args:
        folder: the study's folder.
        study: the configuration.
    """
    key = _key(folder, study)
    known = read_or_none(folder / MEMORY)
    if known is not None and known.get("key") == key:
        return Asked(None, key, known["answer"])
    words = [sys.executable, "-m", "railcrate.preflight.tasks", str(folder)]
    return Asked(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True), key)


def _key(folder: Path, study: Study) -> str:
    """A hash of all that the answer rests on: the benchmarks, the files in their folders, and lm-eval's version."""
    parts = {name: benchmark.model_dump(mode="json") for name, benchmark in study.benchmarks.items()}
    digest = hashlib.sha256(json.dumps([parts, version("lm_eval")], sort_keys=True).encode())
    for path in sorted({benchmark.path for benchmark in study.benchmarks.values() if benchmark.path is not None}):
        for file in sorted((folder / path).rglob("*")):
            if file.suffix in (".yaml", ".py"):
                digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def finish(folder: Path, study: Study, asked: Asked) -> list[Finding]:
    """Wait for what `start` began, and make findings of it.

    Args:
        folder: the study's folder.
        study: the configuration.
        asked: what was begun.
    """
    answer = asked.answer
    if asked.process is not None:
        out, errors = asked.process.communicate()
        if asked.process.returncode != 0:
            last = next((line for line in reversed(errors.splitlines()) if line.strip()), "no word")
            return [error(TOPIC, f"lm-eval cannot be asked about the tasks: {last}", "See `railcrate doctor`.")]
        answer = json.loads(out.splitlines()[-1])
        with contextlib.suppress(OSError):  # a memory that saves time, and nothing else
            write_json(folder / MEMORY, {"key": asked.key, "answer": answer})
    assert answer is not None
    found = [
        told(TOPIC, ConfigError(problem["message"], problem["hint"]), benchmark=problem["benchmark"])
        for problem in answer["problems"]
    ]
    for name, unknown in answer["unknown"].items():
        text = f"benchmarks.{name}: lm-eval has no file that defines {', '.join(unknown)}"
        found.append(warning(TOPIC, text, "Look for the right name: `lm_eval ls tasks`."))
    return found or [ok(TOPIC, _well(study, answer))]


def _well(study: Study, answer: dict[str, Any]) -> str:
    own = f"{units.count(answer['files'], 'task file')} of the study can be read" if answer["files"] else ""
    named = f"lm-eval knows {', '.join(answer['named'])}" if answer["named"] else ""
    later = ", whose data come from the hub when they are first used" if named else ""
    return "; ".join(filter(None, (units.count(len(study.benchmarks), "benchmark"), own, named))) + later


def look(folder: Path) -> dict[str, Any]:
    """Look at the tasks of a study; lm-eval is imported.

    Args:
        folder: the study's folder, which must be the current one.

    Returns:
        `problems`, each with benchmark, message and hint; `files`, how many task files of the study
        were read; `named`, tasks of lm-eval that are known; `unknown`, by benchmark, those that are not.
    """
    study = load_study(folder)
    problems: list[dict[str, str]] = []
    named: list[str] = []
    unknown: dict[str, list[str]] = {}
    read: dict[Path, None] = {}
    for name, benchmark in study.benchmarks.items():
        if benchmark.path is None:
            known = _known(benchmark.tasks)
            named += [task for task in benchmark.tasks if task in known or GLOB & set(task)]
            if missing := [task for task in benchmark.tasks if task not in known and not GLOB & set(task)]:
                unknown[name] = missing
            continue
        for problem in _own(name, benchmark.path, read):
            problems.append({"benchmark": name, "message": problem.message, "hint": problem.hint})
    return {"problems": problems, "files": len(read), "named": named, "unknown": unknown}


def _own(name: str, path: str, read: dict[Path, None]) -> Iterator[RailcrateError]:
    """What is wrong with the task files of one benchmark, each by itself."""
    from railcrate.evaluate.taskfiles import check_task_file, line_of, read_yaml

    files = sorted(Path(path).rglob("*.yaml"))
    if not files:
        yield ConfigError(f"benchmarks.{name}.path: {path} holds no task file (*.yaml)", "Write one there.")
    for file in files:
        read[file] = None
        try:
            check_task_file(file)
            content = read_yaml(file)
        except RailcrateError as problem:
            yield problem
            continue
        for key, function in _functions(content):
            if not _defines(file.parent, function):
                yield ConfigError(
                    f"{file}:{line_of(file, key)}: `!function {function}` names nothing that is there",
                    f"It is a file beside the task file and a function in it: {function.split('.')[0]}.py.",
                )


def _functions(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What `!function` names in a task file, with its key; read as plain text, it is a string like file.name."""
    for key, value in content.items():
        if key in (
            "process_docs",
            "process_results",
            "custom_dataset",
            "doc_to_text",
            "doc_to_target",
            "doc_to_choice",
        ) and (isinstance(value, str) and re.fullmatch(r"[\w/]+\.[A-Za-z_]\w*", value)):
            yield key, value


def _defines(folder: Path, function: str) -> bool:
    """Tell whether a Python file defines a name, without importing it; a field of the data may look alike."""
    file, _, name = function.rpartition(".")
    path = folder / f"{file}.py"
    if not path.is_file():
        return False
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        return False
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names |= {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return name in names


def _known(tasks: list[str]) -> set[str]:
    """Those of the names that a file of lm-eval defines: as a task, a group or a tag."""
    from railcrate.evaluate.tasks import LM_EVAL_TASKS

    wanted = "|".join(re.escape(task) for task in tasks).encode()
    defines = re.compile(rb"^(?:task|group|tag|\s*-)\s*:?\s*[\"']?(" + wanted + rb")[\"']?\s*$", re.MULTILINE)
    found: set[str] = set()
    for file in LM_EVAL_TASKS.rglob("*.yaml"):
        found |= {match.decode() for match in defines.findall(file.read_bytes())}
        if len(found) == len(set(tasks)):
            break
    return found


if __name__ == "__main__":
    print(json.dumps(look(Path(sys.argv[1]).absolute())))
