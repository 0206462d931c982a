# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate` alone: what to do next in this folder, from what lies there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from railcrate.cli.advice import SHOWN, Advice, Step, few
from railcrate.cli.console import command, show
from railcrate.cli.next_publish import publish
from railcrate.study import paths
from railcrate.study.miniature import is_miniature
from railcrate.study.units import count

if TYPE_CHECKING:
    from railcrate.ledger.status import StudyStatus
    from railcrate.study.config import Study

FETCHED = f"{paths.STATE}/bundle"  # where a fetched study keeps the bundle that it came from


def next_step() -> None:
    """Say what to do next in this folder."""
    folder = Path.cwd()
    if not (folder / paths.CONFIG).is_file():
        _show("", elsewhere(folder))
        return
    from railcrate.ledger.status import study_status
    from railcrate.study.load import load_study

    study = load_study(folder)
    _show(study.title, advice(folder, study, study_status(folder, study, ledger=False)))


def _show(title: str, found: Advice) -> None:
    if title:
        show(title, style="bold")
        show("")
    show(*found.facts)
    for number, step in enumerate(found.steps):
        show("")
        show_step(f"{'next' if number == 0 else 'then'}: {step.why}", step.command)
    if found.also:
        show("", "also:")
        for step in found.also:
            show_step(f"- {step.why}", step.command)


def show_step(why: str, text: str) -> None:
    """Print what to do, and the command where there is one to type."""
    if text:
        command(text, why=why)
    else:
        show(why)


# --- outside of a study ---------------------------------------------------------------------


def elsewhere(folder: Path) -> Advice:
    """Say what to do in a folder that holds no study: go to one, or begin one.

    Args:
        folder: the folder.

    Returns:
        The advice.
    """
    above = next((at for at in folder.parents if (at / paths.CONFIG).is_file()), None)
    if above is not None:
        step = Step("go to its folder, and ask again", f"cd {os.path.relpath(above, folder)} && railcrate")
        return Advice([f"This folder is inside the study {above.name}."], [step])
    if (folder / "manifest.json").is_file() and (folder / "ro-crate-metadata.json").is_file():
        return Advice(
            ["This is a bundle: a study as it was published."],
            [
                Step("check every file of it", "railcrate verify ."),
                Step("unpack it into a folder", "railcrate fetch ."),
            ],
        )
    begin = Step("make a study here", "railcrate new")
    take = Step("fetch one that was published, by its DOI", "railcrate fetch 10.5281/zenodo.1234567")
    below = sorted(_studies_below(folder))
    if below:
        step = Step("go there, and ask again", f"cd {below[0]} && railcrate")
        return Advice([f"There is no study in this folder, but below it: {few(below)}."], [step], [begin, take])
    return Advice(
        ["There is no study in this folder: no config/study.yaml."],
        [begin],
        [take, Step("see whether this machine has what it needs", "railcrate doctor")],
    )


def _studies_below(folder: Path) -> Iterator[str]:
    """Studies one or two folders below; folders that cannot be read hold none."""
    for pattern in (f"*/{paths.CONFIG}", f"*/*/{paths.CONFIG}"):
        try:
            yield from (path.parents[1].relative_to(folder).as_posix() for path in folder.glob(pattern))
        except OSError:
            return


# --- in a study -----------------------------------------------------------------------------


def advice(folder: Path, study: Study, status: StudyStatus) -> Advice:
    """Say what to do next in a study.

    Args:
        folder: its folder.
        study: its configuration.
        status: how it stands.

    Returns:
        The advice.
    """
    found = Advice([_counted(status)])
    if status.run:
        at_work = [it.job.id for it in status.found.values() if it.running]
        found.facts.append(f"A run is going: {status.run}.")
        if at_work:
            found.facts.append(f"At work: {', '.join(at_work[:SHOWN])}{' …' if len(at_work) > SHOWN else ''}.")
        found.steps.append(Step("see how far it is", "railcrate status"))
        return found
    found.steps += _foundations(folder)
    if not status.all_done:
        _unfinished(folder, status, found)
        return found
    if not status.recorded:
        if status.kept is not None:
            status.kept.check()
        found.facts.append("All of it is up to date, but the ledger does not hold it as it is.")
        found.steps.append(Step("record it", "railcrate record"))
        return found
    found.facts[0] = f"{count(len(status.experiments), 'experiment')}, all done and recorded. Report: {paths.REPORT}"
    if is_miniature(folder):
        found.facts.append("This is a miniature: it shows that all works; its figures mean nothing.")
        found.steps.append(Step("go to the study itself", f"cd {_study_of(folder)} && railcrate"))
        return found
    if (folder / FETCHED).is_dir():
        found.steps.append(Step("see whether its numbers hold here", "railcrate verify . --depth evaluate"))
        found.also.append(Step("make everything again from the sources", "railcrate reproduce"))
        return found
    publish(folder, study, status, found)
    return found


def _study_of(miniature: Path) -> str:
    """Where the study of a miniature is, from there."""
    above = next((at for at in miniature.parents if (at / paths.CONFIG).is_file()), miniature.parent)
    return os.path.relpath(above, miniature)


def _counted(status: StudyStatus) -> str:
    """How many experiments are done, and how the others stand: "3 of 18 experiments are done, 2 are stale."."""
    done = sum(one.is_done for one in status.experiments)
    verbs = {"failed": ("has", "have")}
    rest = [
        f", {number:,} {verbs.get(state, ('is', 'are'))[number != 1]} {state}"
        for state, number in status.counts.items()
        if state not in ("done", "restored")
    ]
    told = f"{done:,} of {count(len(status.experiments), 'experiment')} {'is' if done == 1 else 'are'} done"
    return f"{told}{''.join(rest)}."


def _foundations(folder: Path) -> Iterator[Step]:
    """What a study needs under it: git and DVC."""
    with_git = any((at / ".git").exists() for at in (folder, *folder.parents))
    if not with_git:
        yield Step("keep the study under git: a bundle names the commit of its code", "git init")
    if not any((at / ".dvc").is_dir() for at in (folder, *folder.parents)):
        yield Step("let DVC keep data, weights and results", f"dvc init{'' if with_git else '  # after git init'}")


def _unfinished(folder: Path, status: StudyStatus, found: Advice) -> None:
    """Something is to be made, or made again."""
    from railcrate.cli.status import grouped

    look = Step("see each experiment, and why", "railcrate status")
    failed = [it for it in status.found.values() if it.failed]
    if failed:
        for it in failed[:SHOWN]:
            found.facts += [f"✗ {it.job.id}: {it.failed}", f"  log: {it.job.log}"]
        if len(failed) > SHOWN:
            found.facts.append(f"✗ and {len(failed) - SHOWN} more jobs")
        found.steps.append(Step("mend the cause, and run it again; what had finished is kept", "railcrate run"))
        found.also.append(look)
        return
    kinds = {reason.kind for it in status.found.values() for reason in it.reasons}
    if kinds == {"new"} and status.jobs[1] == 0:
        _not_run(folder, status, found)
        return
    if "unknown" in kinds and status.kept is not None and status.kept.entries:
        found.facts.append("Snakemake does not know how the files here were made; the ledger does.")
        found.steps.append(Step("bring that knowledge back; every file is checked", "railcrate restore"))
        found.also.append(look)
        return
    for words, ids in list(grouped(status.experiments).items())[:SHOWN]:
        found.facts.append(f"- {len(ids):,} because {words}")
    if all(one.is_done for one in status.experiments):
        names = [it.job.id for it in status.others]
        found.facts.append(f"To be made beside them: {', '.join(names[:SHOWN])}{' …' if len(names) > SHOWN else ''}.")
        found.facts += [f"- {words}" for words in _words(status)[:SHOWN]]
    edited = next((r for it in status.found.values() for r in it.reasons if r.kind == "edited"), None)
    if edited is not None:
        found.steps.append(Step("have the changed file made anew: delete it", f"rm {edited.file}"))
        found.also.append(Step("or bring all files back as the ledger has them", "railcrate restore --force"))
    found.steps.append(Step("make what is missing or not up to date", "railcrate run"))
    found.also.append(look)


def _words(status: StudyStatus) -> list[str]:
    return list(dict.fromkeys(r.words for it in status.others for r in it.reasons if r.kind != "new"))


def _not_run(folder: Path, status: StudyStatus, found: Advice) -> None:
    """Nothing has run yet: in a clone there is something to restore."""
    if status.kept is not None and status.kept.entries:
        found.facts.append("Nothing of it is here, but the ledger knows results: this is a clone.")
        found.steps.append(Step("bring data, weights and results from DVC's remote", "railcrate restore"))
        found.also.append(Step("or make them again", "railcrate run"))
        return
    found.facts[0] = f"{count(len(status.experiments), 'experiment')}; nothing has run yet."
    tried = (folder / paths.MINIATURE / paths.REPORT).is_file()
    found.steps.append(Step("look whether all is well before a long run", "railcrate check"))
    if not tried:
        found.steps.append(Step("try the whole study on very little, in about a minute", "railcrate run --miniature"))
    found.steps.append(Step("run it", "railcrate run"))
