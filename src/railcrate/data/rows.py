# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading a source's files as rows of text, in bounded memory."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, Any, cast

from railcrate.data.errors import SourceError
from railcrate.study import paths
from railcrate.study.config import Source as SourceSettings
from railcrate.study.config import Study

Row = dict[str, str]
AGAIN = "Mend the file at its origin, or exclude it with the source's `text` glob."


def read_rows(folder: Path, study: Study, source: str) -> Iterator[Row]:
    """Read the rows of a source.

    Files are read in sorted order, archives (zip, tar, gz) in place. What a row is depends
    on the file: an object of JSON Lines, a line of CSV or TSV, a row of Parquet (their
    field named by the source's `field`), and in any other file a line, a paragraph or
    the whole file, as the source's `rows` says.

    Args:
        folder: the study's folder.
        study: the configuration.
        source: the source's name.

    Yields:
        id (`source/file:number`, unique), text and source.

    Raises:
        SourceError: when a file is missing, not in its encoding, not in its format, or lacks
            the field, or when the source's `text` matches no file.
    """
    settings = study.sources[source]
    found = False
    for name, content in _members(folder, study, source):
        shown = name.removeprefix(f"data/raw/{source}/")
        if settings.text is not None and not fnmatchcase(shown, settings.text) and not fnmatchcase(name, settings.text):
            continue
        found = True
        for number, text in _texts(name, content, settings):
            yield {"id": f"{source}/{shown}:{number}", "text": text, "source": source}
    if not found:
        wanted = "" if settings.text is None else f" that match '{settings.text}'"
        raise SourceError(f"the source '{source}' has no files{wanted}", "Correct its `text`.")


def _members(folder: Path, study: Study, source: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Open each file of a source, and each file inside its archives, one at a time."""
    for name in paths.raw_files(source, study.sources[source]):
        path = folder / name
        if not path.is_file():
            raise SourceError(f"{name} is not there", f"Run snakemake: it fetches the source '{source}'.")
        try:
            yield from _opened(name, path)
        except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, EOFError) as error:
            raise SourceError(
                f"{name} is damaged or no archive: {error}", f"Delete it and run snakemake. {AGAIN}"
            ) from error


def _opened(name: str, path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            for member in sorted(archive.namelist()):
                if not member.endswith("/"):
                    with archive.open(member) as content:
                        yield f"{name}/{_plain(member)}", content
    elif re.search(r"\.(tar|tar\.gz|tgz|tar\.bz2|tar\.xz)$", name):
        with tarfile.open(path, "r|*") as archive:  # a stream: members come in the archive's order
            for entry in archive:
                member_content = archive.extractfile(entry) if entry.isfile() else None
                if member_content is not None:
                    yield f"{name}/{_plain(entry.name)}", member_content
    elif name.endswith(".gz"):
        with gzip.open(path) as unpacked:
            yield name.removesuffix(".gz"), cast(IO[bytes], unpacked)
    else:
        with path.open("rb") as content:
            yield name, content


def _plain(member: str) -> str:
    """A member's name without what would lead out of its archive; nothing is unpacked, it only becomes part of ids."""
    return "/".join(part for part in member.split("/") if part not in {"", ".", ".."})


def _texts(name: str, content: IO[bytes], settings: SourceSettings) -> Iterator[tuple[int, str]]:
    """Number and text of each row of one file; empty texts are left out."""
    lower = name.lower()
    if lower.endswith(".parquet"):
        rows = _parquet(name, content, settings.field)
    else:
        text = io.TextIOWrapper(content, encoding=settings.encoding, newline=None)
        if lower.endswith((".jsonl", ".ndjson")):
            rows = _json_lines(name, text, settings.field)
        elif lower.endswith((".csv", ".tsv")):
            rows = _table(name, text, settings.field, "\t" if lower.endswith(".tsv") else ",")
        else:
            rows = _plain_text(text, settings.rows)
    try:
        for number, row in rows:
            if row.strip():
                yield number, row
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{name} is not {settings.encoding}: {error.reason} (byte 0x{error.object[error.start]:02x})",
            "Set the source's `encoding`, such as latin-1.",
        ) from None


def _plain_text(text: io.TextIOWrapper, kind: str) -> Iterator[tuple[int, str]]:
    if kind == "files":
        yield 1, text.read()
        return
    if kind == "lines":
        yield from ((number, line.rstrip("\n")) for number, line in enumerate(text, start=1))
        return
    lines: list[str] = []
    start = 1
    for number, line in enumerate(text, start=1):
        if line.strip():
            start = start if lines else number
            lines.append(line.rstrip("\n"))
        elif lines:
            yield start, "\n".join(lines)
            lines = []
    if lines:
        yield start, "\n".join(lines)


def _json_lines(name: str, text: io.TextIOWrapper, field: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise SourceError(f"{name}:{number} is not JSON: {error.msg} at column {error.colno}", AGAIN) from None
        yield number, _field(f"{name}:{number}", row, field)


def _table(name: str, text: io.TextIOWrapper, field: str, delimiter: str) -> Iterator[tuple[int, str]]:
    csv.field_size_limit(1 << 30)
    reader = csv.DictReader(text, delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, _field(f"{name}:{reader.line_num}", row, field)
    except csv.Error as error:
        raise SourceError(f"{name}:{reader.line_num} is not CSV: {error}", AGAIN) from None


def _parquet(name: str, content: IO[bytes], field: str) -> Iterator[tuple[int, str]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = content if content.seekable() else io.BytesIO(content.read())
    try:
        table = pq.ParquetFile(source)
    except pa.ArrowInvalid as error:
        raise SourceError(f"{name} is not Parquet: {error}", AGAIN) from None
    if field not in table.schema_arrow.names:
        raise SourceError(
            f"{name} has no column '{field}'; it has {', '.join(table.schema_arrow.names)}",
            "Set the source's `field` to the one with the text.",
        )
    number = 0
    for batch in table.iter_batches(batch_size=1024, columns=[field], use_threads=False):
        for value in batch.column(0).to_pylist():
            number += 1
            yield number, _text(f"{name}, row {number}", value, field)


def _field(where: str, row: Any, field: str) -> str:
    if not isinstance(row, dict):
        raise SourceError(f"{where} holds no object", 'Each line must be an object such as {"text": "…"}.')
    if field not in row:
        raise SourceError(
            f"{where} has no '{field}'; it has {', '.join(map(str, row))}",
            "Set the source's `field` to the one with the text.",
        )
    return _text(where, row[field], field)


def _text(where: str, value: Any, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SourceError(f"{where}: '{field}' is {type(value).__name__}, not text", "Choose another `field`.")
    return value
