# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the Tab key completes: names of the study in this folder, of recipes' steps, and of licenses.

A shell waits for it, and shows nothing of what goes wrong: so where something cannot be known,
nothing is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from railcrate.study.errors import RailcrateError

Completion = Callable[[str], list[str]]


def _completing(find: Callable[[], Iterable[str]]) -> Completion:
    def complete(incomplete: str) -> list[str]:
        try:
            return [name for name in find() if name.startswith(incomplete)]
        except (RailcrateError, OSError):  # no study here, or a wrong one
            return []

    return complete


def _experiments() -> Iterable[str]:
    from railcrate.study.grid import experiments
    from railcrate.study.load import load_study

    return [cell.id for cell in experiments(load_study(Path.cwd()))]


def _stages() -> Iterable[str]:
    """The stages of `dvc.yaml`, as it stands there."""
    import yaml

    from railcrate.study import paths

    try:
        content = yaml.load(Path(paths.DVC_FILE).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return []
    stages = content.get("stages") if isinstance(content, dict) else None
    return list(stages) if isinstance(stages, dict) else []


def _steps() -> Iterable[str]:
    from railcrate.data.steps import STEPS

    return list(STEPS)


def _licenses() -> Iterable[str]:
    from railcrate.licensing.catalogue import catalogue

    return list(catalogue())


def _families() -> Iterable[str]:
    from railcrate.licensing.catalogue import catalogue

    return list(dict.fromkeys(entry.family for entry in catalogue().values()))


def _clauses() -> Iterable[str]:
    from railcrate.licensing.clauses import clauses

    return list(clauses())


def _categories() -> Iterable[str]:
    from railcrate.licensing.clauses import categories

    return categories()


def _domains() -> Iterable[str]:
    from railcrate.licensing.clauses import DOMAINS

    return list(DOMAINS)


def _like() -> Iterable[str]:
    from railcrate.licensing.clauses import clause_sets

    return list(clause_sets())


def _models() -> Iterable[str]:
    from railcrate.study.catalogue import catalogue

    return list(catalogue())


def _model_families() -> Iterable[str]:
    from railcrate.study.catalogue import catalogue

    return list(dict.fromkeys(model.family for model in catalogue().values()))


def _components() -> Iterable[str]:
    """The components of the study, as the last run has written them down."""
    import json

    from railcrate.study import paths

    try:
        content = json.loads(Path(paths.LICENSES).read_text(encoding="utf-8"))
    except ValueError:
        return []
    return list(content.get("components") or ()) if isinstance(content, dict) else []


experiment_names = _completing(_experiments)
stage_names = _completing(_stages)
step_names = _completing(_steps)
license_names = _completing(_licenses)
family_names = _completing(_families)
clause_names = _completing(_clauses)
category_names = _completing(_categories)
domain_names = _completing(_domains)
like_names = _completing(_like)
component_names = _completing(_components)
model_names = _completing(_models)
model_families = _completing(_model_families)
