# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What every part of the configuration is made of: names, paths, checksums, and the base of all parts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"),
    Field(description="lower-case letters, digits, '-' and '_', at most 40"),
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Revision = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]


def _inside(path: str) -> str:
    """Accept a path that cannot leave the study's folder."""
    if path.startswith("/") or ".." in path.split("/") or "\\" in path:
        raise ValueError("a path from the study's folder, with '/' and without '..'")
    return path


RelativePath = Annotated[str, StringConstraints(min_length=1), AfterValidator(_inside)]


class Part(BaseModel):
    """Base of every part: unknown keys are errors, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
