# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The release: from a finished study to a record with its DOI, whatever happens on the way.

build without marks, to know what it is → refuse what was published already → check offline →
ask → begin a draft or a new version, reserve the DOIs → build with them, which freezes the
bundle → metadata and files → compare every checksum and the metadata → publish once → read
back what is public → tell the study.

Given again after any interruption it finds out at the server what had happened, and goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from railcrate.bundle.manifest import Manifest
from railcrate.bundle.stamp import Stamp
from railcrate.publish.aftermath import aftermath, tag_command
from railcrate.publish.check import check
from railcrate.publish.errors import ReleaseConfigError, UnchangedError, VersionTakenError
from railcrate.publish.metadata import Access, Background, background, record
from railcrate.publish.releases import Released
from railcrate.publish.target import Plan, Status, Target
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import DataError
from railcrate.study.miniature import is_miniature

Builder = Callable[[Path, Stamp | None], Manifest]


@dataclass(frozen=True)
class Outcome:
    """How a release ended.

    Attributes:
        state: "planned": nothing was sent; "declined": it was not wanted; "draft": it waits to be
            looked at; "review": a community decides; "published"; "unchanged": it was there already.
        plan: what was to be done; None where an earlier command had done it.
        release: what was published.
        link: where to look at it.
        changed: files of the study that were written.
        tag: the command that sets the tag of git.
        warnings: what is not as it was meant.
    """

    state: Literal["planned", "declined", "draft", "review", "published", "unchanged"]
    plan: Plan | None = None
    release: Released | None = None
    link: str | None = None
    changed: tuple[str, ...] = ()
    tag: str | None = None
    warnings: tuple[str, ...] = field(default=())


def release(
    folder: Path,
    study: Study,
    *,
    target: Target,
    builder: Builder,
    ask: Callable[[Plan], bool],
    draft: bool = False,
    dry_run: bool = False,
    access: Access | None = None,
    repository: str | None = None,
) -> Outcome:
    """Release a study.

    Args:
        folder: the study's folder.
        study: its configuration.
        target: where to.
        builder: makes the bundle in a folder, with marks or without, and gives its manifest.
        ask: shows the plan and asks whether to go on; called before anything is sent, and not for
            a draft that is only to be looked at.
        draft: stop before publishing.
        dry_run: send nothing at all.
        access: who may read the files; by the study's configuration if it is left out.
        repository: the https address of the code's repository.

    Returns:
        How it ended.

    Raises:
        UnchangedError: when it is what was published last.
        VersionTakenError: when this version was published, and was something else.
        ReleaseConfigError: when a server would not take it.
        RailcrateError: whatever else the bundle, the server or the disk has against it; the same
            command goes on from there.
    """
    if is_miniature(folder):
        raise ReleaseConfigError(
            "this is a miniature of a study, whose figures mean nothing: it is not released",
            "Go to the folder of the study itself, and release that.",
        )
    access = access or access_of(study)
    if draft and target.is_local:
        raise ReleaseConfigError(
            "a folder has no drafts", "Leave --draft out: what is in the folder is yours to delete."
        )
    with target.opened():
        status = Status("none") if dry_run else target.status()
        if status.state == "published":
            return _finish(folder, study, target, status, None, repository)
        if status.state == "review":
            return Outcome("review", link=status.link)
        known = background(folder, study, repository)
        version = study.release.version
        stamp = replace(status.stamp, version=version) if status.stamp is not None else None
        manifest = builder(target.bundle, stamp)
        kept = _refuse(target, manifest)
        if kept is not None:
            return Outcome("unchanged", link=kept)
        today = datetime.now(UTC).date()
        check(study, known.licenses, manifest, date.fromisoformat(access.embargo) if access.embargo else None, today)
        planned = record(study, stamp or Stamp(version, today, server=target.address), known, access)
        plan = target.plan(manifest, planned, offline=dry_run)
        if dry_run:
            return Outcome("planned", plan)
        if not draft and not ask(plan):
            return Outcome("declined", plan, link=status.link)
        return _go(folder, study, target, builder, plan, manifest, stamp, known, access, draft=draft)


def _go(
    folder: Path,
    study: Study,
    target: Target,
    builder: Builder,
    plan: Plan,
    manifest: Manifest,
    stamp: Stamp | None,
    known: Background,
    access: Access,
    *,
    draft: bool,
) -> Outcome:
    reserved = target.reserve(study.release.version, study.title)
    frozen = manifest if reserved == stamp else builder(target.bundle, reserved)
    if frozen.identity != manifest.identity:
        raise DataError("the study was changed while it was released", "Leave it alone, and release again.")
    described = record(study, reserved, known, access) if reserved is not None else plan.record
    target.upload(frozen, described)
    target.verify(frozen, described)
    if draft:
        return Outcome("draft", plan, link=target.status().link)
    status = target.publish(described)
    if status.state == "review":
        return Outcome("review", plan, link=status.link)
    return _finish(folder, study, target, status, plan, known.repository)


def _finish(
    folder: Path, study: Study, target: Target, status: Status, plan: Plan | None, repository: str | None
) -> Outcome:
    """Tell the study, and close the release."""
    changed: list[str] = []
    tag = None
    if status.release is not None:
        known = background(folder, study, repository)
        changed = aftermath(folder, study, status.release, known, rehearsal=target.is_rehearsal)
        tag = tag_command(status.release)
    target.close()
    return Outcome("published", plan, status.release, status.link, tuple(changed), tag, status.warnings)


def _refuse(target: Target, manifest: Manifest) -> str | None:
    """Refuse what is published already; of a folder, say where it is.

    A version is compared with all before it, its content only with the last: going back to an
    earlier state of a study is a change, too.
    """
    earlier = list(target.earlier)
    for one in earlier:
        if one.version != manifest.version:
            continue
        if one.identity != manifest.identity:
            raise VersionTakenError(
                f"version {one.version} is published already, and the study was changed since: {one.link}",
                f"Raise release.version in {paths.CONFIG}, commit it, and release again.",
            )
        if target.is_local:
            return target.check(one.version)
    if earlier and earlier[-1].identity == manifest.identity:
        raise UnchangedError(
            f"nothing has changed since version {earlier[-1].version}: {earlier[-1].link}",
            "There is nothing to release. Commit the change that you want to publish.",
        )
    return None


def access_of(study: Study) -> Access:
    """Tell who may read the files, by the study's configuration."""
    embargo = study.release.embargo
    return Access(study.release.access == "restricted", embargo.isoformat() if embargo else None)
