# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The manifest: every file of a bundle, with size and checksums, and where its parts belong in the study.

It is written last, so a bundle with a manifest is whole. What a bundle does not hold is in
it, too: files that stay elsewhere, and those that licenses withhold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from railcrate.study.errors import DataError

MANIFEST = "manifest.json"
FORMAT: Literal["railcrate-bundle/1"] = "railcrate-bundle/1"

Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Role = Literal["metadata", "card", "license", "code", "data", "weights", "results", "records"]


def _inside(path: str) -> str:
    """Accept a path that cannot leave the folder that it is read from."""
    parts = path.split("/")
    if not path or path.startswith("/") or "\\" in path or "\0" in path or {"", ".", ".."} & set(parts):
        raise ValueError("not a path inside the bundle")
    return path


InsidePath = Annotated[str, AfterValidator(_inside)]


class ManifestError(DataError):
    """There is no manifest, or it is not one."""


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Member(_Item):
    """A file inside an archive; its path there is its path in the study."""

    path: InsidePath = Field(description="its path in the archive, and in the study")
    size: int = Field(ge=0, description="its bytes")
    md5: Md5
    sha256: Sha256


class Cut(_Item):
    """Which part of a large file an entry is; the parts of one file, joined in order, are the file."""

    path: InsidePath = Field(description="the file's path in the study")
    index: int = Field(ge=1, description="which part, from 1")
    count: int = Field(ge=1, description="of how many")
    size: int = Field(ge=0, description="bytes of the whole file")
    md5: Md5 = Field(description="of the whole file")
    sha256: Sha256 = Field(description="of the whole file")


class Entry(_Item):
    """A file of the bundle.

    `study_path` is where a plain file belongs in the study; None for one that only the
    bundle has. An archive has `members` instead, and a part of a large file has `cut`.
    """

    path: InsidePath = Field(description="its path in the bundle")
    size: int = Field(ge=0, description="its bytes")
    md5: Md5
    sha256: Sha256
    role: Role = Field(description="what part of the study it belongs to")
    license: str | None = Field(None, description="SPDX expression; of an archive all of its parts'")
    study_path: InsidePath | None = Field(None, description="where a plain file belongs in the study")
    cut: Cut | None = Field(None, description="which part of a large file it is")
    members: tuple[Member, ...] = Field((), description="the files of an archive")


class ExternalFile(_Item):
    """A file of the study that stays elsewhere."""

    path: InsidePath = Field(description="its path in the study")
    url: str = Field(description="where it is")
    size: int = Field(ge=0, description="its bytes")
    md5: Md5 | None = None
    sha256: Sha256


class Withheld(_Item):
    """A file of the study that is not published."""

    path: InsidePath = Field(description="its path in the study")
    size: int = Field(ge=0, description="its bytes")
    md5: Md5
    component: str = Field(description="the component that it belongs to")
    reason: str = Field(description="why it is not published")


class Manifest(_Item):
    """A bundle's list of contents."""

    format: Literal["railcrate-bundle/1"] = Field(FORMAT, description="the format of this file")
    title: str = Field(description="the study's title")
    version: str = Field(description="the release's version")
    doi: str | None = Field(None, description="of this version; none before a release")
    concept_doi: str | None = Field(None, description="of all versions; none where the target has no such DOI")
    commit: str | None = Field(description="of the code; none in an anonymous bundle")
    railcrate: str = Field(description="the version that made the bundle")
    anonymous: bool = Field(False, description="whether names were taken out, for double-blind review")
    identity: Sha256 = Field(description="the same for bundles that publish the same, whatever DOI, version and date")
    files: tuple[Entry, ...] = Field(description="the files of the bundle, but for this one")
    external: tuple[ExternalFile, ...] = Field((), description="files of the study that stay elsewhere")
    withheld: tuple[Withheld, ...] = Field((), description="files of the study that are not published")

    @property
    def size(self) -> int:
        """Bytes of all files, without the manifest itself."""
        return sum(entry.size for entry in self.files)

    def text(self) -> str:
        """Write it as JSON, the same for the same content."""
        return self.model_dump_json(indent=1, exclude_defaults=False) + "\n"


def read_manifest(path: Path) -> Manifest:
    """Read a bundle's manifest.

    Args:
        path: the file, or the folder of the bundle.

    Returns:
        The manifest.

    Raises:
        ManifestError: when it is missing, damaged, or of a format that this version does not know.
    """
    file = path / MANIFEST if path.is_dir() else path
    try:
        return Manifest.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        raise ManifestError(
            f"{file} is not there, so this is no bundle, or not a whole one",
            "A bundle of railcrate has a manifest.json beside its other files.",
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise ManifestError(
            f"{file} is no manifest that this version of railcrate can read ({where}: {first['msg']})",
            "Fetch it again; if a newer railcrate made it, install that.",
        ) from None
