# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A newer template for a study that is there, merged by git, with everything kept that was edited since.

The template that the study has is a commit of its own in the study's history (`pristine`). The
newer one is rendered for the same answers into a commit on top of that, and git merges it: what
the template changed is taken over, what the author changed stays, and where both changed the
same lines git says so. Nothing in the study's folder changes before that merge, and the merge
begins only where everything is committed, so whatever happens can be undone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from railcrate.scaffold.changes import Change, changes
from railcrate.scaffold.errors import ToolError, UpdateError
from railcrate.scaffold.git import NOBODY, PLAIN, git, knows_who, succeeds
from railcrate.scaffold.pristine import find_pristine, is_shallow, make_pristine, named_pristine, same_files
from railcrate.scaffold.render import ANSWERS, SCHEMA
from railcrate.scaffold.standing import Standing, mark_of, numbers
from railcrate.study.files import write_text

NO_BASE = "none"  # in the place of a commit: the study has none that holds its template
GENERATED = (ANSWERS, SCHEMA)  # nobody edits these, so the newer template's are right


@dataclass(frozen=True)
class Plan:
    """What an update would do.

    Attributes:
        standing: where the study stands.
        base: the commit with the template that it has; None where there is none.
        new: the commit with the newer template; it is in no branch yet.
        changes: what the newer template changes, file by file.
        due: whether there is anything to do.
    """

    standing: Standing
    base: str | None
    new: str
    changes: tuple[Change, ...]
    due: bool


@dataclass(frozen=True)
class Conflict:
    """A file that the author and the template both changed, so that a person has to settle it.

    Attributes:
        path: the file.
        why: what each has done to it.
    """

    path: str
    why: str


@dataclass(frozen=True)
class Merged:
    """What became of the merge.

    Attributes:
        before: the commit before it.
        conflicts: what is to be settled; the merge is finished where there is nothing.
    """

    before: str
    conflicts: tuple[Conflict, ...]


def plan(
    standing: Standing, answers: Mapping[str, str], *, base: str | None = None, template: Path | None = None
) -> Plan:
    """Render the newer template into a commit, and see what it changes. No file of the study changes.

    Args:
        standing: where the study stands.
        answers: the answers, complete, with those to questions that are new.
        base: the commit that holds the template that the study has, or `none` for a study that
            has no such commit; it is looked for by default.
        template: the template's folder; that of this installation by default.

    Returns:
        What an update would do.

    Raises:
        UpdateError: when the commit with the study's template is not to be found.
        AnswerError: when an answer is wrong.
    """
    folder = standing.folder
    found = None
    if base != NO_BASE:
        found = find_pristine(folder) if base is None else named_pristine(folder, base)
        if found is None:
            raise _lost(standing)
    parent = found.commit if found else None
    new = make_pristine(folder, answers, parent, standing.newest, template)
    if parent is None:
        differs = [change for change in changes(folder, "HEAD", new) if change.what in ("new", "changed")]
        return Plan(standing, None, new, tuple(differs), due=True)
    due = not same_files(folder, parent, new)
    if found is not None and numbers(found.release) < numbers(standing.release) == numbers(standing.newest):
        # cruft, or a merge that was squashed, brought the newest template without its commit.
        due = dict(answers) != standing.answers
    return Plan(standing, parent, new, tuple(changes(folder, parent, new)), due)


def preview(planned: Plan) -> tuple[Conflict, ...]:
    """Find out what would be to settle, by merging in a folder of its own.

    Args:
        planned: the update.

    Returns:
        The conflicts that the update would end with.

    Raises:
        ToolError: when git says no.
    """
    folder = planned.standing.folder
    with tempfile.TemporaryDirectory(prefix="railcrate-") as scratch:
        tree = Path(scratch) / "tree"
        git(folder, *PLAIN, "worktree", "add", "--quiet", "--detach", str(tree), "HEAD")
        try:
            return _merge(tree, planned)
        finally:
            git(folder, "worktree", "remove", "--force", str(tree))


def merge(planned: Plan) -> Merged:
    """Merge the newer template into the study's branch.

    Args:
        planned: the update; the study is ready for it (`check_ready`).

    Returns:
        What became of it.

    Raises:
        UpdateError: when files that git does not know are in the way.
        ToolError: when git says no; nothing was changed then.
    """
    folder = planned.standing.folder
    known = set(git(folder, "ls-files", "-z").split("\0"))
    new = [change.path for change in planned.changes if change.what in ("new", "renamed")]
    in_the_way = [path for path in new if path not in known and (folder / path).exists()]
    if in_the_way:
        raise UpdateError(
            f"the newer template brings files that are there, and that git does not know: {', '.join(in_the_way)}; "
            "nothing was changed",
            "Commit them (git add, git commit), or move them away, and give the same command again. If an update was "
            "cut off before, they may be left from there: then delete them.",
        )
    before = git(folder, "rev-parse", "--short", "HEAD").strip()
    mark = mark_of(folder)
    write_text(mark, f"{before}\n")
    conflicts = _merge(folder, planned)
    mark.unlink()
    return Merged(before, conflicts)


def _merge(folder: Path, planned: Plan) -> tuple[Conflict, ...]:
    """Merge in a folder; give what is to be settled."""
    who = () if knows_who(folder) else NOBODY
    ours = (*PLAIN, *who, "-c", "merge.renames=true", "-c", "merge.conflictStyle=merge")
    if planned.base is not None and not succeeds(folder, "merge-base", "--is-ancestor", planned.base, "HEAD"):
        # Not in this branch's history, which was rewritten: say that it holds what came from there.
        note = f"Note the template of railcrate {planned.standing.release} that the study was made from"
        git(
            folder,
            *ours,
            "merge",
            "--quiet",
            "--strategy=ours",
            "--allow-unrelated-histories",
            "-m",
            note,
            planned.base,
        )
    message = f"Update to the template of railcrate {planned.standing.newest}"
    unrelated = () if planned.base is not None else ("--allow-unrelated-histories",)
    try:
        git(folder, *ours, "merge", "--quiet", "--no-ff", "--no-edit", *unrelated, "-m", message, planned.new)
    except ToolError:
        if not succeeds(folder, "rev-parse", "--verify", "--quiet", "MERGE_HEAD"):
            raise
    else:
        return ()
    stages = _unmerged(folder)
    for path in [path for path in stages if path in GENERATED]:
        if 3 in stages.pop(path):
            git(folder, "checkout", "--theirs", "--", path)
            git(folder, "add", "--", path)
        else:
            git(folder, "rm", "--quiet", "--", path)
    if not stages:
        git(folder, *ours, "commit", "--quiet", "--no-edit")
    return tuple(Conflict(path, _WHY.get(frozenset(found), _WHY_ELSE)) for path, found in sorted(stages.items()))


_WHY = {
    frozenset({1, 2, 3}): "both changed the same lines",
    frozenset({2, 3}): "both made it, differently",
    frozenset({1, 2}): "you changed it, the template no longer has it",
    frozenset({1, 3}): "you deleted it, the template changed it",
}
_WHY_ELSE = "one of both moved it"


def _unmerged(folder: Path) -> dict[str, set[int]]:
    """The files that git could not merge, and what it has of each: 1 the old template's, 2 ours, 3 the new one's."""
    found: dict[str, set[int]] = {}
    for entry in git(folder, "ls-files", "--unmerged", "-z").split("\0"):
        if entry:
            numbers, path = entry.split("\t", 1)
            found.setdefault(path, set()).add(int(numbers.split()[2]))
    return found


def _lost(standing: Standing) -> UpdateError:
    """Say that the commit with the study's template is not there, and what to do."""
    what = f"the commit with the template of railcrate {standing.release}, from which the study was made"
    if is_shallow(standing.folder):
        return UpdateError(
            f"{what}, is not in this clone, whose history was cut short; nothing was changed",
            "Fetch the whole history: git fetch --unshallow",
        )
    return UpdateError(
        f"{what}, is not in this repository; a rewritten history no longer has it; nothing was changed",
        "Fetch it from a clone that has it (git fetch OTHER), and it is found. Or name it: railcrate update --base "
        f"COMMIT. Or go on without (railcrate update --base {NO_BASE}): every file of the template that differs from "
        "yours is then for you to settle, this once. A study that `cruft create` made is updated by `cruft update`.",
    )
