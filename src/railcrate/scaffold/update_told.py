# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is told of an update: what it would change, what it did, and what is left to a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from railcrate.scaffold.render import ANSWERS, SCHEMA
from railcrate.scaffold.update import Conflict, Merged, Plan
from railcrate.study.units import count

_KINDS = ("new", "changed", "renamed", "deleted")
_SHORT = 10  # digits of a commit's hash that are shown


def state(planned: Plan) -> list[str]:
    """Say whether there is anything to do."""
    standing = planned.standing
    if not planned.due:
        return [f"Nothing to do: the study has the template of railcrate {standing.newest}, which is installed."]
    if standing.release == standing.newest:
        return [
            f"The template of railcrate {standing.newest} would change it: `railcrate update --dry-run` shows what."
        ]
    return [
        f"There is a newer template: railcrate {standing.newest}; the study has that of {standing.release}.",
        "`railcrate update --dry-run` shows what it changes, `railcrate update` merges it.",
    ]


def would(planned: Plan, conflicts: Sequence[Conflict]) -> list[str]:
    """Say what an update would change, and what it would leave to settle."""
    told = [f"{_step(planned)} would change {_how_much(planned)}:", *_files(planned)]
    if conflicts:
        told += ["", f"In {count(len(conflicts), 'file')} you would have to choose:", *_reasons(conflicts)]
    else:
        told += ["", "All of it fits to what you have edited."]
    before = "HEAD" if planned.base is None else planned.base[:_SHORT]
    return [*told, "", "Nothing was changed. Line by line:", _git_diff(before, planned.new[:_SHORT])]


def did(planned: Plan, merged: Merged) -> list[str]:
    """Say what an update did, and what to do next."""
    if merged.conflicts:
        files = count(len(merged.conflicts), "file")
        return [
            f"{_step(planned)} is merged but for {files} that you and the template both changed:",
            *_reasons(merged.conflicts),
            "",
            "To finish: open each, keep what is right between <<<<<<< and >>>>>>>, and then",
            *(f"  git add {conflict.path}" for conflict in merged.conflicts[:5]),
            *([f"  …          and {len(merged.conflicts) - 5} more"] if len(merged.conflicts) > 5 else []),
            "  git commit --no-edit",
            "A file that one of both has deleted goes by `git rm FILE`, or stays by `git add FILE`.",
            "To undo all of it:",
            "  git merge --abort",
        ]
    return [
        f"{_step(planned)} changed {_how_much(planned)}, and all that you have edited is kept:",
        *_files(planned),
        "",
        "Next:",
        "  railcrate check",
        "To see it line by line, or to undo it:",
        _git_diff(merged.before, "HEAD"),
        f"  git reset --keep {merged.before}",
    ]


def as_json(planned: Plan, conflicts: Sequence[Conflict] = (), merged: Merged | None = None) -> dict[str, Any]:
    """Give the same for machines."""
    return {
        "from": planned.standing.release,
        "to": planned.standing.newest,
        "due": planned.due,
        "merged": merged is not None and not merged.conflicts,
        "changes": [change.as_json() for change in planned.changes],
        "conflicts": [{"path": conflict.path, "why": conflict.why} for conflict in conflicts],
        "before": merged.before if merged is not None else None,
    }


def _step(planned: Plan) -> str:
    standing = planned.standing
    if standing.release == standing.newest:
        return f"The template of railcrate {standing.newest}, with answers that are new,"
    return f"The update of the template from {standing.release} to {standing.newest}"


def _git_diff(before: str, after: str) -> str:
    """The command that shows it line by line, without what is generated and all on one line."""
    return f"  git diff {before} {after} -- . ':!{SCHEMA}'"


def _how_much(planned: Plan) -> str:
    files = [change for change in planned.changes if change.path not in (ANSWERS, SCHEMA)]
    return count(len(files), "file") if files else "nothing but what the study notes of it"


def _files(planned: Plan) -> list[str]:
    shown = [change for change in planned.changes if change.path not in (ANSWERS, SCHEMA)]
    return [f"  {change.what:9}{change.words()}" for kind in _KINDS for change in shown if change.what == kind]


def _reasons(conflicts: Sequence[Conflict]) -> list[str]:
    return [f"  `{conflict.path}`: {conflict.why}" for conflict in conflicts]
