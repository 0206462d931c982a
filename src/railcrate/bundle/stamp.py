# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is stamped into a bundle when it is released: version, date, and the DOIs that were reserved for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Stamp:
    """The marks of one release, which go into citation, README, cards, crate and report.

    Attributes:
        version: the release's version, as the study states it.
        date: the day of its publication; of the commit where nothing is released.
        doi: the DOI of this version; None where none was reserved.
        concept_doi: the DOI that stands for all versions.
        url: the page where it can be seen.
        server: the address of the server that minted the DOI.
    """

    version: str
    date: date
    doi: str | None = None
    concept_doi: str | None = None
    url: str | None = None
    server: str | None = None

    @property
    def doi_url(self) -> str | None:
        """The DOI as an address (https://www.doi.org/doi-handbook/HTML/)."""
        return f"https://doi.org/{self.doi}" if self.doi else None
