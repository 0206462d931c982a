# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate models`: the known models that a study can start from, and how open each of them is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from railcrate.cli.complete import model_families, model_names
from railcrate.cli.console import AsJson, give, show, table
from railcrate.cli.failures import CalledWrongly
from railcrate.study.units import count

if TYPE_CHECKING:
    from railcrate.cli.model_needs import Conditions
    from railcrate.openness.judge import Assessment
    from railcrate.preflight.known import Use
    from railcrate.study.catalogue import KnownModel

_STYLE = {"met": "green", "within reach": "yellow", "not met": "red"}
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_PREFIX = "LicenseRef-"
_USES: Mapping[str, Use] = {"evaluate": "evaluate", "lora": "LoRA", "train": "in full"}
_HERE = {"in full": "train", "LoRA": "LoRA", "evaluate": "evaluate", None: "–"}


def models(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", autocompletion=model_names, help="Show all of this one, such as pythia-70m."),
    ] = None,
    max_params: Annotated[
        str | None,
        typer.Option("--max-params", metavar="N", help="Only those of at most so many parameters: 2B, 500M."),
    ] = None,
    min_params: Annotated[
        str | None, typer.Option("--min-params", metavar="N", help="Only those of at least so many parameters.")
    ] = None,
    osaid: Annotated[
        Literal["met", "within-reach", "not-met"] | None,
        typer.Option("--osaid", help="Only those of this verdict by the Open Source AI Definition."),
    ] = None,
    license: Annotated[
        str | None,
        typer.Option(
            "--license",
            metavar="KIND|ID",
            help="Only those whose license is osi (approved by the Open Source Initiative), open (leaves all "
            "freedoms), restricted (does not), or this one, such as Apache-2.0.",
        ),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", metavar="FAMILY", autocompletion=model_families, help="Only this family: Pythia."),
    ] = None,
    architecture: Annotated[
        str | None, typer.Option("--architecture", metavar="TYPE", help="Only this model_type of transformers: llama.")
    ] = None,
    fits: Annotated[
        Literal["evaluate", "lora", "train"] | None,
        typer.Option(
            "--fits", help="Only those that this machine has memory to evaluate, fine-tune by LoRA, or train in full."
        ),
    ] = None,
    tokens: Annotated[
        str | None,
        typer.Option(
            "--tokens", metavar="N", help="With NAME: tell the time for so many tokens; by default the study's budget."
        ),
    ] = None,
    sort: Annotated[
        Literal["name", "parameters", "license"] | None, typer.Option("--sort", help="In this order; else by family.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the known models that a study can start from; or tell all of one.

    A study names one by its name here, and brings no address and no license itself.

    Examples:
        railcrate models --max-params 2B --osaid met --license osi
        railcrate models pythia-70m
    """  # fmt: skip
    from railcrate.cli.model_needs import conditions
    from railcrate.study.catalogue import catalogue, find

    if name is not None:
        from railcrate.cli.model_card import as_card, show_card

        model, wished = find(name), None if tokens is None else int(_number("--tokens", tokens))
        give(as_card(model, wished)) if as_json else show_card(model, wished)
        return
    wanted = [
        *_sized(min_params, max_params),
        *_licensed(license),
        *_named("family", family, catalogue().values()),
        *_named("architecture", architecture, catalogue().values()),
    ]
    chosen = conditions()
    rows = [row(model, chosen) for model in catalogue().values() if all(so(model) for so in wanted)]
    rows = [one for one in rows if osaid is None or one["osaid"] == osaid.replace("-", " ")]
    rows = [one for one in rows if fits is None or one["needs"][_USES[fits]]["fits"]]
    if sort is not None:
        rows.sort(key=lambda one: one[sort] if sort == "parameters" else one[sort].removeprefix(_PREFIX).lower())
    if as_json:
        give(rows)
    else:
        _show_rows(rows)


def row(model: KnownModel, chosen: Conditions) -> dict[str, Any]:
    """Tell of a model what the table shows.

    Args:
        model: its entry.
        chosen: what its memory is reckoned for.

    Returns:
        Plain data; `needs` is the memory of each use, `most` the one that asks for most of those that fit here;
        `unconfirmed` names what of it was not confirmed from a source.
    """
    from railcrate.openness.framework import frameworks
    from railcrate.openness.judge import assess
    from railcrate.openness.known import subject_of_model
    from railcrate.openness.words import short
    from railcrate.openness.write import result
    from railcrate.preflight.known import most_that_fits

    subject = subject_of_model(model)
    found = {name: assess(subject, frameworks()[name]) for name in ("osaid-1.0", "mof-1.0")}
    told = {name: result(one) for name, one in found.items()}
    facts = model.model_dump(
        include={
            "name",
            "title",
            "family",
            "producer",
            "repository",
            "parameters",
            "architecture",
            "context",
            "license",
        }
    )
    doubtful = [name for name in facts if name in model.unconfirmed]
    doubtful += [key for key, name in (("osaid", "osaid-1.0"), ("mof", "mof-1.0")) if rests_on_doubt(found[name])]
    needs = chosen.needs(model)
    return {
        **facts,
        "osaid": short({"result": told["osaid-1.0"]}),
        "mof": told["mof-1.0"]["class"],
        "needs": {use: {"bytes": need.bytes, "fits": need.fits, "now": need.now} for use, need in needs.items()},
        "most": most_that_fits(needs),
        "unconfirmed": doubtful,
    }


def rests_on_doubt(found: Assessment) -> bool:
    """Whether a verdict, or a class that is reached, rests on what was not confirmed."""
    levels = [level.id for level in found.framework.levels]  # the best first
    reached = [] if found.level is None else levels[levels.index(found.level) :]
    findings = (one for one in found.findings.values() if one.criterion.required)
    return any(one.unconfirmed and (not levels or one.criterion.level in reached) for one in findings)


def amount(number: float) -> str:
    """Write a number of parameters as one says it, such as "70.4M" or "1.5B"."""
    for unit in ("T", "B", "M", "K"):
        if number >= _UNITS[unit]:
            return f"{number / _UNITS[unit]:.3g}{unit}"
    return f"{number:g}"


def _show_rows(rows: list[dict[str, Any]]) -> None:
    from rich.text import Text

    if not rows:
        show("No model of the catalogue is so.", "next: `railcrate models` lists all of them")
        return
    heads = ("name", "params", "license", "OSAID", "MOF", "here")
    made = table(*heads, right=["params"], whole=["name", "params", "OSAID", "MOF", "here"])
    for one in rows:
        doubt = {key: "?" if key in one["unconfirmed"] else " " for key in ("parameters", "license", "osaid", "mof")}
        made.add_row(
            one["name"],
            amount(one["parameters"]) + doubt["parameters"],
            one["license"].removeprefix(_PREFIX) + doubt["license"].rstrip(),
            Text(one["osaid"] + doubt["osaid"].rstrip(), style=_STYLE[one["osaid"]]),
            (one["mof"] or "–") + doubt["mof"].rstrip(),
            _HERE[one["most"]],
        )
    show(
        made,
        "",
        f"{count(len(rows), 'model')}. OSAID: whether it meets the Open Source AI Definition 1.0; MOF: its class in "
        "the Model Openness Framework, – below the lowest. Both follow from what is known of it; ? where some of that "
        "was not confirmed from a source. Here: the most that this machine has memory for: to train it in full, to "
        "fine-tune it by LoRA, to evaluate it, or none of them (–).",
        f"next: `railcrate models {rows[0]['name']}` tells all of one, and how a study names it",
    )


Fits = Callable[["KnownModel"], bool]


def _sized(least: str | None, most: str | None) -> Iterable[Fits]:
    if least is not None:
        low = _number("--min-params", least)
        yield lambda model: model.parameters >= low
    if most is not None:
        high = _number("--max-params", most)
        yield lambda model: model.parameters <= high


def _number(option: str, text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMBT]?)", text.strip().upper().replace("_", "").replace(",", ""))
    if found is None:
        raise CalledWrongly(f"{option} {text}: that is no number", "Write it as 2B, 500M or 135000000.")
    return float(found[1]) * _UNITS[found[2]]


def _licensed(wanted: str | None) -> Iterable[Fits]:
    from railcrate.licensing.catalogue import find

    kinds: Mapping[str, Fits] = {
        "osi": lambda model: find(model.license).osi,
        "open": lambda model: find(model.license).osaid,
        "restricted": lambda model: not find(model.license).osaid,
    }
    if wanted is None:
        return
    if wanted in kinds:
        yield kinds[wanted]
        return
    from railcrate.licensing.catalogue import catalogue as licenses

    ids = {name.removeprefix(_PREFIX).lower(): name for name in licenses()}
    if wanted.removeprefix(_PREFIX).lower() not in ids:
        from railcrate.study.problems import nearest

        raise CalledWrongly(
            f"--license {wanted}: neither osi, open, restricted, nor a license that is known",
            f"{nearest(wanted, [*kinds, *licenses()])} `railcrate license list` names them all.",
        )
    chosen = ids[wanted.removeprefix(_PREFIX).lower()]
    yield lambda model: model.license == chosen


def _named(field: str, wanted: str | None, models: Iterable[KnownModel]) -> Iterable[Fits]:
    if wanted is None:
        return
    there = {str(getattr(model, field)).lower(): str(getattr(model, field)) for model in models}
    if wanted.lower() not in there:
        from railcrate.study.problems import nearest

        raise CalledWrongly(f"--{field} {wanted}: the catalogue has none", nearest(wanted, there.values()))
    chosen = there[wanted.lower()]
    yield lambda model: getattr(model, field) == chosen
