# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Facts about the data: where they are from, how they were chosen and changed, what is in them."""

from __future__ import annotations

from railcrate.openness.facts import Fact, Pointer, Status
from railcrate.openness.seen import Record, Seen, config, met, named, not_met, shares
from railcrate.study import paths
from railcrate.study.sources import LocalSource, SyntheticSource


def facts(seen: Seen) -> dict[str, Fact]:
    """Judge the data information.

    Args:
        seen: the study.

    Returns:
        The facts `data.*` that sources, recipes, cards and records of steps show.
    """
    if not seen.trained_on:
        none = Fact(Status.NOT_APPLICABLE, "the study trains nothing, so it has no training data of its own")
        return dict.fromkeys(_ABOUT_TRAINING, none)
    cards = [paths.card_json(variant) for variant in seen.trained_on]
    steps = [paths.variant_report(variant) for variant in seen.trained_on]
    card = Pointer("the data cards", cards[0])
    return {
        "data.provenance": _provenance(seen),
        "data.public-listed": _listed(seen),
        "data.third-party-listed": _listed(seen),
        "data.creators": _provenance(seen),
        "data.selection": _selection(seen),
        "data.scope": seen.made(cards, "a card of every variant tells rows, bytes, words and traits", card),
        "data.card": seen.made(cards, "there is a card of every variant", card),
        "data.size": seen.made(_counts(seen), "bytes, documents and tokens of every variant are counted"),
        "data.languages": _measured(seen, "language", "every card tells the language that was found", card),
        "data.quality": _measured(seen, "quality", "every card measures the quality of the text", card),
        "data.noise": _measured(seen, "quality", "every card measures repeats, odd characters and near copies", card),
        "data.contamination": _contamination(seen, card),
        "data.processing": seen.made(
            steps, "what every step removed and changed is recorded, with examples", Pointer("what steps did", steps[0])
        ),
        "data.synthetic-stated": _synthetic(seen),
        "data.split": _split(seen),
    }


_ABOUT_TRAINING = (
    "data.provenance", "data.public-listed", "data.third-party-listed", "data.creators", "data.selection",
    "data.scope", "data.card", "data.size", "data.languages", "data.quality", "data.noise", "data.contamination",
    "data.processing", "data.synthetic-stated", "data.split",
)  # fmt: skip


def _provenance(seen: Seen) -> Fact:
    """The configuration has no source without a citation, and each kind says where it is from."""
    return met(
        f"every source is named with its citation: {named(seen.training_sources)}",
        config("sources"),
        *(Pointer(f"the record of {name}", paths.raw_record(name)) for name in seen.training_sources[:1]),
    )


def _listed(seen: Seen) -> Fact:
    """Whether one can get every source: by its address, by running its generator, or from the bundle."""
    hidden = []
    for name in seen.training_sources:
        source = seen.study.sources[name]
        withheld = not seen.components[f"sources.{name}"].published
        if isinstance(source, LocalSource) and withheld and source.url is None:
            hidden.append(name)
    there = [name for name in seen.training_sources if name not in hidden]
    return shares(
        there, hidden, "every source has an address, or comes with the study",
        "neither published nor with an address", config("sources"),
    )  # fmt: skip


def _selection(seen: Seen) -> Fact:
    silent = [
        name for name in seen.trained_on
        if not seen.study.recipes[name].description and not seen.study.recipes[name].steps
    ]  # fmt: skip
    told = [name for name in seen.trained_on if name not in silent]
    return shares(
        told, silent, "sources and recipes say what was taken and how it was chosen",
        "neither described nor selected by a step", config("recipes"),
    )  # fmt: skip


def _counts(seen: Seen) -> list[str]:
    return [paths.blocks_report(cell.model, cell.variant) for cell in seen.trained if cell.variant is not None]


def _cards(seen: Seen) -> dict[str, Record | None]:
    return {variant: seen.read(paths.card_json(variant)) for variant in seen.trained_on}


def _measured(seen: Seen, key: str, yes: str, card: Pointer) -> Fact:
    cards = _cards(seen)
    unmade = [variant for variant, content in cards.items() if content is None]
    if unmade:
        return Fact(Status.NOT_SHOWN, f"the card of {named(unmade)} is not there yet")
    lacking = [variant for variant, content in cards.items() if content is not None and not content.get(key)]
    return shares([v for v in cards if v not in lacking], lacking, yes, f"no {key} could be told of", card)


def _contamination(seen: Seen, card: Pointer) -> Fact:
    cards = {variant: content for variant, content in _cards(seen).items() if content is not None}
    if len(cards) < len(seen.trained_on):
        return Fact(Status.NOT_SHOWN, "the cards are not there yet")
    measured = {name for content in cards.values() for name in content["overlap"]["benchmarks"]}
    unknown = [name for name in seen.study.benchmarks if name not in measured]
    return shares(
        sorted(measured), unknown, "the overlap of every variant with every benchmark was measured",
        "not measured, for its data are not named, against", card,
    )  # fmt: skip


def _synthetic(seen: Seen) -> Fact:
    made = [
        name for name in seen.training_sources
        if isinstance(seen.study.sources[name], SyntheticSource) or seen.study.sources[name].generated_by is not None
    ]  # fmt: skip
    if made:
        return met(f"made by a generator or a model, which is named: {named(made)}", config(f"sources.{made[0]}"))
    return met("no source is said to be made by a generator or a model", config("sources"))


def _split(seen: Seen) -> Fact:
    def cleans(recipe: str) -> bool:
        steps = [step if isinstance(step, str) else next(iter(step)) for step in seen.study.recipes[recipe].steps]
        inputs = [name for name in seen.study.recipes[recipe].inputs if name in seen.study.recipes]
        return "decontaminate" in steps or any(cleans(name) for name in inputs)

    apart = not any(name in seen.training_sources for name in _tested(seen))
    clean = [name for name in seen.trained_on if cleans(name)]
    if apart and _tested(seen):
        return met(
            f"training and testing read different sources ({named(_tested(seen))} for testing); what both may hold"
            f" is {'removed from ' + named(clean) if clean else 'measured on the cards'}",
            config("benchmarks"),
        )
    if len(clean) == len(seen.trained_on):
        return met("what the benchmarks hold is removed from every variant", config("recipes"))
    return not_met("nothing keeps the benchmarks' data out of the training data", config("recipes"))


def _tested(seen: Seen) -> list[str]:
    read = {file for benchmark in seen.study.benchmarks.values() for file in benchmark.data}
    return [name for name, source in seen.study.sources.items() if read & set(paths.raw_files(name, source))]
