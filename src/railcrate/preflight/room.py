# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How much disk a study takes: its sources, variants, blocks, bases, weights, checkpoints, and DVC's copy of them.

What is there already is measured, the rest worked out from above: a variant is taken to be as
large as all that its recipe reads, and a checkpoint to be there as often as the trainer may keep
it. Figures are upper bounds, in so far as sources say how large they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from railcrate.preflight.parameters import Size, vocabulary_of
from railcrate.preflight.recorded import read_or_none
from railcrate.preflight.sources import Supply
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.grid import experiments, variants_of
from railcrate.study.models import PretrainedModel, ScratchModel
from railcrate.study.sources import HubSource

PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip", ".parquet", ".tgz")
UNPACKED = 3  # times that text becomes larger when it is unpacked, about
TOKEN = 3  # bytes of text in a token: 3.3 with the reference study's 1,024 tokens, more with larger vocabularies
SMALL = 65535  # the largest vocabulary whose ids take two bytes
WEIGHT = 4  # bytes of a parameter in a file
STATES = 12  # bytes of a parameter in a checkpoint: the weight and Adam's two means
CHECKPOINTS = 3  # of a training: two are kept, and a third is being written
HUB = 2  # further copies of a data set of the hub while it is unpacked


@dataclass(frozen=True)
class Part:
    """Disk for one kind of files.

    Attributes:
        name: what they are.
        there: bytes that are there already.
        more: bytes that are still to come; None where nobody knows.
    """

    name: str
    there: int
    more: int | None


def parts(
    folder: Path, study: Study, supplies: Mapping[str, Supply], bases: Mapping[str, Supply],
    sizes: Mapping[str, Size | None], at_once: int,
) -> list[Part]:  # fmt: skip
    """Work out the disk that a study takes.

    Args:
        folder: the study's folder.
        study: the configuration.
        supplies: what is known of its sources.
        bases: what is known of its bases.
        sizes: the size of each model.
        at_once: trainings that run at the same time.

    Returns:
        The parts, DVC's copy among them.
    """
    raw = _sum(
        "raw data", {name: (_here(folder, f"data/raw/{name}"), supply.coming) for name, supply in supplies.items()}
    )
    text = {name: _text(study, name, supplies) for name in study.recipes}
    variants = _sum("variants", {name: _to_come(folder, f"data/variants/{name}", text[name]) for name in study.recipes})
    blocks = _sum(
        "blocks of tokens",
        {
            f"{model}/{variant}": _to_come(
                folder, paths.blocks(model, variant), _tokens(folder, study, model, variant, text[variant])
            )
            for model in study.models
            for variant in variants_of(study, model)
        },
    )
    fetched = _sum(
        "bases", {name: (_here(folder, paths.base_folder(name)), supply.coming) for name, supply in bases.items()}
    )
    weights, largest = {}, 0
    for cell in experiments(study):
        size = sizes.get(cell.model)
        if isinstance(study.models[cell.model], PretrainedModel):
            continue
        need = None if size is None or size.trained is None else WEIGHT * size.trained
        weights[cell.id] = _to_come(folder, paths.weights_folder(cell.id), need)
        if weights[cell.id][1] is None or weights[cell.id][1]:
            largest = max(largest, (size.trained or 0) if size is not None else 0)
    made = [raw, variants, blocks, fetched, _sum("weights", weights)]
    busy = min(at_once, sum(more != 0 for _, more in weights.values()))
    unpacking = max(
        (HUB * (supply.coming or 0) for name, supply in supplies.items() if isinstance(study.sources[name], HubSource)),
        default=0,
    )
    passing = CHECKPOINTS * STATES * largest * busy + unpacking
    cached = _here(folder, ".dvc/cache")
    whole = sum(part.there + (part.more or 0) for part in made)
    cache = Part("DVC's copy of all that", cached, max(0, whole - cached))
    return [part for part in (*made, Part("checkpoints", 0, passing), cache) if part.there or part.more != 0]


def _sum(name: str, pairs: Mapping[str, tuple[int, int | None]]) -> Part:
    more = [need for _, need in pairs.values()]
    known = sum(need for need in more if need is not None)
    return Part(name, sum(there for there, _ in pairs.values()), None if None in more else known)


def _to_come(folder: Path, name: str, need: int | None) -> tuple[int, int | None]:
    """Bytes that are there, and those that are to come: none where the thing is there."""
    there = _here(folder, name)
    return (there, 0) if there else (0, need)


def _here(folder: Path, name: str) -> int:
    """Bytes of a file, or of all files in a folder, each once however many names it has."""
    path = folder / name
    if path.is_file():
        return path.stat().st_size
    found: dict[tuple[int, int], int] = {}
    for root, _, files in os.walk(path):
        for file in files:
            state = (Path(root) / file).lstat()
            found[state.st_dev, state.st_ino] = state.st_size
    return sum(found.values())


def _text(study: Study, recipe: str, supplies: Mapping[str, Supply]) -> int | None:
    """Bytes of text that a recipe reads, at most; None where a source does not say how large it is."""
    total = 0
    for name in study.recipes[recipe].inputs:
        if name in study.recipes:
            size = _text(study, name, supplies)
        else:
            supply = supplies[name]
            size = None if supply.coming is None else (supply.here + supply.coming) * _factor(study, name)
        if size is None:
            return None
        total += size
    return total


def _factor(study: Study, source: str) -> int:
    """By how much a source's text is larger than its files."""
    chosen = study.sources[source]
    names = [chosen.path] if chosen.type == "local" else paths.raw_files(source, chosen)
    return UNPACKED if any(name.lower().endswith(PACKED) for name in names) else 1


def _tokens(folder: Path, study: Study, model: str, variant: str, text: int | None) -> int | None:
    """Bytes of a variant's blocks."""
    if text is None:
        return None
    chosen = study.models[model]
    if isinstance(chosen, ScratchModel):
        vocabulary = vocabulary_of(study, model)
    else:
        config = read_or_none(folder / paths.base_folder(model) / "config.json") or {}
        vocabulary = int(config.get("vocab_size", SMALL + 1))
    return text // TOKEN * (2 if vocabulary <= SMALL else 4)
