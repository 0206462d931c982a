# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A catalogued model as a subject: its entry's facts, judged by the same code as a study."""

from __future__ import annotations

from railcrate.licensing import catalogue as licenses
from railcrate.openness.facts import Fact, Pointer, Status, Subject, definitions
from railcrate.openness.framework import frameworks
from railcrate.openness.judge import assess
from railcrate.study.catalogue import KnownFact, KnownModel, catalogue
from railcrate.study.errors import RailcrateError

# The facts that each part of an entry stands for; a later part overrides an earlier one.
_PARTS: dict[str, tuple[str, ...]] = {
    "weights": ("weights.published",),
    "data_information": (
        "data.provenance", "data.scope", "data.selection", "data.processing", "data.public-listed",
        "data.third-party-listed", "data.size", "data.creators",
    ),
    "data": ("data.published", "data.queryable"),
    "training_code": ("code.training", "code.support"),
    "data_code": ("code.data-processing",),
    "evaluation_code": ("code.evaluation",),
    "checkpoints": ("weights.checkpoints",),
    "data_card": ("data.card",),
    "paper": ("docs.report", "docs.preprint"),
    "results": ("docs.results",),
    "evaluation_data": ("eval-data.published", "eval-data.license.open"),
    "texts": ("docs.license.open", "data.information-open"),
    "information_terms": ("data.information-open",),
}  # fmt: skip


def subject_of_model(model: KnownModel) -> Subject:
    """Turn an entry of the catalogue into facts.

    Args:
        model: the entry.

    Returns:
        The subject; what the entry does not say is not among its facts.

    Raises:
        RailcrateError: when the entry names a fact that there is not.
    """
    found: dict[str, Fact] = {}
    for part, names in _PARTS.items():
        known: KnownFact | None = getattr(model.openness, part)
        if known is not None:
            found.update(dict.fromkeys(names, _fact(known)))
    found |= _terms(model)
    found |= _structure(model)
    found |= {name: _fact(fact) for name, fact in model.openness.facts.items()}
    unknown = sorted(found.keys() - definitions().keys())
    if unknown:
        raise RailcrateError(f"the catalogue's entry of {model.name} names facts that there are not: {unknown}")
    return Subject(model.name, model.title, found)


def _fact(known: KnownFact) -> Fact:
    evidence = (Pointer(known.see.removeprefix("https://"), known.see),) if known.see else ()
    return Fact(Status(known.status), known.because, evidence, unconfirmed=known.unconfirmed)


def _terms(model: KnownModel) -> dict[str, Fact]:
    """What the licenses of weights, code and data allow, by the license catalogue."""
    entry = licenses.find(model.license)
    unconfirmed = "license" in model.unconfirmed
    free = Fact(
        Status.MET if entry.osaid else Status.NOT_MET,
        f"{entry.name} leaves them free to use, study, change and share for any purpose"
        if entry.osaid
        else f"{entry.name} restricts what they may be used for, or by whom",
        (Pointer(entry.name, entry.url),) if entry.url else (),
        unconfirmed=unconfirmed,
    )
    stated = Fact(Status.MET, f"the weights are under {entry.name}", free.evidence, unconfirmed=unconfirmed)
    found = {"weights.license.free": free, "weights.license.stated": stated}
    if model.openness.code_license is not None:
        code = licenses.find(model.openness.code_license)
        found["code.license.osi"] = Fact(
            Status.MET if code.osi else Status.NOT_MET,
            f"what is published of its code is under {code.name}",
            unconfirmed="openness.code_license" in model.unconfirmed,
        )
    if model.openness.data_license is not None:
        data = licenses.find(model.openness.data_license)
        found["data.license.open"] = Fact(
            Status.MET if data.osaid else Status.NOT_MET, f"the published data are under {data.name}", unconfirmed=True
        )
    return found


def _structure(model: KnownModel) -> dict[str, Fact]:
    """What follows from what it is."""
    hub = Pointer(f"{model.repository} at the Hugging Face hub", f"https://huggingface.co/{model.repository}")
    runs = "its architecture and the code that runs it are published"
    found = {
        "code.architecture": Fact(Status.MET, runs, (hub,)),
        "code.inference": Fact(Status.MET, runs, (hub,)),
        "docs.model-card": Fact(Status.MET, "there is a card at the Hugging Face hub", (hub,)),
        "weights.size": Fact(Status.MET, f"it has {model.parameters:,} parameters", (hub,)),
        "who.creators": Fact(Status.MET, f"made by {model.producer}", (hub,)),
        "data.labelling": Fact(Status.NOT_APPLICABLE, "text for pre-training is not labelled"),
        "weights.base-open": Fact(Status.NOT_APPLICABLE, "it was trained from random weights"),
    }
    if model.base is not None:
        found["weights.base-open"] = base_fact(model.base)
    return found


def base_fact(name: str) -> Fact:
    """Tell whether a base meets the Open Source AI Definition itself.

    Args:
        name: its name in the catalogue; of another one nothing is known.
    """
    if name not in catalogue():
        return Fact(Status.NOT_SHOWN, f"nothing shows how open its base {name} is")
    base = catalogue()[name]
    met = assess(subject_of_model(base), frameworks()["osaid-1.0"]).met
    verb = "meets" if met else "does not meet"
    return Fact(Status.MET if met else Status.NOT_MET, f"its base {base.title} {verb} the Open Source AI Definition")
