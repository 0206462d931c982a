# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Result files of lm-eval, as others publish them: those of today, and those from before version 0.4.

Today's hold `{"results": {task: {"acc,none": …, "acc_stderr,none": …}}, "versions", "n-shot",
"n-samples", "configs", "task_hashes", …}`, beside which `samples_<task>_<date>.jsonl` may lie.
The older ones hold `{"results": {task: {"acc": …, "acc_stderr": …}}, "versions", "config"}`;
the versions of their tasks are counted on their own, and their prompts were others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcrate.reproduce.metrics import Evaluation, Figure, Name, Results, Task, finite
from railcrate.reproduce.stores import UnreadableError

if TYPE_CHECKING:
    import pyarrow as pa

OLD = "before lm-eval 0.4"
# Metrics that railcrate's results carry under their own names; all others get a name without digits and signs.
_PLAIN = ("acc", "acc_norm", "acc_bytes", "bits_per_byte", "byte_perplexity", "word_perplexity")
_CANONICAL = {"acc": "accuracy", "acc_norm": "accuracy_norm"}
_ITEM_METRICS = ("acc", "acc_norm", "exact_match")


def is_result_file(content: Any) -> bool:
    """Tell whether a file's content is what lm-eval writes as its results."""
    return isinstance(content, Mapping) and isinstance(content.get("results"), Mapping) and "config" in content


def lm_eval_results(label: str, place: Path) -> Results:
    """Read one result file, or all in a folder and below.

    Args:
        label: how the user named it.
        place: the file or folder.

    Returns:
        An evaluation for each file, named by model and file; with the items of those tasks
        whose samples lie beside it.

    Raises:
        UnreadableError: when the file is none of lm-eval's, or the folder has none.
    """
    files = [place] if place.is_file() else sorted(place.rglob("*.json"))
    root = place.parent if place.is_file() else place
    evaluations: dict[Name, Evaluation] = {}
    samples: dict[Name, pa.Table] = {}
    for file in files:
        content = _read(file, alone=place.is_file())
        if content is None:
            continue
        evaluation = _evaluation(content, file.relative_to(root).with_suffix("").as_posix())
        evaluations[evaluation.name] = evaluation
        items = _samples(file, evaluation.tasks)
        if items is not None:
            samples[evaluation.name] = items
    if not evaluations:
        raise UnreadableError(
            f"{place} holds neither a study, nor a bundle, nor a result file of lm-eval",
            "Give a study's folder, a bundle's folder (with manifest.json), or lm-eval's results_….json; "
            "what has a DOI is fetched first: `railcrate fetch DOI`.",
        )
    return Results(label, "lm-eval", evaluations, samples=samples)


def _read(file: Path, *, alone: bool) -> Mapping[str, Any] | None:
    """The content of a result file; None for another JSON file in a folder."""
    try:
        content = json.loads(file.read_bytes())
    except OSError as error:
        raise UnreadableError(f"{file} cannot be read: {error.strerror}", "Is the path right?") from None
    except ValueError as error:
        if not alone:
            return None
        raise UnreadableError(f"{file} is not JSON: {error}", "Fetch it again.") from None
    if is_result_file(content):
        return dict(content)
    if alone:
        raise UnreadableError(
            f"{file} is no result file of lm-eval: it has no 'results' and 'config'",
            "lm-eval writes it as results_<date>.json where --output_path is given.",
        )
    return None


def _evaluation(content: Mapping[str, Any], file: str) -> Evaluation:
    config = content.get("config") or {}
    old = _is_old(content)
    tasks: dict[str, Task] = {}
    figures: list[Figure] = []
    for name, numbers in content["results"].items():
        if not isinstance(numbers, Mapping):
            continue
        tasks[name] = _task(content, name, old=old)
        figures += _figures(name, numbers, tasks[name].items)
    versions = {"lm_eval": OLD if old else content.get("lm_eval_version")}
    versions["transformers"] = content.get("transformers_version")
    settings = {key: _plain(config.get(key)) for key in ("device", "batch_size", "limit")}
    settings["dtype"] = _argument(config.get("model_args"), "dtype") or config.get("model_dtype")
    return Evaluation(
        model_name(content), file, tasks, tuple(figures),
        {key: value for key, value in settings.items() if value is not None},
        {key: str(value) for key, value in versions.items() if value},
        {}, content,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """Read a number that lm-eval wrote as text, as its command does with the batch size."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _is_old(content: Mapping[str, Any]) -> bool:
    """Whether the file was written before version 0.4, which put the filter into each metric's name."""
    keys = {key for numbers in content["results"].values() if isinstance(numbers, Mapping) for key in numbers}
    return "lm_eval_version" not in content and not any("," in key for key in keys)


def model_name(content: Mapping[str, Any]) -> str:
    """Name the model of a result file, with its revision where one is stated."""
    config = content.get("config") or {}
    arguments = config.get("model_args")
    name = content.get("model_name") or _argument(arguments, "pretrained") or config.get("model") or "unknown model"
    revision = _argument(arguments, "revision")
    return f"{name}@{revision}" if revision and revision != "main" else str(name)


def _argument(arguments: Any, key: str) -> str | None:
    """A value of lm-eval's model arguments, which are a mapping or `a=1,b=2`."""
    if isinstance(arguments, Mapping):
        return None if arguments.get(key) is None else str(arguments[key])
    if isinstance(arguments, str):
        pairs = (part.split("=", 1) for part in arguments.split(",") if "=" in part)
        return next((value for name, value in pairs if name.strip() == key), None)
    return None


def _task(content: Mapping[str, Any], name: str, *, old: bool) -> Task:
    config = content.get("config") or {}
    version = (content.get("versions") or {}).get(name)
    shots = (content.get("n-shot") or {}).get(name, config.get("num_fewshot") if old else None)
    counted = (content.get("n-samples") or {}).get(name)
    return Task(
        name,
        None
        if version is None or version == "Yaml"
        else f"{version} ({OLD})"
        if old
        else finite(version) or str(version),
        (content.get("task_hashes") or {}).get(name),
        shots if isinstance(shots, int) else None,
        finite(config.get("limit")),
        counted.get("effective") if isinstance(counted, Mapping) else None,
        ((content.get("configs") or {}).get(name) or {}).get("output_type"),
    )


def _figures(task: str, numbers: Mapping[str, Any], items: int | None) -> Iterable[Figure]:
    filters = {key.partition(",")[2] for key in numbers if "," in key}
    for key, value in numbers.items():
        metric, _, chosen = key.partition(",")
        if metric.endswith("_stderr") or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        error = finite(numbers.get(f"{metric}_stderr,{chosen}" if chosen else f"{metric}_stderr"))
        label = _CANONICAL.get(metric, metric)
        if len(filters) > 1:
            label = f"{label}_{chosen}"
        # The words of railcrate's own results, so that the two can be held beside each other.
        label = label if metric in _PLAIN else re.sub(r"[^a-z_]+", "_", label.lower())
        wanted = chosen if chosen not in ("", "none") else None
        yield Figure(task, label, key, finite(value), error, items, wanted, (task,))


def _samples(file: Path, tasks: Mapping[str, Task]) -> pa.Table | None:
    """The items beside a result file: of the first filter, those metrics that are one number for each item."""
    import pyarrow as pa

    date = file.stem.removeprefix("results")
    rows = [
        row
        for name in tasks
        for path in [file.with_name(f"samples_{name}{date}.jsonl")]
        if date and path.is_file()
        for row in _rows(path, name)
    ]
    if not rows:
        return None
    names = dict.fromkeys(key for row in rows for key in row)
    return pa.table({key: [row.get(key) for row in rows] for key in names})


def _rows(path: Path, task: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    first: str | None = None
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                sample = json.loads(line)
                first = sample.get("filter") if first is None else first
                if sample.get("filter") == first:
                    found.append(_row(sample, task))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"{path} cannot be read as lm-eval's samples: {error!r}", "Fetch it again.") from None
    return found


def _row(sample: Mapping[str, Any], task: str) -> dict[str, Any]:
    row: dict[str, Any] = {"task": task, "item": int(sample["doc_id"])}
    row |= {key: str(sample[key]) for key in ("doc_hash", "prompt_hash", "target_hash")}
    acc = finite(sample.get("acc"))
    row["score"] = acc if acc is not None else finite(sample.get("exact_match"))
    row["score_norm"] = finite(sample.get("acc_norm"))
    answers = sample.get("filtered_resps")
    if isinstance(answers, list) and all(
        isinstance(a, list) and a and finite(_number(a[0])) is not None for a in answers
    ):
        row["loglikelihoods"] = [finite(_number(answer[0])) for answer in answers]
    return row


def _number(value: Any) -> Any:
    """A number that lm-eval's samples may hold as text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
