# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Publishing into a folder: exactly what Zenodo would get, without an account and without a DOI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from railcrate.bundle.manifest import MANIFEST, Manifest, read_manifest
from railcrate.bundle.stamp import Stamp
from railcrate.publish.errors import TargetTakenError, UploadError
from railcrate.publish.invenio import PLACE
from railcrate.publish.journal import Files, alone
from railcrate.publish.plans import make_plan
from railcrate.publish.progress import Progress
from railcrate.publish.reconcile import files_of
from railcrate.publish.target import Earlier, Plan, Record, Status
from railcrate.study.errors import DataError
from railcrate.study.files import md5_file, write_json, write_text

FOLDER = "release"


class FolderTarget:
    """The study's own folder `release/`: `<version>/` with the files, `<version>.record.json` with the metadata.

    Args:
        folder: the study's folder.
        progress: shows what goes on.
    """

    title = f"the folder {FOLDER}/"
    address = None
    is_rehearsal = True
    is_local = True

    def __init__(self, folder: Path, progress: Progress) -> None:
        """Make nothing yet."""
        self._release = folder / FOLDER
        self._place = folder / PLACE / "folder"
        self.bundle = self._place / "bundle"
        self._progress = progress
        self._version = ""

    @property
    def _final(self) -> Path:
        return self._release / self._version

    @property
    def _part(self) -> Path:
        return self._release / f".{self._version}.part"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Be the only process at work on it."""
        with alone(self._place):
            yield

    @property
    def earlier(self) -> list[Earlier]:
        """What lies there already."""
        found = []
        for path in sorted(self._release.glob(f"[!.]*/{MANIFEST}")):
            manifest = read_manifest(path)
            found.append(Earlier(path.parent.name, manifest.identity, str(path.parent)))
        return found

    def status(self) -> Status:
        """Nothing is ever half done: a release appears whole, by one renaming."""
        return Status("none")

    def plan(self, manifest: Manifest, record: Record, *, offline: bool) -> Plan:
        """Say what would be put there."""
        versions = [one.version for one in self.earlier]
        return make_plan(f"{self._release / manifest.version}", manifest, record, {}, versions, is_final=False)

    def reserve(self, version: str, title: str) -> Stamp | None:
        """There is nothing to reserve: the bundle goes as it is.

        Raises:
            TargetTakenError: when there is something else under this name.
        """
        if "/" in version or version.startswith("."):
            raise TargetTakenError(
                f"'{version}' cannot be the name of a folder", "Set release.version to something like 1.0.0."
            )
        self._version = version
        if self._final.exists():
            raise TargetTakenError(
                f"{self._final} is there, and is no release that this study made", "Move it out of the way."
            )
        return None

    def upload(self, manifest: Manifest, record: Record) -> None:
        """Put the files beside their place, by hard links where the disk can, and write the record's metadata."""
        self._release.mkdir(exist_ok=True)
        if not (self._release / ".gitignore").exists():
            write_text(self._release / ".gitignore", "*\n")  # a release is made from git, and does not belong into it
        shutil.rmtree(self._part, ignore_errors=True)
        for path in files_of(self.bundle, manifest):
            target = self._part / path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(self.bundle / path, target)
            except OSError:  # another disk, or one that knows no links
                shutil.copyfile(self.bundle / path, target)
        write_json(self._release / f"{self._version}.record.json", dict(record))

    def verify(self, manifest: Manifest, record: Record) -> None:
        """Read every file and compare it with the manifest.

        Raises:
            UploadError: when one is another.
        """
        wrong = _wrong(self._part, files_of(self.bundle, manifest))
        if wrong:
            raise UploadError(f"{self._part}: {', '.join(wrong)} is not what the manifest says", "Try again.")

    def publish(self, record: Record) -> Status:
        """Give the folder its name."""
        self._part.rename(self._final)
        return Status("published", link=str(self._final))

    def close(self) -> None:
        """Nothing is left to do."""

    def check(self, version: str) -> str:
        """Make sure that a release that was made before is still whole.

        Args:
            version: which.

        Returns:
            Where it is.

        Raises:
            DataError: when it is damaged.
        """
        place = self._release / version
        wrong = _wrong(place, files_of(place, read_manifest(place)))
        if wrong:
            raise DataError(f"{place} is damaged: {', '.join(wrong)}", "Delete it and release again.")
        return str(place)


def _wrong(place: Path, files: Files) -> list[str]:
    """Name the files that are missing or others, and those that do not belong there."""
    there = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    found = [
        key
        for key, (size, md5) in files.items()
        if key not in there or (place / key).stat().st_size != size or md5_file(place / key) != md5
    ]
    return sorted({*found, *(there - set(files))})
