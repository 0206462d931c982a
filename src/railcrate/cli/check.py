# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate check`: is the configuration right?"""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path

import typer


def check() -> None:
    """Check config/study.yaml and say what the study will do, without doing it."""
    from railcrate.data.steps import check_recipes
    from railcrate.licensing.resolve import check_licenses
    from railcrate.study import units
    from railcrate.study.grid import experiments
    from railcrate.study.load import load_study
    from railcrate.study.paths import CONFIG

    study = load_study(Path.cwd(), extra_checks=[check_recipes, check_licenses])
    cells = experiments(study)
    typer.echo(f"{CONFIG} is right: {study.title}")
    parts: dict[str, Sized] = {
        "source": study.sources, "variant": study.recipes, "model": study.models, "experiment": cells,
        "benchmark": study.benchmarks, "comparison": study.comparisons,
    }  # fmt: skip
    typer.echo("  " + ", ".join(units.count(len(things), name) for name, things in parts.items()))
