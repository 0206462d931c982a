# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What there is to read in a file, whatever its format: lines of text, rows of tables, headers of binary files.

Text comes as arrays of lines, so that one pass in compiled code can look for everything at
once. Packed files are read through; of dense formats only what people can have written into
them: the text columns of a table, the header of weights or arrays. No format is loaded that
could run code.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PIECE = 4 << 20  # bytes that are looked at in one pass
LONGEST = 16 << 20  # bytes of a line, from which on it is taken in pieces
OVERLAP = 512  # bytes that pieces of what is no text have in common
DEPTH = 3  # of archives within archives
IN_MEMORY = 64 << 20  # bytes of a packed file that is to be read out of order
BATCH = 4096  # rows of a table
_HEAD = 4096
_PACKED: dict[bytes, Callable[[Any], Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, RuntimeError)

Opener = Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass(frozen=True)
class Passage:
    """Something to look through.

    Attributes:
        file: the file; within an archive with the member behind `!`.
        lines: an Arrow array of bytes or text, one entry for a line or row, or one for a piece of what is no text.
        first: number of the first one.
        unit: what an entry is: `line`, `row`, `header`, or `binary`.
    """

    file: str
    lines: Any
    first: int
    unit: str


@dataclass(frozen=True)
class Opened:
    """A file that was looked into, before its passages.

    Attributes:
        file: the file, as passages name it.
        head: its first bytes.
        open: opens it.
    """

    file: str
    head: bytes
    open: Opener


def look(name: str, opener: Opener, depth: int = 0) -> Iterator[Opened | Passage]:
    """Take a file apart.

    Args:
        name: the file, for messages.
        opener: opens it, each time from its beginning.
        depth: how many archives it is in.

    Yields:
        The file, then what is to be read in it; so for each member of an archive.
    """
    with opener() as file:
        head = file.read(_HEAD)
    yield Opened(name, head, opener)
    try:
        yield from _inside(name, head, opener, depth)
    except _BROKEN:
        # It only begins as such a file does: its bytes are looked at instead.
        yield from _binary(name, opener)


def _inside(name: str, head: bytes, opener: Opener, depth: int) -> Iterator[Opened | Passage]:
    packed = next((unpack for magic, unpack in _PACKED.items() if head.startswith(magic)), None)
    if packed is not None and depth < DEPTH:
        yield from _unpacked(name, opener, packed, depth)
    elif head.startswith(b"PK\3\4") and depth < DEPTH:
        yield from _zip(name, opener, depth)
    elif head[257:262] == b"ustar" and depth < DEPTH:
        yield from _tar(name, opener, depth)
    elif head.startswith(b"PAR1"):
        yield from _table(name, opener)
    elif _is_safetensors(head):
        size = int.from_bytes(head[:8], "little")
        with opener() as file:
            file.read(8)
            yield from _texts(name, io.BytesIO(file.read(min(size, IN_MEMORY))), "header")
    elif head.startswith(b"\x93NUMPY"):
        yield Passage(name, _array([head[:512]]), 1, "header")
    elif head.startswith((b"\xff\xfe", b"\xfe\xff")):
        with opener() as file, io.TextIOWrapper(file, encoding="utf-16", errors="replace") as text:
            yield from _recoded(name, text)
    elif b"\0" in head:
        yield from _binary(name, opener)
    else:
        with opener() as file:
            yield from _texts(name, file, "line")


def _unpacked(name: str, opener: Opener, unpack: Callable[[Any], Any], depth: int) -> Iterator[Opened | Passage]:
    with opener() as file, unpack(file) as plain:
        head = plain.read(_HEAD)
    if head[257:262] == b"ustar":
        yield from _tar(name, opener, depth)
        return
    yield from look(name, lambda: _Through(opener, unpack), depth + 1)


class _Through:
    """A packed file, opened as if it were not packed."""

    def __init__(self, opener: Opener, unpack: Callable[[Any], Any]) -> None:
        self._outer, self._unpack = opener(), unpack

    def __enter__(self) -> IO[bytes]:
        self._plain = self._unpack(self._outer.__enter__())
        return self._plain

    def __exit__(self, *error: Any) -> None:
        self._plain.close()
        self._outer.__exit__(*error)


def _zip(name: str, opener: Opener, depth: int) -> Iterator[Opened | Passage]:
    with opener() as file, zipfile.ZipFile(_seekable(file)) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                yield from look(f"{name}!{member.filename}", _member(archive, member), depth + 1)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Opener:
    return lambda: archive.open(member)


def _tar(name: str, opener: Opener, depth: int) -> Iterator[Opened | Passage]:
    with opener() as file, tarfile.open(fileobj=file, mode="r|*") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield from _from_stream(f"{name}!{member.name}", content, member.size, depth)


def _from_stream(name: str, content: IO[bytes], size: int, depth: int) -> Iterator[Opened | Passage]:
    """A member of an archive that can be read only once: in memory where it is small, else as text."""
    if size <= IN_MEMORY:
        whole = content.read()
        yield from look(name, lambda: io.BytesIO(whole), depth + 1)
        return
    head = content.read(_HEAD)
    yield Opened(name, head, lambda: io.BytesIO(head))
    stream = _Chained(head, content)
    yield from _raw(name, stream) if b"\0" in head else _texts(name, stream, "line")


class _Chained(io.RawIOBase):
    """A stream whose beginning has been read already."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        taken = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def _seekable(file: IO[bytes]) -> IO[bytes]:
    """Zip archives and tables are read from their end."""
    if file.seekable():
        return file
    whole = file.read(IN_MEMORY + 1)
    if len(whole) > IN_MEMORY:
        raise OSError("too large to be read within an archive")
    return io.BytesIO(whole)


def _is_safetensors(head: bytes) -> bool:
    """Eight bytes of length, then JSON (https://huggingface.co/docs/safetensors)."""
    return head[8:10] == b'{"' and 2 < int.from_bytes(head[:8], "little") < 100_000_000 and b"\0" in head[:8]


def _table(name: str, opener: Opener) -> Iterator[Passage]:
    """The text columns of a Parquet file, however deep in lists and structures, and its notes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with opener() as file:
        try:
            with pq.ParquetFile(_seekable(file), memory_map=False) as table:
                notes = (table.metadata.metadata or {}).items()
                yield Passage(name, _array([key + b": " + value for key, value in notes]), 1, "header")
                columns = [field.name for field in table.schema_arrow if _has_text(field.type)]
                number = 1
                for batch in table.iter_batches(BATCH, columns=columns, use_threads=False) if columns else ():
                    for column in batch.columns:
                        for leaf in _leaves(column):
                            yield Passage(name, leaf, number, "row")
                    number += batch.num_rows
        except pa.ArrowException as error:
            raise OSError(f"no table: {error}") from None


def _has_text(kind: Any) -> bool:
    from pyarrow import types

    if types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind):
        return True
    if types.is_dictionary(kind):
        return _has_text(kind.value_type)
    return any(_has_text(kind.field(number).type) for number in range(kind.num_fields))


def _leaves(column: Any) -> Iterator[Any]:
    from pyarrow import types

    if types.is_dictionary(column.type):
        yield from _leaves(column.dictionary_decode())
    elif types.is_list(column.type) or types.is_large_list(column.type):
        yield from _leaves(column.flatten())
    elif types.is_struct(column.type):
        for child in column.flatten():
            yield from _leaves(child)
    elif _has_text(column.type) and not column.type.num_fields:
        yield column


def _binary(name: str, opener: Opener) -> Iterator[Passage]:
    """Pieces of what is no text, each with the end of the one before it."""
    with opener() as file:
        yield from _raw(name, file)


def _raw(name: str, file: Any) -> Iterator[Passage]:
    number, rest = 1, b""
    while piece := file.read(PIECE):
        yield Passage(name, _array([rest + piece]), number, "binary")
        number, rest = number + 1, piece[-OVERLAP:]


def _recoded(name: str, text: IO[str]) -> Iterator[Passage]:
    number = 1
    while lines := text.readlines(PIECE):
        yield Passage(name, _array([line.rstrip("\n") for line in lines]), number, "line")
        number += len(lines)


def _texts(name: str, file: Any, unit: str) -> Iterator[Passage]:
    """Cut a stream into pieces at ends of lines."""
    number, rest = 1, b""
    while piece := file.read(PIECE):
        data = rest + piece
        end = data.rfind(b"\n") + 1
        if not end and len(data) < LONGEST:
            rest = data
            continue
        end = end or len(data)
        rest = data[end:]
        lines = _lines(data[:end])
        yield Passage(name, lines, number, unit)
        number += data.count(b"\n", 0, end)
    if rest:
        yield Passage(name, _lines(rest), number, unit)


def _lines(data: bytes) -> Any:
    """An array of the lines of a piece, without copying it."""
    import numpy as np
    import pyarrow as pa

    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")) + 1
    if not ends.size or ends[-1] != len(data):
        ends = np.append(ends, len(data))
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _array(lines: list[Any]) -> Any:
    import pyarrow as pa

    return pa.array([line.encode() if isinstance(line, str) else line for line in lines], pa.binary())


def file_opener(path: Path) -> Opener:
    """Open a file on the disk."""
    return lambda: path.open("rb")
