# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The part `sources`: raw data as they were found, and their terms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from railcrate.study.parts import Part, RelativePath, Revision, Sha256


class Generated(Part):
    """The model that wrote a source, whose license may reach what is trained on its output."""

    model: str = Field(min_length=1, description="the model's name")
    license: str = Field(min_length=1, description="the license of that model")
    url: str | None = Field(None, description="where the model, or its license, can be found")


class SourceBase(Part):
    """What every source states: its terms and whom to cite."""

    license: str = Field(min_length=1, description="SPDX expression, or LicenseRef-…")
    citation: str = Field(min_length=1, description="whom to cite for it: a sentence, a DOI or an address")
    title: str | None = Field(None, description="how it is named where people read of it")
    url: str | None = Field(None, description="where it can be found, for the attribution")
    generated_by: Generated | None = Field(None, description="the model that wrote it, where one did")
    text: RelativePath | None = Field(
        None,
        description="glob that picks the text among the source's files (and inside archives); all files by default",
    )
    field: str = Field("text", description="the field of JSON Lines, CSV and Parquet rows that holds the text")
    rows: Literal["lines", "paragraphs", "files"] = Field(
        "paragraphs", description="what a row is in plain text: a line, a paragraph, or a whole file"
    )
    encoding: str = Field("utf-8", description="character encoding of plain text")
    limit: int | None = Field(
        None,
        ge=1,
        exclude_if=lambda limit: limit is None,  # left out where it is not set, so that what rests on it stays the same
        description="rows that recipes read of it, the first ones; all by default",
    )


class LocalSource(SourceBase):
    """Files that lie in the study's folder."""

    type: Literal["local"] = Field(description="files that lie in the study's folder")
    path: RelativePath = Field(description="a file, or a glob of files, from the study's folder")


class UrlFile(Part):
    """One file at an address."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://.+")] = Field(description="where the file is")
    sha256: Sha256 = Field(description="its checksum, as `sha256sum FILE` prints it")
    name: RelativePath | None = Field(
        None, description="file name to keep it under; the address's last part by default"
    )

    @property
    def filename(self) -> str:
        """Name under `data/raw/<source>/`."""
        return self.name or self.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]


class UrlSource(SourceBase):
    """Files on the web, each with its sha256. Archives (zip, tar, gz) are kept as they are and read in place."""

    type: Literal["url"] = Field(description="files on the web")
    files: list[UrlFile] = Field(min_length=1, description="the files, each with its address and its checksum")


class HubSource(SourceBase):
    """A data set on the Hugging Face hub at a pinned revision."""

    type: Literal["hub"] = Field(description="a data set on the Hugging Face hub")
    dataset: str = Field(description="owner/name")
    revision: Revision = Field(description="the full commit hash")
    config: str | None = Field(None, description="the data set's configuration, where it has several")
    split: str = Field("train", description="the part of the data set that is read")


class SyntheticSource(SourceBase):
    """A generator and a seed."""

    type: Literal["synthetic"] = Field(description="text that a generator writes")
    generator: str = Field(description="a generator of railcrate ('grammar'), or 'generators/mine.py:function'")
    seed: int = Field(0, description="the generator's seed: another one gives another text")
    outputs: list[RelativePath] = Field(min_length=1, description="the files that the generator writes")
    parameters: dict[str, Any] = Field(default_factory=dict, description="what the generator is told beside its seed")


class DoiSource(SourceBase):
    """Files of a Zenodo record, each with its sha256."""

    type: Literal["doi"] = Field(description="files of a Zenodo record")
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/.+$")] = Field(description="the record's DOI")
    files: list[UrlFile] = Field(min_length=1, description="the files, each with its address and its checksum")


# Keys that state something of a source, for licenses and for readers: other words make no other data.
SOURCE_STATEMENTS = ("license", "citation", "title", "url", "generated_by")

Source = Annotated[LocalSource | UrlSource | HubSource | SyntheticSource | DoiSource, Field(discriminator="type")]
