# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate run`: run the study, or single experiments of it, or one stage of `dvc.yaml`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcrate.cli.console import AsJson, give, is_quiet, show, tell
from railcrate.cli.help import Command
from railcrate.study.errors import EXIT_OK

if TYPE_CHECKING:
    from railcrate.ledger.plan import Plan

PASSED = "snakemake"  # where the options behind `--` are kept in typer's context


class RunCommand(Command):
    """A command that hands everything behind `--` to Snakemake, as it stands."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take out what stands behind `--`."""
        if "--" in args:
            place = args.index("--")
            args, ctx.meta[PASSED] = args[:place], args[place + 1 :]
        return super().parse_args(ctx, args)


def run(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            help="Experiments by name, such as small.raw.seed0 or 'small.*'; or files. Everything by default."
        ),
    ] = None,
    cores: Annotated[
        str | None,
        typer.Option("--cores", "-c", metavar="N", help="Cores to use, or 'all'. By default as many as are sensible."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="Where to run: a folder in profiles/, such as slurm."),
    ] = None,
    miniature: Annotated[
        bool, typer.Option("--miniature", help="Run the study's miniature, in about a minute, in miniature/.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Only say what would run, and why.")] = False,
    as_json: AsJson = False,
    stage: Annotated[
        str | None, typer.Option("--stage", hidden=True, help="Make what this stage of dvc.yaml makes.")
    ] = None,
) -> None:
    """Run the study: what is not made yet, and what no longer fits its configuration.

    Shows how far each experiment is, tells at the end what was made and what failed, and
    records it in DVC. A run may be stopped at any time (Ctrl-C): what had finished is kept,
    and a training goes on from its last checkpoint. One failed experiment does not stop the
    others.

    Examples:
        railcrate run  # the whole study
        railcrate run --miniature  # everything once, on very little
        railcrate run --dry-run  # what would run, and why
        railcrate run 'small.*'  # the experiments of one model
        railcrate run --profile slurm  # each job as a job of a cluster
        railcrate run -- --forcerun train  # with further options of Snakemake
    """
    if stage is not None:
        _become_snakemake(stage, cores or "all", targets or [])
    folder = Path.cwd()
    words = _words(folder, targets or [], cores, profile, miniature=miniature, dry_run=dry_run)
    if is_quiet() or (dry_run and as_json):
        words += ["--quiet", "all"]
    from railcrate.jobs.call import snakemake

    code, ending = snakemake([*words, *ctx.meta.get(PASSED, [])])
    done = ending is None or ending.course.in_state("done")
    if targets and done and code == EXIT_OK and not (dry_run or miniature):
        _record(folder)
    if as_json:
        give(ending.summary() if ending is not None else {"state": "failed" if code else "done", "exit_code": code})
    raise typer.Exit(code)


def _words(
    folder: Path, targets: list[str], cores: str | None, profile: str | None, *, miniature: bool, dry_run: bool
) -> list[str]:
    """Look at everything that can be wrong before Snakemake begins, and put its command line together."""
    from railcrate.jobs.checks import CHECKS
    from railcrate.jobs.profiles import cluster_options, default, find
    from railcrate.jobs.targets import targets_of
    from railcrate.ledger.plan import Plan
    from railcrate.study import paths
    from railcrate.study.load import load_study

    study = load_study(folder, extra_checks=CHECKS)
    _refuse(folder, folder / paths.MINIATURE if miniature else folder, dry_run=dry_run)
    plan = Plan(study)
    words = targets_of(plan, targets)
    packaged = default(folder)
    if packaged is not None:
        words += ["--workflow-profile", str(packaged)]
    if dry_run:
        words.append("--dry-run")
    if miniature:
        words += ["--config", "miniature=true"]
    chosen = find(folder, profile) if profile is not None else None
    if chosen is not None:
        words += ["--profile", str(chosen.path)]
    if chosen is not None and chosen.is_cluster:
        words += cluster_options(chosen)
        words += ["--cores", cores] if cores is not None else []
    elif cores is not None:
        words += ["--cores", cores]
    else:
        words += _sensible(folder, plan)
    return words


def _refuse(folder: Path, place: Path, *, dry_run: bool) -> None:
    """Refuse where no run can begin: no Snakefile, or another run at work."""
    from railcrate.jobs.session import RunInProgressError
    from railcrate.ledger.status import going
    from railcrate.study.errors import ConfigError

    if not (folder / "Snakefile").is_file() and not (folder / "workflow" / "Snakefile").is_file():
        raise ConfigError(
            "there is no Snakefile in this folder",
            "`railcrate new` makes studies with one; it is a few lines, and can be copied from another study.",
        )
    holder = "" if dry_run else going(place)
    if holder:
        raise RunInProgressError(holder)


def _sensible(folder: Path, plan: Plan) -> list[str]:
    """As many cores as are there and have memory; and one job at a time on a GPU."""
    from railcrate.jobs.cores import choose, physical
    from railcrate.ledger.resources import Resources
    from railcrate.preflight.machine import memory, quota

    resources = Resources(folder, plan)
    choice = choose(plan, resources, physical_cores=physical(), quota=quota(), free=memory().free)
    words = ["--cores", str(choice.cores)]
    if choice.why:
        tell(f"on {choice.why}")
    if resources.wants_gpu:
        words += ["--resources", "gpu=1"]
        tell("one job at a time on the GPU")
    return words


def _record(folder: Path) -> None:
    """Record what was made where only a part was asked for: the last rule, which records all, has not run."""
    from railcrate.ledger.record import record_study
    from railcrate.study.load import load_study
    from railcrate.study.units import count

    summary = record_study(folder, load_study(folder))
    show(f"recorded: {count(len(summary.recorded), 'stage')}, {len(summary.new)} of them new or changed")
    if summary.changed:
        show(f"next: `git add {' '.join(summary.changed)} && git commit`")
    if summary.unfinished:
        show(f"{count(len(summary.unfinished), 'stage')} of the study not made, or not up to date: `railcrate status`")


def _become_snakemake(stage: str, cores: str, targets: list[str]) -> None:
    """Make what a stage of `dvc.yaml` makes; `dvc repro` calls this. The process becomes Snakemake."""
    from railcrate.ledger.made import note
    from railcrate.ledger.run import stage_targets
    from railcrate.study.load import load_study

    folder = Path.cwd()
    made = stage_targets(folder, load_study(folder), stage)
    note(folder, made)  # where nothing is to be done, no run will
    command = [sys.executable, "-m", "snakemake", "--cores", cores, *targets, *made]
    sys.stdout.flush()
    os.execv(sys.executable, command)
