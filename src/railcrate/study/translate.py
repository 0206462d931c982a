# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""pydantic's errors in plain words: what was found, what was expected, the nearest valid name."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from railcrate.study.config import Study
from railcrate.study.problems import Key, Problem, nearest

# Keys by which pydantic tells the members of a union apart: they stand in its locations,
# but not in the file.
DISCRIMINATORS = ("type", "kind")

KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping (name: …)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
}
PATTERNS = {
    r"^[a-z0-9][a-z0-9_-]{0,39}$": "a name of lower-case letters, digits, '-' and '_', at most 40",
    r"^[0-9a-f]{64}$": "a sha256: 64 hexadecimal digits (`sha256sum FILE` prints it)",
    r"^[0-9a-f]{40}$": "a full commit hash: 40 hexadecimal digits",
    r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$": "an ORCID such as 0000-0002-1825-0097",
    r"^https?://.+": "an address that begins with https://",
    r"^10\.\d{4,9}/.+$": "a DOI such as 10.5281/zenodo.1234567",
    r"^[A-Z]{3}$": "a country's three-letter code (ISO 3166-1 alpha-3), such as DEU",
    r"^[a-z0-9][a-z0-9_-]*/[a-z_]+$": "benchmark/metric, such as grammar/accuracy",
}


def translate(error: ValidationError, content: Any, top: type[BaseModel] = Study) -> list[Problem]:
    """Turn pydantic's errors into problems.

    Args:
        error: what pydantic raised.
        content: what the file holds, or the part of it that was validated.
        top: the model that it was validated against.

    Returns:
        One problem for each mistake; its key begins at the top of `content`.
    """
    return [_problem(entry, content, top) for entry in error.errors(include_url=False)]


def _problem(entry: Any, content: Any, top: type[BaseModel]) -> Problem:
    key, model = in_file(entry["loc"], content, top)
    kind, context = entry["type"], entry.get("ctx", {})
    found = _show(entry["input"])
    if kind == "extra_forbidden":
        return Problem(key, "a key that does not exist", "a known key", nearest(str(key[-1]), _keys(model)))
    if kind == "missing":
        return Problem(key[:-1], "no " + f"'{key[-1]}'", _describe(model, str(key[-1])))
    if kind == "union_tag_not_found":
        tags = _tags(context)
        return Problem(key, f"no '{_tag_key(context)}'", f"one of {tags} as its '{_tag_key(context)}'")
    if kind == "union_tag_invalid":
        tag = str(context["tag"])
        valid = str(context["expected_tags"]).replace("'", "").split(", ")
        return Problem((*key, _tag_key(context)), f"'{tag}'", f"one of {', '.join(valid)}", nearest(tag, valid))
    if kind == "literal_error":
        valid = [part.strip("' ") for part in str(context["expected"]).replace(" or ", ", ").split(",")]
        return Problem(key, found, f"one of {', '.join(valid)}", nearest(str(entry["input"]), valid))
    if kind == "string_pattern_mismatch":
        return Problem(_without_marker(key), found, PATTERNS.get(context["pattern"], f"text like {context['pattern']}"))
    if kind in {"too_short", "string_too_short"}:
        return Problem(key, "nothing" if not entry["input"] else found, f"at least {context['min_length']}")
    if kind == "value_error":
        return Problem(key, found, str(context["error"]))
    if kind in KINDS:
        return Problem(_without_marker(key), found, KINDS[kind])
    message = entry["msg"].removeprefix("Input should be ")
    return Problem(key, found, message[0].lower() + message[1:])


def _without_marker(key: Key) -> Key:
    return key[:-1] if key and key[-1] == "[key]" else key


def in_file(
    location: tuple[Any, ...], content: Any, top: type[BaseModel] = Study
) -> tuple[Key, type[BaseModel] | None]:
    """Turn pydantic's location into the file's keys, and find the model that it is in.

    Args:
        location: pydantic's `loc`.
        content: what the file holds.
        top: the model of all of it.

    Returns:
        The keys from the top of the file, and the model that has the last one; None where
        it is not clear which.

    pydantic puts names of union members between the keys ("url", "str", "list[int]"):
    whatever is not a key of what stands in the file at that place is left out, unless it
    is the last part, which may well be missing from the file.
    """
    key: list[str | int] = []
    node = content
    for position, part in enumerate(location):
        last = position == len(location) - 1
        if (isinstance(node, dict) and part in node) or (
            isinstance(node, list) and isinstance(part, int) and part < len(node)
        ):
            key.append(part)
            node = node[part]
        elif last and isinstance(node, dict) and isinstance(part, str):
            key.append(part)
    return tuple(key), _model_at(location, top)


def _model_at(location: tuple[Any, ...], top: type[BaseModel]) -> type[BaseModel] | None:
    """Follow a location through the models to the one that holds its last key."""
    model: Any = top
    for part in location[:-1]:
        model = _inner(model, part)
        if model is None:
            return None
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def _inner(annotation: Any, part: Any) -> Any:
    """The annotation one step further in; the same where the step only names a union's member."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = _field(annotation, str(part))
        return _plain(field.annotation) if field is not None else annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict:
        return _plain(arguments[1])
    if origin is list:
        return _plain(arguments[0])
    if origin in {Union, UnionType}:
        for member in map(_plain, arguments):
            if isinstance(member, type) and issubclass(member, BaseModel):
                tags = [
                    get_args(member.model_fields[name].annotation)
                    for name in DISCRIMINATORS
                    if name in member.model_fields
                ]
                if any(part in tag for tag in tags):
                    return member
        models = [
            member for member in map(_plain, arguments) if isinstance(member, type) and issubclass(member, BaseModel)
        ]
        return _inner(models[0], part) if len(models) == 1 else None
    return None


def _plain(annotation: Any) -> Any:
    """Strip `Annotated`, and `None` from a union with one other member."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in {Union, UnionType}:
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return _plain(members[0])
    return annotation


def _field(model: type[BaseModel], name: str) -> FieldInfo | None:
    return next((field for key, field in model.model_fields.items() if name in {key, field.alias}), None)


def _keys(model: type[BaseModel] | None) -> list[str]:
    return [] if model is None else [field.alias or name for name, field in model.model_fields.items()]


def _describe(model: type[BaseModel] | None, name: str) -> str:
    field = _field(model, name) if model is not None else None
    return f"'{name}': {field.description}" if field is not None and field.description else f"'{name}'"


def _tag_key(context: Any) -> str:
    return str(context["discriminator"]).strip("'")


def _tags(context: Any) -> str:
    return "local, url, hub, synthetic, doi" if _tag_key(context) == "type" else "scratch, finetune, pretrained"


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping with " + (", ".join(map(str, value)) if value else "no key")
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}…'"
    return str(value)
