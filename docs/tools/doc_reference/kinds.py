# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Types of pydantic's models in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from doc_reference.markdown import code
from railcrate.study.translate import PATTERNS

# Patterns that messages have no words for.
MORE_PATTERNS = {
    r"^(folder|zenodo|sandbox|https?://.+)$": "`folder`, `zenodo`, `sandbox`, or an address",
    r"^LicenseRef-[A-Za-z0-9.-]+$": "an id that begins with LicenseRef-",
    r"^[0-9a-f]{32}$": "an md5: 32 hexadecimal digits",
    r"^[0-9a-f]{64}$": "a sha256: 64 hexadecimal digits",
}
PLAIN: dict[Any, tuple[str, str]] = {
    str: ("text", "texts"),
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("`true` or `false`", "`true` or `false`"),
    date: ("a date, such as 2027-06-01", "dates"),
    Any: ("anything", "anything"),
}


def words(annotation: Any, metadata: tuple[Any, ...] = (), *, many: bool = False) -> str:
    """Say what a value may be.

    Args:
        annotation: its type.
        metadata: what else the field says of it, such as a smallest number.
        many: whether several of it are meant.

    Returns:
        A phrase, such as "a whole number of at least 1".
    """
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        metadata = (*metadata, *more)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        members = [member for member in arguments if member is not type(None)]
        return " or ".join(dict.fromkeys(words(member, metadata, many=many) for member in members))
    if origin is Literal:
        return _choice(arguments)
    if origin in {list, tuple}:
        inner = arguments[0]
        return f"a list of {words(inner, many=True)}"
    if origin is dict:
        return "names and their values" if many else "a mapping"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "entries with these keys" if many else "these keys"
    singular, plural = PLAIN[annotation]
    said = _pattern(metadata, many=many)
    if said:
        return said
    return f"{plural if many else singular}{_bounds(metadata)}"


def _choice(arguments: tuple[Any, ...]) -> str:
    shown = [code(argument) for argument in arguments]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _constraints(metadata: tuple[Any, ...]) -> Iterator[Any]:
    """What limits a value; pydantic keeps it in the metadata, or inside a FieldInfo there."""
    for item in metadata:
        if isinstance(item, FieldInfo):
            yield from _constraints(tuple(item.metadata))
        else:
            yield item


def _pattern(metadata: tuple[Any, ...], *, many: bool) -> str:
    for item in _constraints(metadata):
        pattern = item.pattern if isinstance(item, StringConstraints) else getattr(item, "pattern", None)
        if pattern is not None:
            if str(pattern) == r"^[a-z0-9][a-z0-9_-]{0,39}$":
                return "names" if many else "a name"
            return MORE_PATTERNS.get(str(pattern)) or PATTERNS[str(pattern)]
        if callable(item) or hasattr(item, "func"):
            function = getattr(item, "func", item)
            if getattr(function, "__name__", "") == "_inside":
                return "paths" if many else "a path"
            if getattr(function, "__name__", "") == "_share":
                return "a share such as `40%`"
    return ""


def _bounds(metadata: tuple[Any, ...]) -> str:
    found: dict[str, Any] = {}
    for item in _constraints(metadata):
        for kind in (annotated_types.Ge, annotated_types.Gt, annotated_types.Le, annotated_types.Lt):
            if isinstance(item, kind):
                name = kind.__name__.lower()
                found[name] = getattr(item, name)
    if "ge" in found and "le" in found:
        return f" from {found['ge']} to {found['le']}"
    said = [
        text.format(found[name])
        for name, text in (("ge", "of at least {}"), ("gt", "above {}"), ("le", "of at most {}"), ("lt", "below {}"))
        if name in found
    ]
    return f" {' and '.join(said)}" if said else ""


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """List the models that a value may be, inside of lists, mappings and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found = [model for inner in get_args(annotation) for model in models_in(inner)]
    return list(dict.fromkeys(found))


def is_named(annotation: Any) -> bool:
    """Whether a value is a mapping of names that a study gives."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return get_origin(annotation) is dict


def is_named_freely(annotation: Any) -> bool:
    """Whether the names of such a mapping are any that a study chooses, and not those of something else."""
    return _pattern(get_args(get_args(annotation)[0])[1:], many=False) == "a name"


def is_list(annotation: Any) -> bool:
    """Whether a value is a list."""
    return get_origin(annotation) is list


def key_of(name: str, field: FieldInfo) -> str:
    """The key of a field in a file."""
    return field.alias or name


def has_default(field: FieldInfo) -> bool:
    """Whether a field has a default worth telling: a value, and not merely nothing."""
    if field.is_required():
        return False
    default = field.get_default(call_default_factory=True)
    if default == "" and any(isinstance(item, annotated_types.MinLen) for item in field.metadata):
        return False  # stands for nothing, which nobody may write
    return default is not None and default not in ([], {}, ()) and not isinstance(default, BaseModel)
