# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate check`: is the configuration right?"""

from __future__ import annotations

from pathlib import Path

import typer


def check() -> None:
    """Check config/study.yaml and say what the study will do, without doing it."""
    from railcrate.data.steps import check_recipes
    from railcrate.licensing.resolve import check_licenses
    from railcrate.study.grid import experiments
    from railcrate.study.load import load_study
    from railcrate.study.paths import CONFIG

    study = load_study(Path.cwd(), extra_checks=[check_recipes, check_licenses])
    cells = experiments(study)
    evaluations = len(cells) * len(study.benchmarks)
    typer.echo(f"{CONFIG} is right: {study.title}")
    typer.echo(
        f"  {_count(study.sources, 'source')}, {_count(study.recipes, 'variant')}, {_count(study.models, 'model')}, "
        f"{_count(cells, 'experiment')}, {evaluations} evaluations, {_count(study.comparisons, 'comparison')}"
    )


def _count(things: object, name: str) -> str:
    assert hasattr(things, "__len__")
    number = len(things)
    return f"{number} {name}{'' if number == 1 else 's'}"
