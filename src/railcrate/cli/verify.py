# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate verify`: do the numbers of a published study hold?"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcrate.study.errors import RailcrateError

if TYPE_CHECKING:
    from railcrate.reproduce.verification import Verification

EXIT_UNVERIFIED = 2
INTERRUPTED = 130  # as shells have it: 128 and the number of SIGINT


class Depth(StrEnum):
    """How deep to verify."""

    files = "files"
    evaluate = "evaluate"
    train = "train"


Reference = Annotated[
    str, typer.Argument(help="A DOI, the address of a record, a bundle's folder, or a study's folder.", metavar="REF")
]
DepthOption = Annotated[
    Depth,
    typer.Option(
        "--depth",
        help="files: every checksum; evaluate: the published weights again on every benchmark; train: everything "
        "again from the sources.",
    ),
]
Cores = Annotated[str, typer.Option("--cores", "-c", help="Cores to run on; a number or 'all'.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Run what others wrote without being asked.")]
Strict = Annotated[bool, typer.Option("--strict", help="Only identical figures hold; equivalent ones do not.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write the page here (HTML), and the same as JSON beside it."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]
Work = Annotated[
    Path | None, typer.Option("--work", help="Run in this folder, instead of in the study's own .railcrate/verify.")
]


def verify(
    reference: Reference,
    depth: DepthOption = Depth.files,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Fetch to this folder; by default one named by the title.")
    ] = None,
    work: Work = None,
    cores: Cores = "all",
    yes: Yes = False,
    strict: Strict = False,
    output: Output = None,
    json: Json = False,
) -> None:
    """Verify a published study: its files, its evaluations, its trainings.

    Every figure ends as identical, equivalent (within what its standard
    error and the seeds allow) or different, and what differs is explained as
    far as the records tell. The study's own files are not changed. Broken
    off, the same command goes on.

    Exit codes: 0 it holds, 1 something is different, 2 it could not be verified.
    """
    run(reference, depth, folder=folder, work=work, cores=cores, yes=yes, strict=strict, output=output, json=json)


def run(
    reference: str,
    depth: Depth,
    *,
    folder: Path | None,
    work: Path | None,
    cores: str,
    yes: bool,
    strict: bool,
    output: Path | None,
    json: bool,
) -> None:
    """Verify, tell, and end with the exit code.

    Raises:
        typer.Exit: always, with the exit code of the verification.
    """
    from railcrate.reproduce.page import write_page
    from railcrate.reproduce.progress import Bars
    from railcrate.reproduce.verify import Manner, verify

    manner = Manner(
        depth=depth.value, folder=folder, work=work, cores=cores, strict=strict,
        agree=lambda lines: agree(lines, yes=yes), say=say, watching=Bars,
    )  # fmt: skip
    try:
        found = verify(reference, manner)
        page = None if output is None else write_page(output, found)
    except RailcrateError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(EXIT_UNVERIFIED) from None
    except KeyboardInterrupt:
        typer.echo("\nbroken off; give the same command again to go on", err=True)
        raise typer.Exit(INTERRUPTED) from None
    show(found, json=json)
    if page is not None:
        say(f"page: {page[0]}, and as JSON {page[1]}")
    raise typer.Exit(found.exit_code)


def show(found: Verification, *, json: bool) -> None:
    """Print a verification."""
    if json:
        from json import dumps

        typer.echo(dumps(found.as_json(), indent=1, ensure_ascii=False))
    else:
        from railcrate.reproduce.telling import tell

        typer.echo(tell(found))


def say(text: str) -> None:
    """Tell what happens, where it does not mix with the outcome."""
    typer.echo(text, err=True)


def agree(lines: list[str], *, yes: bool) -> bool:
    """Show what of others would run, and ask."""
    say("this runs what others wrote, with your rights:")
    for line in lines:
        say(f"  {line}")
    if yes:
        return True
    if not sys.stdin.isatty():
        say("nobody is here to ask; --yes agrees")
        return False
    return typer.confirm("Run it?", default=False, err=True)
