# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a study needs of the system around it: a folder to write to, locks, names, encodings, temporary files."""

from __future__ import annotations

import codecs
import fcntl
import locale
import os
import sys
import tempfile
from pathlib import Path

from railcrate.data.sources.mirror import VARIABLE
from railcrate.preflight.findings import Finding, error, listed, ok, warning
from railcrate.study import paths, units

SOCKET = 104  # characters of a Unix socket's path, on the systems that allow least (macOS; Linux: 108)
SOCKET_NAME = 24  # characters that a run adds to the folder for temporary files


def look(folder: Path) -> list[Finding]:
    """Look at all of it.

    Args:
        folder: the folder to work in.

    Returns:
        What was found.
    """
    return [*look_at_folder(folder), *look_at_temporary(), look_at_encoding(), *look_at_mirrors()]


def look_at_folder(folder: Path) -> list[Finding]:
    """Try whether files can be written and locked here, and whether `A` and `a` are two files.

    Args:
        folder: the folder; what is tried there is removed again.

    Returns:
        An error where the folder of a study cannot be written, a warning where it is another folder.
    """
    is_study = (folder / paths.CONFIG).is_file()
    try:
        with tempfile.NamedTemporaryFile(prefix=".railcrate-a", dir=folder) as tried:
            locks = _can_lock(tried.fileno())
            twin = Path(tried.name)
            same = twin.with_name(twin.name.replace(".railcrate-a", ".railcrate-A")).exists()
    except OSError as problem:
        what = f"nothing can be written to this folder: {problem.strerror}"
        way = "Give yourself the right to write there, or copy the study to a folder of your own."
        if is_study:
            return [error("folder", what, way, detail=str(folder))]
        return [warning("folder", what, "Go to a folder of your own before you make a study.", detail=str(folder))]
    found = []
    if not locks:
        found.append(
            error(
                "folder", "files cannot be locked here, which keeps two runs from spoiling one another",
                "Work on a local disk, or ask whoever keeps this file system to switch locks on (flock).",
            )
        )  # fmt: skip
    if same:
        found.append(
            warning(
                "folder", "this disk does not tell capital from small letters in names",
                "Keep from names that differ in that alone, such as two source files Text.txt and text.txt.",
            )
        )  # fmt: skip
    text = "it can be written to, and files can be locked" if locks else "it can be written to"
    return [*found, ok("folder", text, detail=str(folder))] if locks else found


def _can_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def look_at_temporary() -> list[Finding]:
    """Try the folder for temporary files; a run keeps a socket there, whose path must not be long."""
    try:
        place = tempfile.gettempdir()
    except FileNotFoundError:
        return [error("folder", "there is no folder for temporary files that can be written to", "Set TMPDIR to one.")]
    if len(place) + SOCKET_NAME > SOCKET:
        return [
            error(
                "folder", f"the folder for temporary files has too long a path for a socket ({len(place)} characters)",
                f"Set TMPDIR to a folder with a path of at most {SOCKET - SOCKET_NAME} characters, as /tmp.",
                detail=place,
            )
        ]  # fmt: skip
    return []


def look_at_encoding(preferred: str | None = None) -> Finding:
    """Tell whether texts are UTF-8 where nothing else is said.

    Args:
        preferred: the locale's encoding; the system's by default.
    """
    name = preferred or locale.getpreferredencoding(False)
    try:
        is_utf8 = codecs.lookup(name).name == "utf-8"
    except LookupError:
        is_utf8 = False
    shown = ".".join(part for part in (locale.getlocale()[0], name) if part)
    if is_utf8 or sys.flags.utf8_mode:
        return ok("encoding", f"UTF-8 (locale {shown})")
    return warning(
        "encoding", f"texts are {name} here, not UTF-8 (locale {shown})",
        "Railcrate itself reads and writes UTF-8; your own steps and the terminal may not. Put `export "
        "LC_ALL=C.UTF-8` into your shell's profile.",
    )  # fmt: skip


def look_at_mirrors() -> list[Finding]:
    """Tell whether the folders that RAILCRATE_MIRROR names are there and can be read."""
    named = [Path(name) for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    if not named:
        return []
    gone = [str(path) for path in named if not (path.is_dir() and os.access(path, os.R_OK | os.X_OK))]
    detail = os.pathsep.join(map(str, named))
    if gone:
        return [
            warning(
                "mirrors", f"{VARIABLE} names {units.count(len(gone), 'folder')} that cannot be read",
                "Correct the variable, or mount what it names: files that are not found there come from the network.",
                detail=listed(gone),
            )
        ]  # fmt: skip
    return [ok("mirrors", f"{VARIABLE} names {units.count(len(named), 'folder')}, all there", detail=detail)]
