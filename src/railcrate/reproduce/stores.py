# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading a study's files by their study paths, whether they lie in a folder or in the archives of a bundle."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import yaml

from railcrate.bundle.manifest import MANIFEST, Manifest, read_manifest
from railcrate.study import paths
from railcrate.study.errors import DataError
from railcrate.study.files import sha256_file

EVALUATIONS = "results/evaluations/"


class UnreadableError(DataError):
    """A file of results is missing, damaged, or of a kind that is not known here."""


class Store(Protocol):
    """A study's files, read by their study paths."""

    place: Path

    def names(self, prefix: str) -> list[str]:
        """Name the files below a folder, which ends with '/', sorted."""
        ...

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        ...

    def read(self, name: str) -> bytes:
        """Read a file.

        Raises:
            UnreadableError: when it is missing or damaged.
        """
        ...

    def sha256(self, name: str) -> str | None:
        """Give a file's checksum; None where the file is not there."""
        ...


class FolderStore:
    """The files of a study's folder.

    Args:
        place: the folder.
    """

    def __init__(self, place: Path) -> None:
        """Keep the folder."""
        self.place = place
        self._sha256: dict[str, str] = {}  # weights and data are asked for once for each evaluation

    def names(self, prefix: str) -> list[str]:
        """Name the files below a folder, sorted."""
        return sorted(
            path.relative_to(self.place).as_posix() for path in (self.place / prefix).rglob("*") if path.is_file()
        )

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        return (self.place / name).is_file()

    def read(self, name: str) -> bytes:
        """Read a file."""
        try:
            return (self.place / name).read_bytes()
        except OSError as error:
            raise UnreadableError(f"{self.place / name} cannot be read: {error.strerror}", "Fetch it again.") from None

    def sha256(self, name: str) -> str | None:
        """Hash a file without reading it into memory."""
        if name not in self._sha256:
            if not self.has(name):
                return None
            self._sha256[name] = sha256_file(self.place / name)
        return self._sha256[name]


class BundleStore:
    """The files of a bundle, read in place: nothing is unpacked.

    Args:
        place: the bundle's folder.

    Raises:
        ManifestError: when the bundle has no manifest that can be read.
    """

    def __init__(self, place: Path) -> None:
        """Read the manifest: it says which archive holds what."""
        self.place = place
        self.manifest: Manifest = read_manifest(place)
        self._where: dict[str, tuple[str, bool]] = {}  # study path -> file of the bundle, and whether it is an archive
        self._sha256: dict[str, str] = {}
        self._archives: dict[str, zipfile.ZipFile] = {}  # opened once: they may hold thousands of small files
        for entry in self.manifest.files:
            if entry.study_path is not None and entry.cut is None:
                self._where[entry.study_path] = (entry.path, False)
                self._sha256[entry.study_path] = entry.sha256
            for member in entry.members:
                self._where[member.path] = (entry.path, True)
                self._sha256[member.path] = member.sha256
            if entry.cut is not None:
                self._sha256[entry.cut.path] = entry.cut.sha256

    def names(self, prefix: str) -> list[str]:
        """Name the files below a folder, sorted."""
        return sorted(name for name in self._where if name.startswith(prefix))

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        return name in self._where

    def read(self, name: str) -> bytes:
        """Read a file, out of its archive where it is in one."""
        if name not in self._where:
            raise UnreadableError(f"the bundle {self.place} does not hold {name}", "Ask those who published it.")
        file, packed = self._where[name]
        try:
            if not packed:
                return (self.place / file).read_bytes()
            if file not in self._archives:
                self._archives[file] = zipfile.ZipFile(self.place / file)
            return self._archives[file].read(name)
        except (OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
            raise UnreadableError(
                f"{name} cannot be read from {self.place / file}: {error}", "The bundle is damaged: fetch it again."
            ) from None

    def sha256(self, name: str) -> str | None:
        """Give the checksum that the manifest states."""
        return self._sha256.get(name)


def open_store(place: Path) -> Store:
    """Open a folder as what it is: a bundle where it has a manifest, else a study.

    Args:
        place: the folder.

    Returns:
        The store.

    Raises:
        ManifestError: when it has a manifest that cannot be read.
    """
    bundle = (place / MANIFEST).is_file() and not (place / paths.CONFIG).is_file()
    return BundleStore(place) if bundle else FolderStore(place)


def json_of(store: Store, name: str) -> Any:
    """Read a JSON file of a store.

    Raises:
        UnreadableError: when it is missing, damaged, or not JSON.
    """
    try:
        return json.loads(store.read(name))
    except ValueError as error:
        raise UnreadableError(f"{name} of {store.place} is not JSON: {error}", "Fetch it again.") from None


def yaml_of(store: Store, name: str) -> Any:
    """Read a YAML file of a store; None where it is not there.

    Raises:
        UnreadableError: when it is not YAML.
    """
    if not store.has(name):
        return None
    try:
        return yaml.load(store.read(name), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise UnreadableError(f"{name} of {store.place} is not YAML: {error}", "Fetch it again.") from None


def json_files(store: Store, names: Iterable[str]) -> dict[str, Any]:
    """Read those JSON files of a store that are there, by name."""
    return {name: json_of(store, name) for name in names if store.has(name)}
