# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a study's sources and bases will come from: here already, a cache, a mirror, the network, a generator.

Nothing large is downloaded. That a file on the network is the right one shows only when it was
fetched: its sha256 stands in the configuration, and the run checks it.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from railcrate.data.errors import GeneratorError
from railcrate.data.sources.cache import DvcCache
from railcrate.data.sources.mirror import Mirrors
from railcrate.data.sources.synthetic import find_generator
from railcrate.ledger.hashes import Hashes
from railcrate.model.base import CODE_PATTERNS, MAIN, PATTERNS
from railcrate.model.loadable import TOKENIZERS
from railcrate.preflight import reach
from railcrate.preflight.findings import Finding, error, listed, ok, told, warning
from railcrate.study import paths, units
from railcrate.study.config import Study
from railcrate.study.grid import base_of
from railcrate.study.sources import DoiSource, HubSource, LocalSource, Source, SyntheticSource, UrlFile, UrlSource

MOST = 64  # files of one source that are asked for on the network
MIRROR = "Or put it into a folder and name the folder in RAILCRATE_MIRROR: it is found by its sha256."


@dataclass
class Supply:
    """What is known of a source or a base before it is fetched.

    Attributes:
        name: its name.
        here: bytes that are in the study's folder already.
        coming: bytes that the run will put there; None where nobody says.
        network: whether the run will need the network for it.
        place: where it comes from, in words; empty where nothing is known.
        links: files of it that lie in a cache or a mirror, by the path that they will have.
        findings: what is wrong with it.
    """

    name: str
    here: int = 0
    coming: int | None = 0
    network: bool = False
    place: str = ""
    links: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def look(folder: Path, study: Study, *, offline: bool = False) -> dict[str, Supply]:
    """Look for every source.

    Args:
        folder: the study's folder, which must be the current one.
        study: the configuration.
        offline: leave the network alone.

    Returns:
        What was found, by the source's name.
    """
    looking = _Looking(folder, offline)
    return {name: looking.at(name, source) for name, source in study.sources.items()}


def look_at_bases(folder: Path, study: Study, *, offline: bool = False) -> dict[str, Supply]:
    """Look for every base that a model starts from.

    Args:
        folder: the study's folder.
        study: the configuration.
        offline: leave the network alone.

    Returns:
        What was found, by the model's name.
    """
    found: dict[str, Supply] = {}
    for name in study.models:
        base = base_of(study, name)
        if base is None:
            continue
        supply = found[name] = Supply(name)
        patterns = [*PATTERNS, *(CODE_PATTERNS if base.trust_remote_code else ())]
        own = folder / paths.base_folder(name)
        if (folder / paths.base_record(name)).is_file() and own.is_dir():
            supply.here, supply.place = _bytes(own.iterdir()), "here"
        elif base.path is not None:
            files = [path for pattern in patterns for path in (folder / base.path).glob(pattern)]
            supply.coming, supply.place = 0, "a folder of the study"  # linked, not copied
            supply.here = _bytes(files)
            lacks = _lacks({path.name for path in files})
            if lacks:
                way = "save_pretrained of transformers writes all that is needed."
                supply.findings.append(error("models", f"models.{name}.base.path: {base.path} has no {lacks}", way))
        else:
            supply.network, supply.coming = True, None
            _ask_hub(
                supply, "models", f"models.{name}.base: {base.repository}",
                None if offline else reach.model(str(base.repository), base.revision or MAIN, patterns),
            )  # fmt: skip
    return found


def _lacks(names: set[str]) -> str:
    """What a folder lacks to be a base; empty where it lacks nothing."""
    if not any(name.endswith(".safetensors") for name in names):
        return "safetensors weights"
    if "config.json" not in names:
        return "config.json"
    return "" if names & set(TOKENIZERS) else "tokenizer"


def _ask_hub(supply: Supply, topic: str, what: str, remote: reach.Remote | None) -> None:
    """Note what the hub said of a repository; None where it was not asked."""
    if remote is None:
        supply.findings.append(
            warning(topic, f"{what}: not looked for at the hub (`--offline`)", "It is fetched when the study runs.")
        )
    elif remote.problem:
        make = warning if remote.passing else error
        supply.findings.append(make(topic, f"{what}: {remote.problem}", remote.way_out))
    else:
        supply.coming, supply.place = remote.size, "from the hub"


class _Looking:
    """One look at the sources of one study: caches and mirrors are read once."""

    def __init__(self, folder: Path, offline: bool) -> None:
        self._folder, self._offline = folder, offline
        self._cache, self._mirrors, self._hashes = DvcCache(folder), Mirrors(folder), Hashes(folder)

    def at(self, name: str, source: Source) -> Supply:
        """Look for one source."""
        supply = Supply(name)
        if isinstance(source, LocalSource):
            self._local(supply, name, source)
        elif isinstance(source, UrlSource | DoiSource):
            self._files(supply, name, source)
        elif isinstance(source, HubSource):
            target = self._folder / paths.raw_files(name, source)[0]
            if target.is_file():
                supply.here, supply.place = target.stat().st_size, "here"
            else:
                supply.network, supply.coming = True, None
                _ask_hub(
                    supply, "sources", f"sources.{name}: {source.dataset}",
                    None if self._offline else reach.data_set(source.dataset, source.revision),
                )  # fmt: skip
        else:
            self._synthetic(supply, name, source)
        return supply

    def _local(self, supply: Supply, name: str, source: LocalSource) -> None:
        files = [self._folder / path for path in paths.raw_files(name, source)]
        supply.here, supply.place = _bytes(files), "among the study's files"
        closed = [path for path in files if not os.access(path, os.R_OK)]
        empty = [path for path in files if path.stat().st_size == 0]
        for path in closed[:1]:
            text = f"sources.{name}: {path.relative_to(self._folder)} cannot be read"
            supply.findings.append(error("sources", text, "Give yourself the right to read it."))
        if empty and len(empty) == len(files):
            text = f"sources.{name}: {source.path} is empty"
            supply.findings.append(error("sources", text, "Put text into it, or correct `path`."))

    def _synthetic(self, supply: Supply, name: str, source: SyntheticSource) -> None:
        files = [self._folder / path for path in paths.raw_files(name, source)]
        supply.place = "made by a generator"
        if all(path.is_file() for path in files):
            supply.here = _bytes(files)
        else:
            supply.coming = None
        try:
            generate = find_generator(self._folder, source.generator)
            inspect.signature(generate).bind(Path(), seed=source.seed, **source.parameters)
        except GeneratorError as problem:
            supply.findings.append(told("sources", problem))
        except TypeError as problem:
            supply.findings.append(
                told(
                    "sources",
                    GeneratorError(f"sources.{name}: {source.generator}: {problem}", "Correct its parameters."),
                )
            )

    def _files(self, supply: Supply, name: str, source: UrlSource | DoiSource) -> None:
        """Look for files with an address, as fetching does: here, DVC's cache, mirrors, the network."""
        came: dict[str, int] = {}
        missing: list[UrlFile] = []
        for path, file in zip(paths.raw_files(name, source), source.files, strict=True):
            here = self._folder / path
            if self._hashes.sha256(path) == file.sha256:
                came["here"] = came.get("here", 0) + 1
                supply.here += here.stat().st_size
                continue
            place, found = "from DVC's cache", self._cache.find(path, file.sha256)
            if found is None:
                place, found = "from a mirror", self._mirrors.find(file.sha256)
            if found is None:
                missing.append(file)
            else:
                came[place] = came.get(place, 0) + 1
                supply.links[path] = str(found)
                supply.coming = (supply.coming or 0) + found.stat().st_size
        if missing:
            supply.network = True
            self._ask(supply, name, missing, came)
        supply.place = ", ".join(came)

    def _ask(self, supply: Supply, name: str, missing: list[UrlFile], came: dict[str, int]) -> None:
        """Ask the network for the files that are nowhere here."""
        what = f"sources.{name}"
        if self._offline:
            supply.coming = None
            text = f"{what}: {_files_of(missing)} not looked for on the network (`--offline`)"
            supply.findings.append(warning("sources", text, "The run fetches and checks them."))
            return
        answers = reach.each(lambda file: reach.file(file.url), missing[:MOST])
        sizes = [answer.size for answer in answers]
        known = [size for size in sizes if size is not None]
        if len(known) < len(missing) and not (len(missing) > MOST and len(known) == MOST):
            supply.coming = None
        elif supply.coming is not None:
            # Of very many files the first ones stand for all.
            supply.coming += round(sum(known) * len(missing) / len(known))
        came["from the network"] = len(missing)
        for file, answer in zip(missing, answers, strict=False):
            if answer.problem:
                make = warning if answer.passing else error
                supply.findings.append(
                    make("sources", f"{what}: {file.url}: {answer.problem}", f"{answer.way_out} {MIRROR}")
                )


def summed_up(supplies: dict[str, Supply]) -> list[Finding]:
    """Tell of all sources in a line, and of each that is not well in one of its own."""
    problems = [finding for supply in supplies.values() for finding in supply.findings]
    by_place: dict[str, list[str]] = {}
    for name, supply in supplies.items():
        if supply.place and not supply.findings:
            by_place.setdefault(supply.place, []).append(name)
    parts = [f"{listed(names)} {place}" for place, names in by_place.items()]
    loads = [supply.coming for supply in supplies.values() if supply.network]
    size = sum(load or 0 for load in loads)
    more = f"; {units.size(size)} to download" if size else ""
    facts = {name: {"from": supply.place, "bytes": supply.coming} for name, supply in supplies.items()}
    fine = [ok("sources", "; ".join(parts) + more, sources=facts)] if parts else []
    return [*fine, *problems]


def _files_of(files: list[UrlFile]) -> str:
    return files[0].filename if len(files) == 1 else units.count(len(files), "file")


def _bytes(files: Iterator[Path] | list[Path]) -> int:
    return sum(path.stat().st_size for path in files if path.is_file())
