# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which component of the study a file belongs to, and so whose license it carries."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from railcrate.bundle.errors import BundleConfigError
from railcrate.bundle.manifest import Role
from railcrate.licensing.resolve import Resolution
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.grid import base_of
from railcrate.study.sources import LocalSource

DOCUMENTS = "documentation"


def component_of(path: str) -> str:
    """Name the component that a file, which DVC keeps, belongs to.

    What is made of a variant alone, its blocks and the tokenizers trained on it, belongs to it.

    Args:
        path: where it is in the study.

    Returns:
        The component's id as licensing names it; `bases.MODEL` for others' weights.
    """
    parts = path.split("/")
    match parts:
        case ["data", "raw", name, *_]:
            return f"sources.{name.split('.')[0]}"
        case ["data", "variants", variant, _, *_]:
            return f"variants.{variant}"
        case ["data", "blocks", _, file]:
            return f"variants.{file.split('.')[0]}"
        case ["data", "tokenizers", _, corpus, *_]:
            return f"variants.{corpus}"
        case ["models", "bases", model, _, *_]:
            return f"bases.{model}"
        case ["models", "weights", name, *_]:
            return "weights." + ".".join(name.split(".")[:2])
        case _:
            return DOCUMENTS


def role_of(path: str, component: str = DOCUMENTS) -> Role:
    """Name the archive that a file, which DVC keeps, goes into.

    Args:
        path: where it is in the study.
        component: the part of the study that it belongs to.
    """
    roles: dict[str, Role] = {"data": "data", "models": "weights", "results": "results", "records": "records"}
    own: dict[str, Role] = {"sources": "data", "bases": "weights"}  # in whatever folder their author has them
    return roles.get(path.split("/", maxsplit=1)[0]) or own.get(component.split(".", maxsplit=1)[0], "results")


def tells_only_how(path: str) -> bool:
    """Whether a file says how something was made and on which terms, but holds nothing of it."""
    name = PurePosixPath(path).name
    return name.endswith((".LICENSE", "LICENSE")) or (name.endswith(".json") and _is_account(path))


def _is_account(path: str) -> bool:
    """The record of a source or of a base, or the counts of a variant's blocks."""
    match path.split("/"):
        case ["data", "raw", _] | ["models", "bases", _] | ["data", "blocks", _, _]:
            return True
        case _:
            return False


class Publishing:
    """What of a study may be published, and on which terms.

    Args:
        study: the configuration.
        resolution: the licenses of its components.
    """

    def __init__(self, study: Study, resolution: Resolution) -> None:
        """Take the verdicts apart by component."""
        self._study = study
        self._licenses = {verdict.component.id: verdict.component.license for verdict in resolution.verdicts}
        self._withheld = {verdict.component.id for verdict in resolution.verdicts if not verdict.component.published}
        for name in ("code", DOCUMENTS):
            if name in self._withheld:
                raise BundleConfigError(
                    f"licenses.withhold names {name}, without which a bundle cannot be read",
                    f"Take {name} out of licenses.withhold; single data and weights may be withheld.",
                )

    def license(self, component: str) -> str:
        """The license of a component; a base has that of its makers."""
        group, _, model = component.partition(".")
        base = base_of(self._study, model) if group == "bases" and model in self._study.models else None
        if base is not None:
            return base.license
        return self._licenses.get(component, self._licenses[DOCUMENTS])

    def why_withheld(self, component: str) -> str | None:
        """Say why a component is not published; None where it is."""
        group, _, model = component.partition(".")
        if group == "bases":
            base = base_of(self._study, model) if model in self._study.models else None
            where = f"{base.repository} at {base.revision}" if base and base.repository else base.path if base else None
            return f"weights of others: {where}" if where else "weights of others"
        return f"the study withholds {component}" if component in self._withheld else None

    def of_author(self) -> dict[str, str]:
        """Name the component of each file of the author's that is no code: local sources and bases.

        Git has them, or DVC, where they were given to it by `dvc add`.

        The study's folder must be the current one, for globs are looked up in it.
        """
        found = {
            path: f"sources.{name}"
            for name, source in self._study.sources.items()
            if isinstance(source, LocalSource)
            for path in paths.raw_files(name, source)
        }
        for model in self._study.models:
            base = base_of(self._study, model)
            if base is not None and base.path is not None:
                inside = (path for path in Path(base.path).rglob("*") if path.is_file())
                found |= {path.as_posix(): f"bases.{model}" for path in inside}
        return found
