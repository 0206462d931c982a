# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The plan of a release: made, and written for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from railcrate.bundle.manifest import Manifest
from railcrate.publish.journal import Files
from railcrate.publish.target import Plan, PlannedFile, Record
from railcrate.study import units


def make_plan(
    target: str,
    manifest: Manifest,
    record: Record,
    known: Files,
    previous: Sequence[str],
    communities: Sequence[str] = (),
    notes: Sequence[str] = (),
    *,
    is_final: bool = True,
) -> Plan:
    """Say what a release would do.

    Args:
        target: where it goes.
        manifest: of the bundle.
        record: its metadata.
        known: files that are at the target already.
        previous: the versions before.
        communities: that it is submitted to.
        notes: what else is to be known.
        is_final: whether it cannot be taken back.

    Returns:
        The plan.
    """
    files = tuple(
        PlannedFile(entry.path, entry.size, entry.license, anew=known.get(entry.path) != (entry.size, entry.md5))
        for entry in manifest.files
    )
    return Plan(target, manifest.version, tuple(previous), files, record, tuple(communities), is_final, tuple(notes))


def plan_lines(plan: Plan) -> list[str]:
    """Write a plan for people.

    Args:
        plan: the plan.

    Returns:
        Lines: where to, which version, its licenses, who may read it, its files.
    """
    before = f" (after {', '.join(plan.previous)})" if plan.previous else " (the first one)"
    metadata = plan.record["metadata"]
    lines = [
        f"to:        {plan.target}",
        f"version:   {plan.version}{before}",
        f"title:     {metadata['title']}",
        f"creators:  {'; '.join(_name(entry) for entry in metadata['creators'])}",
        f"licenses:  {', '.join(_license(entry) for entry in metadata['rights'])}",
        f"access:    {_access(plan.record['access'])}",
    ]
    if plan.communities:
        lines.append(f"community: {', '.join(plan.communities)}")
    kept = len([file for file in plan.files if not file.anew])
    sent = f"{units.size(plan.to_send)} to send"
    lines.append(f"files:     {len(plan.files) + 1}, {units.size(plan.size)}; {sent}")
    width = max(len(file.path) for file in plan.files)
    for file in plan.files:
        mark = "new " if file.anew else "same"
        lines.append(f"  {mark} {file.path:<{width}}  {units.size(file.size):>10}  {file.license or ''}".rstrip())
    lines.append(f"  new  {'manifest.json':<{width}}")
    if kept:
        lines.append(f"{kept} of them are the last version's and are not sent again")
    return [*lines, *(f"note: {note}" for note in plan.notes)]


def plan_json(plan: Plan) -> dict[str, Any]:
    """Write a plan for machines."""
    return {**asdict(plan), "record": dict(plan.record), "bytes": plan.size, "bytes_to_send": plan.to_send}


def _name(entry: dict[str, Any]) -> str:
    someone = entry["person_or_org"]
    parts = (someone.get("family_name"), someone.get("given_name"))
    return someone.get("name") or ", ".join(part for part in parts if part)


def _license(entry: dict[str, Any]) -> str:
    return str(entry.get("id") or entry["title"]["en"])


def _access(access: dict[str, Any]) -> str:
    if access.get("embargo"):
        return f"files restricted until {access['embargo']['until']}, then open"
    return "files restricted: you decide who may read them" if access["files"] == "restricted" else "open"
