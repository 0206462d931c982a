# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The miniature of a study: the same graph on little, in a folder of its own.

It has every source, recipe, tokenizer, model, benchmark and comparison of the study, and so
goes the same way through the same code. But it reads few rows of each source, trains few
steps, asks few items and has two seeds at most. So in about a minute one sees whether all of
it works, and never what comes of it: the figures of a miniature mean nothing.

A miniature is a study of its own in the folder `miniature/` of the study, which
`railcrate.jobs.miniature` prepares. A file that lies in it says that it is one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import write_json
from railcrate.study.grid import training_of
from railcrate.study.models import ScratchModel, Training
from railcrate.study.scale import scaled

ROWS = 200  # of each source; more where a block of tokens is long
FILES = 20  # of a source whose rows are whole files
TOKENS = 8192  # of a training run, unless two steps have more
FEWEST_STEPS, MOST_STEPS = 2, 16
ITEMS = 10  # of each task
PAIRS = 20  # of each paradigm of the grammar's tests
COPIES = 2  # of each row, where a recipe repeats rows
SEEDS = 2
VOCABULARY = 1024
WEIGHTS = {"cpu": 3_000_000, "cuda": 100_000_000}  # of a model from scratch

PASSED_OVER = "passed_over"  # among a step's details: why it was not done
HOME = f"{paths.STATE}/miniature-of.json"  # in a miniature: where its study is on this machine
HEADER = """\
# Written by railcrate from config/study.yaml of the study, for its miniature: the same on little.
# Change that file, not this one; the next run of the miniature writes this one anew.
"""


def is_miniature(folder: Path) -> bool:
    """Tell whether a folder holds the miniature of a study, and not a study itself."""
    return (folder / paths.MINIATURE_MARK).is_file()


def note_of(folder: Path) -> str | None:
    """Say how much a miniature has of everything, for its report.

    Args:
        folder: the folder of a study or of a miniature.

    Returns:
        A few sentences; None for a study.
    """
    try:
        content = json.loads((folder / paths.MINIATURE_MARK).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        content = {}
    return str(content.get("note", "")) if isinstance(content, dict) else ""


def twin(folder: Path) -> Path | None:
    """Find the other one of a study and its miniature, which may have fetched already what is to be fetched.

    Args:
        folder: the folder of either.

    Returns:
        The folder of the miniature of a study, or of the study of a miniature; None where there is none.
    """
    if not is_miniature(folder):
        return folder / paths.MINIATURE if is_miniature(folder / paths.MINIATURE) else None
    try:
        home = Path(json.loads((folder / HOME).read_bytes())["study"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # one that came from elsewhere, such as out of a bundle
    return home if (home / paths.CONFIG).is_file() else None


def mark(folder: Path, study: Study, small: Study) -> None:
    """Write the file that makes a folder a miniature, if it would differ.

    Args:
        folder: the miniature's folder.
        study: the configuration of the study.
        small: that of the miniature.
    """
    content = {"miniature_of": study.title, "note": _note(study, small)}
    path = folder / paths.MINIATURE_MARK
    if (
        not path.is_file()
        or path.read_text(encoding="utf-8") != json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    ):
        write_json(path, content)


def _note(study: Study, small: Study) -> str:
    settings = [training_of(small, model) for model in small.models]
    steps = max(one.tokens // (one.block_length * one.batch_size) for one in settings)
    scaled_down = [
        name
        for name, model in small.models.items()
        if isinstance(model, ScratchModel) and model.architecture != getattr(study.models[name], "architecture", None)
    ]
    return (
        f"It has at most {_rows(small)} rows of each source, {steps} steps of training, {ITEMS} items of each task "
        f"and {SEEDS} seeds." + (f" Smaller than in the study: {', '.join(scaled_down)}." if scaled_down else "")
    )


def config_text(small: Study) -> str:
    """Write the configuration of a miniature as YAML: the keys that the study states, and those that shrinking set."""
    content = small.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return HEADER + yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=120)


def shrink(study: Study) -> Study:
    """Make the configuration of a miniature.

    Args:
        study: the configuration of the study.

    Returns:
        One with the same names of everything and the same graph, but few rows, steps, items and seeds.
    """
    content = study.model_dump(mode="json", by_alias=True, exclude_unset=True)
    content["title"] = f"Miniature: {study.title}"
    for name in study.sources:
        _fewer_rows(content["sources"][name], _rows(study))
    for recipe in content["recipes"].values():
        if "steps" in recipe:
            recipe["steps"] = [_smaller_step(entry) for entry in recipe["steps"]]
    for name, tokenizer in study.tokenizers.items():
        content["tokenizers"][name]["vocab_size"] = min(tokenizer.vocab_size, VOCABULARY)
    content["training"] = {**content.get("training", {}), **_short(study.training)}
    for name in study.models:
        _smaller_model(study, name, content["models"][name])
    content["seeds"] = study.seeds[:SEEDS]
    for name, benchmark in study.benchmarks.items():
        content["benchmarks"][name]["limit"] = min(benchmark.limit or ITEMS, ITEMS)
    content.get("release", {}).pop("external", None)  # it names files of the study itself, with their sizes
    return Study.model_validate(content)


def _rows(study: Study) -> int:
    """Rows of each source: enough for a few blocks of tokens, even where rows are short and most are filtered out."""
    longest = max([training_of(study, model).block_length for model in study.models])
    return max(ROWS, longest // 2)


def _fewer_rows(source: dict[str, Any], rows: int) -> None:
    if source.get("generator") == "grammar":
        given = source.get("parameters", {})
        amounts = {"documents": min(given.get("documents", rows), rows)}
        if given.get("part") == "tests":
            amounts = {name: min(given.get(name, PAIRS), PAIRS) for name in ("documents", "pairs_each")}
        source["parameters"] = {**given, **amounts}
        return
    most = FILES if source.get("rows") == "files" else rows
    source["limit"] = min(source.get("limit") or most, most)


def _smaller_step(entry: Any) -> Any:
    """A step of a recipe without amounts that few rows cannot fill, or that make many rows of few."""
    if isinstance(entry, str):
        return entry
    name, given = next(iter(entry.items()))
    parameters = dict(given or {})
    if name == "mix":
        parameters.pop("bytes", None)
    if name == "repeat":
        parameters["times"] = min(parameters.get("times", COPIES), COPIES)
    if name == "augment" and "share" not in parameters:
        wanted = parameters.pop("rows", PAIRS)
        parameters = {key: value for key, value in parameters.items() if key not in ("words", "bytes")}
        parameters["rows"] = min(wanted, PAIRS)
    return {name: parameters}


def _smaller_model(study: Study, name: str, content: dict[str, Any]) -> None:
    chosen, training = study.models[name], training_of(study, name)
    if content.get("seeds"):
        content["seeds"] = content["seeds"][:SEEDS]
    if content.get("training"):
        content["training"] = {**content["training"], **_short(training)}
    if isinstance(chosen, ScratchModel):
        vocabulary = min(study.tokenizers[chosen.tokenizer].vocab_size, VOCABULARY)
        content["architecture"] = scaled(chosen.architecture, vocabulary, WEIGHTS[training.device])


def _short(training: Training) -> dict[str, int]:
    """A few whole steps, of the same blocks; on a CPU, fewer of them in a step."""
    batch = training.batch_size
    if training.device == "cpu":
        batch = min(batch, max(1, TOKENS // training.block_length))
    step = batch * training.block_length
    steps = min(max(1, training.tokens // step), max(FEWEST_STEPS, min(MOST_STEPS, TOKENS // step)))
    return {
        "tokens": steps * step,
        "batch_size": batch,
        "checkpoints": min(training.checkpoints, FEWEST_STEPS, steps),
        "log_every": max(1, min(training.log_every, steps // FEWEST_STEPS)),
    }
