# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate status`: how each experiment of the study stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcrate.cli.complete import experiment_names
from railcrate.cli.console import MARK, AsJson, give, show, table
from railcrate.study import units
from railcrate.study.errors import EXIT_FAILURE

if TYPE_CHECKING:
    from railcrate.ledger.staleness import Reason
    from railcrate.ledger.status import ExperimentStatus, State, StudyStatus
    from railcrate.publish.releases import Released
    from railcrate.study.config import Study

MANY = 40  # experiments; more are told by model and variant
_SHOWN = 8  # reasons that are told
MARKS: dict[State, tuple[str, str]] = {
    "done": ("✓", MARK["good"]),
    "restored": ("✓", MARK["good"]),
    "running": ("▶", "cyan"),
    "failed": ("✗", MARK["bad"]),
    "stale": ("!", MARK["unsure"]),
    "missing": ("·", MARK["aside"]),
}


def status(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EXPERIMENT",
            autocompletion=experiment_names,
            help="Only these, by name or by a pattern such as 'small.*'; all is told of one.",
        ),
    ] = None,
    long: Annotated[bool, typer.Option("--long", "-l", help="One line for each experiment, however many.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Ask Snakemake, too; it takes longer.")] = False,
    check: Annotated[bool, typer.Option("--check", help="End with 1 unless everything is done; for CI.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show which experiments are done, running, failed, stale or missing, and why.

    done: made, and nothing that it rests on has changed. restored: the same, brought here by DVC.
    stale: made, but a source, a setting, the code or a file has changed since. missing: not made
    yet, or deleted. It also says what the ledger holds, what lies in DVC's remote, and under which
    DOI an experiment was released.

    Nothing is run, and nothing of the study's own code is imported. What Snakemake would make again
    is never called done; with --exact Snakemake itself is asked, which knows options and rules that
    the study's Snakefile adds.

    Examples:
        railcrate status
        railcrate status small.raw.seed0    # all about one
        railcrate status 'small.*' --long
        railcrate status --check --quiet    # for CI

    Exit codes:
        0: it was told, however the study stands
        1: with --check: something is stale, missing, running or failed
        3: the configuration is wrong
        4: a file of the ledger is damaged
    """  # fmt: skip
    from railcrate.ledger.status import study_status
    from railcrate.study.load import load_study

    folder = Path.cwd()
    study = load_study(folder)
    found = study_status(folder, study, exact=exact)
    chosen = _chosen(found, names or [])
    released = _released(folder, found, chosen)
    if as_json:
        give(_for_machines(folder, study, found, chosen, released))
    else:
        _tell(folder, study, found, chosen, released, long=long or bool(names))
    if check and not found.all_done:
        raise typer.Exit(EXIT_FAILURE)


def _chosen(found: StudyStatus, names: Sequence[str]) -> list[ExperimentStatus]:
    """The experiments that were asked for.

    Raises:
        CalledWrongly: when a name matches none.
    """
    from railcrate.cli.failures import CalledWrongly
    from railcrate.study.problems import nearest

    if not names:
        return found.experiments
    ids = [one.cell.id for one in found.experiments]
    for name in names:
        if not any(fnmatchcase(known, name) for known in ids):
            raise CalledWrongly(f"the study has no experiment '{name}'", nearest(name, ids))
    return [one for one in found.experiments if any(fnmatchcase(one.cell.id, name) for name in names)]


def _released(folder: Path, found: StudyStatus, chosen: Sequence[ExperimentStatus]) -> dict[str, list[Released]]:
    from railcrate.publish.releases import read_releases
    from railcrate.publish.since import released_with

    releases = read_releases(folder)
    if not releases or found.kept is None:
        return {}
    return released_with(folder, releases, found.kept.entries, [one.cell.id for one in chosen if one.is_done])


def _tell(
    folder: Path,
    study: Study,
    found: StudyStatus,
    chosen: Sequence[ExperimentStatus],
    released: Mapping[str, Sequence[Released]],
    *,
    long: bool,
) -> None:
    show(study.title, style="bold")
    show(counted(found))
    if found.run:
        show(f"A run is going: {found.run}.", style="cyan")
        at_work = [it.job.id for it in found.found.values() if it.running]
        if at_work:
            show(f"At work: {', '.join(at_work[:_SHOWN])}{' …' if len(at_work) > _SHOWN else ''}.", style="cyan")
    show("")
    if len(chosen) == 1:
        _whole(chosen[0], released)
    elif len(chosen) > MANY and not long:
        _by_variant(chosen)
    else:
        _each(chosen, found, released)
    _why(chosen)
    if chosen is found.experiments:
        _rest(found)
    from railcrate.cli.next import advice, show_step

    step = next(iter(advice(folder, study, found).steps), None)
    if step is not None and not found.run:
        show("")
        show_step(f"next: {step.why}", step.command)


def counted(found: StudyStatus) -> str:
    """Count the experiments by state: "18 experiments: 3 done, 2 stale, 13 missing"."""
    counts = ", ".join(f"{number:,} {state}" for state, number in found.counts.items())
    return f"{units.count(len(found.experiments), 'experiment')}: {counts}"


def _each(chosen: Sequence[ExperimentStatus], found: StudyStatus, released: Mapping[str, Sequence[Released]]) -> None:
    """A line for each experiment; what holds for all of them is told below, once."""
    from rich.text import Text

    kept = [_kept(one) for one in chosen]
    dois = [", ".join(_doi(release) for release in released.get(one.cell.id, ())) for one in chosen]
    differ = [len(set(column)) > 1 for column in (kept, dois)]
    made = table(
        "experiment", "state", *(["kept"] if differ[0] else []), *(["released"] if differ[1] else []),
        whole=["experiment", "state"],
    )  # fmt: skip
    for one, ledger, doi in zip(chosen, kept, dois, strict=True):
        mark, style = MARKS[one.state]
        state = Text(f"{mark} {one.state}{_detail(one)}", style=style)
        made.add_row(one.cell.id, state, *([ledger] if differ[0] else []), *([doi] if differ[1] else []))
    show(made)
    if not differ[0] and kept[0]:
        show("", f"All of them: {kept[0]}{_remote(found)}.")
    if not differ[1] and dois[0]:
        show(f"Released as they are: {dois[0]}.")


def _detail(one: ExperimentStatus) -> str:
    """What there is of an experiment that is not done."""
    done = [name for name, is_done in one.evaluated.items() if is_done]
    if one.state != "missing" or not (one.trained or done):
        return ", goes on from a checkpoint" if one.resumes and one.state in ("missing", "failed") else ""
    left = ", ".join(name for name, is_done in one.evaluated.items() if not is_done)
    return f": {left}" if one.trained is not False else ""


def _kept(one: ExperimentStatus) -> str:
    if not one.recorded:
        return ""
    return {True: "recorded, in the remote", False: "recorded, not in the remote", None: "recorded"}[one.in_remote]


def _remote(found: StudyStatus) -> str:
    remote = found.kept.remote if found.kept is not None else None
    if remote is None:
        return "; DVC has no default remote"
    return f" '{remote.name}'" if remote.place is not None else f"; what the remote {remote.url} has was not looked up"


def _doi(release: Released) -> str:
    return f"{release.doi} ({release.version})"


def _by_variant(chosen: Sequence[ExperimentStatus]) -> None:
    """Count the states of each model and variant; of a model all at once, where its variants are alike."""
    from rich.text import Text

    states = [state for state in MARKS if any(one.state == state for one in chosen)]
    counts: dict[str, dict[str, Counter[str]]] = {}
    for one in chosen:
        variants = counts.setdefault(one.cell.model, {})
        variants.setdefault(one.cell.variant or "as it is", Counter())[one.state] += 1
    made = table("model", "variant", *states, right=states, whole=["model", "variant"])
    for model, variants in counts.items():
        alike = len(variants) > 2 and len({tuple(sorted(counted.items())) for counted in variants.values()}) == 1
        rows = {f"all {len(variants)}": sum(variants.values(), Counter())} if alike else variants
        for variant, counted in rows.items():
            cells = [Text(f"{counted[state]:,}" if counted[state] else "", style=MARKS[state][1]) for state in states]
            made.add_row(model, variant, *cells)
    show(made)


def _whole(one: ExperimentStatus, released: Mapping[str, Sequence[Released]]) -> None:
    """Everything about one experiment."""
    mark, style = MARKS[one.state]
    show(f"{mark} {one.cell.id}: {one.state}", style=style)
    rows = [
        ("training", "" if one.trained is None else "done" if one.trained else "to be made"),
        *((name, "done" if is_done else "to be made") for name, is_done in one.evaluated.items()),
        ("checkpoint", "there is one: training goes on from it" if one.resumes else ""),
        ("ledger", _kept(one) or "not recorded"),
        ("released", ", ".join(_doi(release) for release in released.get(one.cell.id, ()))),
        ("log", one.log),
        ("kept in", ", ".join(output for output in one.outputs[:2])),
    ]
    for name, value in rows:
        if value:
            show(f"  {name}: {value}")


def _why(chosen: Sequence[ExperimentStatus]) -> None:
    """Tell each reason once, with the experiments that it holds for; those that failed first."""
    failed: dict[tuple[str, str], list[str]] = {}
    for one in chosen:
        if one.failed:
            failed.setdefault((one.failed, one.log), []).append(one.cell.id)
    for (words, log), names in failed.items():
        show("", f"✗ {_few(names)}: {words}", style=MARK["bad"])
        show(f"  log: {log}")
    groups = grouped(one for one in chosen if not one.failed)
    if groups:
        show("")
    for words, names in list(groups.items())[:_SHOWN]:
        show(f"- {_few(names)}: {words}" if len(chosen) > 1 else f"- {words}")
    if len(groups) > _SHOWN:
        show(f"- and {len(groups) - _SHOWN} more reasons; `railcrate status NAME` tells all of one")


def grouped(experiments: Iterable[ExperimentStatus]) -> dict[str, list[str]]:
    """The reasons of experiments in words, each with the ids of those that it holds for, the widest first."""
    found: dict[str, dict[str, None]] = {}
    for one in experiments:
        for reason in one.reasons:
            if reason.kind != "running":
                found.setdefault(reason.words, {})[one.cell.id] = None
    return {words: list(ids) for words, ids in sorted(found.items(), key=lambda entry: -len(entry[1]))}


def _few(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names):,} experiments ({names[0]}, …)"


def _rest(found: StudyStatus) -> None:
    """What is to be made beside the experiments, and what the ledger still holds of earlier ones."""
    if found.gone:
        show("", f"no longer in the study, but in the ledger: {_few(found.gone)}; `railcrate record` forgets them")
    if all(one.is_done for one in found.experiments) and found.others:
        names = ", ".join(it.job.id for it in found.others[:_SHOWN])
        more = f" and {len(found.others) - _SHOWN} more" if len(found.others) > _SHOWN else ""
        show("", f"to be made beside them: {names}{more}")
        for words in list(dict.fromkeys(reason.words for it in found.others for reason in it.reasons))[:_SHOWN]:
            show(f"- {words}")


def _for_machines(
    folder: Path,
    study: Study,
    found: StudyStatus,
    chosen: Sequence[ExperimentStatus],
    released: Mapping[str, Sequence[Released]],
) -> dict[str, Any]:
    from railcrate.cli.next import advice

    remote = found.kept.remote if found.kept is not None else None
    return {
        "title": study.title,
        "exact": found.exact,
        "run": found.run or None,
        "all_done": found.all_done,
        "recorded": found.recorded,
        "counts": {"experiments": len(found.experiments), **{state: found.counts.get(state, 0) for state in MARKS}},
        "remote": None if remote is None else {"name": remote.name, "url": remote.url},
        "experiments": [
            {
                "id": one.cell.id,
                "model": one.cell.model,
                "variant": one.cell.variant,
                "seed": one.cell.seed,
                "state": one.state,
                "reasons": _reasons(one.reasons),
                "trained": one.trained,
                "evaluated": one.evaluated,
                "failed": one.failed or None,
                "log": one.log or None,
                "resumes": one.resumes,
                "recorded": one.recorded,
                "in_remote": one.in_remote,
                "released": [
                    {"version": release.version, "doi": release.doi} for release in released.get(one.cell.id, ())
                ],
            }
            for one in chosen
        ],
        "others": [{"job": it.job.id, "reasons": _reasons(it.roots)} for it in found.others],
        "gone": found.gone,
        "next": [{"why": step.why, "command": step.command} for step in advice(folder, study, found).steps],
    }


def _reasons(reasons: Sequence[Reason]) -> list[dict[str, str]]:
    return [{"kind": reason.kind, "words": reason.words, "job": reason.job} for reason in reasons]
