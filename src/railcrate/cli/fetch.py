# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate fetch`: bring a published study here, checked and restored, without running any of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcrate.cli.console import AsJson, give, show
from railcrate.cli.verify import watching
from railcrate.study.units import count

if TYPE_CHECKING:
    from railcrate.reproduce.fetch import Fetched

_SHOWN = 10  # files that are not there, by name


def fetch(
    reference: Annotated[
        str, typer.Argument(metavar="DOI|URL|FOLDER", help="A DOI, the address of a record, or a bundle's folder.")
    ],
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="New or empty; named by the title if not given.", show_default=False),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="PART", help="Only this part: metadata, code, data, weights or results; may be repeated."
        ),
    ] = None,
    files: Annotated[
        str | None,
        typer.Option("--files", metavar="FILES", help="Only these files of the bundle, separated by commas."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch a published study: every file checked, unpacked safely, and restored so that nothing is to be done.

    Nothing that was fetched is run. The same command goes on where it was broken off.

    Examples:
        railcrate fetch 10.5281/zenodo.1234567
        railcrate fetch 10.5281/zenodo.1234567 their-study --only metadata,results
        railcrate fetch ../study/release/1.0.0
    """
    from railcrate.reproduce.fetch import fetch as fetch_study

    names = [name.strip() for name in (files or "").split(",") if name.strip()]
    parts = [part.strip() for group in only or () for part in group.split(",") if part.strip()]
    with watching() as watcher:
        fetched = fetch_study(reference, folder, parts=parts, names=names, watcher=watcher)
    if as_json:
        give(_content(fetched))
    else:
        show(describe(fetched))


def describe(fetched: Fetched) -> str:
    """Say in words what was fetched, what one may do with it, what is not there, and what to do next."""
    manifest = fetched.manifest
    lines = [manifest.title]
    creators = _creators(fetched)
    if creators:
        lines.append(f"  by {'; '.join(creators)}")
    doi = _doi(fetched)
    lines.append(f"  version {manifest.version}" + (f", https://doi.org/{doi}" if doi else ""))
    lines += [f"  note: {note}" for note in fetched.notes]
    brought, there = count(fetched.brought, "file"), f"{fetched.there:,} {'was' if fetched.there == 1 else 'were'}"
    lines.append(f"fetched to {fetched.folder}: {brought}, {there} there already")
    if fetched.restored is not None:
        lines.append(f"restored: {count(len(fetched.restored.stages), 'stage')}, every file checked")
    if fetched.unavailable:
        lines.append(f"not there: {count(len(fetched.unavailable), 'file')} of the study")
        lines += [f"  {path}: {why}" for path, why in fetched.unavailable[:_SHOWN]]
        if len(fetched.unavailable) > _SHOWN:
            lines.append(f"  and {len(fetched.unavailable) - _SHOWN} more")
    lines.append("licenses:")
    for license, what in _licenses(fetched).items():
        lines.append(f"  {', '.join(what)}: {license}")
        lines += [f"    {words}" for words in _terms(license)]
    # Others wrote these words: none of them may play with the terminal.
    return "\n".join([*("".join(filter(_is_harmless, line)) for line in lines), *_next(fetched)])


def _is_harmless(sign: str) -> bool:
    """Whether a sign shows as itself; others move the cursor, or turn text around (Unicode's Cc, Cf and Zl)."""
    return sign.isprintable()


def _doi(fetched: Fetched) -> str | None:
    record = fetched.found.record
    return (record.doi if record is not None else None) or fetched.manifest.doi


def _creators(fetched: Fetched) -> tuple[str, ...]:
    """The authors: from the record, else from the bundle's citation."""
    import yaml

    if fetched.found.record is not None:
        return fetched.found.record.creators
    try:
        citation = yaml.load((fetched.bundle / "CITATION.cff").read_text("utf-8"), Loader=yaml.CSafeLoader)
        authors = citation["authors"]
    except (OSError, yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError):
        return ()  # not fetched, or not as it should be: the title stands alone
    return tuple(name for name in map(_name, authors) if name) if isinstance(authors, list) else ()


def _name(author: Any) -> str:
    if not isinstance(author, dict):
        return ""
    if "name" in author:
        return str(author["name"])
    return ", ".join(str(author[key]) for key in ("family-names", "given-names") if key in author)


def _licenses(fetched: Fetched) -> dict[str, list[str]]:
    """What each license holds for, of the study's parts."""
    found: dict[str, list[str]] = {}
    for entry in fetched.manifest.files:
        if entry.license and entry.role in {"code", "data", "weights", "results"}:
            roles = found.setdefault(entry.license, [])
            if entry.role not in roles:
                roles.append(entry.role)
    return found


def _terms(expression: str) -> list[str]:
    """In a line each, what a license lets one do, asks for and forbids; nothing where the catalogue has none."""
    from railcrate.licensing.catalogue import catalogue
    from railcrate.licensing.errors import LicenseError
    from railcrate.licensing.expression import parse
    from railcrate.licensing.words import forbids, permits, requires

    try:
        parsed = parse(expression)
    except LicenseError:
        return ["its text is among the bundle's files, under LICENSES/"]
    if len(parsed.ids) != 1 or parsed.ids[0] not in catalogue():
        return ["all of these hold, each for its part" if " OR " not in parsed.text else "read LICENSES/"]
    license = catalogue()[parsed.ids[0]]
    told = (("you may", permits(license)), ("you must", requires(license)), ("you must not", forbids(license)))
    return [f"{verb} {'; '.join(phrases)}" for verb, phrases in told if phrases]


def _next(fetched: Fetched) -> list[str]:
    if fetched.restored is None:
        return [f"next: what was fetched lies in {fetched.folder}"]
    whole = not fetched.unavailable and not fetched.restored.unrecorded
    return [
        f"next: `cd {fetched.folder}`, and there",
        "  `railcrate verify . --depth evaluate`: are the numbers the same here?",
        f"  `railcrate status`: {'nothing is to be made' if whole else 'what would be made'}",
        "  `railcrate reproduce`: run it again; this runs the code that was fetched, after showing it",
    ]


def _content(fetched: Fetched) -> dict[str, Any]:
    manifest, restored, licenses = fetched.manifest, fetched.restored, _licenses(fetched)
    roles = {role for found in licenses.values() for role in found}
    return {
        "folder": str(fetched.folder),
        "from": fetched.found.where,
        "title": manifest.title,
        "creators": list(_creators(fetched)),
        "version": manifest.version,
        "doi": _doi(fetched),
        "concept_doi": manifest.concept_doi,
        "identity": manifest.identity,
        "railcrate": manifest.railcrate,
        "anonymous": manifest.anonymous,
        "files": {"brought": fetched.brought, "there": fetched.there},
        "licenses": {role: [name for name in licenses if role in licenses[name]] for role in sorted(roles)},
        "restored": None if restored is None else {"stages": restored.stages, "incomplete": restored.incomplete},
        "unavailable": dict(fetched.unavailable),
        "notes": list(fetched.notes),
    }
