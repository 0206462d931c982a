# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading a generated RAIL: what it restricts, and whether it still has its words."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from railcrate.licensing.clauses import clauses as library
from railcrate.licensing.errors import LicenseError
from railcrate.licensing.rail import FORMAT, Family

NAMED = re.compile(r"\\?\[([a-z0-9-]+)\\?\]")


class RailInfo(BaseModel):
    """What is known of a license that was generated.

    Attributes:
        id: its identifier.
        title: its name.
        family: what it grants.
        letters: what it licenses.
        clauses: its restrictions.
        licensor: who grants it.
        artifact: what is licensed.
        link: where that can be found.
        purpose: `research`, or None.
        subsets: whether it reaches single records.
        derived_sets: whether it reaches data sets that are made from the data.
        training: whether it reaches models that are trained on the data.
        distillation: whether it reaches models that learn the model's behavior.
        synthetic_output: whether it reaches models that are trained on its output.
        changed: the formats whose words are not those that were generated.
        complete: False where only the restrictions could be read off a text without its sidecar.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    title: str
    family: Family
    letters: str
    clauses: tuple[str, ...]
    licensor: str = ""
    artifact: str = ""
    link: str | None = None
    purpose: str | None = None
    subsets: bool = True
    derived_sets: bool = True
    training: bool = False
    distillation: bool = True
    synthetic_output: bool = True
    changed: tuple[str, ...] = ()
    complete: bool = True


def read(path: Path) -> RailInfo:
    """Tell what a generated license restricts.

    Args:
        path: its text, Markdown, HTML or sidecar.

    Returns:
        What its sidecar says; of a text without one, what can be read off it.

    Raises:
        LicenseError: when it is not there, the sidecar is damaged, or it is no generated license.
    """
    if not path.is_file():
        raise LicenseError(
            f"there is no file {path}", "Give an identifier, or the path of a license that was generated."
        )
    sidecar = path.with_suffix(".json")
    if not sidecar.is_file():
        return _from_text(path)
    try:
        content: dict[str, Any] = json.loads(sidecar.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise LicenseError(
                f"{sidecar} has format {content['format']}, and this railcrate reads {FORMAT}",
                "Install a newer railcrate.",
            )
        hashes = content["sha256"]
        changed = tuple(
            ending for ending, expected in hashes.items()
            if (file := path.with_suffix(f".{ending}")).is_file() and _sha256(file) != expected
        )  # fmt: skip
        info = RailInfo.model_validate({**content, "changed": changed})
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise LicenseError(
            f"{sidecar} is damaged: {type(error).__name__}", "Restore it from git, or make the license again."
        ) from None
    listed = _listed(path.with_suffix(".txt"))
    if not changed and listed is not None and set(listed) != set(info.clauses):
        raise LicenseError(
            f"{sidecar} is damaged: it names other restrictions than the text beside it",
            "Restore both from git, or make the license again.",
        )
    unknown = [name for name in info.clauses if name not in library()]
    if unknown:
        raise LicenseError(
            f"{sidecar} names a restriction that is not known: {unknown[0]}", "Install a newer railcrate."
        )
    return info


def _listed(text: Path) -> list[str] | None:
    """The restrictions that a text names; None where there is no text."""
    return NAMED.findall(text.read_text(encoding="utf-8")) if text.is_file() else None


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _from_text(path: Path) -> RailInfo:
    """Read off a text what stands in it: title, and the ids of the restrictions in Attachment A."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise LicenseError(f"{path} is no text", "Give a license that `railcrate license new` made.") from None
    names = tuple(name for name in library() if name in NAMED.findall(text))
    # The title is a line of its own, or, of a very long name, the first words.
    flat = " ".join(text.replace("=", " ").split())
    named = r"(Research-Only RAIL|OpenRAIL|RAIL)-([DAMS]{1,4})"
    found = re.search(rf"^(?:# |<h1>)?(.{{1,200}}?) {named}(?:</h1>)?$", text, re.MULTILINE) or re.search(
        rf"(.{{0,200}}?){named}\b", flat
    )
    if not names or found is None:
        raise LicenseError(
            f"{path} is no license that railcrate made, and {path.with_suffix('.json').name} is not beside it",
            "Give a license that `railcrate license new` made, together with its .json file.",
        )
    family: Family = (
        "ResearchRAIL" if found[2].startswith("Research") else "OpenRAIL" if found[2] == "OpenRAIL" else "RAIL"
    )
    artifact = re.sub(r"<[^>]*>|#", " ", found[1]).strip()
    return RailInfo(
        id=path.stem, title=f"{artifact} {found[2]}-{found[3]}".strip(), family=family, letters=found[3], clauses=names,
        artifact=artifact, purpose="research" if family == "ResearchRAIL" else None, complete=False,
    )  # fmt: skip
