# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading a source's files as rows of text, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from railcrate.data.archives import Member, damage_told, open_members
from railcrate.data.errors import SourceError
from railcrate.data.formats import texts
from railcrate.study import paths
from railcrate.study.config import Study

Row = dict[str, str]


def read_rows(folder: Path, study: Study, source: str) -> Iterator[Row]:
    """Read the rows of a source.

    Files are read in the order of the configuration (those of a glob sorted), archives (zip,
    tar) and packed files (gz, bz2, xz) in place. What a row is depends on the file: an object
    of JSON Lines, a line of CSV or TSV, a row of Parquet (their field named by the source's
    `field`), and in any other file a line, a paragraph or the whole file, as the source's
    `rows` says.

    Args:
        folder: the study's folder.
        study: the configuration.
        source: the source's name.

    Yields:
        id (`source/file:number`, unique), text and source; no more rows than the source's `limit`.

    Raises:
        SourceError: when a file is missing, damaged, not in its encoding, not in its format, or
            lacks the field, or when the source's `text` matches no file.
        ConfigError: when there is no such encoding.
    """
    settings = study.sources[source]
    found = False
    count, last = 0, ""

    def progress() -> str:
        return f" (the last row read was {last})" if last else ""

    for name in paths.raw_files(source, settings):
        path = folder / name
        if not path.is_file():
            raise SourceError(f"{name} is not there", f"Run snakemake: it fetches the source '{source}'.")
        with damage_told(name, progress):
            for member in open_members(name, path):
                shown = member.name.removeprefix(f"data/raw/{source}/")
                if settings.text is not None and not _chosen(settings.text, member, shown):
                    continue
                found = True
                for number, text in texts(member, settings):
                    last = f"{source}/{shown}:{number}"
                    yield {"id": last, "text": text, "source": source}
                    count += 1
                    if count == settings.limit:
                        return
    if not found:
        wanted = "" if settings.text is None else f" that match '{settings.text}'"
        raise SourceError(f"the source '{source}' has no files{wanted}", "Correct its `text`.")


def _chosen(glob: str, member: Member, shown: str) -> bool:
    """Whether a glob means a file: by its path, or by its name inside the archive, packed or not."""
    names = {member.name, member.plain, shown, shown.removesuffix(member.name[len(member.plain) :])}
    if member.inside:
        names |= {member.inside, member.inside.removesuffix(member.name[len(member.plain) :])}
    # `*` matches `/` too, as elsewhere in the configuration; `**/` may also stand for no folder at all.
    globs = {glob, glob.removeprefix("**/"), glob.replace("/**/", "/")}
    return any(fnmatchcase(name, pattern) for name in names for pattern in globs)
