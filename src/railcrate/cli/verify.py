# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate verify`: do the numbers of a published study hold?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcrate.cli.console import AsJson, give, is_quiet, show, tell
from railcrate.cli.failures import Stopped
from railcrate.study.errors import RailcrateError

if TYPE_CHECKING:
    from railcrate.reproduce.progress import Watcher
    from railcrate.reproduce.verification import Verification

EXIT_UNVERIFIED = 2


class UnverifiedError(RailcrateError):
    """It could not be verified; the message says why."""

    exit_code = EXIT_UNVERIFIED


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
Cores = Annotated[str, typer.Option("--cores", "-c", metavar="N", help="Cores to run on; a number or 'all'.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Run what others wrote without being asked.")]
Strict = Annotated[bool, typer.Option("--strict", help="Only identical figures hold; equivalent ones do not.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write a page here (HTML), and the same as JSON beside it."),
]
Work = Annotated[
    Path | None,
    typer.Option("--work", metavar="FOLDER", help="Run in this folder, not in the study's own .railcrate/verify."),
]


def verify(
    reference: Reference,
    depth: DepthOption = Depth.files,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="FOLDER", help="Fetch to this folder; by default one named by the title."),
    ] = None,
    work: Work = None,
    cores: Cores = "all",
    yes: Yes = False,
    strict: Strict = False,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Verify a published study: its files, its evaluations, its trainings.

    Every figure ends as identical, equivalent (within what its standard
    error and the seeds allow) or different, and what differs is explained as
    far as the records tell. The study's own files are not changed. Broken
    off, the same command goes on.

    Examples:
        railcrate verify 10.5281/zenodo.1234567  # are the files what they claim to be?
        railcrate verify . --depth evaluate  # do the published weights give the published figures?
        railcrate verify . --depth train --output verification.html  # does everything come out again?

    Exit codes:
        0: it holds
        1: something is different
        2: it could not be verified
    """
    run(reference, depth, folder=folder, work=work, cores=cores, yes=yes, strict=strict, output=output, as_json=as_json)


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
    as_json: bool,
) -> None:
    """Verify, tell, and end with the exit code.

    Raises:
        typer.Exit: with the exit code of the verification.
        UnverifiedError: when it could not be verified.
        Stopped: when it was stopped by Ctrl-C.
    """
    from railcrate.reproduce.page import write_page
    from railcrate.reproduce.verify import Manner, verify

    manner = Manner(
        depth=depth.value, folder=folder, work=work, cores=cores, strict=strict,
        agree=lambda lines: agree(lines, yes=yes), say=tell, watching=watching,
    )  # fmt: skip
    try:
        found = verify(reference, manner)
        page = None if output is None else write_page(output, found)
    except RailcrateError as error:
        raise UnverifiedError(error.message, error.hint) from None
    except KeyboardInterrupt:
        raise Stopped("Give the same command again to go on.") from None
    _show(found, as_json=as_json)
    if page is not None:
        tell(f"page: {page[0]}, and as JSON {page[1]}")
    raise typer.Exit(found.exit_code)


@contextmanager
def watching() -> Iterator[Watcher]:
    """Show how far a fetch is; nothing with `--quiet`."""
    from railcrate.reproduce.progress import Bars, Quiet

    if is_quiet():
        yield Quiet()
        return
    with Bars() as bars:
        yield bars


def _show(found: Verification, *, as_json: bool) -> None:
    """Print a verification."""
    if as_json:
        give(found.as_json())
    else:
        from railcrate.reproduce import telling

        show(telling.tell(found))


def agree(lines: list[str], *, yes: bool) -> bool:
    """Show what of others would run, also with `--quiet`, and ask."""
    if yes and is_quiet():
        return True
    typer.echo("this runs what others wrote, with your rights:", err=True)
    for line in lines:
        typer.echo(f"  {line}", err=True)
    if yes:
        return True
    if not sys.stdin.isatty():
        typer.echo("nobody is here to ask; --yes agrees", err=True)
        return False
    return typer.confirm("Run it?", default=False, err=True)
