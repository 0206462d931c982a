# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the ledger says of files, read from its own files: quick, for DVC itself is not started.

`dvc.lock` names each output by its md5. The md5 of the files in a folder stand in a listing,
which DVC keeps in its cache and in its remote under the folder's own md5.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from railcrate.ledger import archive
from railcrate.ledger.errors import LedgerFileError, NotVersioned
from railcrate.ledger.hashes import Hashes
from railcrate.ledger.made import is_as_made, read_notes
from railcrate.ledger.record import REPORT_DVC
from railcrate.ledger.repository import LOCK_FILE, UNREADABLE

_HINT = f"Bring it back from git (`git checkout {LOCK_FILE}`), or delete it and run `railcrate record`."


@dataclass(frozen=True)
class Remote:
    """DVC's default remote.

    Attributes:
        name: its name.
        url: where it is.
        place: its folder, for one on this machine; None for one that a network leads to.
    """

    name: str
    url: str
    place: Path | None


def parse_lock(text: str) -> dict[str, Any]:
    """Read a `dvc.lock`.

    Args:
        text: its content.

    Returns:
        Its entries by stage.

    Raises:
        LedgerFileError: when it is not what DVC writes.
    """
    try:
        content = yaml.load(text, Loader=yaml.CSafeLoader) or {}
        stages = content.get("stages") or {}
        if not isinstance(stages, dict) or not all(isinstance(entry, dict) for entry in stages.values()):
            raise TypeError("its stages are no mapping")
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        told = " ".join(str(error).split())
        raise LedgerFileError(f"{LOCK_FILE} is damaged: {told}", _HINT) from None
    return stages


class Kept:
    """The ledger of a study, as its files have it.

    Args:
        folder: the study's folder.
        hashes: the md5 of files; a memory of its own by default.
    """

    def __init__(self, folder: Path, hashes: Hashes | None = None) -> None:
        """Read nothing before it is asked for."""
        self._folder, self._hashes = folder, hashes or Hashes(folder)
        self._listings: dict[str, dict[str, str] | None] = {}

    @cached_property
    def entries(self) -> dict[str, Any]:
        """The entries of `dvc.lock` by stage; empty where there is none.

        Raises:
            LedgerFileError: when it is damaged.
        """
        try:
            return parse_lock((self._folder / LOCK_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except UnicodeDecodeError as error:
            raise LedgerFileError(f"{LOCK_FILE} is damaged: {error}", _HINT) from None

    def check(self) -> None:
        """Look whether the ledger can be read.

        Raises:
            LedgerFileError: when a file of it is damaged.
        """
        self.outputs  # noqa: B018  reading it is the check

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The md5 of every output that the ledger names, by its path; those of folders end with `.dir`."""
        found = {
            str(out["path"]): str(out.get("md5", ""))
            for entry in self.entries.values()
            for out in entry.get("outs", ())
        }
        return {**found, **self._report}

    @cached_property
    def _report(self) -> dict[str, str]:
        """The report is no stage's output; a file of its own names it."""
        try:
            content = yaml.load((self._folder / REPORT_DVC).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            return {str(out["path"]): str(out["md5"]) for out in content["outs"]}
        except FileNotFoundError:
            return {}
        except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise LedgerFileError(
                f"{REPORT_DVC} is damaged: {' '.join(str(error).split())}",
                f"Bring it back from git (`git checkout {REPORT_DVC}`), or delete it and run `railcrate record`.",
            ) from None

    def md5(self, name: str) -> str | None:
        """The md5 that the ledger has of a file; None where it does not know it.

        Args:
            name: the file, relative to the study's folder; it may be inside a folder that the ledger names.
        """
        if name in self.outputs:
            return self.outputs[name]
        for parent in Path(name).parents:
            owner = self.outputs.get(parent.as_posix())
            if owner is not None:
                return (self._listing(owner) or {}).get(Path(name).relative_to(parent).as_posix())
        return None

    def as_recorded(self, output: str, memory: Mapping[str, Any]) -> bool:
        """Tell whether an output, with Snakemake's memory of it, is exactly what the ledger, or a note, knows.

        Args:
            output: the output.
            memory: Snakemake's memory of it.
        """
        if is_as_made(self._folder, self._notes, output, memory):
            return True
        if self._archived.get(output) != memory:
            return False
        wanted = self.md5(output)
        return wanted is not None and wanted == self._hashes.md5(output)

    def remembers(self, outputs: Iterable[str]) -> bool:
        """Tell whether the ledger was written for the very runs of jobs that made these outputs.

        Args:
            outputs: files that the workflow makes.
        """
        memories = ((self._archived.get(output), archive.read_memory(self._folder, output)) for output in outputs)
        return all(known is not None and known == now for known, now in memories)

    @cached_property
    def _notes(self) -> dict[str, Any]:
        return read_notes(self._folder)

    @cached_property
    def _archived(self) -> dict[str, dict[str, Any]]:
        """The memory that travels with the ledger; empty where it is damaged, so that nothing is taken for granted."""
        try:
            return archive.unpack(self._folder)
        except LedgerFileError:
            return {}

    @cached_property
    def remote(self) -> Remote | None:
        """DVC's default remote; None where there is none, or no DVC.

        Raises:
            NotVersioned: when DVC's configuration cannot be read.
        """
        from dvc.config import ConfigError

        config = self._config
        if config is None:
            return None
        name = str(config.get("core", {}).get("remote") or "")
        if not name:
            return None
        try:
            url = str(config["remote"][name]["url"])
        except (KeyError, ConfigError):
            raise NotVersioned(
                f"DVC's default remote is '{name}', but there is no remote of that name",
                f"`dvc remote list` lists them; add it: dvc remote add {name} URL",
            ) from None
        return Remote(name, url, None if "://" in url else Path(url))

    def in_remote(self, names: Iterable[str]) -> bool | None:
        """Tell whether outputs lie in DVC's default remote, as the ledger has them.

        Args:
            names: the outputs, as the ledger names them: files, or whole folders.

        Returns:
            Whether all of them do; None where there is no remote, or it is not on this machine.
        """
        if self.remote is None or self.remote.place is None:
            return None
        return all(self._stored(self.outputs.get(name)) for name in names)

    def _stored(self, md5: str | None) -> bool:
        """Whether the remote has a content; of a folder all that its listing names."""
        assert self.remote is not None  # the caller has looked
        assert self.remote.place is not None
        place = self.remote.place
        if not md5 or not _object(place, md5).exists():
            return False
        if not md5.endswith(".dir"):
            return True
        listing = self._listing(md5)
        return listing is not None and all(_object(place, content).exists() for content in listing.values())

    def _listing(self, md5: str) -> dict[str, str] | None:
        """The files of a folder with their md5; None where its listing is nowhere on this machine."""
        if md5 not in self._listings:
            places = [self._cache]
            if self.remote is not None and self.remote.place is not None:
                places.append(self.remote.place)
            self._listings[md5] = next(filter(None, (_read_listing(_object(place, md5)) for place in places)), None)
        return self._listings[md5]

    @cached_property
    def _cache(self) -> Path:
        if self._config is None:
            return self._folder / ".dvc" / "cache"
        return Path(self._config.get("cache", {}).get("dir") or Path(self._config.dvc_dir, "cache"))

    @cached_property
    def _config(self) -> Any:
        """DVC's configuration, of the study and of the person; None where the study is not under DVC."""
        from dvc.config import Config, ConfigError

        root = next((at for at in (self._folder, *self._folder.parents) if (at / ".dvc").is_dir()), None)
        if root is None:
            return None
        try:
            return Config(str(root / ".dvc"))
        except ConfigError as error:
            raise NotVersioned(f"DVC's configuration cannot be read: {error}", UNREADABLE) from None


def _object(place: Path, md5: str) -> Path:
    """Where DVC stores a content below its cache, or below a remote."""
    return place / "files" / "md5" / md5[:2] / md5[2:]


def _read_listing(path: Path) -> dict[str, str] | None:
    try:
        return {str(entry["relpath"]): str(entry["md5"]) for entry in json.loads(path.read_bytes())}
    except (OSError, ValueError, KeyError, TypeError):
        return None
