# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate check`: all that can be known before a long run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from railcrate.cli.console import AsJson, give, show, tell


def check(
    cores: Annotated[
        str | None,
        typer.Option("--cores", "-c", metavar="N", help="Cores to run on, or 'all'. By default what `run` would take."),
    ] = None,
    timing: Annotated[
        bool | None,
        typer.Option(
            "--timing/--no-timing",
            help="Try some real steps of each model, or never. By default where no record of this machine tells "
            "how long they take.",
            show_default=False,
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Leave the network alone.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 for a warning, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the study before a long run, without running it: what is wrong, what it needs, how long it takes.

    Configuration, own steps and tasks, sources and bases, licenses, git, DVC's remote, cluster
    profiles, disk, memory, GPU, time, energy. Nothing large is downloaded, and nothing of the
    study is changed. Time and energy come from earlier records, or from a few steps of each model
    at its real size, which takes some seconds for each.

    Examples:
        railcrate check
        railcrate check --no-timing --offline  # at once, and without the network
        railcrate check --cores 16             # how long it would take on so many
        railcrate check --strict               # for machines that should stop at a warning

    Exit codes:
        0: nothing stands in the way; there may be warnings
        1: something does, or with --strict there is a warning
        3: the configuration is wrong
    """
    from railcrate.cli.findings import show_findings, summary
    from railcrate.preflight import findings
    from railcrate.preflight.check import Options
    from railcrate.preflight.check import check as look

    found = look(Path.cwd(), Options(_number(cores), timing, offline), tell)
    code = findings.exit_code(found.findings, strict=strict)
    if as_json:
        give(_for_machines(found, code))
    else:
        show(found.study.title, style="bold")
        show(found.counts, "")
        show_findings(found.findings)
        told = summary(found.findings) or "all is well"
        show("", f"{told}; mend it and check again" if code else f"{told}; next: `railcrate run`")
    if code:
        raise typer.Exit(code)


def _number(cores: str | None) -> int | None:
    if cores is None:
        return None
    if cores == "all":
        from railcrate.preflight.machine import cores as count

        return count()
    if not cores.isdigit() or cores == "0":
        raise typer.BadParameter(f"'{cores}' is neither a number nor 'all'", param_hint="--cores")
    return int(cores)


def _for_machines(found: Any, code: int) -> dict[str, Any]:
    from dataclasses import asdict

    from railcrate.preflight import findings

    return {
        "title": found.study.title,
        "findings": findings.as_json(found.findings),
        "estimate": None if found.estimate is None else asdict(found.estimate),
        "hindsight": None if found.hindsight is None else asdict(found.hindsight),
        "exit_code": code,
    }
