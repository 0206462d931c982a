# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The journal of a release: what was intended and what came of it, on the disk before it is done.

One JSON object a line, only ever appended. Each line is synced, and so is the folder when the
file is new, before the request that it announces is sent: whatever ends the process, the next
one reads here what may have happened at the server. It names no place on this machine, so it
can be moved with the study, and no token.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from railcrate.publish.errors import JournalError, ReleaseBusyError

FORMAT = "railcrate-release/1"
JOURNAL = "journal.jsonl"
LOCK = "lock"
Files = dict[str, tuple[int, str]]  # (size, md5) by key


@dataclass(frozen=True)
class Frozen:
    """A bundle that was made ready to be published.

    Attributes:
        identity: of its manifest.
        version: that it carries.
        commit: of its code.
        files: all of its files.
        record: the metadata that go with it.
    """

    identity: str
    version: str
    commit: str | None
    files: Files
    record: dict[str, Any]


@dataclass(frozen=True)
class State:
    """What the journal says of the release that was begun last.

    Attributes:
        mark: a word that only this release has; the draft carries it in its first moments.
        date: the day that is stamped into the bundle.
        previous: the id of the version before; None for a first one.
        draft: the id of the draft, and of the record that it becomes.
        parent: the id that stands for all versions.
        doi: reserved for this version.
        concept_doi: that stands for all versions.
        link: where the draft can be looked at.
        frozen: every bundle that was made for this draft, the last one last.
        publishing: whether a request to publish may have been sent.
        review: the community that decides over it.
        published: what releases.yaml is to say of it, once it is public.
        closed: whether nothing is left to do for it.
    """

    mark: str = ""
    date: date | None = None
    previous: str | None = None
    draft: str | None = None
    parent: str | None = None
    doi: str | None = None
    concept_doi: str | None = None
    link: str | None = None
    frozen: tuple[Frozen, ...] = ()
    publishing: bool = False
    review: str | None = None
    published: dict[str, Any] | None = None
    closed: bool = False

    @property
    def published_files(self) -> Files:
        """The files of what was published; none where nothing was."""
        identity = (self.published or {}).get("identity")
        return next((one.files for one in reversed(self.frozen) if one.identity == identity), {})


@dataclass
class Journal:
    """The journal of one server, opened by one process.

    Attributes:
        path: the file.
        state: of the release that was begun last; None before the first, and after one that came to nothing.
        last: the state of the last release that was closed, whose files a new one need not send again.
    """

    path: Path
    state: State | None = None
    last: State | None = None
    _new: bool = field(default=True, repr=False)

    def write(self, event: str, **values: Any) -> None:
        """Append an event, and return when it is on the disk.

        Args:
            event: its name; see `_fold`.
            values: what it says.

        Raises:
            OSError: when it cannot be written; nothing may be sent then.
        """
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **values}
        with self.path.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if self._new:
            # The folders, too, may be new: down from the study's.
            for folder in reversed([self.path.parent, *list(self.path.parents)[1:4]]):
                _sync_folder(folder)
            self._new = False
        self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        self.state = _fold(self.state, line)
        if line["event"] == "closed":
            self.last = self.state


@contextmanager
def opened(place: Path, server: str) -> Iterator[Journal]:
    """Open a journal and keep every other process out of it.

    Args:
        place: the folder of the releases to this server, made if need be.
        server: the server's address.

    Yields:
        The journal.

    Raises:
        ReleaseBusyError: when another process has it open.
        JournalError: when it is damaged, or tells of another server.
    """
    with alone(place):
        journal = Journal(place / JOURNAL)
        for number, line in enumerate(_lines(journal.path), 1):
            if line.get("event") == "journal" and (line.get("format"), line.get("server")) != (FORMAT, server):
                raise JournalError(
                    f"{journal.path}:{number} is the journal of {line.get('server')} ({line.get('format')}), "
                    f"not of {server} ({FORMAT})",
                    "Move it out of the way if it does not belong here.",
                )
            try:
                journal._take(line)
            except (KeyError, TypeError, ValueError) as error:
                raise _damaged(journal.path, number, f"{type(error).__name__} {error}") from None
            journal._new = False
        if journal._new:
            journal.write("journal", format=FORMAT, server=server)
        yield journal


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Be the only process that releases to one target; the lock ends with the process, however that ends.

    Raises:
        ReleaseBusyError: when another one is at it.
    """
    place.mkdir(parents=True, exist_ok=True)
    with (place / LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "a process that has just started"
            raise ReleaseBusyError(
                f"another `railcrate release` is at work here: {holder}",
                "Wait until it has ended. Nothing was sent by this one.",
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S}\n")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Read the events; what a kill or a power cut has left of a last line is cut away.

    A line counts when its end of line is there: it was written, but perhaps not synced, without.
    """
    if not path.exists():
        return
    *whole, rest = path.read_bytes().split(b"\n")
    events: list[dict[str, Any]] = []
    for number, line in enumerate(whole, 1):
        try:
            event = json.loads(line)
            if not isinstance(event, dict) or "event" not in event:
                raise ValueError("no event")
        except ValueError as error:
            if number < len(whole):
                raise _damaged(path, number, str(error)) from None
            rest = line + b"\n" + rest
            break
        events.append(event)
    if rest:
        with path.open("rb+") as file:
            file.truncate(path.stat().st_size - len(rest))
            os.fsync(file.fileno())
    yield from events


def _damaged(path: Path, line: int, why: str) -> JournalError:
    return JournalError(
        f"{path}:{line} is no line of a journal: {why}",
        "Bring the file back from a backup. Or look at the server whether the release was published; if it was not, "
        "move the file out of the way and release again: the old draft stays there, unpublished, to be deleted by you.",
    )


def _sync_folder(folder: Path) -> None:
    """Make a new file's name as durable as its content (fsync(2): that takes an fsync of the folder)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fold(state: State | None, line: dict[str, Any]) -> State | None:
    """Take one event into account.

    begin       a release is wanted: its mark, date, the version before
    request     a request that changes something is about to be sent
    draft       the draft's id is known
    reserved    both DOIs are known
    frozen      the bundle that is to be published
    publishing  the request to publish is about to be sent
    settled     it had no effect: the draft is still one
    review      a community decides over it
    published   it is public, and was read back
    closed      releases.yaml and the rest are written
    abandoned   the draft is gone, and nothing came of it
    """
    event = line["event"]
    if event in {"journal", "request"}:
        return state
    if event == "begin":
        return State(mark=line["mark"], date=date.fromisoformat(line["date"]), previous=line["previous"])
    if event == "abandoned":
        return None
    if state is None:
        raise ValueError(f"'{event}' of a release that was not begun")
    if event == "draft":
        return replace(state, draft=line["id"], parent=line["parent"])
    if event == "reserved":
        return replace(state, doi=line["doi"], concept_doi=line["concept_doi"], link=line["link"])
    if event == "frozen":
        files = {key: (size, md5) for key, size, md5 in line["files"]}
        frozen = Frozen(line["identity"], line["version"], line["commit"], files, line["record"])
        return replace(state, frozen=(*state.frozen, frozen))
    if event in {"publishing", "settled"}:
        return replace(state, publishing=event == "publishing")
    if event == "review":
        return replace(state, review=line["community"])
    if event == "published":
        return replace(state, published=line["release"])
    if event == "closed":
        return replace(state, closed=True)
    raise ValueError(f"'{event}' is no event that this version of railcrate knows")
