# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Finding and loading the tasks of a benchmark, through lm-eval's task manager.

lm-eval knows its own tasks from 13,986 YAML files, and reading them all takes longer than
evaluating a small model. A study's own tasks need none of them. Of lm-eval's tasks, only
the folders are read whose text mentions the wanted name; the whole only if that fails.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import lm_eval.tasks
from lm_eval.api.task import Task
from lm_eval.tasks import TaskManager

from railcrate.evaluate.errors import (
    ShotsError,
    TaskDataError,
    TaskDataUnreachableError,
    TaskFileError,
    UnknownTaskError,
)
from railcrate.evaluate.harness.documents import split_files
from railcrate.evaluate.harness.task import LOCAL_FORMATS, QuickTask
from railcrate.evaluate.taskfiles import check_config, line_of, read_task_files
from railcrate.study.config import Benchmark
from railcrate.study.problems import nearest

FEWSHOT_SEED = 1234  # lm-eval's own default, so that its command draws the same examples
LM_EVAL_TASKS = Path(lm_eval.tasks.__file__).parent
GLOB = frozenset("*?[")


@dataclass(frozen=True)
class LoadedTask:
    """A task, ready to be evaluated.

    Attributes:
        name: its name.
        task: lm-eval's object.
        group: the phenomenon that it belongs to: `metadata: {group: …}` or its first tag; None without one.
        files: the study's data files that it reads.
    """

    name: str
    task: Task
    group: str | None
    files: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Say what is asked of the model: `pairs`, `choice`, `perplexity`, or `other`."""
        if self.task.OUTPUT_TYPE == "loglikelihood_rolling":
            return "perplexity"
        if self.task.OUTPUT_TYPE != "multiple_choice":
            return "other"
        doc = self.task.eval_docs[0]
        alone = self.task.doc_to_text(doc) == "" and not self.task.config.num_fewshot
        return "pairs" if alone and len(self.task.doc_to_choice(doc)) == 2 else "choice"


def load_tasks(benchmark: Benchmark, name: str) -> list[LoadedTask]:
    """Load a benchmark's tasks with their documents; the current folder is the study's.

    Args:
        benchmark: the benchmark.
        name: its name, for messages.

    Returns:
        The tasks in the order in which the benchmark names them, globs in alphabetical order.

    Raises:
        UnknownTaskError: when a name or a glob fits no task.
        TaskFileError: when a task file is wrong.
        TaskDataError: when a task's data is missing or wrong.
        TaskDataUnreachableError: when lm-eval's own task needs data from a hub that does not answer.
        ShotsError: when a task cannot have as many examples as the benchmark asks for.
    """
    own = {} if benchmark.path is None else read_task_files(benchmark.path)
    manager = _manager(benchmark)
    twice = sorted(set(own) & {*manager.all_subtasks, *manager.all_groups})
    if twice:
        raise TaskFileError(
            f"{own[twice[0]]['metadata']['file']} makes a task '{twice[0]}', and another file in {benchmark.path} has "
            "one of that name",
            "Give one of them another name with `task`.",
        )
    chosen = _choose(benchmark, name, manager, own)
    loaded: dict[str, LoadedTask] = {}
    for entry in chosen:
        for task in _build(manager, entry, own):
            loaded[task.task_name] = _ready(task, benchmark, _tag(manager, task.task_name))
    _check_declared(loaded.values(), benchmark, name)
    return list(loaded.values())


def _manager(benchmark: Benchmark) -> TaskManager:
    if benchmark.path is not None:
        return TaskManager(include_defaults=False, include_path=benchmark.path)
    if not any(GLOB & set(task) for task in benchmark.tasks):
        folders = _folders_that_mention(benchmark.tasks)
        manager = TaskManager(include_defaults=False, include_path=[*folders])
        if folders and all(_is_whole(manager, task) for task in benchmark.tasks):
            return manager
    return TaskManager()


def _folders_that_mention(tasks: Sequence[str]) -> list[str]:
    """List the folders of lm-eval whose files define a task, a group or a tag of one of these names."""
    names = "|".join(re.escape(task) for task in tasks).encode()
    defines = re.compile(rb"^(?:task|group|tag|\s*-)\s*:?\s*[\"']?(?:" + names + rb")[\"']?\s*$", re.MULTILINE)
    found = {
        LM_EVAL_TASKS / file.relative_to(LM_EVAL_TASKS).parts[0]
        for file in LM_EVAL_TASKS.rglob("*.yaml")
        if defines.search(file.read_bytes())
    }
    return sorted(str(folder) for folder in found)


def _is_whole(manager: TaskManager, name: str) -> bool:
    """Tell whether the index knows a name and, for a group, everything in it."""
    entry = manager.task_index.get(name)
    if entry is None:
        return False
    members = (entry.cfg or {}).get("task")
    if not isinstance(members, list):
        return True
    names = [member if isinstance(member, str) else member.get("task") or member.get("group") for member in members]
    return all(isinstance(member, str) and _is_whole(manager, member) for member in names)


def _choose(benchmark: Benchmark, name: str, manager: TaskManager, own: Mapping[str, Any]) -> list[str]:
    """Resolve globs and tags, and check that every name is known."""
    known = sorted({*manager.all_tasks, *own})
    chosen: list[str] = []
    for number, wanted in enumerate(benchmark.tasks):
        if GLOB & set(wanted):
            single = sorted({*manager.all_subtasks, *own})  # a glob means tasks, not groups that hold them again
            found = [task for task in single if fnmatchcase(task, wanted)]
        else:
            found = [wanted] if wanted in known else []
        if not found:
            where = "lm-eval has no such task" if benchmark.path is None else f"no task file in {benchmark.path} has it"
            raise UnknownTaskError(f"benchmarks.{name}.tasks[{number}]: '{wanted}': {where}", nearest(wanted, known))
        for task in found:
            entry = manager.task_index.get(task)
            is_tag = task not in own and task in manager.all_tags
            members = sorted(entry.tags) if entry is not None and is_tag else [task]
            chosen += members
    return list(dict.fromkeys(chosen))


def _build(manager: TaskManager, name: str, own: Mapping[str, dict[str, Any]]) -> list[Task]:
    """Build a task, or all tasks of a group, with `QuickTask` wherever a file describes it."""
    index = manager.task_index
    spec: Any = name
    file: Path | None = None
    if name in own:
        file = Path(own[name]["metadata"]["file"])
        spec = {**own[name], "class": QuickTask}
    else:
        file = index[name].yaml_path
        config = index[name].cfg or {}
        if name in manager.all_groups:
            spec = {"group": "railcrate", "task": [{"group": name, "class": QuickTask}]}
        elif "class" not in config:
            if file is not None and not file.is_relative_to(LM_EVAL_TASKS):
                file = Path(_relative(file))
                check_config(config, file)
            spec = {"group": "railcrate", "task": [{"task": name, "class": QuickTask}]}
    try:
        tasks: dict[str, Task] = manager.load([spec])["tasks"]
    except (TaskFileError, TaskDataError) as error:
        if file is None:
            raise
        line = f":{line_of(file, error.key)}" if error.key else ""
        raise type(error)(f"{file}{line}: {error.message}", error.hint) from None
    except (ConnectionError, OSError) as error:
        raise TaskDataUnreachableError(
            f"the data of task '{name}' cannot be had: {_first_line(error)}",
            "Check the network. Where there is none, fill Hugging Face's cache (HF_HOME) on another machine.",
        ) from error
    except Exception as error:
        where = name if file is None else f"{file}: task '{name}'"
        raise TaskFileError(
            f"{where}: lm-eval cannot build it: {type(error).__name__}: {_first_line(error)}",
            "Compare the file with lm-eval's guide to task files; the log has the whole story.",
        ) from error
    return list(tasks.values())


def _tag(manager: TaskManager, name: str) -> str | None:
    """Name a task's first tag, which lm-eval does not keep in the task itself."""
    entry = manager.task_index.get(name)
    tags = (entry.cfg or {}).get("tag") if entry is not None else None
    return tags[0] if isinstance(tags, list) and tags else tags or None


def _ready(task: Task, benchmark: Benchmark, tag: str | None) -> LoadedTask:
    """Set what the benchmark fixes: the number of examples, and the seed that draws them."""
    fixed = task.get_config("num_fewshot")
    if benchmark.shots and (fixed == 0 or task.OUTPUT_TYPE == "loglikelihood_rolling"):
        raise ShotsError(
            f"task '{task.task_name}' takes no examples in its prompts; the benchmark asks for {benchmark.shots}",
            "Set `shots: 0`, or take `num_fewshot: 0` out of the task file if that was not meant.",
        )
    task.set_config("num_fewshot", benchmark.shots)
    pool = len(task.sampler.df) if hasattr(task, "sampler") else None
    if benchmark.shots and pool is not None and pool <= benchmark.shots:
        raise ShotsError(
            f"task '{task.task_name}' has {pool} documents to draw examples from, and the benchmark asks for "
            f"{benchmark.shots}, besides the one that is asked",
            "Lower `shots`, or give the task a larger `fewshot_split`.",
        )
    task.set_fewshot_seed(seed=FEWSHOT_SEED)
    config = task.config
    metadata = config.metadata if isinstance(config.metadata, dict) else {}
    files = split_files(config.dataset_kwargs) if config.dataset_path in LOCAL_FORMATS else {}
    return LoadedTask(
        name=task.task_name,
        task=task,
        group=metadata.get("group") or tag,
        files=tuple(dict.fromkeys(file for names in files.values() for file in names)),
    )


def _check_declared(tasks: Any, benchmark: Benchmark, name: str) -> None:
    """Refuse data that the workflow does not know of: a change in it would go unnoticed."""
    for loaded in tasks:
        for file in loaded.files:
            inside = benchmark.path is not None and Path(file).is_relative_to(benchmark.path)
            if not inside and file not in benchmark.data and Path(file).as_posix() not in benchmark.data:
                raise TaskFileError(
                    f"task '{loaded.name}' reads {file}, which `benchmarks.{name}.data` does not list",
                    "List it there, so that the workflow fetches it first and notices when it changes.",
                )


def seed_everything() -> None:
    """Set the random seeds that lm-eval's command sets, to the same values."""
    import numpy as np
    import torch

    random.seed(0)
    np.random.seed(FEWSHOT_SEED)
    torch.manual_seed(FEWSHOT_SEED)


def _relative(path: Path) -> str:
    here = Path.cwd().resolve()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
