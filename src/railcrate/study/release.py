# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The part `release`: how the study is published."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from railcrate.study.parts import Part, RelativePath, Sha256


class Related(Part):
    """Something that the release stands in a relation to: a paper, a repository, another record."""

    identifier: str = Field(min_length=1, description="a DOI, or an address that begins with https://")
    relation: Literal[
        "cites", "isdocumentedby", "isdescribedby", "issupplementto", "issupplementedby", "isderivedfrom",
        "isnewversionof", "isvariantformof", "references", "requires", "ispartof",
    ] = Field(description="what the release does to it, in DataCite's words")  # fmt: skip
    resource_type: str | None = Field(None, description="what it is, such as publication-article, dataset, software")


class External(Part):
    """A file that is too large for the record and stays elsewhere."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://.+")] = Field(
        description="where it is for good: Hugging Face at a commit, or another record"
    )
    size: int = Field(ge=0, description="its bytes")
    sha256: Sha256 = Field(description="its checksum, as `sha256sum FILE` prints it")


class Accepted(Part):
    """A finding of the check before publishing that the author has looked at and lets pass."""

    file: str = Field(min_length=1, description="the file, or a glob of files, as the finding names it")
    finding: Literal["secret", "path", "e-mail", "pickle", "name"] = Field(description="what was found there")
    reason: str = Field(min_length=10, description="why it may be published")


class Release(Part):
    """How the study is published."""

    target: Annotated[str, StringConstraints(pattern=r"^(folder|zenodo|sandbox|https?://.+)$")] = Field(
        "folder", description="folder, zenodo, sandbox, or the address of another InvenioRDM server"
    )
    version: str = Field("1.0.0", min_length=1, description="of the release; raise it before you publish again")
    resource_type: str = Field("dataset", description="what the record is, in Zenodo's vocabulary")
    communities: list[str] = Field(
        default_factory=list, description="communities at Zenodo; the first one is asked to take the record"
    )
    related: list[Related] = Field(default_factory=list, description="papers, repositories and other records")
    access: Literal["open", "restricted"] = Field("open", description="whether everyone may read the files")
    embargo: date | None = Field(None, description="the day on which restricted files become open")
    external: dict[RelativePath, External] = Field(
        default_factory=dict, description="files of the study that stay elsewhere, by their path"
    )
    part_gigabytes: float = Field(5, gt=0, le=50, description="larger files are cut into parts of this size")
    accepted: list[Accepted] = Field(
        default_factory=list, description="findings that you have looked at and want to publish all the same"
    )
