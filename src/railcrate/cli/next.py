# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate` alone: what to do next in this folder, from what lies there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from railcrate.cli.console import command, show
from railcrate.study import paths
from railcrate.study.miniature import is_miniature
from railcrate.study.units import count

if TYPE_CHECKING:
    from railcrate.ledger.status import StudyStatus
    from railcrate.publish.releases import Released
    from railcrate.study.config import Study

FETCHED = f"{paths.STATE}/bundle"  # where a fetched study keeps the bundle that it came from
_LEDGER = (
    paths.DVC_FILE,
    "dvc.lock",
    "records.dvc",
    "report.dvc",
    "LICENSES",
    "NOTICE",
    "REUSE.toml",
    "config/licenses",
)
_SHOWN = 3  # reasons, files, failed jobs that are named


@dataclass(frozen=True)
class Step:
    """Something that one may do next.

    Attributes:
        why: what it is for.
        command: what to type; empty where nothing is to be typed.
    """

    why: str
    command: str = ""


@dataclass
class Advice:
    """What is the matter in a folder, and what to do.

    Attributes:
        facts: how things stand, a sentence each.
        steps: what to do, the first thing first.
        also: what else one may want to do.
    """

    facts: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    also: list[Step] = field(default_factory=list)


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
        _show_step(f"{'next' if number == 0 else 'then'}: {step.why}", step.command)
    if found.also:
        show("", "also:")
        for step in found.also:
            _show_step(f"- {step.why}", step.command)


def _show_step(why: str, text: str) -> None:
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
        names = ", ".join(below[:_SHOWN]) + (f" and {len(below) - _SHOWN} more" if len(below) > _SHOWN else "")
        step = Step("go there, and ask again", f"cd {below[0]} && railcrate")
        return Advice([f"There is no study in this folder, but below it: {names}."], [step], [begin, take])
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
            found.facts.append(f"At work: {', '.join(at_work[:_SHOWN])}{' …' if len(at_work) > _SHOWN else ''}.")
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
    _finished(folder, study, status, found)
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
        for it in failed[:_SHOWN]:
            found.facts += [f"✗ {it.job.id}: {it.failed}", f"  log: {it.job.log}"]
        if len(failed) > _SHOWN:
            found.facts.append(f"✗ and {len(failed) - _SHOWN} more jobs")
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
    for words, ids in list(grouped(status.experiments).items())[:_SHOWN]:
        found.facts.append(f"- {len(ids):,} because {words}")
    if all(one.is_done for one in status.experiments):
        names = [it.job.id for it in status.others]
        found.facts.append(f"To be made beside them: {', '.join(names[:_SHOWN])}{' …' if len(names) > _SHOWN else ''}.")
        found.facts += [f"- {words}" for words in _words(status)[:_SHOWN]]
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


def _finished(folder: Path, study: Study, status: StudyStatus, found: Advice) -> None:
    """Everything is done and recorded: commit, copy, publish."""
    conflicts = license_conflicts(folder)
    if conflicts:
        found.facts.append(f"{count(conflicts, 'license conflict')} in the way of publishing it.")
        found.steps.append(Step("see what they are, and the ways out", "railcrate license check"))
    ledger, own = _uncommitted(folder)
    if ledger:
        found.facts.append(f"The ledger is not committed: {', '.join(ledger)}.")
        words = f"git add {' '.join(ledger)} && git commit -m 'Record the study'"
        found.steps.append(Step("commit it", words))
    if own:
        names = ", ".join(own[:_SHOWN]) + (f" and {len(own) - _SHOWN} more" if len(own) > _SHOWN else "")
        found.facts.append(f"Not committed: {names}.")
        if not ledger:
            found.steps.append(Step("commit what belongs to the study", "git add -A && git commit"))
    _remote(folder, status, found)
    if not found.steps:
        _publish(folder, study, found)
    else:
        found.also.append(Step("see what publishing it would take", "railcrate release --dry-run"))


def license_conflicts(folder: Path) -> int:
    """Count the license conflicts that the last run has found, and that no waiver lifts.

    Args:
        folder: the study's folder.

    Returns:
        How many; 0 where no run has looked yet.
    """
    try:
        content = json.loads((folder / paths.LICENSES).read_text(encoding="utf-8"))
        components = content["components"].values()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # not made yet, or by another version
        return 0
    return sum(not conflict.get("waived") for part in components for conflict in part.get("conflicts", ()))


def _uncommitted(folder: Path) -> tuple[list[str], list[str]]:
    """What git does not have yet: of the ledger, and of the rest; nothing where there is no git."""
    from railcrate.bundle.errors import CodeError
    from railcrate.bundle.git import git

    try:
        prefix = git(folder, "rev-parse", "--show-prefix").strip()
        lines = git(folder, "status", "--porcelain=v1", "-z", "--", ".").split("\0")
    except CodeError:
        return [], []
    names = [line[3:].removeprefix(prefix) for line in lines if len(line) > 3 and line[2] == " "]
    ledger = [name for name in _LEDGER if any(at.rstrip("/") == name or at.startswith(f"{name}/") for at in names)]
    own = [at for at in names if not any(at.rstrip("/") == name or at.startswith(f"{name}/") for name in _LEDGER)]
    return ledger, own


def _remote(folder: Path, status: StudyStatus, found: Advice) -> None:
    """Whether others can get at what DVC keeps."""
    from railcrate.ledger.status import was_pushed

    remote = status.kept.remote if status.kept is not None else None
    if remote is None:
        step = Step(
            "name a place for data and weights, so that others can have them", "dvc remote add --default NAME URL"
        )
        found.also.append(step)
        return
    there = status.kept.in_remote(status.kept.outputs) if status.kept is not None else None
    if there is False:
        found.facts.append(f"Not all of it is in DVC's remote '{remote.name}'.")
        found.steps.append(Step("copy it there, so that a clone can restore it", "railcrate record --push"))
    elif there is None and not was_pushed(folder, remote.url):
        found.also.append(
            Step(f"copy it to DVC's remote {remote.url}, if it is not there yet", "railcrate record --push")
        )


def _publish(folder: Path, study: Study, found: Advice) -> None:
    """Nothing is left but to publish it, or it is published already."""
    from railcrate.publish.releases import read_releases
    from railcrate.publish.since import changed_since

    releases = read_releases(folder)
    if releases:
        last = releases[-1]
        changed = changed_since(folder, last.commit)
        found.facts.append(f"Released: version {last.version}, https://doi.org/{last.doi}")
        if changed:
            names = ", ".join(changed[:_SHOWN]) + (
                f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
            )
            found.facts.append(f"Changed since then: {names}.")
            _new_version(study, last, found)
        elif changed is None:
            found.also.append(Step("see whether anything has changed since", "railcrate release --dry-run"))
        else:
            found.facts.append("Nothing has changed since then: there is nothing to do.")
        return
    local = sorted((folder / "release").glob("[!.]*/manifest.json"))
    if local and not changed_since(folder, _commit_of(local[-1])):
        found.facts.append(
            f"Released into the folder {local[-1].parent.relative_to(folder)}/; nothing has changed since."
        )
        words = "railcrate release --to zenodo --dry-run"
        found.steps.append(Step("publish it with a DOI; first see what would be sent", words))
        return
    found.steps.append(Step("put everything that is published into one folder, and look at it", "railcrate bundle"))
    found.steps.append(
        Step("release it; without more words into a folder, as Zenodo would get it", "railcrate release")
    )


def _commit_of(manifest: Path) -> str | None:
    """The commit that a bundle was made of."""
    try:
        return str(json.loads(manifest.read_text(encoding="utf-8"))["commit"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _new_version(study: Study, last: Released, found: Advice) -> None:
    if str(study.release.version) == last.version:
        found.steps.append(
            Step(f"raise release.version in {paths.CONFIG}, which still is {last.version}, and commit it")
        )
    found.steps.append(Step("release the new version; first see what would be sent", "railcrate release --dry-run"))
