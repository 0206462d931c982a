# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that DVC's cache has already."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from railcrate.study.files import sha256_file


class DvcCache:
    """DVC's cache of one study.

    The cache is kept by md5, a study names a file by its sha256; what links the two is the
    ledger, which has the md5 that the path had when it was last recorded.

    Args:
        folder: the study's folder.
    """

    def __init__(self, folder: Path) -> None:
        """Look at nothing yet."""
        self.folder = folder

    def find(self, path: str, sha256: str) -> Path | None:
        """Look a file up.

        Args:
            path: the file's path from the study's folder.
            sha256: what it must be.

        Returns:
            The cached file; None when the ledger does not name it, or it is not in the cache,
            or is another one or damaged there.
        """
        for md5 in dict.fromkeys([*self._sidecar(path), *self._recorded.get(path, [])]):
            cached = self._object(md5)
            if cached is not None and cached.is_file() and sha256_file(cached) == sha256:
                return cached
        return None

    @cached_property
    def _recorded(self) -> dict[str, list[str]]:
        """The md5 of every path that `dvc.lock` names."""
        recorded: dict[str, list[str]] = {}
        for stage in _mapping(_read(self.folder / "dvc.lock").get("stages")).values():
            for path, md5 in _outputs(stage):
                recorded.setdefault(path, []).append(md5)
        return recorded

    def _sidecar(self, path: str) -> list[str]:
        """The md5 that `dvc add` has written beside the file."""
        name = path.rsplit("/", 1)[-1]
        return [md5 for output, md5 in _outputs(_read(self.folder / f"{path}.dvc")) if output == name]

    def _object(self, md5: str) -> Path | None:
        return None if self._root is None else self._root / md5[:2] / md5[2:]

    @cached_property
    def _root(self) -> Path | None:
        """The cache's folder, which DVC's configuration may have put anywhere."""
        from dvc.exceptions import DvcException
        from dvc.repo import Repo
        from dvc.scm import SCMError

        try:
            with Repo(str(self.folder)) as repo:
                return Path(repo.cache.local.path)
        except (DvcException, SCMError):
            return None  # no repository of DVC's, so no cache


def _read(path: Path) -> dict[str, Any]:
    """A file of DVC's. One that is damaged counts as empty here: the commands of the ledger tell that."""
    try:
        return _mapping(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return {}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _outputs(stage: Any) -> Iterator[tuple[str, str]]:
    outputs = _mapping(stage).get("outs")
    for entry in outputs if isinstance(outputs, list) else []:
        output = _mapping(entry)
        if isinstance(output.get("path"), str) and isinstance(output.get("md5"), str):
            yield output["path"], output["md5"]
