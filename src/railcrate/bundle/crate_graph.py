# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The graph of an RO-Crate: entities by their ids, each told once, in an order that never changes.

Specification: RO-Crate 1.1, https://w3id.org/ro/crate/1.1, on which the Workflow Run profiles
rest. The metadata are written by ro-crate-py.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from railcrate.bundle.plain import fragment, one_line

VERSION = "1.1"
# Terms of the Workflow Run profiles: https://w3id.org/ro/terms/workflow-run.
RUN_TERMS = "https://w3id.org/ro/terms/workflow-run/context"

Entity = dict[str, Any]
Reference = dict[str, str]


def ref(identifier: str) -> Reference:
    """Refer to an entity."""
    return {"@id": identifier}


def refs(identifiers: Iterable[str]) -> list[Reference]:
    """Refer to entities, to each once."""
    return [ref(identifier) for identifier in dict.fromkeys(identifiers)]


def local(*parts: str) -> str:
    """Make the id of an entity that is no file of the bundle by itself, such as a file inside an archive."""
    return "#" + "/".join(fragment(part) for part in parts)


class Graph:
    """The entities of a crate."""

    def __init__(self) -> None:
        """Begin with no entity."""
        self._entities: dict[str, Entity] = {}
        self._extended: dict[tuple[str, str], set[str]] = {}  # what `extend` has added

    def add(self, identifier: str, kind: str | list[str], properties: Mapping[str, Any]) -> str:
        """Add an entity, or what is new of one that is there.

        Args:
            identifier: its id.
            kind: its type or types; those of an entity that is there are kept besides.
            properties: what is told of it; text is put on one line, and what is empty left out.

        Returns:
            The id.
        """
        entity = self._entities.setdefault(identifier, {"@type": []})
        kinds = [kind] if isinstance(kind, str) else kind
        entity["@type"] += [name for name in kinds if name not in entity["@type"]]
        for key, value in properties.items():
            tidy = _tidy(value)
            if tidy not in (None, "", []):
                entity.setdefault(key, tidy)
        return identifier

    def extend(self, identifier: str, key: str, targets: Iterable[str]) -> None:
        """Let a property of an entity that is there refer to more entities, to each once.

        Args:
            identifier: the entity's id.
            key: the property; nothing else than this adds to it.
            targets: the ids of what it refers to.
        """
        known = self._extended.setdefault((identifier, key), set())
        new = [target for target in dict.fromkeys(targets) if target not in known]
        known.update(new)
        self._entities[identifier].setdefault(key, []).extend(refs(new))

    def __contains__(self, identifier: str) -> bool:
        """Whether an entity is there."""
        return identifier in self._entities

    def get(self, identifier: str, key: str) -> Any:
        """A property of an entity that is there; None where it has no such."""
        return self._entities[identifier].get(key)

    def replace(self, identifier: str, key: str, value: str) -> None:
        """Put another value in the place of a property's."""
        self._entities[identifier][key] = value

    def write(self, root: Mapping[str, Any], descriptor: Mapping[str, Any], files: Iterable[str]) -> str:
        """Write ro-crate-metadata.json.

        Args:
            root: what is told of the bundle as a whole.
            descriptor: what is told of the metadata besides.
            files: the ids of the entities that are files of the bundle, or stand for files elsewhere.

        Returns:
            JSON-LD; the same bytes for the same graph.
        """
        from rocrate.model.contextentity import ContextEntity
        from rocrate.model.file import File
        from rocrate.rocrate import ROCrate

        crate = ROCrate(version=VERSION)
        crate.metadata.extra_contexts.append(RUN_TERMS)
        data = set(files)
        for name in sorted(self._entities):
            properties = {**self._entities[name], "@type": _single(self._entities[name]["@type"])}
            if name not in data:
                crate.add(ContextEntity(crate, name, properties))
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # that the file is not there yet
                crate.add(File(crate, *((name,) if "://" in name else (None, name)), properties=properties))
        for target, told in ((crate.root_dataset, root), (crate.metadata, descriptor)):
            for key, value in told.items():
                tidy = _tidy(value)
                if tidy not in (None, "", []):
                    target[key] = tidy
        content = crate.metadata.generate()
        content["@graph"] = sorted(map(_simple, content["@graph"]), key=_order)
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _tidy(value: Any) -> Any:
    """Text on one line; lists without what is empty."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, list | tuple):
        return [tidy for tidy in map(_tidy, value) if tidy not in (None, "")]
    return value


def _single(values: list[str]) -> list[str] | str:
    return values[0] if len(values) == 1 else values


def _simple(entity: Mapping[str, Any]) -> Entity:
    """Write a list of one as that one, as RO-Crate 1.1 recommends."""
    return {
        key: value[0] if isinstance(value, list) and len(value) == 1 else value
        for key, value in entity.items()
        if value != []
    }


def _order(entity: Mapping[str, Any]) -> tuple[int, str]:
    """The metadata first, then the bundle as a whole, then all else by its id."""
    first = {"ro-crate-metadata.json": 0, "./": 1}
    return first.get(entity["@id"], 2), entity["@id"]
