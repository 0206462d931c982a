# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Fetching a published study: its bundle, checked; unpacked; and restored as if it had run here.

Nothing that was fetched is run or imported. Whatever breaks it off, the same command goes on
from what is there: files are whole or not there, and each is looked at again.
"""

from __future__ import annotations

import fcntl
import re
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from railcrate.bundle.manifest import Manifest
from railcrate.ledger.restore import RestoreSummary
from railcrate.reproduce.errors import DamagedError, FolderError
from railcrate.reproduce.find import BUNDLE, Found, find
from railcrate.reproduce.gather import PARTS, Gathered, gather
from railcrate.reproduce.lay_out import lay_down, lay_remaining
from railcrate.reproduce.limits import Limits
from railcrate.reproduce.progress import Quiet, Watcher
from railcrate.reproduce.restore import restore_fetched
from railcrate.reproduce.unpack import Ground
from railcrate.reproduce.web import Patience, Web
from railcrate.study import paths
from railcrate.study.disk import full_disk_told
from railcrate.study.files import write_json

STATE = f"{paths.STATE}/fetch.json"  # tells that the folder was made by fetching, and whether it has ended
LOCK = f"{paths.STATE}/fetch.lock"
MAKE_ROOM = "Make room and run the same command again: what has arrived is kept."
_SHOWN = 10  # problems in a message


@dataclass(frozen=True)
class Fetched:
    """A study that was fetched.

    Attributes:
        folder: the study's folder.
        bundle: the folder in it with the bundle's own files.
        manifest: the bundle's manifest.
        found: where it came from.
        parts: the parts that were asked for; none for everything.
        brought: files of the bundle that came now.
        there: files of the bundle that were there already.
        unavailable: files of the study that are not there, each with the reason: withheld by a license,
            kept elsewhere and not to be had, or not asked for.
        problems: what is wrong with the bundle's files; then nothing was unpacked.
        restored: what the ledger put in its place; None where it did not come along.
        notes: what one should know.
    """

    folder: Path
    bundle: Path
    manifest: Manifest
    found: Found
    parts: tuple[str, ...]
    brought: int
    there: int
    unavailable: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    restored: RestoreSummary | None = None
    notes: tuple[str, ...] = ()


def fetch(
    reference: str | Path | Found,
    folder: Path | None = None,
    *,
    parts: Collection[str] = (),
    names: Collection[str] = (),
    strict: bool = True,
    limits: Limits | None = None,
    patience: Patience | None = None,
    watcher: Watcher | None = None,
) -> Fetched:
    """Fetch a study and restore it.

    The bundle's files come to `<folder>/.railcrate/bundle`; the code into the folder; data, weights
    and results into DVC's cache there and to their places, and Snakemake gets to know how they were
    made. Without the code, the other parts are laid down at their paths alone.

    Args:
        reference: what `find` takes, or what it gave.
        folder: a new or empty folder, or one in which fetching the same was broken off; by default one
            in the current folder, named by the title.
        parts: only these, of `PARTS`; everything where neither parts nor names are given.
        names: only these files of the bundle.
        strict: stop when a file is missing or damaged; otherwise tell it in `problems`, and unpack nothing.
        limits: how much it may unpack to.
        patience: how long servers are waited for.
        watcher: is told how far it has come.

    Returns:
        What was fetched and what is not there.

    Raises:
        FolderError: when the folder holds something else, or another fetch is at work in it.
        DamagedError: when files are missing or damaged; what is right is kept.
        UnsafeError: when it holds what must not be unpacked.
        DiskFullError: when there is no room.
        RailcrateError: whatever `find` and `gather` raise.
    """
    found = reference if isinstance(reference, Found) else find(reference, patience=patience)
    limits, watcher = limits or Limits(), watcher or Quiet()
    with ExitStack() as stack:
        web = stack.enter_context(Web(patience))
        stack.enter_context(full_disk_told("what is fetched", MAKE_ROOM))
        if folder is None:
            folder = Path(slug(_title(found)))
        stack.enter_context(_claimed(folder, found))
        folder = folder.resolve()
        bundle = folder / BUNDLE
        gathered = gather(web, found, bundle, parts=parts, names=names, limits=limits, watcher=watcher)
        notes = (*found.notes, *_notes(found, gathered))
        if gathered.problems:
            if strict:
                raise _damaged(found, gathered)
            return Fetched(
                folder, bundle, gathered.manifest, found, tuple(parts), gathered.brought, gathered.there,
                problems=tuple(gathered.problems), notes=notes,
            )  # fmt: skip
        ground = Ground(folder, watcher.advance)
        stack.callback(ground.close)
        laid = lay_down(ground, bundle, gathered, web, watcher)
        restored = restore_fetched(folder, limits) if laid.with_code else None
        lay_remaining(ground, laid)
        _finish(folder, found)
    return Fetched(
        folder, bundle, gathered.manifest, found, tuple(parts), gathered.brought, gathered.there,
        unavailable=tuple(laid.unavailable), restored=restored, notes=(*notes, *laid.notes),
    )  # fmt: skip


def slug(title: str) -> str:
    """Name a folder by a title: letters and digits of ASCII, words joined by '-', at most 60 characters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return (words[:60].rsplit("-", 1)[0] if len(words) > 60 else words) or "study"


def _title(found: Found) -> str:
    if found.record is not None:
        return found.record.title
    from railcrate.reproduce.gather import read

    assert found.folder is not None  # it is a folder or a record
    return read(found.folder).title


@contextmanager
def _claimed(folder: Path, found: Found) -> Iterator[None]:
    """Take a folder for this fetch: one that is new, empty, or of an earlier fetch; nobody else's."""
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"{folder} is a file", "Name a new or empty folder.")
    held = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    state = {entry.name for entry in (folder / paths.STATE).iterdir()} if paths.STATE in held else set()
    begun = {name for name in state if name.startswith((".fetch.json.", "fetch.lock"))}
    if (held - {paths.STATE} or state - begun) and not (folder / STATE).is_file():
        raise FolderError(
            f"{folder} is not empty, and nothing was fetched into it before",
            f"Name a new or empty folder: railcrate fetch {found.reference} FOLDER",
        )
    (folder / paths.STATE).mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderError(f"another fetch is at work in {folder}", "Wait until it has ended.") from None
        if not (folder / STATE).is_file():
            write_json(folder / STATE, {"reference": found.reference, "from": found.where, "complete": False})
        yield


def _finish(folder: Path, found: Found) -> None:
    write_json(folder / STATE, {"reference": found.reference, "from": found.where, "complete": True})


def _damaged(found: Found, gathered: Gathered) -> DamagedError:
    told = gathered.problems[:_SHOWN]
    more = [f"and {len(gathered.problems) - _SHOWN} more"] if len(gathered.problems) > _SHOWN else []
    count = len(gathered.problems)
    return DamagedError(
        f"{count} of the {len(gathered.wanted)} files of {found.where} {'is' if count == 1 else 'are'} not what they "
        "should be:\n  " + "\n  ".join([*told, *more]),
        "Nothing was unpacked; what is right is kept. Run the same command again, or ask the authors; "
        "`--only` or `--files` fetches other parts.",
    )


def _notes(found: Found, gathered: Gathered) -> Iterator[str]:
    from importlib.metadata import version

    from railcrate.bundle.manifest import MANIFEST

    manifest, here = gathered.manifest, version("railcrate")
    if manifest.railcrate != here:
        yield (
            f"it was made with railcrate {manifest.railcrate}, this is {here}: where the code that computes a result "
            "differs, Snakemake will make it anew"
        )
    own = found.record.doi if found.record is not None else None
    if manifest.doi and own and manifest.doi.lower() != own.lower():
        yield f"the bundle names the DOI {manifest.doi}, but the record's is {own}"
    if manifest.anonymous:
        yield "it is anonymous: made for review, without names"
    if found.record is not None:
        known = {MANIFEST, *(entry.path for entry in manifest.files)}
        strangers = sorted(file.key for file in found.record.files if file.key not in known)
        if strangers:
            yield f"the record holds files that the manifest does not know; they were left: {', '.join(strangers[:8])}"


__all__ = ["PARTS", "Fetched", "fetch", "slug"]
