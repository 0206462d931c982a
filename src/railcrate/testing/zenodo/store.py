# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the server keeps records and files: a folder that outlives it.

```
state/token               the token that is right
state/counter.json        the next free number
state/records/<id>.json   one version: its draft and what is published of it
state/parents/<id>.json   what all versions share
state/content/<name>      the bytes of files
state/arriving/<name>     uploads under way; thrown away at the next start
```

Every change is written before its answer leaves, whole or not at all, by renaming. It is not
flushed to the disk: what has to outlive a killed server is in the system's cache by then.
"""

from __future__ import annotations

import secrets
import shutil
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from railcrate.study.files import read_json
from railcrate.testing.zenodo.record import Copy, Parent, Record, StoredFile

FIRST_NUMBER = 1000001
Model = TypeVar("Model", bound=BaseModel)


class Store:
    """Records, parents and the bytes of files, in memory and in a folder.

    Args:
        folder: made if need be; what lies there from before is taken up.

    Attributes:
        lock: held by whoever reads and then changes; uploads do not hold it while bytes come in.
        records: versions by their number.
        parents: what versions share, by its number.
    """

    def __init__(self, folder: Path) -> None:
        """Take up what the folder holds."""
        self.folder = folder
        self.lock = threading.RLock()
        shutil.rmtree(folder / "arriving", ignore_errors=True)
        for name in ("records", "parents", "content", "arriving"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.records = {path.stem: _read(Record, path) for path in sorted((folder / "records").glob("*.json"))}
        self.parents = {path.stem: _read(Parent, path) for path in sorted((folder / "parents").glob("*.json"))}
        counter = folder / "counter.json"
        self._next: int = read_json(counter)["next"] if counter.exists() else FIRST_NUMBER

    def token(self) -> str:
        """The token of this folder, made at its first use, so that a server that starts again takes it."""
        path = self.folder / "token"
        if not path.exists():
            self._write(path, secrets.token_urlsafe(32))
        return path.read_text(encoding="utf-8")

    def begin(self, draft: Copy, parent: str | None = None, index: int = 1) -> Record:
        """Make a new version with a number that was never used.

        Args:
            draft: its draft.
            parent: the number that its versions share; a new one where it is the first.
            index: which version it is.

        Returns:
            The record, saved.
        """
        if parent is None:
            parent = self._number()
            self.parents[parent] = Parent(id=parent)
        record = Record(id=self._number(), parent=parent, index=index, draft=draft)
        self.records[record.id] = record
        self.save(record)
        return record

    def save(self, record: Record) -> None:
        """Write a version, and what it shares with the others."""
        self._write(self.folder / "records" / f"{record.id}.json", record.model_dump_json(indent=1))
        parent = self.parents[record.parent]
        self._write(self.folder / "parents" / f"{parent.id}.json", parent.model_dump_json(indent=1))

    def drop(self, record: Record) -> None:
        """Forget a version that was never published, and its parent if nothing is left of it."""
        del self.records[record.id]
        (self.folder / "records" / f"{record.id}.json").unlink()
        if not any(other.parent == record.parent for other in self.records.values()):
            del self.parents[record.parent]
            (self.folder / "parents" / f"{record.parent}.json").unlink()
        self.sweep()

    def versions(self, parent: str) -> list[Record]:
        """The published versions that share a parent, oldest first; deleted ones are among them."""
        found = [record for record in self.records.values() if record.parent == parent and record.published]
        return sorted(found, key=lambda record: record.index)

    def latest(self, parent: str) -> Record | None:
        """The newest published version that is not deleted."""
        return next((record for record in reversed(self.versions(parent)) if record.tombstone is None), None)

    def arriving(self) -> Path:
        """A new place for an upload that is under way."""
        return self.folder / "arriving" / uuid.uuid4().hex

    def keep(self, arrived: Path) -> str:
        """Take an upload that is complete; returns the name of its bytes."""
        arrived.replace(self.content(arrived.name))
        return arrived.name

    def content(self, name: str) -> Path:
        """Where the bytes of that name are."""
        return self.folder / "content" / name

    def sweep(self) -> None:
        """Delete bytes that no draft and no record names any more; versions may share them."""
        named = {file.content for file in self._files()}
        for path in (self.folder / "content").iterdir():
            if path.name not in named:
                path.unlink()

    def _files(self) -> Iterator[StoredFile]:
        for record in self.records.values():
            for copy in (record.draft, record.published):
                yield from copy.files.values() if copy else ()

    def _number(self) -> str:
        number = self._next
        self._next += 1
        self._write(self.folder / "counter.json", f'{{"next": {self._next}}}\n')
        return str(number)

    def _write(self, path: Path, text: str) -> None:
        temporary = path.with_name(f".{path.name}.part")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)


def _read(kind: type[Model], path: Path) -> Model:
    return kind.model_validate_json(path.read_text(encoding="utf-8"))
