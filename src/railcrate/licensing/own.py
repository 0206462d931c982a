# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Licenses that a study brings itself: RAIL texts that were generated for it, and others' that it describes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from railcrate.licensing.catalogue import catalogue, find
from railcrate.licensing.clauses import clause_sets, clauses
from railcrate.licensing.entry import KINDS, Duty, Fit, Kind, License, Permission
from railcrate.licensing.errors import LicenseError
from railcrate.licensing.rail_read import RailInfo, read
from railcrate.study.config import OwnTerms, Study
from railcrate.study.problems import nearest

FOLDER = "config/licenses"
# An application (A) is something that runs, and no component of a study: code is S.
LETTERS: dict[str, Kind] = {"D": "data", "M": "weights", "S": "code"}
# Exceptions to a copyleft that let any program use the code as a library.
LINKING = ("Classpath-exception-2.0", "GCC-exception-3.1", "Linux-syscall-note")
GRANTS: dict[str, tuple[Permission, ...]] = {
    "RAIL": ("use", "commercial"),
    "OpenRAIL": ("use", "share", "adapt", "commercial"),
    "ResearchRAIL": ("use", "share", "adapt"),
}


class OwnLicense(License):
    """A license that the study brings, with the restrictions that it holds."""

    restrictions: tuple[str, ...] = ()
    file: str | None = None


def own_licenses(folder: Path, study: Study) -> dict[str, License]:
    """Read the licenses that a study brings itself.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        Those under `config/licenses`, and those that `licenses.own` describes, by id.

    Raises:
        LicenseError: when a generated license is damaged, a text is not where it should be, or a
            name is that of a license of the catalogue.
    """
    found: dict[str, License] = {}
    sidecars = (file for file in (folder / FOLDER).glob("LicenseRef-*.json") if not file.name.endswith(".source.json"))
    for sidecar in sorted(sidecars):
        info = _whole(sidecar)
        found[info.id] = generated(info, f"{FOLDER}/{sidecar.stem}.txt")
    for name, terms in study.licenses.own.items():
        if name in catalogue():
            raise LicenseError(
                f"licenses.own.{name}: the catalogue knows this license, and its terms are not the study's to describe",
                "Give a license of your own another name, or leave this out.",
            )
        file = terms.text or f"{FOLDER}/{name}.txt"
        if not (folder / file).is_file():
            if terms.text is not None or terms.url is None:
                raise LicenseError(
                    f"licenses.own.{name}: there is no file {file}", "Put the license's text there, or give its url."
                )
            file = ""
        found[name] = _described(name, terms, file or None)
    return found


def restrictions(license: License) -> frozenset[str]:
    """Name the restrictions on use that a license holds, by the ids of the clause library."""
    if isinstance(license, OwnLicense):
        return frozenset(license.restrictions)
    if license.clauses is None:
        return frozenset()
    return frozenset(clause_sets()[license.clauses].clauses)


def finder(own: Mapping[str, License]) -> Finder:
    """Give a function that finds a license by its id, the study's own first."""
    return Finder(own)


class Finder:
    """Finds licenses by their id: the study's own, then the catalogue's."""

    def __init__(self, own: Mapping[str, License]) -> None:
        """Take the study's own licenses, by id."""
        self.own = dict(own)
        self.known = frozenset(self.own) | frozenset(catalogue())

    def __call__(self, identifier: str) -> License:
        """Find a license.

        Raises:
            LicenseError: when there is none; it names the nearest.
        """
        # An exception to a license gives more than the license alone, never less.
        name, _, exception = identifier.partition(" WITH ")
        license = self.own[name] if name in self.own else find(name)
        if exception in LINKING and license.reach in ("work", "network"):
            return license.model_copy(update={"reach": "library"})
        return license


def generated(info: RailInfo, file: str) -> OwnLicense:
    """Describe a generated license in the words that the resolver reasons with.

    Args:
        info: what is known of it.
        file: its text, relative to the study's folder.

    Returns:
        The license.
    """
    covered = {LETTERS[letter] for letter in info.letters if letter in LETTERS}
    shares = info.family != "RAIL"
    duties: tuple[Duty, ...] = ("attribution", "notice", "text", "state-changes", "pass-on-restrictions")
    suits: dict[Kind, Fit] = {kind: "good" if kind in covered else "no" for kind in KINDS}
    return OwnLicense(
        id=info.id,
        name=info.title,
        family="rail",
        suits=suits,
        permits=GRANTS[info.family],
        requires=(*duties, *(("pass-on-purpose",) if info.family == "ResearchRAIL" else ())) if shares else (),
        purpose="research" if info.family == "ResearchRAIL" else None,
        patents=True,
        clauses="own",
        restrictions=info.clauses,
        training="unsettled" if "D" not in info.letters else "derived" if info.training else "free",
        output="derived" if "M" in info.letters and info.synthetic_output else "free",
        upstream=file,
        sources=(file,),
        file=file,
    )


def _whole(sidecar: Path) -> RailInfo:
    """Read a generated license whose text is there and says what its sidecar says: it is the text that counts."""
    info = read(sidecar)
    text = sidecar.with_suffix(".txt")
    again = "Restore it from git, or make the license again with `railcrate license new`."
    if not text.is_file():
        raise LicenseError(f"{FOLDER}/{sidecar.name}: its text, {text.name}, is not beside it", again)
    if "txt" in info.changed:
        raise LicenseError(
            f"{FOLDER}/{text.name}: its words were changed after it was made, and {sidecar.name} tells of the old ones",
            f"{again} A text of your own is described under licenses.own, under another name and without a .json file.",
        )
    if info.id in catalogue() or info.id != sidecar.stem:
        raise LicenseError(f"{FOLDER}/{sidecar.name}: its name and its id, {info.id}, do not go together", again)
    return info


def _described(name: str, terms: OwnTerms, file: str | None) -> OwnLicense:
    unknown = [clause for clause in terms.restrictions if clause not in clauses()]
    if unknown:
        raise LicenseError(
            f"licenses.own.{name}: there is no restriction '{unknown[0]}'", nearest(unknown[0], clauses())
        )
    return OwnLicense(
        id=name,
        name=terms.name,
        family="vendor-model",
        suits=dict.fromkeys(KINDS, "possible"),  # what it was written for, only its author knows
        permits=tuple(terms.permits),
        requires=(*terms.requires, *(("pass-on-restrictions",) if terms.restrictions else ())),
        clauses="own" if terms.restrictions else None,
        restrictions=tuple(terms.restrictions),
        purpose=None if "commercial" in terms.permits else "noncommercial",
        reach="work" if "same-license" in terms.requires else "none",
        upstream=terms.url or file,
        url=terms.url,
        sources=("the study's own reading: licenses.own",),
        file=file,
    )
