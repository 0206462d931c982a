# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate doctor`: whether this machine has what railcrate needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railcrate.cli.console import AsJson, give, show, tell


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Leave the network alone.")] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Print it as Markdown, without names and folders, to report a mistake.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Examine this machine: Python and packages, git, DVC, Snakemake, cores, memory, GPU, tokens, network.

    It works in any folder, changes nothing, and says of each finding what to do about it. Of access
    tokens it says whether they are there, and never what they are.

    Examples:
        railcrate doctor
        railcrate doctor --offline   # leaves the network alone
        railcrate doctor --report    # for a report of a mistake

    Exit codes:
        0: nothing stands in the way; there may be warnings
        5: something does
    """
    from railcrate.cli.findings import show_findings, summary
    from railcrate.preflight import findings
    from railcrate.preflight.doctor import examine, markdown

    found = examine(Path.cwd(), offline=offline, say=tell)
    code = findings.exit_code(found)
    if as_json:
        give({"findings": findings.as_json(found), "exit_code": code})
    elif report:
        typer.echo(markdown(found), nl=False)
    else:
        show_findings(found, topics=10)
        told = summary(found)
        show("", told or "all is well", style="bold" if told else "bold green")
    if code:
        raise typer.Exit(code)
