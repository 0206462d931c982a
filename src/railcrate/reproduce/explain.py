# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Why figures differ, as far as the records tell: the most likely cause first.

A cause is *substance* where another thing was computed (other weights, data, tasks, another
configuration, seed or code), and *circumstance* where the same thing was computed otherwise
(another machine, other versions, threads, batches). Circumstances move last digits; training
amplifies them. So the size of what moved decides the order: where no log-likelihood moved by
more than rounding can do, circumstances of the arithmetic come first; where some did,
whatever changes what is computed does. Where nothing recorded differs, that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from railcrate.ledger.stages import stage_name
from railcrate.reproduce.consistency import Mismatch
from railcrate.reproduce.contrast import Contrast
from railcrate.reproduce.facts import Facts
from railcrate.reproduce.known import KNOWN, LARGE, ROUNDING, SUBSTANCE, TITLES
from railcrate.reproduce.metrics import Results
from railcrate.reproduce.recorded import (
    Detail,
    Found,
    Pair,
    add,
    from_configuration,
    from_evaluations,
    from_records,
)

_SHOWN = 40  # details of one cause
_NAMED = 3  # where a cause concerns more than these, and all that differs, it is not said where


@dataclass(frozen=True)
class Cause:
    """Something that may be why figures differ.

    Attributes:
        kind: such as weights, hardware, versions.
        title: the cause in a sentence.
        known: what is known about it.
        details: what is recorded otherwise.
        where: experiments, or experiments and benchmarks, that it concerns; empty for all.
        substance: whether something else was computed, not the same otherwise.
    """

    kind: str
    title: str
    known: str
    details: tuple[Detail, ...]
    where: tuple[str, ...] = ()
    substance: bool = False


def explain(
    published: tuple[Results, Facts],
    again: tuple[Results, Facts],
    contrast: Contrast,
    pairs: Sequence[Pair],
    *,
    inner: Iterable[Mismatch] = (),
) -> list[Cause]:
    """Name what may have made figures differ, the most likely first.

    Args:
        published: figures and records of the first place.
        again: those of the second.
        contrast: what became of each figure.
        pairs: the evaluations that were compared.
        inner: what does not fit together in the first place itself.

    Returns:
        The causes; one of the kind `unexplained` where figures differ and nothing else does.
        None where every figure is identical and nothing recorded differs that matters.
    """
    moved = set(contrast.moved)
    differing = [pair for pair in pairs if pair[0].name in moved]
    found: dict[str, Found] = {}
    if differing:
        from_evaluations(found, differing)
        from_records(found, published[1], again[1], differing, contrast)
        from_configuration(found, published[1], again[1], contrast)
    if contrast.retrained:
        # That a training came out with other weights is what is to be explained, not why.
        found["training"] = found.pop("weights", Found())
    for mismatch in inner:
        detail = Detail(f"{mismatch.where}: {mismatch.message}", mismatch.stated, mismatch.found)
        add(found, mismatch.kind, detail, mismatch.where, trained=mismatch.where.split(" on ")[0])
    causes = [_cause(kind, one, differing) for kind, one in found.items()]
    large = _is_large(contrast, differing)
    causes += _unexplained(found, differing, contrast, published[1], again[1], large=large)
    order = LARGE if large else ROUNDING
    return sorted(causes, key=lambda cause: order.index(cause.kind))


def _unexplained(
    found: Mapping[str, Found],
    differing: Sequence[Pair],
    contrast: Contrast,
    one: Facts,
    other: Facts,
    *,
    large: bool,
) -> Iterator[Cause]:
    """What came out otherwise though nothing that is recorded accounts for it.

    Of last digits that is no more than a riddle: a processor may differ in what is not
    recorded. Where more moved, something else was computed.
    """
    accounted = {experiment for kind in found.values() for experiment in kind.trained}
    puzzling = [
        experiment
        for experiment in sorted(contrast.retrained)
        if experiment not in accounted and not _read_otherwise(experiment, one, other)
    ]
    silent = [e for e in puzzling if ("train", e) not in one.records or ("train", e) not in other.records]
    told = [experiment for experiment in puzzling if experiment not in silent]
    if told:
        kind = "unexplained weights"
        yield Cause(kind, TITLES[kind], KNOWN[kind], (), tuple(told), substance=True)
    if silent:
        yield Cause("unrecorded", TITLES["unrecorded"], KNOWN["unrecorded"], (), tuple(silent))
    if differing and not puzzling and not found.keys() - {"packages"}:
        jobs = [("evaluate", ".".join(ours.name)) for ours, _ in differing]
        known = all(job in one.records and job in other.records for job in jobs)
        kind = "unexplained" if known else "unrecorded"
        yield Cause(kind, TITLES[kind], KNOWN[kind], (), (), substance=known and large)


def _read_otherwise(experiment: str, one: Facts, other: Facts) -> bool:
    """Whether a training read other data: then that is told where the data were made."""
    name = stage_name("train", experiment)
    before, after = one.stages.get(name), other.stages.get(name)
    return before is not None and after is not None and dict(before.inputs) != dict(after.inputs)


def _is_large(contrast: Contrast, differing: Sequence[Pair]) -> bool:
    """Whether more moved than rounding can do; where items are not known, it is taken that it did."""
    if not differing:
        return True
    rounding = [
        name in contrast.views and contrast.views[name].is_rounding(ours.settings.get("dtype"))
        for ours, _ in differing
        for name in [ours.name]
    ]
    return not all(rounding)


def _cause(kind: str, one: Found, differing: Sequence[Pair]) -> Cause:
    details = tuple(one.details)[:_SHOWN]
    everywhere = all(" on ".join(ours.name) in one.where or ours.experiment in one.where for ours, _ in differing)
    where = () if differing and everywhere and len(one.where) > _NAMED else tuple(sorted(one.where))
    return Cause(kind, TITLES[kind], KNOWN[kind], details, where, kind in SUBSTANCE)
