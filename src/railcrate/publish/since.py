# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What became of a study since it was released: which experiments a release holds, and whether anything changed.

A bundle is made of a commit and of what the ledger of that commit names. So git tells, quickly
and without opening a bundle: `dvc.lock` as it was then is compared with what it is now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from railcrate.bundle import git
from railcrate.bundle.errors import CodeError
from railcrate.ledger.errors import LedgerFileError
from railcrate.ledger.kept import parse_lock
from railcrate.ledger.record import RECORDS_DVC, REPORT_DVC
from railcrate.ledger.repository import LOCK_FILE
from railcrate.ledger.stages import stage_name
from railcrate.publish.releases import Released
from railcrate.study import paths

# What a release, or the last step of each run, writes: no change of what is published.
_WRITTEN = {git.RELEASES, git.CITATION, RECORDS_DVC, REPORT_DVC}
_OF_RELEASE = {"version", "target", "accepted", "part_gigabytes"}


def released_with(
    folder: Path, releases: Sequence[Released], entries: Mapping[str, Any], experiments: Sequence[str]
) -> dict[str, list[Released]]:
    """Tell which releases hold each experiment just as the ledger has it now.

    Args:
        folder: the study's folder.
        releases: what was published.
        entries: the entries of `dvc.lock`.
        experiments: ids of experiments.

    Returns:
        The releases of each experiment, the first one first; those of which git does not have the commit
        hold none.
    """
    found: dict[str, list[Released]] = {name: [] for name in experiments}
    locks: dict[str, Mapping[str, Any]] = {}
    for release in releases:
        text = _file_of(folder, release.commit, LOCK_FILE)
        if text is None:
            continue
        if text not in locks:
            try:
                locks[text] = parse_lock(text)
            except LedgerFileError:  # of an old commit: it tells nothing, and hinders nothing
                locks[text] = {}
        for name in experiments:
            stages = [stage for stage in (stage_name("train", name), stage_name("evaluate", name)) if stage in entries]
            if stages and all(_outputs(entries[stage]) == _outputs(locks[text].get(stage)) for stage in stages):
                found[name].append(release)
    return found


def changed_since(folder: Path, commit: str | None) -> list[str] | None:
    """Name what differs from what was released.

    Args:
        folder: the study's folder.
        commit: the commit that was released.

    Returns:
        Files of git that differ, without what publishing itself writes; empty when nothing does; None when git
        cannot tell, because it does not have the commit.
    """
    if commit is None or _file_of(folder, commit, LOCK_FILE) is None:
        return None
    names = git.git(folder, "diff", "--name-only", "-z", "--relative", commit, "--", ".").split("\0")
    return sorted(name for name in names if name and not _is_written(folder, commit, name))


def _is_written(folder: Path, commit: str, name: str) -> bool:
    """Whether a file differs in nothing but what publishing writes there."""
    if name in _WRITTEN:
        return True
    if name == git.README and (folder / name).is_file():
        before = _file_of(folder, commit, name)
        now = git.without_badge((folder / name).read_bytes())
        return before is not None and git.without_badge(before.encode(errors="surrogateescape")) == now
    if name == paths.CONFIG and (folder / name).is_file():
        before = _file_of(folder, commit, name)
        return before is not None and _published(before) == _published((folder / name).read_text(encoding="utf-8"))
    return False


def _published(config: str) -> Any:
    """A configuration without what only says how it is to be published."""
    try:
        content = yaml.load(config, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return config
    if isinstance(content, dict) and isinstance(content.get("release"), dict):
        rest = {key: value for key, value in content["release"].items() if key not in _OF_RELEASE}
        content = {key: value for key, value in content.items() if key != "release"} | (
            {"release": rest} if rest else {}
        )
    return content


def _file_of(folder: Path, commit: str | None, name: str) -> str | None:
    """A file of a commit; None where there is none, or no such commit."""
    if commit is None:
        return None
    try:
        return git.git(folder, "show", f"{commit}:./{name}")
    except CodeError:
        return None


def _outputs(entry: Any) -> Any:
    """What an entry of the ledger says of its outputs."""
    return None if entry is None else [(out.get("path"), out.get("md5")) for out in entry.get("outs", ())]
