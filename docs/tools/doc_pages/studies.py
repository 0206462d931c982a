# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Configurations on pages: a whole study is loaded, a part of one is merged into a study that is right."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from railcrate.data.steps import check_recipes
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import RailcrateError
from railcrate.study.load import load_study
from railcrate.study.problems import StudyError, dotted

KEYS = {field.alias or name for name, field in Study.model_fields.items()}
NEEDED = {name for name, field in Study.model_fields.items() if field.is_required()}

# What parts of configurations are merged into where a page has no study of its own.
PLAIN: dict[str, Any] = {
    "title": "A study",
    "abstract": "What parts of configurations are tried in.",
    "creators": [{"name": "Doe, Jane"}],
    "sources": {"corpus": {"type": "local", "path": "corpus/*.txt", "license": "CC-BY-4.0", "citation": "Doe 2026"}},
    "recipes": {
        "raw": {"from": ["corpus"], "steps": ["normalize"]},
        "clean": {"from": ["raw"], "steps": ["deduplicate"]},
    },
    "tokenizers": {"shared": {"vocab_size": 1024, "train_on": "raw"}},
    "models": {
        "small": {
            "kind": "scratch",
            "tokenizer": "shared",
            "architecture": {
                "model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
                "intermediate_size": 128,
            },
        }
    },
    "benchmarks": {"heldout": {"tasks": ["*"], "path": "tasks", "data": ["tests/heldout.jsonl"]}},
    "comparisons": {
        "helps": {
            "claim": "Curation helps", "metric": "heldout/bits_per_byte", "baseline": "raw", "variants": ["clean"],
            "expect": "lower",
        }
    },
}  # fmt: skip
FILES = {
    "corpus/one.txt": "A text.\n\nAnother text.\n",
    "tests/heldout.jsonl": '{"text": "A text."}\n',
    "tasks/heldout.yaml": "perplexity: tests/heldout.jsonl\n",
}
_NOT_THERE = ("which matches no file", "which is not there")


def is_study(content: Any) -> bool:
    """Whether YAML is a study's configuration, or a part of one: all its keys are keys of it."""
    return isinstance(content, dict) and bool(content) and set(content) <= KEYS


def is_whole(content: Mapping[str, Any]) -> bool:
    """Whether a configuration has all that a study needs."""
    return set(content) >= NEEDED


def merged(study: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """Put a part into a study: what is named in it replaces what had that name, and all else stays.

    Args:
        study: the configuration.
        part: the part of one.

    Returns:
        A new configuration.
    """
    found = dict(study)
    for key, value in part.items():
        before = found.get(key)
        found[key] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return found


def merge_file(path: Path, part: Mapping[str, Any]) -> None:
    """Put a part into a file, whose comments stay.

    Args:
        path: the configuration; made where it is not there.
        part: the part.
    """
    from ruamel.yaml import YAML

    editor = YAML(typ="rt")
    editor.width = 120
    content = editor.load(path.read_text(encoding="utf-8")) if path.exists() else {}
    for key, value in part.items():
        if isinstance(content.get(key), dict) and isinstance(value, dict):
            content[key].update(value)
        else:
            content[key] = value
    text = io.StringIO()
    editor.dump(content, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8")


def lay_plain_files(folder: Path) -> None:
    """Write the files that the plain study names."""
    for name, text in FILES.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def problem_with(folder: Path, content: Mapping[str, Any]) -> str | None:
    """Say what is wrong with a configuration in a folder, steps of recipes included.

    Args:
        folder: the study's folder; its files are looked at, and none is changed.
        content: the configuration.

    Returns:
        What railcrate says of it; None where it is right. That files are not there is not held
        against it: a page's reader has files of their own.
    """
    trial = folder / paths.CONFIG
    before = trial.read_text(encoding="utf-8") if trial.exists() else None
    trial.parent.mkdir(parents=True, exist_ok=True)
    try:
        trial.write_text(yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True), encoding="utf-8")
        load_study(folder, extra_checks=[check_recipes])
    except StudyError as error:
        told = [
            f"{dotted(problem.key)}: found {problem.found}; expected {problem.expected} {problem.hint}".strip()
            for problem in error.problems
            if not any(words in problem.found for words in _NOT_THERE)
        ]
        return "\n".join(told) or None
    except RailcrateError as error:
        return str(error)
    finally:
        if before is None:
            trial.unlink()
        else:
            trial.write_text(before, encoding="utf-8")
    return None
