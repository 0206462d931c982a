# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Looking through everything that would be published, for what must not be.

What is looked for depends on who wrote a file. In code and in texts about the study nothing
private has a place. Data is others' text: it may well speak of folders, so only those of this
machine are found there, and what is found is told once for each file, with its number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args

from railcrate.bundle.safety.contents import Opened, Opener, Passage, file_opener, look
from railcrate.bundle.safety.credentials import candidates, own_values, secrets_in
from railcrate.bundle.safety.patterns import PrivatePaths, addresses
from railcrate.bundle.safety.pickles import is_pickle
from railcrate.study import paths
from railcrate.study.files import write_text

Kind = Literal["secret", "path", "e-mail", "pickle", "link", "name"]
Level = Literal["code", "text", "data"]

MEMORY = f"{paths.STATE}/scanned.json"
VERSION = 1  # of what is looked for: a new one makes everything be looked through again
WORKERS = 2
ENOUGH = 10_000  # findings of one kind in one file, after which it is read no further for it
_EACH = 20  # findings of one kind in one file that are told one by one
_LONG = 4096  # bytes of a line, of which only the surroundings of what was found are looked at
_AROUND = 300
_PERSONAL = r"[A-Za-z0-9_%+-]@[A-Za-z0-9-]+\.[A-Za-z]"
_HOMES = r"/home/|/Users/|\\Users\\"
# The texts of licenses are the same everywhere, with their makers' addresses; so are copyright lines.
_LICENSE_FOLDERS = {"licenses", "licensing", "license"}
_LICENSE_FILE = re.compile(r"^(?:licen[cs]e|copying|notice|authors|contributors)|\.licen[cs]e$", re.IGNORECASE)
_COPYRIGHT = re.compile(r"copyright|\(c\)", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Finding:
    """Something that must not be published unseen.

    Attributes:
        file: where it is; a member of an archive stands behind `!`.
        line: the line, or row; 0 where there is none.
        kind: what it is, as `release.accepted` names it; a `link` cannot be accepted.
        what: what was found, without any secret.
        count: how many there are, where they are told together.
    """

    file: str
    line: int
    kind: Kind
    what: str
    count: int = 1

    def __str__(self) -> str:
        """As it is told: file, line, what, how many."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        more = f" (and {self.count - 1:,} more in this file)" if self.count > 1 else ""
        return f"{where}: {self.kind}: {self.what}{more}"


@dataclass(frozen=True)
class Subject:
    """A file to look through.

    Attributes:
        file: its name in messages: where it is in the study, or in the bundle.
        open: opens it.
        level: who wrote it: `code` people, `text` railcrate, `data` others.
        md5: of its content, by which the answer is remembered; None for what is never the same.
    """

    file: str
    open: Opener
    level: Level
    md5: str | None = None

    @classmethod
    def on_disk(cls, file: str, path: Path, level: Level, md5: str | None = None) -> Subject:
        """Of a file on the disk."""
        return cls(file, file_opener(path), level, md5)


class Scanner:
    """Looks through files.

    Args:
        folder: the study's folder, where it is remembered what was looked through.
        private: the paths that no file should name.
        named: e-mail addresses that the study itself names, in small letters.
    """

    def __init__(self, folder: Path, private: PrivatePaths, named: frozenset[str]) -> None:
        """Prepare the patterns."""
        self._private, self._named = private, named
        own = "|".join(re.escape(name) for name in private.folders)
        self._secrets = {level: candidates(code=level == "code") for level in get_args(Level)}
        self._data = "|".join(filter(None, (_PERSONAL, own)))
        self._texts = f"{self._data}|{_HOMES}"

        told = [VERSION, sorted(named), private.folders, self._secrets, self._texts]
        self._memory = _Memory(folder / MEMORY, hashlib.sha256(json.dumps(told).encode()).hexdigest())

    def scan_all(self, subjects: Sequence[Subject]) -> list[Finding]:
        """Look through many files; what was looked through before is remembered.

        Args:
            subjects: the files.

        Returns:
            All findings, sorted.
        """
        try:
            with ThreadPoolExecutor(WORKERS) as workers:
                found = workers.map(lambda subject: self._memory.ask(subject, self.scan), subjects)
                return sorted(finding for findings in found for finding in findings)
        finally:
            self._memory.save()

    def scan(self, subject: Subject) -> list[Finding]:
        """Look through a file.

        Args:
            subject: the file.

        Returns:
            What was found, sorted; many of a kind in one file together.

        Raises:
            OSError: when it cannot be read.
        """
        gathered = _Gathered(subject.level)
        for part in look(subject.file, subject.open):
            if isinstance(part, Opened):
                if is_pickle(part.file, part.head):
                    gathered.add(Finding(part.file, 0, "pickle", "a pickle, which runs code when it is loaded"))
            else:
                self._passage(part, subject, gathered)
        return gathered.told()

    def _passage(self, part: Passage, subject: Subject, gathered: _Gathered) -> None:
        level = subject.level
        if part.unit == "binary":
            self._binary(part.file, _bytes(part.lines[0]), gathered)
            return
        for number, line in matching_lines(part, self._texts if level != "data" else self._data):
            self._personal(part, number, line, level, gathered)
        for number, line in matching_lines(part, self._secrets[level], 2 * _AROUND):
            if not gathered.is_full(part.file, "secret"):
                for what in secrets_in(line, subject.file, code=level == "code"):
                    gathered.add(Finding(part.file, number, "secret", what))

    def _personal(self, part: Passage, number: int, line: str, level: Level, gathered: _Gathered) -> None:
        paths_in = self._private.own if level == "data" else self._private.any
        if not gathered.is_full(part.file, "path"):
            for found in paths_in(line):
                gathered.add(Finding(part.file, number, "path", found))
        if gathered.is_full(part.file, "e-mail") or _is_license(part.file) or _COPYRIGHT.search(line):
            return
        for found in addresses(line):
            if found.lower() not in self._named:
                gathered.add(Finding(part.file, number, "e-mail", found))

    def _binary(self, file: str, content: bytes, gathered: _Gathered) -> None:
        if any(value.encode() in content for value in own_values()):
            gathered.add(Finding(file, 0, "secret", "a secret of this machine's environment"))
        for folder in self._private.folders:
            place = content.find(folder.encode())
            if place >= 0:
                around = content[max(0, place - _AROUND) : place + _AROUND].decode("utf-8", errors="replace")
                for found in self._private.own(around):
                    gathered.add(Finding(file, 0, "path", found))


class _Gathered:
    """The findings of one file."""

    def __init__(self, level: Level) -> None:
        self._each = 0 if level == "data" else _EACH
        self._found: dict[tuple[str, Kind], list[Finding]] = {}
        self._counts: dict[tuple[str, Kind], int] = {}

    def add(self, finding: Finding) -> None:
        key = (finding.file, finding.kind)
        found = self._found.setdefault(key, [])
        self._counts[key] = self._counts.get(key, 0) + 1
        if len(found) <= self._each and finding not in found:
            found.append(finding)

    def is_full(self, file: str, kind: Kind) -> bool:
        return self._counts.get((file, kind), 0) >= ENOUGH

    def told(self) -> list[Finding]:
        result: list[Finding] = []
        for key, found in self._found.items():
            if self._counts[key] > max(1, self._each):
                result.append(replace(found[0], count=self._counts[key]))
            else:
                result += found
        return sorted(result)


def matching_lines(part: Passage, pattern: str, around: int = _AROUND) -> Iterator[tuple[int, str]]:
    """Find the lines in which there is something.

    Args:
        part: where to look.
        pattern: what for, in the syntax of both RE2 and Python; nothing where it is empty.
        around: bytes to give before and behind each place in a long line.

    Yields:
        The number of each line, and the line; of a long one the surroundings of each place.
    """
    import pyarrow.compute as pc

    if not pattern:
        return
    lines = part.lines.drop_null()
    for place in pc.indices_nonzero(pc.match_substring_regex(lines, pattern)).to_pylist():
        line = _bytes(lines[place])
        number = part.first + place
        if len(line) <= _LONG:
            yield number, line.decode("utf-8", errors="replace")
            continue
        end = 0
        for match in re.finditer(pattern.encode(), line):
            if match.start() >= end:
                end = match.end() + around
                yield number, line[max(0, match.start() - around) : end].decode("utf-8", errors="replace")


def _bytes(scalar: Any) -> bytes:
    value = scalar.as_py()
    return value.encode() if isinstance(value, str) else bytes(value)


def _is_license(file: str) -> bool:
    path = PurePosixPath(file.replace("!", "/"))
    return bool(_LICENSE_FILE.search(path.name)) or any(part.lower() in _LICENSE_FOLDERS for part in path.parts[:-1])


class _Memory:
    """What was found in contents, by their md5; findings hold no secret."""

    def __init__(self, path: Path, key: str) -> None:
        self._path, self._key = path, key
        self._asked: dict[str, list[dict[str, Any]]] = {}
        try:
            content = json.loads(self._path.read_bytes())
            self._known = dict(content["contents"]) if content["key"] == key else {}
        except (OSError, ValueError, KeyError, TypeError):
            self._known = {}

    def ask(self, subject: Subject, scan: Callable[[Subject], list[Finding]]) -> list[Finding]:
        if subject.md5 is None:
            return scan(subject)
        name = f"{subject.level} {subject.md5} {subject.file}"
        if name not in self._known:
            self._known[name] = [asdict(finding) for finding in scan(subject)]
        self._asked[name] = self._known[name]
        return [Finding(**entry) for entry in self._known[name]]

    def save(self) -> None:
        contents = dict(sorted(self._asked.items()))
        write_text(self._path, json.dumps({"key": self._key, "contents": contents}) + "\n")


def outside_links(links: Iterable[tuple[str, str]]) -> list[Finding]:
    """Find links that lead out of the study.

    Args:
        links: path and target of each link.

    Returns:
        Those with an absolute target, or one above the study's folder.
    """
    found = []
    for path, target in links:
        place: list[str] = list(PurePosixPath(path).parent.parts)
        leaves = target.startswith("/")
        for part in PurePosixPath(target).parts:
            if part == "..":
                leaves = leaves or not place
                place = place[:-1]
            elif part != ".":
                place.append(part)
        if leaves:
            found.append(Finding(path, 0, "link", f"a link that leads out of the study, to {target}"))
    return found
