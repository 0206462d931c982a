# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The command line: one file for one command.

Every command prints through `console`, and is registered here, under the part of the journey
that it belongs to. What goes wrong ends in `failures`; what exit codes mean is in `exit_codes`.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036  before anything that an older Python cannot import
    sys.stderr.write(
        f"error: railcrate needs Python 3.11 or newer, and this is {'.'.join(map(str, sys.version_info[:3]))}\n"
        "  Make an environment with a newer one (python3.11 -m venv .venv), and install railcrate there.\n"
    )
    sys.exit(5)

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcrate.cli import console
from railcrate.cli.assess import assess
from railcrate.cli.bundle import bundle
from railcrate.cli.check import check
from railcrate.cli.compare import compare
from railcrate.cli.doctor import doctor
from railcrate.cli.failures import Stopped, Unread, report
from railcrate.cli.fetch import fetch
from railcrate.cli.help import Command, Group
from railcrate.cli.license import app as license_app
from railcrate.cli.models import models
from railcrate.cli.new import new
from railcrate.cli.record import record
from railcrate.cli.release import release
from railcrate.cli.reproduce import reproduce
from railcrate.cli.restore import restore
from railcrate.cli.run import RunCommand, run
from railcrate.cli.schema import schema
from railcrate.cli.status import status
from railcrate.cli.steps import steps
from railcrate.cli.topics import help_
from railcrate.cli.update import update
from railcrate.cli.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

# The parts of the journey, as `railcrate --help` lists them.
BEGIN, RUN, LOOK, LICENSES = "Begin", "Run", "Look", "Licenses"
PUBLISH, OTHERS, MACHINES = "Publish", "Check others' work", "For machines"

COMMANDS: dict[str, tuple[Callable[..., Any], ...]] = {
    BEGIN: (new, update, doctor),
    RUN: (check, run, record, restore),
    LOOK: (status, assess, steps, compare, models),
    PUBLISH: (bundle, release),
    OTHERS: (fetch, verify, reproduce),
    MACHINES: (schema,),
}


class Root(Group):
    """The command `railcrate` itself: `--quiet` may stand anywhere, and Ctrl-C is told in a word."""

    panels = (BEGIN, RUN, LOOK, LICENSES, PUBLISH, OTHERS, MACHINES)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take out `--quiet`, wherever it stands."""
        end = args.index("--") if "--" in args else len(args)
        console.be_quiet("--quiet" in args[:end])
        args = [word for number, word in enumerate(args) if number >= end or word != "--quiet"]
        return super().parse_args(ctx, args)

    def make_context(self, *words: Any, **more: Any) -> Any:
        """Read the command line; `--help` is printed here."""
        with _told_as_ours():
            return super().make_context(*words, **more)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with _told_as_ours():
            return super().invoke(ctx)


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """Let typer not end the program by itself, where a person stops it or nobody reads it any more."""
    try:
        yield
    except (KeyboardInterrupt, EOFError, typer.Abort) as error:
        raise Stopped from error
    except BrokenPipeError as error:
        raise Unread from error


app = typer.Typer(
    name="railcrate",
    cls=Root,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(cls=RunCommand if command is run else Command, rich_help_panel=panel)(command)
app.add_typer(license_app, name="license", cls=Group, rich_help_panel=LICENSES)
app.command("help", cls=Command, rich_help_panel=MACHINES)(help_)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"railcrate {version('railcrate')}")
        raise typer.Exit


@app.callback(epilog="`railcrate help` tells more on: exit-codes, json, environment, completion.")
def railcrate(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print only JSON and errors; may stand behind the command, too.")
    ] = False,
) -> None:
    """Run studies of small language models that anyone can run again, check, reuse and cite.

    Without a command, it says what to do next in this folder.
    """
    if ctx.invoked_subcommand is None:
        from railcrate.cli.next import next_step

        next_step()


def main() -> None:
    """Run the command line; whatever goes wrong ends with a message, a way out and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows few signs gets a `?` for the others
    words = sys.argv[1:]
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001  the boundary of the program: everything is told, and nothing is lost
        code = report(error, as_json="--json" in words)
    sys.exit(code if isinstance(code, int) else 0)
