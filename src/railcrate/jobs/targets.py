# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a person asks a run for, by the names of the study: experiments, variants, files."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from railcrate.ledger.plan import Plan
from railcrate.study import paths
from railcrate.study.errors import EXIT_USAGE, RailcrateError
from railcrate.study.problems import nearest


class UnknownTarget(RailcrateError):  # noqa: N818  (what it is, not that it is an error)
    """The study has nothing of that name."""

    exit_code = EXIT_USAGE


def targets_of(plan: Plan, names: Iterable[str]) -> list[str]:
    """Translate names into what Snakemake is asked for.

    Args:
        plan: the plan of the study.
        names: experiments, or patterns of them with `*`, `?` and `[…]`; a file, or the name of a rule,
            is handed on as it is.

    Returns:
        Files and rules.

    Raises:
        UnknownTarget: when a name looks like an experiment's, and the study has none such.
    """
    found: list[str] = []
    for name in names:
        cells = [cell for cell in plan.experiments if fnmatchcase(cell, name)]
        if cells:
            found += [file for cell in cells for file in _files(plan, cell)]
        elif _is_meant_as_experiment(plan, name):
            raise UnknownTarget(
                f"the study has no experiment {name}",
                f"{nearest(name, plan.experiments)} `railcrate status` lists them.",
            )
        else:
            found.append(name)
    return list(dict.fromkeys(found))


def _files(plan: Plan, cell: str) -> list[str]:
    """All that is made for an experiment alone."""
    found: list[str] = []
    if cell in plan.trained:
        found += paths.weights_files(cell, adapter=cell in plan.adapters)
        found += [paths.training_summary(cell), paths.training_curve(cell)]
    for benchmark in plan.study.benchmarks:
        pair = (cell, benchmark)
        found += [paths.evaluation(*pair), paths.samples(*pair), paths.metrics(*pair)]
    return found


def _is_meant_as_experiment(plan: Plan, name: str) -> bool:
    """Whether a name without a match looks like an experiment's, or a part of one, and like no file's."""
    if "/" in name:
        return False
    parts = name.split(".")
    return any(sign in name for sign in "*?[") or parts[0] in plan.study.models or ".seed" in name
