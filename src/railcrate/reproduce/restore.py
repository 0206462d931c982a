# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Restoring a study from a bundle's files, of which none is trusted.

The ledger that came with the code says where DVC is to put what: it could name a file outside
the study. So the ledger, the listings of folders and the archive of Snakemake's memory are
looked through before DVC and the ledger's own code read them. DVC's remotes are never asked:
whoever made the bundle could have named any address there.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from railcrate.bundle.manifest import InsidePath
from railcrate.ledger.added import PLAIN_OUT, added_by, unlike_added
from railcrate.ledger.record import RECORDS_DVC, REPORT_DVC
from railcrate.ledger.repository import LOCK_FILE
from railcrate.ledger.restore import RestoreSummary, restore_study
from railcrate.reproduce.errors import DamagedError, UnsafeError
from railcrate.reproduce.limits import Limits, refuse_path
from railcrate.reproduce.unpack import CACHE
from railcrate.study import paths
from railcrate.study.files import write_text

CONFIG, LOCAL_CONFIG = ".dvc/config", ".dvc/config.local"
# Settings of DVC that would let it write outside the study, and where it may instead.
_ELSEWHERE = (("core", "site_cache_dir"), ("state", "dir"), ("index", "dir"), ("cache", "local"))
_STAGE_KEYS = {"cmd", "deps", "params", "outs", "metrics", "plots"}
_FILE_KEYS = {"stages", "metrics", "plots", "params"}
_LISTING_KEYS = {"md5", "relpath"}
_MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?\Z")
_PIECE = 1 << 20
_DISTRUST = "Nothing was restored. It is not what railcrate writes; do not trust this bundle."
_INSIDE: TypeAdapter[str] = TypeAdapter(InsidePath)


def restore_fetched(folder: Path, limits: Limits) -> RestoreSummary | None:
    """Put everything that the ledger names and DVC's cache has in its place, and let Snakemake know it.

    Args:
        folder: the study's folder, with the code and DVC's cache.
        limits: how much the archive of Snakemake's memory may unpack to.

    Returns:
        What was restored and what is missing; None where the code came without a ledger.

    Raises:
        UnsafeError: when the ledger names what is outside the study, or is not as railcrate writes it.
        DamagedError: when a file of the ledger cannot be read.
        LedgerBusy: when a run is at work in the folder.
        UnsavedChangesError: when files would be overwritten that exist nowhere else.
        DiskFullError: when there is no space.
    """
    if not (folder / LOCK_FILE).is_file() or not (folder / paths.DVC_FILE).is_file():
        return None
    configure(folder)
    check_ledger(folder, limits)
    return restore_study(folder, allow_missing=True)


def configure(folder: Path) -> None:
    """Let DVC work here without git, with the cache that belongs to the study.

    Args:
        folder: the study's folder.

    Raises:
        UnsafeError: when the bundle's own configuration of DVC leads outside.
        DamagedError: when it cannot be read.
    """
    from configobj import ConfigObj, ConfigObjError  # type: ignore[import-untyped]

    try:
        brought = ConfigObj(str(folder / CONFIG), interpolation=False)
    except (ConfigObjError, UnicodeDecodeError) as error:
        raise DamagedError(f"{folder / CONFIG} is no configuration of DVC: {error}", _DISTRUST) from None
    for section, key in _ELSEWHERE:
        if key in _mapping(brought.get(section)):
            raise UnsafeError(f"{CONFIG} of the bundle sets {section}.{key} = {brought[section][key]!r}", _DISTRUST)
    if (folder / LOCAL_CONFIG).exists():
        return
    own = ConfigObj({"core": {"no_scm": "true"}, "cache": {"dir": "cache"}})
    if (folder / ".git").exists():
        del own["core"]
    write_text(folder / LOCAL_CONFIG, "\n".join(own.write()) + "\n")


def check_ledger(folder: Path, limits: Limits) -> None:
    """Refuse a ledger by which DVC would write outside the study, or where its tools keep what they know.

    Args:
        folder: the study's folder.
        limits: how much the archive of Snakemake's memory may unpack to.

    Raises:
        UnsafeError: when it would, or the ledger is not as railcrate writes it.
        DamagedError: when a file of the ledger cannot be read.
    """
    stages = _mapping(_read(folder / LOCK_FILE).get("stages"))
    for out in _outs(folder, stages):
        unknown = sorted(set(out) - PLAIN_OUT)
        path, md5 = out.get("path"), out.get("md5")
        if unknown or not isinstance(path, str) or not isinstance(md5, str) or not _MD5.match(md5):
            raise UnsafeError(f"the ledger's entry for {path!r} holds {', '.join(unknown) or 'no md5'}", _DISTRUST)
        _refuse_outside(path, "the ledger")
        if md5.endswith(".dir"):
            stored = folder / CACHE / md5[:2] / md5[2:]
            if stored.is_file():
                for name, content in _listing(stored):
                    _refuse_outside(f"{path}/{name}", f"the listing of {path}")
                    if f"{path}/{name}" == paths.SNAKEMAKE_ARCHIVE:
                        _check_memory(folder / CACHE / content[:2] / content[2:], limits)
    _check_stages(_read(folder / paths.DVC_FILE), stages)


def _outs(folder: Path, stages: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every output that the ledger names."""
    for name in stages:
        yield from _outs_of(stages[name])
    for name in (RECORDS_DVC, REPORT_DVC, *added_by(folder, stages)):
        if (folder / name).is_file():
            content = _read(folder / name)
            more = unlike_added(content)
            if more:
                raise UnsafeError(f"{name} holds {', '.join(more)}", _DISTRUST)
            # What it names lies beside it.
            for out in _outs_of(content):
                yield {**out, "path": (PurePosixPath(name).parent / str(out.get("path"))).as_posix()}


def _outs_of(holder: Any) -> Iterator[dict[str, Any]]:
    outs = _mapping(holder).get("outs") or []
    for out in outs if isinstance(outs, list) else [outs]:
        yield _mapping(out)


def _check_stages(content: Mapping[str, Any], locked: Mapping[str, Any]) -> None:
    """Of `dvc.yaml` only what railcrate writes there: nothing that is computed when DVC reads it."""
    stages = _mapping(content.get("stages"))
    wrong = sorted(set(content) - _FILE_KEYS)
    wrong += [f"{name}.{key}" for name in stages for key in _mapping(stages[name]) if key not in _STAGE_KEYS]
    if wrong:
        raise UnsafeError(f"{paths.DVC_FILE} holds {wrong[0]}", _DISTRUST)
    for name in stages:
        stage = _mapping(stages[name])
        known = {out.get("path") for out in _outs_of(locked.get(name))}
        for out in [*(stage.get("outs") or ()), *(stage.get("metrics") or ())]:
            options = next(iter(out.values())) if isinstance(out, dict) and out else {}
            path = next(iter(out), "") if isinstance(out, dict) else out
            if set(_mapping(options)) - {"persist"}:
                raise UnsafeError(f"{paths.DVC_FILE} says more of {path} than railcrate does", _DISTRUST)
            _refuse_outside(path, paths.DVC_FILE)
            if name in locked and path not in known:
                raise DamagedError(f"{LOCK_FILE} says nothing of {path}, which {name} makes", "Fetch it again.")


def _refuse_outside(path: Any, where: str) -> None:
    try:
        _INSIDE.validate_python(path, strict=True)
    except ValidationError:
        raise UnsafeError(f"{where} names {path!r}, which is outside the study", _DISTRUST) from None
    refuse_path(path)


def _listing(stored: Path) -> list[tuple[str, str]]:
    """Name and md5 of each file of a folder."""
    try:
        content = json.loads(stored.read_bytes())
        if all(set(entry) == _LISTING_KEYS and _MD5.match(entry["md5"]) for entry in content):
            return [(str(entry["relpath"]), str(entry["md5"])) for entry in content]
    except (ValueError, TypeError, RecursionError) as error:
        raise DamagedError(f"{stored} is no listing of a folder: {error}", "Fetch it again.") from None
    raise UnsafeError(f"{stored} says more of its files than DVC does", _DISTRUST)


def _check_memory(stored: Path, limits: Limits) -> None:
    """Unpack the archive of Snakemake's memory once, to see how large it is; nothing is kept."""
    if not stored.is_file():
        return
    most, size = max(limits.small, limits.ratio * stored.stat().st_size), 0
    try:
        with gzip.open(stored) as content:
            while piece := content.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise UnsafeError(
                        f"{paths.SNAKEMAKE_ARCHIVE} unpacks from {stored.stat().st_size:,} to more than {most:,.0f} "
                        "bytes: so does an archive that is made to fill a disk",
                        _DISTRUST,
                    )
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DamagedError(f"{paths.SNAKEMAKE_ARCHIVE} is damaged: {error}", "Fetch it again.") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return _mapping(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedError(f"{path} cannot be read: {' '.join(str(error).split())}", "Fetch it again.") from None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
