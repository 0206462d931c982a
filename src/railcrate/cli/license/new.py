# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license new`: make a license with restrictions on use."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcrate.cli import console
from railcrate.cli.complete import category_names, clause_names, domain_names, like_names
from railcrate.cli.console import AsJson, give

if TYPE_CHECKING:
    from railcrate.licensing.rail import RailLicense, RailRequest

COMPONENTS = {"D": "data", "M": "weights", "S": "code"}


def new(
    family: Annotated[str | None, typer.Option(metavar="FAMILY", help="OpenRAIL, ResearchRAIL or RAIL.")] = None,
    letters: Annotated[
        str | None,
        typer.Option(metavar="LETTERS", help="What it licenses: D data, A application, M model, S source; such as DM."),
    ] = None,
    clause: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            autocompletion=clause_names,
            help="A restriction; `railcrate license list --clauses` tells all. It may be repeated, as the next three.",
        ),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", autocompletion=category_names, help="All restrictions of a category."),
    ] = None,
    domain: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            autocompletion=domain_names,
            help="Those for general, health, law, education, security or research.",
        ),
    ] = None,
    like: Annotated[
        list[str] | None,
        typer.Option(metavar="LICENSE", autocompletion=like_names, help="Those of a known license."),
    ] = None,
    licensor: Annotated[str | None, typer.Option(metavar="NAME", help="Who grants it.")] = None,
    artifact: Annotated[str | None, typer.Option(metavar="NAME", help="The name of what is licensed.")] = None,
    link: Annotated[str | None, typer.Option(metavar="URL", help="Where that can be found.")] = None,
    year: Annotated[int | None, typer.Option(metavar="YEAR", help="Year of the copyright line.")] = None,
    subsets: Annotated[bool, typer.Option(help="D: it reaches single records and subsets.")] = True,
    derived_sets: Annotated[bool, typer.Option(help="D: it reaches data sets made from the data.")] = True,
    training: Annotated[bool, typer.Option(help="D: it reaches models trained on the data.")] = False,
    distillation: Annotated[bool, typer.Option(help="M: it reaches models that learn its behavior.")] = True,
    synthetic_output: Annotated[bool, typer.Option(help="M: it reaches models trained on its output.")] = True,
    commercial: Annotated[bool | None, typer.Option(help="Is commerce to be allowed?")] = None,
    published: Annotated[bool, typer.Option("--published/--private", help="Is it for what is published?")] = True,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write it to.")] = Path("config/licenses"),
    force: Annotated[bool, typer.Option("--force", help="Replace a different one of the same name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a Responsible AI License: it grants rights, and restricts what the work may be used for.

    What is not given is asked for. The text is put together from railcrate's own clauses; it is
    no open source license, and no legal advice.

    Examples:
        railcrate license new
        railcrate license new --letters DM --domain health
    """  # fmt: skip
    from pydantic import ValidationError

    from railcrate.licensing.clauses import choose
    from railcrate.licensing.errors import LicenseError
    from railcrate.licensing.rail import FAMILIES, LETTERS, RailRequest, check, generate, write

    family = family or _ask("--family", "What may people do? " + _options(FAMILIES), "OpenRAIL")
    letters = letters or _ask("--letters", "What does it license? " + _options(LETTERS) + "; such as DM", "M")
    licensor = licensor or _ask("--licensor", "Who grants it?")
    artifact = artifact or _ask("--artifact", "What is the name of what is licensed?")
    if not (clause or category or domain or like):
        clause, category, domain, like = _ask_restrictions()
    chosen = choose(clause or (), category or (), domain or (), like or ())
    try:
        request = RailRequest.model_validate(
            {
                "family": family, "letters": letters, "clauses": chosen, "licensor": licensor, "artifact": artifact,
                "link": link, "year": year, "subsets": subsets, "derived_sets": derived_sets, "training": training,
                "distillation": distillation, "synthetic_output": synthetic_output,
            }
        )  # fmt: skip
    except ValidationError as error:
        wrong = [f"--{part['loc'][0]}: '{part['input']}': {part['msg']}" for part in error.errors()]
        raise LicenseError("the license cannot be made: " + "; ".join(wrong)) from None
    check(request, published=published, commercial=commercial, has=_letters_of_the_study())
    made = generate(request)
    files = write(made, to, force=force)
    if as_json:
        give({**made.sidecar, "files": [str(file) for file in files]})
    else:
        _tell(made, request, files)


def _ask_restrictions() -> tuple[list[str], list[str], list[str], list[str]]:
    """Ask which restrictions it is to have: by id, category, domain, or as a known license has them."""
    from railcrate.licensing.clauses import DOMAINS, categories, clause_sets, clauses

    kinds: dict[str, list[str]] = {
        "domain": list(DOMAINS),
        "like": list(clause_sets()),
        "category": categories(),
        "clause": list(clauses()),
    }
    answer = _ask(
        "--domain",
        "Which uses are to be ruled out? Name domains (" + ", ".join(DOMAINS) + "), known licenses such as "
        "bigscience-openrail-m, categories such as Military, or single restrictions such as malware, with commas "
        "between them; `railcrate license list --clauses` tells all",
        "general",
    )
    found: dict[str, list[str]] = {kind: [] for kind in kinds}
    for name in [word.strip() for word in answer.split(",") if word.strip()]:
        like = [kind for kind, names in kinds.items() if name.casefold() in [known.casefold() for known in names]]
        kind = like[0] if like else "clause"  # which then says that there is none, with the nearest
        found[kind].append(name)
    return found["clause"], found["category"], found["domain"], found["like"]


def _letters_of_the_study() -> set[str] | None:
    """The letters of what the study in this folder has; None outside of a study."""
    from railcrate.study.grid import variants_of
    from railcrate.study.load import load_study
    from railcrate.study.paths import CONFIG

    if not Path(CONFIG).is_file():
        return None
    study = load_study(Path.cwd())
    return {"D", "S"} | ({"M"} if any(variants_of(study, model) for model in study.models) else set())


def _options(names: Mapping[Any, str]) -> str:
    return ", ".join(f"{name} ({meaning})" for name, meaning in names.items())


def _ask(option: str, question: str, default: str | None = None) -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("is missing, and nobody is there to ask", param_hint=option)
    return str(typer.prompt(question, default=default))


def _tell(made: RailLicense, request: RailRequest, files: list[Path]) -> None:
    from railcrate.licensing.clauses import clauses

    table = console.table("restriction", "it must not be used for", whole=["restriction"])
    for name in request.clauses:
        table.add_row(name, clauses()[name].short)
    console.show(f"{made.title}: {files[0]} (and .md, .html, .json)", "", table, "")
    parts = ", ".join(f"{COMPONENTS[letter]}: {made.id}" for letter in request.letters if letter in COMPONENTS)
    if parts:
        console.command(f"licenses: {{{parts}}}", why="In config/study.yaml:")
        console.show("")
    console.show(
        "It restricts use, so it is no open source license by the OSD or the OSAID. "
        "It is no legal advice, and no lawyer has reviewed it for your case.",
        style="dim",
    )
