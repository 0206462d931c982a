# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Licenses that a study brings itself: RAIL texts that were generated for it, and others' that it describes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from railcrate.licensing.catalogue import catalogue, find
from railcrate.licensing.clauses import clause_sets
from railcrate.licensing.entry import Duty, Fit, Kind, License, Permission
from railcrate.licensing.errors import LicenseError
from railcrate.licensing.rail_read import RailInfo, read
from railcrate.study.config import OwnTerms, Study

FOLDER = "config/licenses"
LETTERS: dict[str, Kind] = {"D": "data", "A": "code", "M": "weights", "S": "code"}
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
        LicenseError: when a generated license is damaged, or a text is not where it should be.
    """
    found: dict[str, License] = {}
    sidecars = (file for file in (folder / FOLDER).glob("LicenseRef-*.json") if not file.name.endswith(".source.json"))
    for sidecar in sorted(sidecars):
        info = read(sidecar)
        found[info.id] = _generated(info, f"{FOLDER}/{sidecar.stem}.txt")
    for name, terms in study.licenses.own.items():
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
        name = identifier.split(" WITH ", maxsplit=1)[0]
        return self.own[name] if name in self.own else find(name)


def _generated(info: RailInfo, file: str) -> OwnLicense:
    covered = {LETTERS[letter] for letter in info.letters}
    shares = info.family != "RAIL"
    duties: tuple[Duty, ...] = ("attribution", "notice", "text", "state-changes", "pass-on-restrictions")
    kinds: tuple[Kind, ...] = ("code", "data", "weights", "documents")
    suits: dict[Kind, Fit] = {kind: "good" if kind in covered else "no" for kind in kinds}
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
        upstream=info.link or file,
        sources=(file,),
        file=file,
    )


def _described(name: str, terms: OwnTerms, file: str | None) -> OwnLicense:
    return OwnLicense(
        id=name,
        name=terms.name,
        family="vendor-model",
        suits={
            "code": "upstream-only",
            "data": "upstream-only",
            "weights": "upstream-only",
            "documents": "upstream-only",
        },
        permits=tuple(terms.permits),
        requires=tuple(terms.requires),
        purpose=None if "commercial" in terms.permits else "noncommercial",
        reach="work" if "same-license" in terms.requires else "none",
        upstream=terms.url or file,
        url=terms.url,
        sources=("the study's own reading: licenses.own",),
        file=file,
    )
