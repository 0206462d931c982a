# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate license show`: what one license permits, requires and forbids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcrate.cli import console
from railcrate.cli.complete import license_names
from railcrate.cli.console import AsJson, give
from railcrate.study.units import count

if TYPE_CHECKING:
    from railcrate.licensing.entry import License
    from railcrate.licensing.rail_read import RailInfo


def show(
    license: Annotated[
        str,
        typer.Argument(
            metavar="LICENSE",
            autocompletion=license_names,
            help="An identifier such as CC-BY-4.0, or a file that `new` made.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Tell what a license permits, requires and forbids, in plain words.

    Examples:
        railcrate license show CC-BY-SA-4.0
        railcrate license show config/licenses/LicenseRef-Ours-OpenRAIL-M.txt
    """  # fmt: skip
    from railcrate.licensing.catalogue import find
    from railcrate.licensing.rail_read import read

    if "/" in license or license.endswith((".txt", ".md", ".html", ".json")):
        info = read(Path(license))
        if as_json:
            give(info.model_dump(mode="json"))
        else:
            _generated(info)
        return
    entry = find(license)
    if as_json:
        from railcrate.licensing.provenance import provenance

        give({**entry.model_dump(mode="json"), "provenance": provenance(entry)})
    else:
        _entry(entry)


def _entry(entry: License) -> None:
    from railcrate.cli.license.layout import facts, hanging
    from railcrate.licensing.resolve import DISCLAIMER
    from railcrate.licensing.words import forbids, permits, requires

    console.show(f"{entry.name} ({entry.id})", style="bold")
    for mark, style, heading, words in (
        ("✓", "green", "You may", permits(entry)),
        ("→", "yellow", "You must", requires(entry)),
        ("✗", "red", "You must not", forbids(entry)),
    ):
        if words:
            console.show("", heading)
            hanging([(mark, text) for text in words], style=style)
    console.show("")
    facts(
        [
            ("open source (OSI)", "approved" if entry.osi else "not approved"),
            ("open by the OSAID", "yes, as railcrate's authors read it" if entry.osaid else "no"),
            (
                "patents",
                _sure(entry, "patents", {True: "granted", False: "not granted", None: "not known"}[entry.patents]),
            ),
            ("copyleft", REACH[entry.reach]),
            ("suits, in our judgment", ", ".join(f"{kind}: {fit}" for kind, fit in entry.suits.items())),
            ("weights trained on it", _sure(entry, "training", TRAINING[entry.training])),
            ("output of a model under it", _sure(entry, "output", OUTPUT[entry.output])),
            ("attribution", _attribution(entry)),
            ("at Hugging Face", entry.hub or "other"),
            ("at Zenodo", entry.zenodo or "a free entry"),
            (
                "text",
                f"railcrate license text {entry.id}" if entry.text else _sure(entry, "upstream", entry.upstream or ""),
            ),
            *(("limit", limit) for limit in entry.limits),
            ("note", entry.note or ""),
            *_own_wording(entry),
        ]
    )
    facts([("not confirmed from its own text", ", ".join(entry.unconfirmed))], style="yellow")
    facts(_provenance(entry), style="dim")
    console.show(DISCLAIMER, style="dim")


TRAINING = {
    "free": "are free by its text",
    "derived": "count as derived by its text",
    "unsettled": "unsettled whether it reaches them; licenses.policy decides",
}
OUTPUT = {
    "free": "it claims nothing of it, nor of models that are trained on it",
    "named": "models that are trained on it must be named, or show a line, as above",
    "derived": "models that are trained on it count as derived",
    "barred": "it must not train other models",
}
REACH = {
    "none": "none",
    "file": "file by file",
    "library": "the library, not what uses it",
    "work": "the whole work",
    "network": "the whole work, use over a network included",
    "data": "the data and what is derived from them",
}


def _sure(entry: License, field: str, value: str) -> str:
    return f"{value} (unconfirmed)" if value and field in entry.unconfirmed else value


def _attribution(entry: License) -> str:
    """The wording of attribution, or the line of a NOTICE."""
    if entry.attribution is not None:
        return entry.attribution.replace("{work}", "<the work>")
    return f"NOTICE says: {entry.notice_line}" if entry.notice_line else ""


def _own_wording(entry: License) -> Iterator[tuple[str, str]]:
    """Where a license words a restriction in its own way, and what is not known of its list."""
    from railcrate.licensing.clauses import clause_sets

    known = clause_sets().get(entry.clauses or "")
    if known is None:
        return
    for clause, how in known.variants.items():
        yield f"its own wording of {clause}", how
    yield "its restrictions", known.unconfirmed


def _provenance(entry: License) -> Iterator[tuple[str, str]]:
    from railcrate.licensing.provenance import grouped

    for source, fields in grouped(entry).items():
        yield f"from {source}", ", ".join(fields)


def _generated(info: RailInfo) -> None:
    from railcrate.cli.license.layout import hanging
    from railcrate.licensing.clauses import clauses
    from railcrate.licensing.rail import FAMILIES, LETTERS
    from railcrate.licensing.resolve import DISCLAIMER

    console.show(f"{info.title} ({info.id})", style="bold")
    if info.licensor:
        console.show(f"from {info.licensor}{f', {info.link}' if info.link else ''}")
    console.show(f"for {', '.join(LETTERS[letter] for letter in info.letters)}; {info.family}: {FAMILIES[info.family]}")
    console.show("", f"It must not be used for ({count(len(info.clauses), 'restriction')}):")
    hanging([("✗", f"{clauses()[name].short} [{name}]") for name in info.clauses], style="red")
    if info.complete:
        console.show("", _reaches(info))
    else:
        console.show(
            "", "Read off the text alone: the .json file that tells the rest is not beside it.", style="yellow"
        )
    if info.changed:
        console.show("", f"The words were changed since it was made: {', '.join(info.changed)}.", style="yellow")
    console.show("It restricts use, so it is no open source license.", DISCLAIMER, style="dim")


def _reaches(info: RailInfo) -> str:
    """Tell what falls under the license beside the thing itself, and what is left free."""
    parts = {
        "single records and subsets": ("D", info.subsets),
        "data sets made from the data": ("D", info.derived_sets),
        "models trained on the data": ("D", info.training),
        "models that learn the model's behavior": ("M", info.distillation),
        "models trained on its output": ("M", info.synthetic_output),
    }
    inside = [name for name, (letter, there) in parts.items() if letter in info.letters and there]
    free = [name for name, (letter, there) in parts.items() if letter in info.letters and not there]
    told = f"It reaches {', '.join(inside)}. " if inside else ""
    return told + (f"It leaves free {', '.join(free)}." if free else "")
