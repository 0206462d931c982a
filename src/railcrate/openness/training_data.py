# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a study's weights were trained on, in the sections of the AI Office's template for general-purpose models.

Everything is taken from the configuration, from the records of sources and steps, from the
cards, and from the authors' answers. What none of them says is said as not known: nothing is
guessed, and nothing of it differs from run to run.

Source of the sections: template of the Commission for the public summary of training content,
article 53(1)(d) of Regulation (EU) 2024/1689 (24 July 2025, again as C(2025) 8311).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from railcrate.openness.facts import Fact, Pointer, Status, definitions
from railcrate.openness.seen import Seen, met
from railcrate.openness.training_sources import Used, sources_used
from railcrate.openness.training_steps import curated, steps_of
from railcrate.study import paths
from railcrate.study.grid import base_of
from railcrate.study.units import count

NOTE = (
    "An aid for authors, and no legal advice. It does not say whether the AI Act asks for such a summary here. The "
    "template and its explanations are the AI Office's."
)
TEMPLATE = {
    "title": "Template for the public summary of training content, article 53(1)(d)",
    "of": "24 July 2025, again as C(2025) 8311",
    "unconfirmed": "the numbers of sections 2 and 3, which were taken from others' forms, not from the template itself",
}
# Bands of size that the template has for text, by tokens.
_BANDS = ((10**9, "less than 1 billion tokens"), (10**13, "1 billion to 10 trillion tokens"))
_LARGEST = "more than 10 trillion tokens"


@dataclass(frozen=True)
class Field:
    """One thing that the template asks for.

    Attributes:
        name: what it asks for.
        said: what is known of it, a sentence or an entry of a list each; empty where nothing is known.
        see: where that can be seen.
        answered: the authors say so, and no file shows it.
        ask: the answer in the configuration that would tell it, where nothing is known.
    """

    name: str
    said: tuple[str, ...] = ()
    see: tuple[Pointer, ...] = ()
    answered: bool = False
    ask: str | None = None


def training_summary(seen: Seen) -> Fact:
    """Judge whether the summary can be written: the rule that assesses writes it from the same files.

    Args:
        seen: the study.

    Returns:
        The fact `docs.training-summary`.
    """
    if not seen.trained_on:
        return Fact(Status.NOT_APPLICABLE, "the study trains nothing, so it has no training data of its own")
    counts = [paths.blocks_report(*pair) for pair in _packed(seen)]
    lacking = seen.lacking(
        [*map(paths.card_json, seen.trained_on), *map(paths.variant_report, seen.trained_on), *counts]
    )
    if lacking:
        return Fact(Status.NOT_SHOWN, f"it is written once the study has run; {lacking[0]} is not there yet")
    return met(
        "the summary follows the AI Office's template, and says what is not known",
        Pointer("the summary of the training data", paths.TRAINING_SUMMARY),
    )


def training_data(seen: Seen) -> dict[str, Any]:
    """Sum up what the study's weights were trained on.

    Args:
        seen: the study.

    Returns:
        Plain data: `about` is `training`, `modification` where every model starts from a base, `both`, or
        `nothing`; `path` is where the summary lies; then `sections` with their fields, `sources`, `variants`,
        `sizes`, `steps`, and what is `not_known`.

    Raises:
        DataError: when a file of results is damaged.
    """
    used = list(sources_used(seen))
    sections = list(_sections(seen, used))
    return {
        "path": paths.TRAINING_SUMMARY,
        "title": seen.study.title,
        "note": NOTE,
        "template": TEMPLATE,
        "about": _about(seen),
        "sections": [
            {"number": number, "title": title, "fields": [_plain(field) for field in fields]}
            for number, title, fields in sections
        ],
        "sources": [asdict(one) for one in used],
        "variants": list(curated(seen)),
        "sizes": list(_sizes(seen)),
        "steps": list(steps_of(seen)),
        "not_known": [
            {"section": number, "field": field.name, "ask": field.ask}
            for number, _, fields in sections
            for field in fields
            if not field.said
        ],
    }


def _plain(field: Field) -> dict[str, Any]:
    return {**asdict(field), "said": list(field.said), "see": [asdict(pointer) for pointer in field.see]}


def _about(seen: Seen) -> str:
    tuned = [base_of(seen.study, cell.model) is not None for cell in seen.trained]
    if not tuned:
        return "nothing"
    return "modification" if all(tuned) else "both" if any(tuned) else "training"


def _sections(seen: Seen, used: Sequence[Used]) -> Iterator[tuple[str, str, list[Field]]]:
    yield "0", "This summary", [Field("Version and last update", ("those of the release that it comes with",))]
    yield "1.1", "Provider", _provider(seen)
    yield "1.2", "Model", _model(seen)
    if not seen.trained_on:
        return
    yield "1.3", "Modalities, size and character of the training data", _character(seen, used)
    yield "2.1", "Publicly available data sets", _public(used)
    yield "2.2", "Private data sets of third parties", _private(used)
    yield "2.3", "Crawled and scraped data", _crawled(used)
    yield "2.4", "User data", _user_data(seen, used)
    yield "2.5", "Synthetic data", _synthetic(used)
    yield "2.6", "Other sources", _listed(used, "other", "none")
    yield "3.1", "Reservations of rights against text and data mining", [
        _answer(seen, "Measures to respect them", "data.copyright"),
        Field("Signatory of the code of practice"),
    ]  # fmt: skip
    yield "3.2", "Removal of illegal content", [_answer(seen, "Measures", "data.harmful")]
    yield "3.3", "How the data were processed", _processing(seen)


def _answer(seen: Seen, name: str, fact: str, otherwise: Sequence[str] = ()) -> Field:
    """A field that an answer of the authors' fills; in its words, with where it points to."""
    assert fact in definitions(), fact
    answer = seen.study.answers.get(fact)
    if answer is None:
        return Field(name, tuple(otherwise), ask=None if otherwise else fact)
    see = (Pointer(answer.see, answer.see),) if answer.see else ()
    said = {"met": "", "partly": "in part: ", "not met": "no: ", "not applicable": "does not apply: "}[answer.status]
    return Field(name, (*otherwise, f"{said}{answer.because}"), see, answered=True)


def _provider(seen: Seen) -> list[Field]:
    people = [
        f"{creator.name}{f', {creator.affiliation}' if creator.affiliation else ''}" for creator in seen.study.creators
    ]
    return [
        Field("Name", tuple(people), (Pointer(f"{paths.CONFIG}: creators", f"{paths.CONFIG}#creators"),)),
        _answer(seen, "Contact", "who.contact"),
        Field("Authorised representative in the Union"),
    ]


def _model(seen: Seen) -> list[Field]:
    made = []
    for model in dict.fromkeys(cell.model for cell in seen.trained):
        variants = list(dict.fromkeys(str(cell.variant) for cell in seen.trained if cell.model == model))
        made.append(f"{seen.study.models[model].title or model}, trained on {', '.join(variants)}")
    bases = [_base(seen, model) for model in seen.study.models if base_of(seen.study, model) is not None]
    return [
        Field("Models", tuple(made) or ("none: the study trains no model, and evaluates those of others",)),
        Field("Models that they depend on", tuple(bases) or ("none: every model starts from random weights",)),
        _answer(seen, "Placing on the market of the Union", "act.general-purpose"),
    ]


def _base(seen: Seen, model: str) -> str:
    """A base, in a sentence; what it was trained on is its own provider's to sum up."""
    base = base_of(seen.study, model)
    assert base is not None  # asked for models with one alone
    where = base.repository or base.path or base.catalogue
    commit = f" at commit {base.revision}" if base.revision else ""
    return (
        f"{model} starts from {where}{commit} ({base.license or 'license not stated'}). What that was trained on is "
        "not part of this summary, but of its provider's"
    )


def _packed(seen: Seen) -> list[tuple[str, str]]:
    """Every pair of model and variant that is trained."""
    return list(dict.fromkeys((cell.model, str(cell.variant)) for cell in seen.trained))


def _sizes(seen: Seen) -> Iterator[dict[str, Any]]:
    """What each model read of each variant: what there is, and how much of it training saw, with repeats."""
    for model, variant in _packed(seen):
        counts = seen.read(paths.blocks_report(model, variant)) or {}
        cells = [cell.id for cell in seen.trained if (cell.model, cell.variant) == (model, variant)]
        trainings = [content for cell in cells if (content := seen.read(paths.training_summary(cell))) is not None]
        yield {
            "model": model,
            "variant": variant,
            **{key: counts.get(key) for key in ("documents", "bytes", "tokens")},
            "trained_tokens": max((entry["tokens"] for entry in trainings), default=None),
            "seeds": len(cells),
        }


def band(tokens: int) -> str:
    """Name the template's band of size that so many tokens of text are in."""
    return next((name for limit, name in _BANDS if tokens < limit), _LARGEST)


def _character(seen: Seen, used: Sequence[Used]) -> list[Field]:
    sizes = [entry for entry in _sizes(seen) if entry["tokens"] is not None]
    said = [f"text: {band(max(entry['tokens'] for entry in sizes))}"] if sizes else []
    said += [
        f"{entry['model']} on {entry['variant']}: {entry['documents']:,} documents, {entry['bytes']:,} bytes, "
        f"{entry['tokens']:,} tokens; each training saw {entry['trained_tokens'] or 0:,} tokens, repeats included"
        for entry in sizes
    ]
    counts = tuple(Pointer(paths.blocks_report(*pair), paths.blocks_report(*pair)) for pair in _packed(seen)[:1])
    content = [f"{one['title']}: {one['description']}" for one in curated(seen) if one["description"]]
    content += [f"{one.title} ({', '.join(one.used_in)})" for one in used]
    languages: dict[str, list[str]] = {}
    for one in curated(seen):
        if one["language"]:
            languages.setdefault(one["language"], []).append(one["variant"])
    cards = tuple(Pointer(f"the card of {name}", paths.card_markdown(name)) for name in seen.trained_on)
    made = ("made by generators when the study ran",) if _all_generated(used) else ()
    return [
        Field("Modality", ("text",)),
        Field("Size", tuple(said), counts if sizes else ()),
        Field("Types of content", tuple(content)),
        _answer(seen, "When the data were acquired or collected, at the latest", "data.acquired", made),
        Field(
            "Languages",
            tuple(f"{key}: most of {', '.join(names)}, as py3langid identifies it" for key, names in languages.items()),
            cards if languages else (),
        ),
    ]


def _all_generated(used: Sequence[Used]) -> bool:
    """Whether all text is written by generators, which are programs: no data of others, and no model."""
    return bool(used) and all(one.kind == "synthetic" and one.model is None for one in used)


def _entries(used: Iterable[Used]) -> tuple[str, ...]:
    return tuple(one.sentence() for one in used)


def _records(used: Iterable[Used]) -> tuple[Pointer, ...]:
    return tuple(Pointer(f"the record of {one.name}", paths.raw_record(one.name)) for one in used)


def _listed(used: Sequence[Used], category: str, none: str) -> list[Field]:
    found = [one for one in used if one.category == category]
    return [Field("What was used", _entries(found) or (none,), _records(found))]


def _public(used: Sequence[Used]) -> list[Field]:
    found = [one for one in used if one.category == "public"]
    if not found:
        return [Field("What was used", ("none",))]
    return [
        Field("Modality", ("text",)),
        Field("All of them, large and small", _entries(found), _records(found)),
    ]


def _private(used: Sequence[Used]) -> list[Field]:
    found = [one for one in used if one.category == "private"]
    if not found:
        return [Field("What was used", ("none: every source has an address, or comes with the study",))]
    return [
        Field("What was used", _entries(found), _records(found)),
        Field("Licensed from those who hold the rights", tuple(f"{one.name}: {one.license}" for one in found)),
    ]


def _crawled(used: Sequence[Used]) -> list[Field]:
    own = "nothing: the study runs no crawler. Files from the web are named one by one, each with its checksum"
    others = [one for one in used if one.category in ("public", "private", "other") and one.kind != "synthetic"]
    fields = [Field("Crawled by the study", (own,))]
    if others:
        fields.append(Field(f"Crawled by the makers of its sources ({', '.join(one.name for one in others)})"))
    return fields


def _user_data(seen: Seen, used: Sequence[Used]) -> list[Field]:
    none = ("none: all text is written by generators",) if _all_generated(used) else ()
    return [_answer(seen, "From users of a model or of another service", "data.users", none)]


def _synthetic(used: Sequence[Used]) -> list[Field]:
    found = [one for one in used if one.category == "synthetic"]
    if not found:
        return [Field("What was used", ("none is said to be made by a generator or a model",))]
    models = [
        f"{one.model} wrote {one.name} ({one.model_license}){f', {one.model_url}' if one.model_url else ''}"
        for one in found
        if one.model is not None
    ]
    return [
        Field("Modality", ("text",)),
        Field("What was used", _entries(found), _records(found)),
        Field("Models that made it", tuple(models) or ("none: generators are programs, with a seed",)),
    ]


def _processing(seen: Seen) -> list[Field]:
    steps = list(steps_of(seen))
    recipes = list(dict.fromkeys(step["variant"] for step in steps))

    def those(*kinds: str) -> tuple[str, ...]:
        return tuple(f"{step['variant']}: {step['step']}{_took(step)}" for step in steps if step["kind"] in kinds)

    overlap = [
        f"{one['variant']}: "
        + ", ".join(
            f"{entry['matched']:,} of {entry['items']:,} items of {name}" for name, entry in one["overlap"].items()
        )
        for one in curated(seen)
        if one["overlap"]
    ]
    reports = tuple(Pointer(f"what the steps of {name} did", paths.variant_report(name)) for name in recipes)
    return [
        Field("Removal of copies", those("copies") or ("no step removes copies",)),
        Field("Removal of what benchmarks hold", those("benchmarks") or ("no step removes it",)),
        Field(
            "Benchmarks found in the data", tuple(overlap) or ("no benchmark names its data, so none was looked for",)
        ),
        Field("Filtering", those("filter") or ("no step filters",)),
        Field("Rewriting, sampling and mixing", those("rewriting", "sampling") or ("no step does",)),
        Field("Steps of the study's own", those("own") or ("none",)),
        _answer(seen, "Personal information", "data.personal"),
        Field(
            "All of them, with examples",
            tuple(f"{step['variant']}: {step['step']}" for step in steps) or ("none",),
            reports,
        ),
    ]


def _took(step: Mapping[str, Any]) -> str:
    """How many texts a step took out, where it has run."""
    return "" if step["removed"] is None else f" took {count(step['removed'], 'text')} out"
