# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate bundle`: everything of the study in one folder, ready to publish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcrate.cli.console import AsJson, give, show, table, tell
from railcrate.study import units

if TYPE_CHECKING:
    from railcrate.bundle.anonymity.hiding import Hiding
    from railcrate.bundle.build import Made
    from railcrate.bundle.manifest import Entry, Manifest

_SHOWN = 12
_WORDS = {
    "README.md": "for readers: start here",
    "report.html": "the report, with version and DOI",
    "ro-crate-metadata.json": "for machines: what everything is and how it was made (RO-Crate)",
    "ro-crate-preview.html": "the same as a page",
    "CITATION.cff": "how to cite it",
    "codemeta.json": "about the code, for registries of software",
    "datacite.json": "about the whole, for registries of DOIs",
    "environment.json": "packages and machines that it was made with",
    "training-data-summary.md": "what the weights were trained on, after the EU's template",
    "NOTICE": "who is to be named",
    "dvc.lock": "the ledger: what was made from what",
}


def bundle(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="The folder to make.")] = Path(
        "bundle"
    ),
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="For double-blind review: leave out all that tells whose the study is.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put everything of the study that is published into one folder, after a look at what must not be.

    The study must be finished, recorded and committed. The same study gives the same bytes. Nothing
    leaves this machine.

    Examples:
        railcrate bundle
        railcrate bundle --anonymous  # for double-blind review

    Exit codes:
        0: it is made
        1: something stands in the way: a license conflict, a finding, an unfinished or uncommitted part, a size
        3: the configuration is wrong
        4: data are missing or damaged
        5: there is no room
    """
    from railcrate.bundle.build import make
    from railcrate.study.load import load_study

    folder = Path.cwd()
    made = make(folder, load_study(folder), output, anonymous=anonymous, progress=tell)
    if as_json:
        give(_for_machines(made, output))
        return
    _show(made, output)


def _for_machines(made: Made, output: Path) -> dict[str, Any]:
    manifest = made.manifest
    return {
        "bundle": str(output),
        "size": manifest.size,
        "version": manifest.version,
        "commit": manifest.commit,
        "identity": manifest.identity,
        "files": [
            {**entry.model_dump(include={"path", "size", "role", "license"}), "members": len(entry.members)}
            for entry in manifest.files
        ],
        "external": [entry.model_dump() for entry in manifest.external],
        "withheld": [entry.model_dump() for entry in manifest.withheld],
        "accepted": [{**asdict(finding), "reason": reason} for finding, reason in made.accepted],
        "unused_accepted": [entry.model_dump() for entry in made.unused],
        "anonymity": asdict(made.hiding) if made.hiding else None,
    }  # fmt: skip


def _show(made: Made, output: Path) -> None:
    manifest = made.manifest
    listed = table("file", "size", "what it is", right=["size"], whole=["file", "size"])
    for name, size, what in _rows(manifest):
        listed.add_row(name, units.size(size), what)
    licenses = dict.fromkeys(entry.license for entry in manifest.files if entry.license)
    parts = dict.fromkeys(part.strip("()") for text in licenses for part in text.split(" AND "))
    show(
        listed,
        "",
        f"{output}: {len(manifest.files) + 1} files, {units.size(manifest.size)}, version {manifest.version}",
        f"licenses: {', '.join(parts)}",
        *_withheld(manifest),
        *_accepted(made),
    )
    if made.hiding is not None:
        show(*_anonymity(made.hiding))
        show("next: give it to the reviewers; `railcrate bundle` makes it with the names back")
    else:
        show("next: `railcrate release --dry-run` shows what publishing it would do")


def _rows(manifest: Manifest) -> Iterator[tuple[str, int, str]]:
    """The files as they are told: archives and large ones each, small ones of a kind together."""
    groups: dict[str, list[Entry]] = {}
    for entry in manifest.files:
        top = entry.path.split("/", maxsplit=1)[0]
        together = top in ("cards", "croissant", "LICENSES") or entry.cut is not None
        groups.setdefault((entry.cut.path if entry.cut else f"{top}/") if together else entry.path, []).append(entry)
    for name, entries in groups.items():
        yield name, sum(entry.size for entry in entries), _what(name, entries, manifest)


def _what(name: str, entries: list[Entry], manifest: Manifest) -> str:
    first = entries[0]
    if first.cut is not None:
        return f"{first.role}, in {len(entries)} parts"
    if name == "code.zip":
        return f"{units.count(len(first.members), 'file')} of code" + (
            f", commit {manifest.commit[:12]}" if manifest.commit else ""
        )
    if first.members:
        return f"{units.count(len(first.members), 'file')} of {first.role}"
    if name.endswith("/"):
        words = {"cards/": "cards of data and weights", "croissant/": "the data for machines (Croissant)"}
        return f"{units.count(len(entries), 'file')}: {words.get(name, 'the texts of the licenses')}"
    return _WORDS.get(name, f"{first.role}, as it is in the study")


def _withheld(manifest: Manifest) -> Iterator[str]:
    for entry in manifest.external:
        yield f"stays elsewhere: {entry.path} ({units.size(entry.size)}), at {entry.url}"
    reasons: dict[str, list[str]] = {}
    for withheld in manifest.withheld:
        reasons.setdefault(withheld.reason, []).append(withheld.path)
    for reason, names in reasons.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield f"withheld: {names[0]}{more}: {reason}"


def _accepted(made: Made) -> Iterator[str]:
    for finding, reason in made.accepted[:_SHOWN]:
        yield f"accepted: {finding} ({reason})"
    if len(made.accepted) > _SHOWN:
        yield f"accepted: and {len(made.accepted) - _SHOWN} more"
    for entry in made.unused:
        yield f"warning: release.accepted lets nothing pass in {entry.file} ({entry.finding}); take it out"


def _anonymity(hiding: Hiding) -> Iterator[str]:
    sought = ", ".join(f"{count} {kind}" for kind, count in hiding.searched_for.items())
    replaced = ", ".join(f"{count} {kind}" for kind, count in hiding.replaced.items()) or "nothing"
    yield f"anonymous: searched for {sought}"
    yield f"  replaced in {units.count(hiding.files, 'file')}: {replaced}"
    if hiding.left_out:
        yield f"  left out: {', '.join(hiding.left_out)}"
    for word, why in hiding.kept.items():
        yield f"  still there: '{word}' ({why})"
    for place in hiding.others[:_SHOWN]:
        yield f"  taken for somebody else, please look: {place}"
    if len(hiding.others) > _SHOWN:
        yield f"  and {len(hiding.others) - _SHOWN} more such places"
    yield f"  then searched {hiding.went_through:,} files of the bundle, archives included: no name is left"
