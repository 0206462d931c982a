# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The RAIL generator: a license with restrictions on use, put together from a library of clauses.

RAIL means Responsible AI License. The families and the letters follow the naming convention
of the RAIL Initiative (https://www.licenses.ai/blog/2022/8/18/naming-convention-of-responsible-ai-licenses);
the idea is from Contractor et al. 2022 (doi:10.1145/3531146.3533143). The words are railcrate's own.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from railcrate.licensing.clauses import clauses as library
from railcrate.licensing.errors import LicenseError
from railcrate.licensing.rail_text import build, to_html, to_markdown, to_text
from railcrate.study.files import write_json, write_text
from railcrate.study.problems import nearest
from railcrate.study.share import shared

Family = Literal["RAIL", "OpenRAIL", "ResearchRAIL"]
FAMILIES: dict[Family, str] = {
    "OpenRAIL": "use, change and share, for commerce as well",
    "ResearchRAIL": "use, change and share, for research alone",
    "RAIL": "use alone: nothing may be handed on or derived",
}
LETTERS = {
    "D": "data",
    "A": "an application or service",
    "M": "a model",
    "S": "source code",
}
FORMAT = 1
LINK = re.compile(r"https?://[^\s<>\"'\\`{}|^]{1,300}")


class RailRequest(BaseModel):
    """What a license is to be made for.

    Attributes:
        family: what it grants.
        letters: what it licenses: a choice of D, A, M and S, in any order.
        clauses: its restrictions, by the ids of the library.
        licensor: who grants it.
        artifact: the name of what is licensed.
        link: where that can be found.
        year: the year of the copyright line; none without it, for nothing is taken from the clock.
        subsets: whether it reaches single records and any subset of the data (D).
        derived_sets: whether a data set that is made from the data is derived from them (D).
        training: whether a model that is trained on the data is derived from them (D).
        distillation: whether a model to which the model's behavior is transferred is derived from it (M).
        synthetic_output: whether a model that is trained on the model's output is derived from it (M).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    family: Family
    letters: str
    clauses: tuple[str, ...]
    licensor: str
    artifact: str
    link: str | None = None
    year: int | None = None
    subsets: bool = True
    derived_sets: bool = True
    training: bool = False
    distillation: bool = True
    synthetic_output: bool = True

    @field_validator("letters")
    @classmethod
    def _in_order(cls, value: str) -> str:
        given = value.upper().replace(",", "").replace(" ", "")
        wrong = [letter for letter in given if letter not in LETTERS]
        if wrong or not given or len(set(given)) != len(given):
            raise ValueError("one or more of D (data), A (application), M (model) and S (source code), each once")
        return "".join(letter for letter in LETTERS if letter in given)

    @field_validator("clauses")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in library():
                raise LicenseError(f"there is no restriction '{name}'", nearest(name, library()))
        return tuple(name for name in library() if name in value)

    @field_validator("licensor", "artifact")
    @classmethod
    def _plain(cls, value: str) -> str:
        text = plain(value)
        if not text or len(text) > 200:
            raise ValueError("a name of 1 to 200 characters")
        return text

    @field_validator("link")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not LINK.fullmatch(value):
            raise ValueError("an address that begins with https:// or http://, without spaces or quotes")
        return value


def plain(text: str) -> str:
    """Make one line of plain text of whatever was given: without line breaks, control and private characters."""
    spaced = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    kept = "".join(char for char in spaced if unicodedata.category(char) not in ("Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.split())


@dataclass(frozen=True)
class RailLicense:
    """A generated license.

    Attributes:
        id: its identifier, LicenseRef-….
        title: its name.
        text: plain text.
        markdown: the same in Markdown.
        html: the same as a page of its own.
        sidecar: what machines should know of it.
    """

    id: str
    title: str
    text: str
    markdown: str
    html: str
    sidecar: dict[str, Any]


def check(
    request: RailRequest, *, published: bool, commercial: bool | None = None, has: set[str] | None = None
) -> None:
    """Refuse a license whose family and content do not agree.

    Args:
        request: what is wanted.
        published: whether what it covers is to be published.
        commercial: whether commerce is to be allowed; None where nobody has said.
        has: the letters of what there is to license; None where that is not known.

    Raises:
        LicenseError: when anything does not agree; it tells all, with the ways out.
    """
    wrong: list[str] = []
    if not request.clauses:
        wrong.append("it has no restriction: a RAIL without one is none. Choose some, or take an open source license.")
    if request.family == "RAIL" and published:
        wrong.append(
            "a plain RAIL lets nobody hand on what it covers, so it does not fit what is published. Take OpenRAIL, "
            "or ResearchRAIL for research alone."
        )
    if request.family == "ResearchRAIL" and commercial:
        wrong.append("a ResearchRAIL bars commerce, which is to be allowed. Take OpenRAIL.")
    if request.family == "OpenRAIL" and commercial is False:
        wrong.append("an OpenRAIL allows commerce, which is to be barred. Take ResearchRAIL.")
    nothing = [letter for letter in request.letters if has is not None and letter not in has]
    if nothing:
        names = " and ".join(f"{letter} ({LETTERS[letter]})" for letter in nothing)
        wrong.append(f"the study has nothing that {names} stands for. Leave {', '.join(nothing)} out.")
    if wrong:
        raise LicenseError(f"{title_of(request)} cannot be made:\n  - " + "\n  - ".join(wrong))


def title_of(request: RailRequest) -> str:
    """Name a license: the artifact, the family, and the letters."""
    family = "Research-Only RAIL" if request.family == "ResearchRAIL" else request.family
    return f"{request.artifact} {family}-{request.letters}"


def id_of(request: RailRequest) -> str:
    """Give a license its SPDX identifier, LicenseRef-…, of at most 80 characters."""
    ascii_name = unicodedata.normalize("NFKD", request.artifact).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", ascii_name).strip("-.")[:40].strip("-.")
    # A name in another script is told apart by a hash.
    slug = slug or hashlib.sha256(request.artifact.encode()).hexdigest()[:8]
    return f"LicenseRef-{slug}-{request.family}-{request.letters}"


def generate(request: RailRequest) -> RailLicense:
    """Write a license.

    Args:
        request: what it is to be; `check` says whether that makes sense.

    Returns:
        The license in three formats; the same request gives the same bytes.
    """
    title = title_of(request)
    document = build(title, request.model_dump())
    files = {"txt": to_text(document), "md": to_markdown(document), "html": to_html(document)}
    sidecar = {
        "format": FORMAT,
        "id": id_of(request),
        "title": title,
        **request.model_dump(mode="json"),
        "purpose": "research" if request.family == "ResearchRAIL" else None,
        "generator": {"railcrate": version("railcrate"), "templates": templates_hash()},
        "sha256": {ending: hashlib.sha256(content.encode()).hexdigest() for ending, content in files.items()},
    }
    return RailLicense(id_of(request), title, files["txt"], files["md"], files["html"], sidecar)


@cache
def templates_hash() -> str:
    """Hash the templates and the library of clauses: the version of the words."""
    total = hashlib.sha256()
    for file in sorted((shared("licensing") / "rail").rglob("*")):
        if file.is_file():
            total.update(file.name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:16]


def write(license: RailLicense, folder: Path, *, force: bool = False) -> list[Path]:
    """Write a license into a folder: text, Markdown, HTML and sidecar.

    Args:
        license: the license.
        folder: the folder; made when it is not there.
        force: replace a different license of the same name.

    Returns:
        The four files.

    Raises:
        LicenseError: when there is a different one of the same name.
    """
    contents = {"txt": license.text, "md": license.markdown, "html": license.html}
    targets = {ending: folder / f"{license.id}.{ending}" for ending in (*contents, "json")}
    for ending, content in contents.items():
        if not force and targets[ending].exists() and targets[ending].read_text(encoding="utf-8") != content:
            raise LicenseError(
                f"{targets[ending]} is there already, with other words",
                "Give --force to replace it. Whoever has received the old one keeps the rights that it gave.",
            )
    folder.mkdir(parents=True, exist_ok=True)
    for ending, content in contents.items():
        write_text(targets[ending], content)
    write_json(targets["json"], license.sidecar)
    return list(targets.values())
