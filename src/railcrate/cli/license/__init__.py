# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license`: one file for one command."""

from __future__ import annotations

import typer

from railcrate.cli.license.check import check
from railcrate.cli.license.list import list_
from railcrate.cli.license.new import new
from railcrate.cli.license.recommend import recommend
from railcrate.cli.license.show import show
from railcrate.cli.license.text import text

app = typer.Typer(
    help="Licenses: what there is, what fits, what the study may carry. No legal advice.", no_args_is_help=True
)
app.command("list")(list_)
for command in (show, text, recommend, new, check):
    app.command()(command)
