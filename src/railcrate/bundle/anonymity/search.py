# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Searching a finished bundle for names, as somebody would who wants to know whose it is."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from railcrate.bundle.anonymity.matching import Matcher
from railcrate.bundle.anonymity.rewriting import is_data
from railcrate.bundle.safety.contents import Opened, look
from railcrate.bundle.safety.scan import Finding, Subject, matching_lines


@dataclass
class Searched:
    """What a search went through, and what it found.

    Attributes:
        files: files and members of archives that were searched, those inside of these included.
        findings: the names that are there.
    """

    files: int
    findings: list[Finding]


def search(bundle: Path, matcher: Matcher) -> Searched:
    """Search every file of a bundle, in archives and out of them, with their names and what archives say of them.

    Args:
        bundle: the bundle.
        matcher: what to search for.

    Returns:
        What was found.

    Raises:
        OSError: when a file cannot be read.
    """
    searched = Searched(0, [])
    for path in sorted(file for file in bundle.rglob("*") if file.is_file()):
        name = path.relative_to(bundle).as_posix()
        if path.suffix != ".zip":
            _one(Subject.on_disk(name, path, "text"), name, matcher, searched)
            continue
        with zipfile.ZipFile(path) as archive:
            _line(name, 0, archive.comment.decode("latin-1"), matcher, searched, data=False)
            for member in archive.infolist():
                about = f"{member.comment.decode('latin-1')}\n{member.extra.decode('latin-1')}"
                _line(member.filename, 0, about, matcher, searched, data=False)
                _one(Subject(member.filename, _opener(archive, member), "text"), member.filename, matcher, searched)
    searched.findings.sort()
    return searched


def _opener(archive: zipfile.ZipFile, member: zipfile.ZipInfo):  # type: ignore[no-untyped-def]  # as zipfile gives it
    return lambda: archive.open(member)


def _one(subject: Subject, path: str, matcher: Matcher, searched: Searched) -> None:
    data = is_data(path)
    pattern = matcher.candidates(data=data)
    _line(path, 0, path, matcher, searched, data=data)
    for part in look(subject.file, subject.open):
        if isinstance(part, Opened):
            searched.files += 1
            _line(part.file, 0, part.file, matcher, searched, data=data)
            continue
        for number, line in matching_lines(part, pattern):
            _line(part.file, number, line, matcher, searched, data=data or part.unit == "binary")


def _line(file: str, number: int, text: str, matcher: Matcher, searched: Searched, *, data: bool) -> None:
    for found in _texts(text, matcher, data=data):
        finding = Finding(file, number, "name", found)
        if finding not in searched.findings[-50:]:
            searched.findings.append(finding)


def _texts(text: str, matcher: Matcher, *, data: bool) -> Iterator[str]:
    for match in matcher.find(text, data=data):
        yield f"{match.kind} {text[match.start : match.end]!r}"
