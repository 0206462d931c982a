# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate steps`: the curation steps that recipes may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcrate.cli.complete import step_names
from railcrate.cli.console import AsJson, give, show, table

if TYPE_CHECKING:
    from railcrate.data.steps.registry import Step


def steps(
    name: Annotated[
        str | None,
        typer.Argument(metavar="STEP", autocompletion=step_names, help="Describe this step, with its parameters."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the steps that recipes are made of, or describe one with its parameters.

    A study may bring steps of its own: 'steps/mine.py:function'.

    Examples:
        railcrate steps
        railcrate steps near-duplicates
    """
    from railcrate.data.steps import STEPS, find_step

    if name is None:
        if as_json:
            give([_content(step) for step in STEPS.values()])
            return
        made = table("step", "what it does", whole=["step"])
        for step in STEPS.values():
            made.add_row(step.name, step.summary)
        show(made, "", "`railcrate steps STEP` tells the parameters of one.")
        return
    step = find_step(name)
    if as_json:
        give(_content(step))
        return
    show(f"{step.name}: {step.summary}")
    parameters = _parameters(step)
    if parameters:
        made = table("parameter", "default", "what it is", whole=["parameter"])
        for entry in parameters:
            default = "required" if entry["required"] else _written(entry["default"])
            made.add_row(entry["name"], default, entry["description"])
        show("", made)
    required = ", ".join(f"{entry['name']}: …" for entry in parameters if entry["required"])
    if required:
        show("", f"In a recipe: `- {step.name}: {{{required}}}`")


def _content(step: Step) -> dict[str, Any]:
    return {"name": step.name, "summary": step.summary, "parameters": _parameters(step)}


def _parameters(step: Step) -> list[dict[str, Any]]:
    return [
        {
            "name": field.alias or key,
            "required": field.is_required(),
            "default": None if field.is_required() else field.get_default(call_default_factory=True),
            "description": field.description or "",
        }
        for key, field in step.parameters.model_fields.items()
    ]


def _written(value: Any) -> str:
    """A value as one would write it in the configuration."""
    import json

    return "not set" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
