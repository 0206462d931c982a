# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license`: one file for one command."""

from __future__ import annotations

import typer

from railcrate.cli.help import Command, Group
from railcrate.cli.license.check import check
from railcrate.cli.license.list import list_
from railcrate.cli.license.new import new
from railcrate.cli.license.recommend import recommend
from railcrate.cli.license.show import show
from railcrate.cli.license.text import text

app = typer.Typer(cls=Group, invoke_without_command=True)
app.command("list", cls=Command)(list_)
for command in (show, text, recommend, new, check):
    app.command(cls=Command)(command)


@app.callback()
def license_(ctx: typer.Context) -> None:
    """Find, make and check licenses: what there is, what fits, what the study may carry. No legal advice."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
