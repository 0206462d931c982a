# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Letting findings pass that the author has looked at: `release.accepted` in the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from railcrate.bundle.errors import NotPublishableError
from railcrate.bundle.safety.scan import Finding
from railcrate.study import paths
from railcrate.study.release import Accepted

_SHOWN = 100  # findings in a message


@dataclass(frozen=True)
class Sifted:
    """Findings, by whether the author lets them pass.

    Attributes:
        open: those that stop the bundle.
        passed: those that do not, each with the author's reason.
        used: the entries of `release.accepted` that let something pass.
    """

    open: tuple[Finding, ...]
    passed: tuple[tuple[Finding, str], ...]
    used: frozenset[Accepted]


def sift(findings: Iterable[Finding], accepted: Sequence[Accepted]) -> Sifted:
    """Hold findings against what the author accepts.

    Args:
        findings: the findings.
        accepted: the author's entries; `file` is a path of the study or the bundle, or a glob of them.

    Returns:
        Both kinds.
    """
    stopping: list[Finding] = []
    passed: list[tuple[Finding, str]] = []
    used: set[Accepted] = set()
    for finding in findings:
        entry = next((entry for entry in accepted if _covers(entry, finding)), None)
        if entry is None:
            stopping.append(finding)
        else:
            passed.append((finding, entry.reason))
            used.add(entry)
    return Sifted(tuple(sorted(stopping)), tuple(passed), frozenset(used))


def _covers(entry: Accepted, finding: Finding) -> bool:
    names = (finding.file, finding.file.split("!", maxsplit=1)[0])
    return entry.finding == finding.kind and any(fnmatchcase(name, entry.file) for name in names)


def refuse(findings: Sequence[Finding], what: str) -> None:
    """Stop where something is left.

    Args:
        findings: what nobody accepted.
        what: what they are, for the message.

    Raises:
        NotPublishableError: when there are any; the message tells each with file and line.
    """
    if not findings:
        return
    lines = [str(finding) for finding in findings[:_SHOWN]]
    lines += [f"and {len(findings) - _SHOWN} more"] if len(findings) > _SHOWN else []
    first = next((finding for finding in findings if finding.kind != "link"), None)
    accept = (
        f' Or let it pass, in {paths.CONFIG}: release: {{accepted: [{{file: "{first.file.split("!")[0]}", '
        f'finding: {first.kind}, reason: "why it may be published"}}]}}.'
        if first
        else ""
    )
    raise NotPublishableError(
        f"{what}\n  " + "\n  ".join(lines),
        f"Take it out, and commit; what the workflow made is made anew by snakemake.{accept}",
    )
