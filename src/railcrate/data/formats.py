# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The rows of one file: plain text, JSON Lines, CSV and TSV, Parquet; each in bounded memory."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from codecs import lookup
from collections.abc import Iterator
from encodings.aliases import aliases
from typing import IO, Any, cast

from railcrate.data.archives import Member
from railcrate.data.errors import SourceError
from railcrate.study.errors import ConfigError
from railcrate.study.problems import nearest
from railcrate.study.sources import Source as SourceSettings

Rows = Iterator[tuple[int, str]]
AGAIN = "Mend the file at its origin, or exclude it with the source's `text` glob."
OTHER_FIELD = "Set the source's `field` to the one with the text."
# Python's way to keep bytes that a text cannot hold (PEP 383): one that is found names the line and the byte.
UNDECODED = re.compile("[\udc80-\udcff]")
SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which JSON can state but UTF-8 cannot
IN_MEMORY = 1 << 26  # bytes of a packed Parquet file that are kept in memory; beyond that, in a temporary file
BATCH = 1024  # rows of Parquet that are decoded at a time
BUFFER = 1 << 20  # bytes of a Parquet column that are read at a time
LONGEST_CELL = 1 << 30  # characters; the csv module's own limit is 131,072


def texts(member: Member, settings: SourceSettings) -> Rows:
    """Read the rows of one file, as the end of its name says.

    Args:
        member: the file.
        settings: the source that it belongs to: `field`, `rows` and `encoding` are used.

    Yields:
        Number and text of each row; empty texts are left out. The number is that of the line
        (the row's first line in plain text, its last in CSV), or of the row in Parquet.

    Raises:
        SourceError: when the file is not in its encoding or its format, or lacks the field.
        ConfigError: when there is no such encoding.
    """
    lower = member.plain.lower()
    if lower.endswith(".parquet"):
        rows = _parquet(member, settings.field)
    elif lower.endswith((".jsonl", ".ndjson", ".json")):
        rows = _json_lines(member, settings)
    elif lower.endswith((".csv", ".tsv")):
        rows = _table(member, settings, "\t" if lower.endswith(".tsv") else ",")
    else:
        rows = _plain_text(member, settings)
    for number, row in rows:
        if row.strip():
            yield number, row


def _lines(member: Member, encoding: str, newline: str | None = None) -> Iterator[str]:
    """The lines of a text; the first that cannot be decoded is told with its number."""
    try:
        # Programs on Windows put a mark before UTF-8, which is no part of the text.
        known = "utf-8-sig" if lookup(encoding).name == "utf-8" else encoding
        text = io.TextIOWrapper(member.content, encoding=known, errors="surrogateescape", newline=newline)
    except LookupError:
        raise ConfigError(
            f"there is no character encoding '{encoding}' to read {member.name} in",
            f"Correct the source's `encoding`. {nearest(encoding, sorted({*aliases.values(), 'utf-8', 'latin-1'}))}",
        ) from None
    number = 0
    try:
        for number, line in enumerate(text, start=1):
            if not line.isascii():
                wrong = UNDECODED.search(line)
                if wrong is not None:
                    raise _undecodable(f"{member.name}:{number}", encoding, ord(wrong[0]) - 0xDC00)
            yield line
    except UnicodeDecodeError as error:  # of encodings whose units are wider than a byte
        where = f"{member.name}, behind line {number}"
        raise _undecodable(where, encoding, error.object[min(error.start, len(error.object) - 1)]) from None


def _undecodable(where: str, encoding: str, byte: int) -> SourceError:
    return SourceError(
        f"{where} is not {encoding}: the byte 0x{byte:02x} has no place there",
        f"Set the source's `encoding`, such as latin-1. {AGAIN}",
    )


def _plain_text(member: Member, settings: SourceSettings) -> Rows:
    lines = _lines(member, settings.encoding)
    if settings.rows == "files":
        yield 1, "".join(lines)
    elif settings.rows == "lines":
        yield from ((number, line.rstrip("\n")) for number, line in enumerate(lines, start=1))
    else:
        yield from _paragraphs(lines)


def _paragraphs(lines: Iterator[str]) -> Rows:
    """Blocks of lines between blank ones, each with the number of its first line."""
    block: list[str] = []
    start = 1
    for number, line in enumerate(lines, start=1):
        if line.strip():
            start = start if block else number
            block.append(line.rstrip("\n"))
        elif block:
            yield start, "\n".join(block)
            block = []
    if block:
        yield start, "\n".join(block)


def _json_lines(member: Member, settings: SourceSettings) -> Rows:
    for number, line in enumerate(_lines(member, settings.encoding), start=1):
        if not line.strip():
            continue
        where = f"{member.name}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            hint = "One object in each line is read, no list of them." if line.lstrip()[0] == "[" else AGAIN
            raise SourceError(f"{where} is not JSON: {error.msg} at column {error.colno}", hint) from None
        if not isinstance(row, dict):
            raise SourceError(
                f"{where} holds a {type(row).__name__}, not an object",
                f'Each line must be an object such as {{"{settings.field}": "…"}}.',
            )
        if settings.field not in row:
            raise _no_field(where, settings.field, list(row))
        yield number, _text(where, row[settings.field], settings.field)


def _table(member: Member, settings: SourceSettings, delimiter: str) -> Rows:
    csv.field_size_limit(LONGEST_CELL)
    # Strict: a quote that is never closed would otherwise swallow the rest of the file.
    reader = csv.reader(_lines(member, settings.encoding, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    try:
        for row in reader:
            where = f"{member.name}:{reader.line_num}"
            if not row:
                continue
            if header is None:
                header = row
                if settings.field not in header:
                    raise _no_field(where, settings.field, header)
                column = header.index(settings.field)
                continue
            if len(row) != len(header):
                raise SourceError(f"{where} has {len(row)} cells, but the header has {len(header)}", AGAIN)
            yield reader.line_num, _text(where, row[column], settings.field)
    except csv.Error as error:
        kind = "TSV" if delimiter == "\t" else "CSV"
        raise SourceError(f"{member.name}:{reader.line_num} is not {kind}: {error}", AGAIN) from None


def _parquet(member: Member, field: str) -> Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with _seekable(member) as content, pq.ParquetFile(content, buffer_size=BUFFER) as table:
            if field not in table.schema_arrow.names:
                raise _no_field(member.name, field, table.schema_arrow.names)
            number = 0
            for batch in table.iter_batches(batch_size=BATCH, columns=[field], use_threads=False):
                for value in batch.column(0).to_pylist():
                    number += 1
                    yield number, _text(f"{member.name}, row {number}", value, field)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise SourceError(f"{member.name} is cut off, damaged, or not Parquet: {error}", AGAIN) from error


def _seekable(member: Member) -> IO[bytes]:
    """Parquet is read from its end: going back in a packed file would unpack it again and again."""
    if member.direct:
        return member.content
    spool = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  (closed by who reads)
    shutil.copyfileobj(member.content, spool)
    spool.seek(0)
    return spool


def _no_field(where: str, field: str, found: list[str]) -> SourceError:
    shown = ", ".join(found[:12]) + (" …" if len(found) > 12 else "")
    return SourceError(
        f"{where} has no '{field}'; it has {shown or 'nothing'}", f"{OTHER_FIELD} {nearest(field, found)}".strip()
    )


def _text(where: str, value: Any, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SourceError(f"{where}: '{field}' is {type(value).__name__}, not text", OTHER_FIELD)
    if not value.isascii() and SURROGATE.search(value):
        raise SourceError(f"{where}: '{field}' holds half a character, which UTF-8 cannot state", AGAIN)
    return value
