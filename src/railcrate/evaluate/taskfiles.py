# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The task files of a study: reading them, and telling what is wrong with file, line and key.

A task file is an ordinary lm-eval YAML file, which the `lm_eval` command reads as well, or
one of two short forms, for which lm-eval's own form would say the same thing many times:

    pairs: data/raw/blimp/*.jsonl        # minimal pairs, one task for each file
    perplexity: data/raw/heldout.jsonl   # bits per byte of texts
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from lm_eval.api.registry import aggregation_registry, filter_registry, metric_registry
from lm_eval.api.task import ALL_OUTPUT_TYPES
from lm_eval.config.task import TaskConfig
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from railcrate.evaluate.errors import TaskDataError, TaskFileError
from railcrate.study.problems import nearest

# What lm-eval reads besides the fields of its TaskConfig.
STRUCTURE = ("task", "group", "tag", "include", "class", "task_list", "group_alias", "aggregate_metric_list")
KNOWN_KEYS = tuple(field.name for field in fields(TaskConfig)) + STRUCTURE
SHORT_FORMS = ("pairs", "perplexity")

Text = Annotated[str, StringConstraints(min_length=1)]


class FromField(BaseModel):
    """The group is what a field of the data says, such as BLiMP's `linguistics_term`."""

    model_config = ConfigDict(extra="forbid")

    field: Text


class ShortForm(BaseModel):
    """What both short forms say."""

    model_config = ConfigDict(extra="forbid")

    task: Text | None = Field(None, description="the task's name; the file's, without ending, by default")
    group: Text | FromField | None = Field(None, description="the phenomenon that the task belongs to")
    version: float = 1.0


class PairsForm(ShortForm):
    """Minimal pairs: which of two sentences does the model find likelier?"""

    pairs: Text = Field(description="a file of JSON Lines, or a glob of files: one task for each")
    good: Text = Field("sentence_good", description="the field with the acceptable sentence")
    bad: Text = Field("sentence_bad", description="the field with the other one")
    delimiter: Literal["", " "] = Field(
        " ", description="what stands before a sentence: lm-eval's default is a space, even where nothing precedes it"
    )

    def config(self) -> dict[str, Any]:
        """Give the same as lm-eval's own form."""
        return {
            "output_type": "multiple_choice",
            "doc_to_text": "",
            "doc_to_target": 0,
            "doc_to_choice": f"{{{{[{self.good}, {self.bad}]}}}}",
            "target_delimiter": self.delimiter,
            "num_fewshot": 0,
            "metric_list": [_metric("acc")],
        }


class PerplexityForm(ShortForm):
    """How well the model predicts texts: bits per byte, and perplexity per word."""

    perplexity: Text = Field(description="a file of JSON Lines, or a glob of files: one task for each")
    text: Text = Field("text", description="the field with the text")

    def config(self) -> dict[str, Any]:
        """Give the same as lm-eval's own form."""
        return {
            "output_type": "loglikelihood_rolling",
            "doc_to_text": "",
            "doc_to_target": f"{{{{{self.text}}}}}",
            "metric_list": [
                _metric("bits_per_byte", "bits_per_byte", higher_is_better=False),
                _metric("word_perplexity", "weighted_perplexity", higher_is_better=False),
            ],
        }


def _metric(name: str, aggregation: str = "mean", *, higher_is_better: bool = True) -> dict[str, Any]:
    return {"metric": name, "aggregation": aggregation, "higher_is_better": higher_is_better}


def read_task_files(folder: str) -> dict[str, dict[str, Any]]:
    """Read every YAML file below a folder and expand the short forms.

    Args:
        folder: the benchmark's `path`, from the study's folder.

    Returns:
        The configurations that short forms stand for, by task name, as lm-eval would read
        them. Ordinary task files are checked, and left to lm-eval.

    Raises:
        TaskFileError: when the folder holds no YAML, a file is not YAML or not a mapping, a
            short form has a wrong key, or two forms make a task of the same name.
        TaskDataError: when a short form names no file that exists.
    """
    files = sorted(Path(folder).rglob("*.yaml"))
    if not files:
        raise TaskFileError(f"{folder}: no task files (*.yaml)", "Correct `path`, or write a task file there.")
    made: dict[str, dict[str, Any]] = {}
    for file in files:
        content = read_yaml(file)
        form = next((key for key in SHORT_FORMS if key in content), None)
        if form is None:
            continue
        for config in _expand(file, form, content):
            if config["task"] in made:
                raise TaskFileError(
                    f"{file}:{line_of(file, form)}: a task '{config['task']}' was already made by "
                    f"{made[config['task']]['metadata']['file']}",
                    "Give one of them another name with `task`.",
                )
            made[config["task"]] = config
    return made


def check_task_file(file: Path) -> None:
    """Check one task file by itself, before its data are there.

    Args:
        file: the file, from the study's folder, which is the current one.

    Raises:
        TaskFileError: when it is not YAML, or a key or value of it is wrong.
    """
    content = read_yaml(file)
    form = next((key for key in SHORT_FORMS if key in content), None)
    if form is None:
        check_config(content, file)
        return
    model: type[PairsForm | PerplexityForm] = PairsForm if form == "pairs" else PerplexityForm
    try:
        model.model_validate(content)
    except ValidationError as error:
        raise _form_error(file, model, error) from None


def read_yaml(file: Path) -> dict[str, Any]:
    """Read a YAML file as plain data; what `!function` names stays a string.

    Raises:
        TaskFileError: when it is not YAML, or not a mapping.
    """
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_PlainLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = "" if mark is None else f":{mark.line + 1}"
        raise TaskFileError(f"{file}{line}: not YAML: {error.problem or error.context}", "Mend the file.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TaskFileError(f"{file}: not YAML: {error}", "Mend the file.") from None
    if not isinstance(content, dict):
        raise TaskFileError(f"{file}: found {type(content).__name__}, expected keys and values")
    return content


class _PlainLoader(yaml.SafeLoader):
    """Reads `!function` without importing anything."""


_PlainLoader.add_constructor("!function", lambda loader, node: str(node.value))


def line_of(file: Path, *keys: str | int) -> int:
    """Find the line of a key, counted from 1; that of the nearest key above it where it is not there."""
    node: yaml.Node | None = yaml.compose(file.read_text(encoding="utf-8"), Loader=_PlainLoader)
    line = 1
    for key in keys:
        found: tuple[yaml.Node, yaml.Node] | None = None
        if isinstance(node, yaml.MappingNode):
            found = next(((name, value) for name, value in node.value if name.value == str(key)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            found = (node.value[key], node.value[key])
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def _expand(file: Path, form: str, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    model: type[PairsForm | PerplexityForm] = PairsForm if form == "pairs" else PerplexityForm
    try:
        short = model.model_validate(content)
    except ValidationError as error:
        raise _form_error(file, model, error) from None
    pattern = str(content[form])
    found = sorted(path.as_posix() for path in Path().glob(pattern) if path.is_file())
    if not found:
        raise TaskDataError(
            f"{file}:{line_of(file, form)}: `{form}` names {pattern}, and there is no such file",
            "Paths in a task file start at the study's folder. Correct it, or fetch the file.",
        )
    if len(found) > 1 and short.task is not None:
        raise TaskFileError(
            f"{file}:{line_of(file, 'task')}: one name for {len(found)} tasks",
            "Leave `task` out: each file's task then has the file's name.",
        )
    return [
        {
            "task": short.task or Path(data).stem,
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": data}},
            "test_split": "test",
            **short.config(),
            "metadata": {"version": short.version, "group": _group(short, data), "file": file.as_posix()},
        }
        for data in found
    ]


def _group(short: ShortForm, data: str) -> str | None:
    """Name the task's group; from the first row of its data where the form says so."""
    if not isinstance(short.group, FromField):
        return short.group
    with Path(data).open(encoding="utf-8") as lines:
        first = lines.readline()
    try:
        return str(json.loads(first)[short.group.field])
    except (ValueError, TypeError, KeyError):
        raise TaskDataError(
            f"{data}:1: no field '{short.group.field}', which names the group", "Correct `group` in the task file."
        ) from None


def _form_error(file: Path, model: type[BaseModel], error: ValidationError) -> TaskFileError:
    first = error.errors()[0]
    keys = [key for key in first["loc"] if isinstance(key, int) or key in content_keys(file)]
    line = line_of(file, *keys)
    name = ".".join(map(str, keys or first["loc"]))
    if first["type"] == "extra_forbidden":
        return TaskFileError(f"{file}:{line}: unknown key `{name}`", nearest(str(first["loc"][-1]), model.model_fields))
    return TaskFileError(f"{file}:{line}: `{name}`: found {first['input']!r}: {first['msg'].lower()}")


def content_keys(file: Path) -> set[str]:
    """Name all keys of a YAML file, at any depth."""

    def walk(content: Any) -> Iterable[str]:
        if isinstance(content, dict):
            for key, value in content.items():
                yield str(key)
                yield from walk(value)

    return set(walk(read_yaml(file)))


def check_config(config: Mapping[str, Any], file: Path) -> None:
    """Check an ordinary task file for what lm-eval would meet with a traceback, or with silence.

    Args:
        config: its content, with everything included, functions as strings.
        file: where it stands, for the message.

    Raises:
        TaskFileError: for an unknown key, output type, metric, aggregation or filter.
    """
    for key in config:
        if key not in KNOWN_KEYS:
            raise TaskFileError(f"{file}:{line_of(file, key)}: unknown key `{key}`", nearest(str(key), KNOWN_KEYS))
    kind = config.get("output_type", "generate_until")
    if kind not in ALL_OUTPUT_TYPES:
        raise _unknown(file, ("output_type",), "output type", kind, ALL_OUTPUT_TYPES)
    for number, metric in enumerate(config.get("metric_list") or []):
        _check_metric(metric, file, number, own="process_results" in config)
    for number, entry in enumerate(config.get("filter_list") or []):
        for step, function in enumerate(entry.get("filter", [])):
            name = function.get("function")
            if name not in filter_registry and not _is_function(name):
                where = ("filter_list", number, "filter", step, "function")
                raise _unknown(file, where, "filter", name, filter_registry)


def _check_metric(metric: Any, file: Path, number: int, *, own: bool) -> None:
    where: tuple[str | int, ...] = ("metric_list", number)
    if not isinstance(metric, dict) or "metric" not in metric:
        raise TaskFileError(f"{file}:{line_of(file, *where)}: `metric_list` needs entries like `- metric: acc`")
    name = metric["metric"]
    computed = own or metric.get("hf_evaluate") or _is_function(name)
    if not computed and name not in metric_registry:
        raise _unknown(file, (*where, "metric"), "metric", name, metric_registry)
    aggregation = metric.get("aggregation")
    if aggregation is not None and aggregation not in aggregation_registry and not _is_function(aggregation):
        raise _unknown(file, (*where, "aggregation"), "aggregation", aggregation, aggregation_registry)


def _is_function(value: Any) -> bool:
    """Tell whether a value was written as `!function file.name`, which lm-eval reads as a path."""
    return callable(value) or (isinstance(value, str) and "/" in value)


def _unknown(file: Path, keys: tuple[str | int, ...], what: str, found: Any, valid: Iterable[str]) -> TaskFileError:
    key = ".".join(str(key) for key in keys)
    return TaskFileError(
        f"{file}:{line_of(file, *keys)}: unknown {what} '{found}' (`{key}`)", nearest(str(found), sorted(valid))
    )
