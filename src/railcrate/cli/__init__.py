# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The command line: one file for one command.

Exit codes: 0 done, 1 the work itself failed, 2 the command was called wrongly, 3 the
configuration is wrong, 4 data or weights are missing or damaged, 5 a tool, a package, disk
space or the network is missing.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from railcrate.cli.bundle import bundle
from railcrate.cli.check import check
from railcrate.cli.compare import compare
from railcrate.cli.fetch import fetch
from railcrate.cli.license import app as license_app
from railcrate.cli.record import record
from railcrate.cli.release import release
from railcrate.cli.reproduce import reproduce
from railcrate.cli.restore import restore
from railcrate.cli.run import run
from railcrate.cli.schema import schema
from railcrate.cli.steps import steps
from railcrate.cli.verify import verify
from railcrate.study.errors import EXIT_ENVIRONMENT, RailcrateError

app = typer.Typer(
    name="railcrate",
    help="Studies of small language models that anyone can run again, check, reuse and cite.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (check, run, record, restore, steps, schema, bundle, fetch, verify, reproduce, compare, release):
    app.command()(command)


app.add_typer(license_app, name="license")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"railcrate {version('railcrate')}")
        raise typer.Exit


@app.callback()
def railcrate(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Studies of small language models that anyone can run again, check, reuse and cite."""


def main() -> None:
    """Run the command line; a user's mistake ends with a message, not with a traceback."""
    try:
        app()
    except RailcrateError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno is None:
            raise
        where = f": {error.filename}" if error.filename else ""
        print(f"error: {os.strerror(error.errno)}{where}", file=sys.stderr)
        sys.exit(EXIT_ENVIRONMENT)
