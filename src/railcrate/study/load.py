# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading `config/study.yaml`: fast when it is right, thorough when it is not.

A right file is read by PyYAML's C parser, which knows no lines. Only when something is
wrong is it read again by ruamel.yaml, to say on which line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from railcrate.study import paths
from railcrate.study.bases import at_locks, in_full
from railcrate.study.check import check_study
from railcrate.study.config import Study
from railcrate.study.errors import ConfigError
from railcrate.study.globs import resolve
from railcrate.study.mend import mended
from railcrate.study.problems import Key, Problem, StudyError
from railcrate.study.translate import translate

Check = Callable[[Path, Study], Iterable[Problem]]


class _NoDuplicates(yaml.CSafeLoader):
    """PyYAML's loader, which would silently take the last of two equal keys."""


def _mapping(loader: _NoDuplicates, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value]
    if len(keys) != len(set(keys)):
        again = next(key for key, _ in node.value if keys.count(key.value) > 1)
        last = [key for key, _ in node.value if key.value == again.value][-1]
        raise _DuplicateKeyError(again.value, again.start_mark.line + 1, last.start_mark.line + 1)
    loader.flatten_mapping(node)
    return {
        loader.construct_object(key, deep=True): loader.construct_object(value, deep=True) for key, value in node.value
    }


_NoDuplicates.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class _DuplicateKeyError(Exception):
    def __init__(self, key: str, first: int, last: int) -> None:
        super().__init__(key, first, last)
        self.key, self.first, self.last = key, first, last


def load_study(folder: Path, config: str = paths.CONFIG, extra_checks: Iterable[Check] = ()) -> Study:
    """Read a study's configuration and check all that can be known from it.

    Args:
        folder: the study's folder.
        config: the file, from that folder.
        extra_checks: further checks, such as those of rooms that this one may not import.

    Returns:
        The configuration.

    Raises:
        ConfigError: when there is no such file, or it is not YAML.
        StudyError: when anything in it is wrong; it tells every mistake, each with its line.
    """
    content = _read(folder, config)
    try:
        study = Study.model_validate(content)
    except ValidationError as error:
        problems = translate(error, content)
        rest = mended(error, content)
        if rest is not None:
            problems += _between_keys(folder, in_full(rest), extra_checks)
        raise _told(folder, config, problems) from None
    study = in_full(study)
    problems = _between_keys(folder, study, extra_checks)
    if problems:
        raise _told(folder, config, problems)
    return resolve(folder, at_locks(folder, study))


def _between_keys(folder: Path, study: Study, extra_checks: Iterable[Check]) -> list[Problem]:
    problems = [*check_study(folder, study)]
    for check in extra_checks:
        problems += check(folder, study)
    return problems


def _read(folder: Path, config: str) -> Any:
    path = folder / config
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{config} is not in this folder", "Go to the study's folder (it holds config/study.yaml), and try again."
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{config} is not UTF-8 (byte {error.start})", "Save it as UTF-8 in your editor.") from None
    try:
        content = yaml.load(text, Loader=_NoDuplicates)
    except _DuplicateKeyError as error:
        raise StudyError(
            config,
            [
                (
                    error.last,
                    Problem(
                        (error.key,), f"a second '{error.key}' (the first is on line {error.first})", "each name once"
                    ),
                )
            ],
        ) from None
    except yaml.reader.ReaderError as error:
        raise ConfigError(
            f"{config} is not YAML: {error.reason} (U+{error.character:04X}, after {error.position} characters)",
            "Delete it, or write the file anew as plain UTF-8.",
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(
            f"{config}:{line} is not YAML: {error.problem}",
            "Look at this line and the one above: indentation, quotes, colons.",
        ) from None
    if not isinstance(content, dict):
        raise ConfigError(
            f"{config} holds {'nothing' if content is None else 'no mapping'}",
            "It starts with `title:`; see config/study.yaml of the reference study.",
        )
    return content


def _told(folder: Path, config: str, problems: Iterable[Problem]) -> StudyError:
    """Add to each problem its line, in the order of the file."""
    lines = _Lines((folder / config).read_text(encoding="utf-8"))
    placed = [(lines.of(problem.key), problem) for problem in dict.fromkeys(problems)]
    return StudyError(config, sorted(placed, key=lambda entry: entry[0] or 0))


class _Lines:
    """Lines of keys in a YAML text."""

    def __init__(self, text: str) -> None:
        from ruamel.yaml import YAML

        self._root = YAML(typ="rt").load(text)

    def of(self, key: Key) -> int | None:
        """Line of a key, counted from 1; of the nearest key above it where it is not there."""
        node, line = self._root, None
        for part in key:
            place = getattr(node, "lc", None)
            if place is None or place.data is None or part not in place.data:
                break
            line = place.data[part][0] + 1
            node = node[part]
        return line
