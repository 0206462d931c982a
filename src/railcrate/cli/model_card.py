# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The card of a known model: what it is, what of it is open, what it obliges to, and what it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from railcrate.cli.console import MARK, show
from railcrate.cli.license.layout import facts, hanging
from railcrate.study.units import size

if TYPE_CHECKING:
    from railcrate.openness.framework import Framework
    from railcrate.preflight.known import Need
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
    "texts": "papers and cards",
}
_SIGNS = {
    "met": ("✓", "good"),
    "partly": ("◐", "unsure"),
    "not met": ("✗", "bad"),
    "not shown": ("?", "unsure"),
    "not applicable": ("–", "aside"),
}
_USES = {"evaluate": "evaluate it", "LoRA": "fine-tune it by LoRA", "in full": "fine-tune it in full"}
_DOUBT = " [unconfirmed]"


def as_card(model: KnownModel) -> dict[str, Any]:
    """Give all of a model's card as plain data.

    Args:
        model: its entry.

    Returns:
        The entry, its assessments, what it obliges a fine-tune to, the memory that it takes, and how a study names it.
    """
    from railcrate.licensing.passed_on import passed_on
    from railcrate.openness.framework import frameworks
    from railcrate.openness.known import subject_of_model
    from railcrate.openness.write import as_json

    subject = subject_of_model(model)
    return {
        **model.model_dump(mode="json"),
        "assessments": {name: as_json(subject, frameworks()[name]) for name in ("osaid-1.0", "mof-1.0")},
        "fine-tune": asdict(passed_on(model.license, model.title)),
        "memory": [asdict(need) for need in _needs(model)],
        "study": None if model.kind == "encoder-decoder" else snippet(model),
    }


def show_card(model: KnownModel) -> None:
    """Print a model's card.

    Args:
        model: its entry.
    """
    from railcrate.licensing.resolve import DISCLAIMER

    show(f"{model.title} ({model.name})", style="bold")
    facts(_identity(model))
    show("", "What is open of it", style="bold")
    parts = [(PARTS[name], getattr(model.openness, name)) for name in PARTS]
    _list_facts([*parts, *model.openness.facts.items()])
    show("", "How open that makes it", style="bold")
    _show_verdicts(model)
    show("", "What it obliges a fine-tune to", style="bold")
    _show_duties(model)
    show("", "Memory on this machine", style="bold")
    _show_needs(model)
    show("", "In a study (config/study.yaml)", style="bold")
    if model.kind == "encoder-decoder":
        show("It cannot be one's base: only decoders, causal language models, are trained and evaluated.")
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
    return (
        "models:\n"
        f"  original:\n    kind: pretrained\n    base: {{catalogue: {model.name}}}\n"
        f"  tuned:\n    kind: finetune\n    base: {{catalogue: {model.name}}}\n    lora: {{rank: 8}}"
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


def _needs(model: KnownModel) -> list[Need]:
    from railcrate.preflight import machine
    from railcrate.preflight.known import needs_of
    from railcrate.study.config import Evaluation
    from railcrate.study.models import Training

    training = Training.model_validate({})
    settings = training.model_copy(update={"block_length": min(training.block_length, model.context)})
    return list(needs_of(model, machine.memory(), settings, Evaluation.model_validate({})).values())


def _show_needs(model: KnownModel) -> None:
    from railcrate.preflight import machine
    from railcrate.study.models import Training

    there, training = machine.memory(), Training.model_validate({})
    for need in _needs(model):
        sign, style = ("✓", "good") if need.now else ("◐", "unsure") if need.fits else ("✗", "bad")
        told = (
            "fits here" if need.now else "fits here, but not while others use it" if need.fits else "does not fit here"
        )
        hanging([(sign, f"to {_USES[need.use]}: about {size(need.bytes)}, {told}")], style=MARK[style])
    show(
        f"It has {size(there.total)}, of which {size(there.free)} are free. Reckoned for one job on the processor in "
        f"{training.precision}, with steps of {training.batch_size} × {training.block_length} tokens; "
        "`railcrate check` measures it in a study.",
        style="dim",
    )


def _notes(model: KnownModel) -> list[str]:
    told = ["Its commit is locked in config/bases.lock.yaml at the first fetch, unless `revision` states one."]
    if model.gated:
        told.append(f"Accept its terms at https://huggingface.co/{model.repository} first, and set HF_TOKEN.")
    return told
