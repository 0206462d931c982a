# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate schema`: the JSON Schema of the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to this file.")
    ] = None,
) -> None:
    """Print the JSON Schema of config/study.yaml, with which editors complete and check it.

    Studies that `railcrate new` makes name it in their first line; editors that read YAML with a
    schema (VS Code, PyCharm, Neovim, …) then complete keys and show mistakes while one types.

    Examples:
        railcrate schema --output study.schema.json
    """
    from railcrate.study.schema import schema_text

    if output is None:
        typer.echo(schema_text(), nl=False)
        return
    from railcrate.study.files import write_text

    write_text(output, schema_text())
