# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate steps`: the curation steps that recipes may use."""

from __future__ import annotations

from typing import Annotated

import typer


def steps(
    name: Annotated[str | None, typer.Argument(help="Show this step with its parameters.")] = None,
) -> None:
    """List the steps of recipes, or describe one with its parameters."""
    from railcrate.data.steps import STEPS, find_step

    if name is None:
        width = max(map(len, STEPS))
        for step in STEPS.values():
            typer.echo(f"{step.name:{width}}  {step.summary}")
        return
    step = find_step(name)
    typer.echo(f"{step.name}: {step.summary}")
    for key, field in step.parameters.model_fields.items():
        default = "required" if field.is_required() else f"default {field.get_default(call_default_factory=True)!r}"
        typer.echo(f"  {field.alias or key} ({default}): {field.description or ''}")
