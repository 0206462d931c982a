# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The study's configuration as a part of the report, with a place to go to at each of its keys.

Much of what shows how open a study is stands in its configuration. A browser cannot go to a key
of a YAML file, and a report that was sent by mail has no such file beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import yaml
from markupsafe import Markup, escape

from railcrate.study import paths

PREFIX = "config"
LEFT_OUT = "release"
MERGE = "<<"  # YAML's key that takes over the keys of another mapping
Spot = tuple[int, int, int]  # line, first and last column


@dataclass(frozen=True)
class Configuration:
    """A configuration, as it is written, without what differs from release to release.

    Attributes:
        text: the file's content, YAML.
        path: where it is in the study.
    """

    text: str
    path: str = paths.CONFIG

    @cached_property
    def _root(self) -> yaml.Node | None:
        return yaml.compose(self.text, Loader=yaml.CSafeLoader)

    @cached_property
    def _left_out(self) -> range:
        """The lines of `release`: the report tells nothing of it, so that a new version makes no new report."""
        for key, value in self._root.value if isinstance(self._root, yaml.MappingNode) else ():
            if key.value == LEFT_OUT:
                end = value.end_mark.line + (value.end_mark.column > 0)
                lines = self.text.splitlines()
                while lines[end - 1].strip() == "" or lines[end - 1].startswith("#"):  # they belong to what follows
                    end -= 1
                return range(key.start_mark.line, end)
        return range(0)

    @cached_property
    def _keys(self) -> dict[str, Spot]:
        """Where each key stands, by its path, such as `licenses.weights`; what an alias repeats stands at one spot."""
        found: dict[str, Spot] = {}
        for name, spot in _keys(self._root):
            if spot[0] not in self._left_out:
                found.setdefault(name, spot)
        return found

    @cached_property
    def _ids(self) -> dict[Spot, str]:
        """The id of each spot: by the first path that leads there."""
        return {spot: _id(name) for name, spot in reversed(self._keys.items())}

    def shows(self, key: str) -> bool:
        """Tell whether a key belongs to what is shown, be it written or not."""
        return key.partition(".")[0] != LEFT_OUT

    def anchor(self, key: str) -> str:
        """Name the place of a key.

        Args:
            key: its path, such as `licenses.weights`.

        Returns:
            The id of its place in the page; where it is not written, of the nearest key above that is.
        """
        while key and key not in self._keys:
            key = key.rpartition(".")[0]
        return self._ids[self._keys[key]] if key else PREFIX

    def note(self, key: str) -> str | None:
        """Say so where a key is not written in the file."""
        return None if not key or key in self._keys else "not set"

    def html(self) -> Markup:
        """Write it for the page, each key with its id."""
        at: dict[int, list[tuple[int, int, str]]] = {}
        for (line, start, end), name in self._ids.items():
            at.setdefault(line, []).append((start, end, name))
        return Markup("\n").join(
            _marked(line, sorted(at.get(number, [])))
            for number, line in enumerate(self.text.splitlines())
            if number not in self._left_out
        )


def _keys(node: yaml.Node | None, above: str = "") -> Iterator[tuple[str, Spot]]:
    if isinstance(node, yaml.SequenceNode):
        for number, part in enumerate(node.value):
            yield from _keys(part, f"{above}{number}.")
    if isinstance(node, yaml.MappingNode):
        # A key of its own stands before one that comes with `<<`, which it overrides.
        for key, value in sorted(node.value, key=lambda pair: pair[0].value == MERGE):
            start, end = key.start_mark, key.end_mark
            if key.value == MERGE:
                yield from _merged(value, above)
            elif isinstance(key, yaml.ScalarNode) and start.line == end.line:
                yield f"{above}{key.value}", (start.line, start.column, end.column)
                yield from _keys(value, f"{above}{key.value}.")


def _merged(node: yaml.Node, above: str) -> Iterator[tuple[str, Spot]]:
    for part in node.value if isinstance(node, yaml.SequenceNode) else [node]:
        yield from _keys(part, above)


def _id(key: str) -> str:
    return re.sub(r"\s", "_", f"{PREFIX}.{key}")


def _marked(line: str, keys: list[tuple[int, int, str]]) -> Markup:
    """A line with its keys marked; everything else is text."""
    found, done = Markup(""), 0
    for start, end, name in keys:
        found += escape(line[done:start]) + Markup('<b id="{}">{}</b>').format(name, line[start:end])
        done = end
    return found + escape(line[done:])
