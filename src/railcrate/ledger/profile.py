# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How Snakemake is called in a study: those settings of its default profile that decide what is up to date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from railcrate.ledger.errors import PlanError
from railcrate.study.share import workflow

PROFILE = "profiles/default/config.yaml"
_UNITS = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "kb": 10**3,
    "m": 10**6,
    "mb": 10**6,
    "g": 10**9,
    "gb": 10**9,
    "t": 10**12,
    "tb": 10**12,
}


@dataclass(frozen=True)
class Profile:
    """What decides what is up to date.

    Attributes:
        largest: bytes of the largest file that is known by its content; larger ones by their dates.
        script: the date of the script that runs the jobs, where a newer one makes Snakemake run them all
            again; None where the profile says that it does not.
        deploys: whether jobs run in software environments (conda, containers) that Snakemake makes.
    """

    largest: float
    script: float | None
    deploys: bool


def read_profile(folder: Path) -> Profile:
    """Read the profile that every `snakemake` in the study's folder uses.

    Args:
        folder: the study's folder.

    Returns:
        Its settings; Snakemake's own where there is no profile.

    Raises:
        PlanError: when the file is no YAML.
    """
    try:
        content = yaml.load((folder / PROFILE).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
    except FileNotFoundError:
        content = {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PlanError(
            f"{PROFILE} is not YAML: {' '.join(str(error).split())}",
            "Mend it, or bring it back from git: git checkout profiles",
        ) from None
    if not isinstance(content, dict):
        raise PlanError(f"{PROFILE} holds no mapping", "Bring it back from git: git checkout profiles")
    triggers = _list(content.get("rerun-triggers", ["code"]))
    script = Path(workflow()).parent / "scripts" / "job.py"
    return Profile(
        largest=_bytes(content.get("max-checksum-file-size", "1MB")),
        script=script.stat().st_mtime if "code" in triggers and script.exists() else None,
        deploys=bool(content.get("software-deployment-method") or content.get("sdm") or content.get("use-conda")),
    )


def _list(value: Any) -> list[str]:
    return value.replace(",", " ").split() if isinstance(value, str) else [str(entry) for entry in value or ()]


def _bytes(value: Any) -> float:
    """Read a size such as 10GB, as Snakemake does (by humanfriendly: powers of ten)."""
    found = re.fullmatch(r"\s*([\d.]+)\s*([a-zA-Z]*)\s*", str(value))
    if found is None or found[2].lower() not in _UNITS:
        return 0.0  # cannot be read: then nothing is taken to be known by its content
    return float(found[1]) * _UNITS[found[2].lower()]
