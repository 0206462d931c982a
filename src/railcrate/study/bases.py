# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Bases that a study names by the catalogue of models: what stands for the name, and at which commit.

The catalogue brings repository and license. The commit stands in the configuration, or else in
`config/bases.lock.yaml`, where the first fetch writes it: git keeps that file, so whoever runs the
study later gets the same weights. What a reader of the configuration stated is told apart from what
was filled in by pydantic's `model_fields_set`, which holds the stated keys alone.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import ConfigError
from railcrate.study.files import write_text
from railcrate.study.miniature import is_miniature, twin
from railcrate.study.models import Base, FinetuneModel, PretrainedModel
from railcrate.study.parts import Part, Revision
from railcrate.study.problems import Key, Problem, nearest

HEADER = """\
# Written by railcrate: the commits of bases that config/study.yaml names by the catalogue, without a
# revision. Commit this file. To take a newer commit, delete the entry and the base's record, and run again.
"""
_UNKNOWN = "LicenseRef-unknown"  # stands in while another mistake is told


class Lock(Part):
    """One entry of `config/bases.lock.yaml`.

    Attributes:
        repository: owner/name at the hub, as the catalogue had it at that time.
        revision: the full commit hash.
    """

    repository: str
    revision: Revision


def in_full(study: Study) -> Study:
    """Put repository and license in the place of the catalogue's names.

    Args:
        study: the configuration as it was read.

    Returns:
        The same with every base in full, but for its commit; one with a name that the catalogue does not
        have stays without a repository, for `check_named` to tell.
    """
    return _changed(study, _in_full)


def _in_full(base: Base, _: str) -> Base:
    if base.catalogue is None and base.license:
        return base
    known = _catalogue().get(base.catalogue) if base.catalogue is not None else None
    filled = {"license": base.license or (known.license if known is not None else _UNKNOWN)}
    return _filled(base, {**filled, "repository": known.repository} if known is not None else filled)


def check_named(folder: Path, key: Key, base: Base) -> Iterator[Problem]:
    """Find what is wrong with a base that is named by the catalogue.

    Args:
        folder: the study's folder.
        key: where it stands in the configuration.
        base: the base, in full.

    Yields:
        A problem for each mistake.

    Raises:
        ConfigError: when the lock file cannot be read.
    """
    name = str(base.catalogue)
    if name not in _catalogue():
        yield Problem(
            (*key, "catalogue"), f"'{name}'", "the name of a model that `railcrate models` lists",
            nearest(name, _catalogue()),
        )  # fmt: skip
        return
    lock = locks(folder).get(name)
    if lock is None or is_miniature(folder):  # a miniature follows its study
        return
    drop = f"Delete the entry '{name}' of {paths.BASES_LOCK} to lock it anew"
    if lock.repository != base.repository:
        yield Problem(
            (*key, "catalogue"), f"'{name}', which {paths.BASES_LOCK} has locked in {lock.repository}",
            f"{base.repository}, as the catalogue says now",
            f"{drop}, or name repository and revision here instead of the catalogue.",
        )  # fmt: skip
    elif base.revision not in (None, lock.revision):
        yield Problem(
            (*key, "revision"), str(base.revision),
            f"{lock.revision}, to which {paths.BASES_LOCK} has locked '{name}'",
            f"Take the key 'revision' out, or delete the entry '{name}' of {paths.BASES_LOCK}.",
        )  # fmt: skip
    elif base.revision is None:
        fetched = _fetched(folder, str(key[1]), base)
        if fetched not in (None, lock.revision):
            record = paths.base_record(str(key[1]))
            yield Problem(
                (*key, "catalogue"), f"'{name}', fetched at {fetched} ({record})",
                f"{lock.revision}, to which {paths.BASES_LOCK} has locked it",
                f"Delete {record}, and the next run fetches the locked commit.",
            )  # fmt: skip


def at_locks(folder: Path, study: Study) -> Study:
    """Put in the commits that bases of the catalogue are locked to.

    Args:
        folder: the study's folder.
        study: the configuration, in full.

    Returns:
        The same with the commits; a base that was never fetched has none yet.

    Raises:
        ConfigError: when the lock file cannot be read.
    """

    def at_lock(base: Base, model: str) -> Base:
        if base.catalogue is None or base.revision is not None:
            return base
        lock = locks(folder).get(base.catalogue)
        revision = lock.revision if lock is not None else _fetched(folder, model, base)
        return _filled(base, {"revision": revision})

    return _changed(study, at_lock)


def without_locks(study: Study) -> Study:
    """Take out again what `at_locks` has put in: the settings of jobs must be the same before and after a fetch."""

    def stated(base: Base, _: str) -> Base:
        there = base.revision is None or "revision" in base.model_fields_set
        return base if there else _filled(base, {"revision": None})

    return _changed(study, stated)


def locks(folder: Path) -> dict[str, Lock]:
    """Read the lock file.

    Args:
        folder: the study's folder.

    Returns:
        The locks by the catalogue's names; none where there is no file.

    Raises:
        ConfigError: when it holds something else.
    """
    path = folder / paths.BASES_LOCK
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return {str(name): Lock.model_validate(entry) for name, entry in (content or {}).items()}
    except FileNotFoundError:
        return {}
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, ValidationError) as error:
        raise ConfigError(
            f"{paths.BASES_LOCK} cannot be read: expected for each base its repository and its revision, a full "
            "commit hash",
            f"Take it from git again (git checkout -- {paths.BASES_LOCK}), or delete it to lock every base anew.",
        ) from error


def lock(folder: Path, base: Base, ask: Callable[[], str]) -> Base:
    """Lock a base of the catalogue to a commit, unless it is locked already.

    Args:
        folder: the study's folder.
        base: the base, in full, without a revision.
        ask: gives the commit that the repository is at now.

    Returns:
        The base at its commit, which now stands in `config/bases.lock.yaml`.
    """
    name = str(base.catalogue)
    guard = folder / paths.STATE / "bases.lock"
    guard.parent.mkdir(exist_ok=True)
    with guard.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # two bases may be fetched at once
        there = locks(folder)
        if name not in there:
            there[name] = Lock(repository=str(base.repository), revision=ask())
            content = {key: there[key].model_dump() for key in sorted(there)}
            write_text(folder / paths.BASES_LOCK, HEADER + yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False))
    return _filled(base, {"revision": there[name].revision})


def tried(folder: Path, base: Base) -> str | None:
    """Give the commit that the study's miniature has locked a base to, or the other way round; None without one."""
    other = twin(folder)
    there = locks(other).get(str(base.catalogue)) if other is not None else None
    return there.revision if there is not None and there.repository == base.repository else None


def lock_files(study: Study) -> list[str]:
    """Name the files beside the configuration that say which bases are meant: the lock, or none."""
    named = (getattr(model, "base", None) for model in study.models.values())
    asked = [base for base in named if base is not None and base.catalogue and "revision" not in base.model_fields_set]
    return [paths.BASES_LOCK] if asked else []


def keep_locks(folder: Path, study: Study) -> None:
    """Lock again what was fetched, and whose lock somebody has deleted; the bases' records tell the commits.

    Args:
        folder: the study's folder.
        study: the configuration, with the commits put in.
    """
    there = locks(folder)
    for model in study.models.values():
        base = getattr(model, "base", None)
        if base is None or base.catalogue is None or base.catalogue in there or base.revision is None:
            continue
        if "revision" not in base.model_fields_set:
            lock(folder, base, lambda base=base: str(base.revision))  # type: ignore[misc]


def _fetched(folder: Path, model: str, base: Base) -> str | None:
    """The commit that a model's base was fetched at, by its record; None where it was not fetched from there."""
    try:
        record = json.loads((folder / paths.base_record(model)).read_bytes())
    except (OSError, ValueError):
        return None
    there = isinstance(record, dict) and record.get("repository") == base.repository
    return str(record["revision"]) if there and record.get("revision") else None


def _changed(study: Study, change: Callable[[Base, str], Base]) -> Study:
    """The study with its bases changed; the very same where nothing changes."""
    models: dict[str, Any] = {}
    for name, model in study.models.items():
        if isinstance(model, FinetuneModel | PretrainedModel):
            base = change(model.base, name)
            if base is not model.base:
                models[name] = model.model_copy(update={"base": base})
    return study.model_copy(update={"models": {**study.models, **models}}) if models else study


def _filled(base: Base, values: dict[str, Any]) -> Base:
    """A copy with some values that do not count as stated."""
    return Base.model_construct(base.model_fields_set, **{**dict(base), **values})


@cache
def _catalogue() -> Any:
    from railcrate.study.catalogue import catalogue  # only where a study names a model of it

    return catalogue()
