# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Python on pages: it compiles, and its steps and generators are what railcrate takes."""

from __future__ import annotations

import ast
from pathlib import Path

from railcrate.data.steps.own import own_step
from railcrate.study.errors import RailcrateError


def problem_with_python(text: str, folder: Path, file: str) -> str | None:
    """Say what is wrong with a file of Python that a page writes.

    Args:
        text: what is in it.
        folder: the study's folder, in which it lies already.
        file: its path from there; functions of a file under `steps/` whose second argument is annotated
            are loaded as steps.

    Returns:
        What is wrong; None where it is right.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return f"this is no Python: {error}"
    if not file.startswith("steps/"):
        return None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and len(node.args.args) == 3 and not node.name.startswith("_"):
            try:
                own_step(folder, f"{file}:{node.name}")
            except RailcrateError as error:
                return str(error)
    return None
