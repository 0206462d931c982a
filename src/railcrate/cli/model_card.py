# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The card of a known model: what it is, what of it is open, what it obliges to, and what it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from railcrate.cli.console import MARK, show
from railcrate.cli.license.layout import facts, hanging

if TYPE_CHECKING:
    from railcrate.openness.framework import Framework
    from railcrate.study.catalogue import KnownFact, KnownModel

# The parts of an entry, as a reader calls them.
PARTS = {
    "weights": "weights",
    "data_information": "what the data are",
    "data": "training data",
    "training_code": "training code",
    "data_code": "code of the data",
    "evaluation_code": "evaluation code",
    "checkpoints": "checkpoints",
    "data_card": "data card",
    "paper": "paper or report",
    "results": "results",
    "evaluation_data": "evaluation data",
    "texts": "terms of texts",
    "information_terms": "terms of what the data are",
}
# The same for single facts of `openness/facts.yaml`; others are called by their question.
_SINGLE = {
    "docs.paper": "peer-reviewed paper",
    "docs.metadata": "metadata for machines",
    "docs.samples": "samples of its outputs",
    "eval-data.license.open": "terms of evaluation data",
    "code.support": "tokenizer and libraries",
}
_SIGNS = {
    "met": ("✓", "good"),
    "partly": ("◐", "unsure"),
    "not met": ("✗", "bad"),
    "not shown": ("?", "unsure"),
    "not applicable": ("–", "aside"),
}
_DOUBT = " [unconfirmed]"


def as_card(model: KnownModel, tokens: int | None = None) -> dict[str, Any]:
    """Give all of a model's card as plain data.

    Args:
        model: its entry.
        tokens: how many to tell the time of; the study's budget by default.

    Returns:
        The entry, its assessments, what it obliges a fine-tune to, the memory and the time that it takes, and how a
        study names it.
    """
    from railcrate.cli.model_needs import as_needs, conditions
    from railcrate.licensing.passed_on import passed_on
    from railcrate.openness.framework import frameworks
    from railcrate.openness.known import subject_of_model
    from railcrate.openness.write import as_json

    subject = subject_of_model(model)
    return {
        **model.model_dump(mode="json"),
        "assessments": {name: as_json(subject, frameworks()[name]) for name in ("osaid-1.0", "mof-1.0")},
        "fine-tune": asdict(passed_on(model.license, model.title)),
        "needs": as_needs(model, conditions(tokens)),
        "study": None if model.loader == "none" else snippet(model),
    }


def show_card(model: KnownModel, tokens: int | None = None) -> None:
    """Print a model's card.

    Args:
        model: its entry.
        tokens: how many to tell the time of; the study's budget by default.
    """
    from railcrate.cli.model_needs import conditions, show_needs
    from railcrate.licensing.resolve import DISCLAIMER

    show(f"{model.title} ({model.name})", style="bold")
    facts(_identity(model))
    show("", "What is open of it", style="bold")
    parts = [(PARTS[name], fact) for name in PARTS if (fact := getattr(model.openness, name)) is not None]
    _list_facts([*parts, *((called(name), fact) for name, fact in model.openness.facts.items())])
    show("", "How open that makes it", style="bold")
    _show_verdicts(model)
    show("", "What it obliges a fine-tune to", style="bold")
    _show_duties(model)
    show("", "What it takes on this machine", style="bold")
    show_needs(model, conditions(tokens))
    show("", "In a study (config/study.yaml)", style="bold")
    if model.loader == "none":
        show(f"It cannot be one's base: transformers has no architecture '{model.architecture}'.")
    else:
        for line in snippet(model).splitlines():
            show(f"  {line}", style="cyan")
        show(*_notes(model))
    show(
        f"[unconfirmed]: not confirmed from a source. The other facts are from: {model.source}.",
        DISCLAIMER,
        style="dim",
    )


def snippet(model: KnownModel) -> str:
    """Write how a study names a model: as one that is evaluated as it is, and as one that is trained further."""
    base = f"{{catalogue: {model.name}{', trust_remote_code: true' * (model.loader == 'repository')}}}"
    return (
        "models:\n"
        f"  original:\n    kind: pretrained\n    base: {base}\n"
        f"  tuned:\n    kind: finetune\n    base: {base}\n    lora: {{rank: 8}}"
    )


def _identity(model: KnownModel) -> list[tuple[str, str]]:
    from railcrate.cli.models import amount
    from railcrate.licensing.catalogue import find

    entry = find(model.license)
    doubts = dict.fromkeys(model.unconfirmed, _DOUBT)
    open_ = "approved by the OSI" if entry.osi else "leaves all freedoms" if entry.osaid else "restricts use"
    shape = {"layers": f"{model.layers} layers", "hidden": f"width {model.hidden}"}
    vocabulary = f"{model.vocabulary:,} tokens in its vocabulary"
    told = ", ".join(text + doubts.get(name, "") for name, text in {**shape, "vocabulary": vocabulary}.items())
    return [
        ("by", f"{model.producer} ({model.family})"),
        ("repository", f"https://huggingface.co/{model.repository}" + (", gated: one accepts its terms" * model.gated)),
        ("commit", model.revision or ""),
        ("parameters", f"{amount(model.parameters)} ({model.parameters:,}){doubts.get('parameters', '')}"),
        ("architecture", f"{model.architecture}, {model.kind}; {told}"),
        ("context", f"{model.context:,} tokens{doubts.get('context', '')}"),
        ("made from", model.base or ""),
        ("license", f"{entry.name} ({entry.id}): {open_}{doubts.get('license', '')}"),
        ("note", model.note or ""),
    ]


def _list_facts(entries: Iterable[tuple[str, KnownFact]]) -> None:
    for name, fact in entries:
        sign, style = _SIGNS[fact.status]
        doubt = _DOUBT if fact.unconfirmed else ""
        see = f" ({fact.see})" if fact.see else ""
        hanging([(sign, f"{name}: {fact.because}{see}{doubt}")], style=MARK[style])


def called(fact: str) -> str:
    """Give a single fact a short name for readers; its question where it has none."""
    from railcrate.openness.facts import definitions

    return _SINGLE.get(fact) or definitions()[fact].question.rstrip("?")


def _show_verdicts(model: KnownModel) -> None:
    from railcrate.openness.framework import frameworks
    from railcrate.openness.judge import assess
    from railcrate.openness.known import subject_of_model
    from railcrate.openness.words import verdict
    from railcrate.openness.write import as_json

    subject = subject_of_model(model)
    for name in ("osaid-1.0", "mof-1.0"):
        framework = frameworks()[name]
        found = assess(subject, framework)
        show(f"{framework.title} {framework.version}: {verdict(as_json(subject, framework))}")
        missing = found.missing(_above(found.level, framework))
        for finding in missing:
            sign, style = _SIGNS[finding.status.value]
            doubt = _DOUBT if finding.unconfirmed else ""
            hanging([(sign, f"{finding.criterion.title}: {'; '.join(finding.because)}{doubt}")], style=MARK[style])


def _above(level: str | None, framework: Framework) -> str | None:
    """The next better class than one that is reached; None where there are no classes."""
    levels = [one.id for one in framework.levels]  # the best first
    if level is None:
        return levels[-1] if levels else None
    return levels[max(0, levels.index(level) - 1)]


def _show_duties(model: KnownModel) -> None:
    from railcrate.licensing.passed_on import passed_on

    found = passed_on(model.license, model.title)
    show(f"Weights trained from it are derived from it, so {model.license} goes on with them, under whatever license.")
    for heading, sign, style, words in (
        ("Who hands them on must", "→", "yellow", found.must),
        ("Who uses them must not", "✗", "red", found.must_not),
    ):
        if words:
            show(f"{heading}:")
            hanging([(sign, word) for word in words], style=style)
    carry = (
        ", ".join(found.may_carry) or f"none of the usual ones: their restrictions go on, as {model.license} has them"
    )
    facts([("licenses that they may carry", carry), *(("note", note) for note in found.notes)])


def _notes(model: KnownModel) -> list[str]:
    told = ["Its commit is locked in config/bases.lock.yaml at the first fetch, unless `revision` states one."]
    if model.loader == "repository":
        told.append("Its architecture is code of its own repository: read it before you let it run.")
    if model.gated:
        told.append(f"Accept its terms at https://huggingface.co/{model.repository} first, and set HF_TOKEN.")
    return told
