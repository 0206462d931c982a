# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/models.md: the known models, what of each is open, and the verdicts that follow from it."""

from __future__ import annotations

from collections.abc import Iterator

from doc_reference import markdown
from doc_reference.markdown import code, escape
from railcrate.cli.model_card import PARTS, called
from railcrate.cli.models import amount, rests_on_doubt
from railcrate.licensing.catalogue import find as find_license
from railcrate.openness import words
from railcrate.openness.framework import frameworks
from railcrate.openness.judge import Assessment, assess
from railcrate.openness.known import subject_of_model
from railcrate.openness.write import result
from railcrate.study import units
from railcrate.study.catalogue import KnownFact, KnownModel, Openness, catalogue

ORIGIN = "openness/models/"
MOST = 3  # criteria that are named; of more, what they are of

INTRODUCTION = """\
A study names one of these as its base by its name here: `base: {catalogue: pythia-70m}`. [Choose a base](../how-to/models.md) tells how to choose, [`railcrate models`](commands.md#railcrate-models) lists and filters them, and tells for each what it obliges a fine-tune to and what memory and time it takes on your machine.

No verdict is written down for a model. OSAID (the [Open Source AI Definition](openness.md#osaid-1.0)) and MOF (its class in the [Model Openness Framework](openness.md#mof-1.0), – below the lowest) follow from the facts below, by the rules that judge a study. **?** marks what was not confirmed from a source, and verdicts that rest on it. Facts change: look at the source before you rely on one.\
"""  # noqa: E501


def page() -> str:
    """Write the page.

    Returns:
        Its text.
    """
    found = list(catalogue().values())
    families: dict[str, list[KnownModel]] = {}
    for model in found:
        families.setdefault(model.family, []).append(model)
    heads = ["model", "parameters", "license", "OSAID", "MOF", "what OSAID misses"]
    return markdown.page(
        "Known models",
        ORIGIN,
        f"The catalogue has {units.count(len(found), 'model')} of {len(families)} families.",
        INTRODUCTION,
        markdown.table(heads, [_row(model) for model in found]),
        *(part for family, models in families.items() for part in _family(family, models)),
    )


def _row(model: KnownModel) -> tuple[str, ...]:
    subject = subject_of_model(model)
    osaid, mof = (assess(subject, frameworks()[name]) for name in ("osaid-1.0", "mof-1.0"))
    verdict, reached = words.short({"result": result(osaid)}), mof.level or "–"
    license = find_license(model.license).id
    return (
        f"[{code(model.name)}](#{_anchor(model.family)})",
        amount(model.parameters) + _doubt("parameters" in model.unconfirmed),
        f"[{license.removeprefix('LicenseRef-')}](licenses.md#{license})" + _doubt("license" in model.unconfirmed),
        verdict + _doubt(rests_on_doubt(osaid)),
        reached + _doubt(rests_on_doubt(mof)),
        _missing(osaid),
    )


def _missing(found: Assessment) -> str:
    """Name the criteria that are missing; the elements that they are of where they are many."""
    missing = [finding.criterion for finding in found.missing()]
    if len(missing) <= MOST:
        return ", ".join(criterion.title for criterion in missing)
    groups = [group.title for group in found.framework.groups if any(one in missing for one in group.criteria)]
    return f"{len(missing)} criteria, of " + ", ".join(groups).lower()


def _family(family: str, models: list[KnownModel]) -> Iterator[str]:
    yield f"## {family}"
    yield f"By {models[0].producer}."
    yield markdown.table(["model", "what it is", "where the facts are from"], [_what(model) for model in models])
    groups: list[tuple[Openness, list[KnownModel]]] = []
    for model in models:
        same = next((members for openness, members in groups if openness == model.openness), None)
        if same is None:
            groups.append((model.openness, [model]))
        else:
            same.append(model)
    for openness, members in groups:
        if len(groups) > 1:
            yield "Of " + ", ".join(code(model.name) for model in members) + ":"
        yield markdown.table(["part", "", "why"], list(_parts(openness)))


def _what(model: KnownModel) -> tuple[str, str, str]:
    told = [
        f"[{model.repository}](https://huggingface.co/{model.repository})" + (" (gated)" if model.gated else ""),
        f"{model.architecture}, {model.kind}, reads {model.context:,} tokens",
        f"made from {model.base}" if model.base else "",
        escape(model.note or ""),
        f"not confirmed: {', '.join(model.unconfirmed)}" if model.unconfirmed else "",
    ]
    return f"**{escape(model.title)}** {code(model.name)}", "\n".join(filter(None, told)), escape(model.source)


def _parts(openness: Openness) -> Iterator[tuple[str, str, str]]:
    parts = [(PARTS[name], fact) for name in PARTS if (fact := getattr(openness, name)) is not None]
    for name, fact in [*parts, *((called(name), fact) for name, fact in openness.facts.items())]:
        yield name, fact.status + _doubt(fact.unconfirmed), _why(fact)


def _why(fact: KnownFact) -> str:
    text = escape(fact.because)
    return f"{text} ([source]({fact.see}))" if fact.see else text


def _doubt(there: bool) -> str:
    return " **?**" if there else ""


def _anchor(family: str) -> str:
    return family.lower().replace(" ", "-").replace(".", "")
