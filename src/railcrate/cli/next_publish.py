# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What to do next in a study that is done and recorded: commit it, copy it, publish it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from railcrate.cli.advice import Advice, Step, few
from railcrate.study import paths
from railcrate.study.units import count

if TYPE_CHECKING:
    from railcrate.ledger.status import StudyStatus
    from railcrate.publish.releases import Released
    from railcrate.study.config import Study

# What a run writes for git: the ledger, and what it lays down beside it.
_LEDGER = (paths.DVC_FILE, "dvc.lock", "records.dvc", "report.dvc", *paths.LAID_DOWN)


def publish(folder: Path, study: Study, status: StudyStatus, found: Advice) -> None:
    """Add what to do with a study in which everything is done and recorded.

    Args:
        folder: its folder.
        study: its configuration.
        status: how it stands.
        found: the advice, which is added to.
    """
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
        found.facts.append(f"Not committed: {few(own)}.")
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
            found.facts.append(f"Changed since then: {few(changed)}.")
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
