# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/configuration.md: every key of config/study.yaml, from the models that read it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML

from doc_reference import kinds, markdown
from doc_reference.markdown import code, entry, fence, sentence
from railcrate.study.config import Study
from railcrate.study.models import Training, TrainingOverride

EXAMPLE = Path(__file__).parent / "example.yaml"
ORIGIN = "src/railcrate/study and docs/tools/doc_reference/example.yaml"
DISCRIMINATORS = ("type", "kind")  # keys that say which of several kinds an entry is
# What a value may be, where its type alone says too little.
SAID = {"recipes.steps": "a list of [steps](steps.md)"}
_LONGEST = 90  # characters of an example that stands in a line

INTRODUCTION = """\
A study is described by one file, `config/study.yaml`. `railcrate check` says whether it is right; what is wrong is told with file, line, key, what was found and what was expected, before anything runs. A key that is not listed here is an error.

Names of sources, recipes, models and the like are yours: lower-case letters, digits, `-` and `_`, at most 40. Paths lead from the study's folder. What licenses name are [SPDX expressions](https://spdx.org/licenses/): see the [licenses](licenses.md) that railcrate knows.

Editors that read JSON Schema complete the file and explain each key when its first line names the schema, as in a study that `railcrate new` made. `railcrate schema` writes it.\
"""  # noqa: E501


def page() -> str:
    """Write the page.

    Returns:
        Its text.
    """
    fields = {kinds.key_of(name, field): field for name, field in Study.model_fields.items()}
    parts = {key: field for key, field in fields.items() if kinds.models_in(field.annotation)}
    plain = [_key(key, key, field, example(), {}) for key, field in fields.items() if key not in parts]
    overview = [
        (f"[`{key}`](#{key})", _needed(field), sentence(field.description or "")) for key, field in fields.items()
    ]
    return markdown.page(
        "Configuration",
        ORIGIN,
        INTRODUCTION,
        markdown.table(["part", "", "what it is"], overview),
        "## The study itself",
        "\n\n".join(plain),
        *(section for key, field in parts.items() for section in _part(key, field)),
    )


def _needed(field: FieldInfo) -> str:
    return "needed" if field.is_required() else ""


@cache
def example() -> Any:
    """The study that has every key, as it is written."""
    return YAML(typ="rt").load(EXAMPLE.read_text(encoding="utf-8"))


def _part(key: str, field: FieldInfo) -> Iterator[str]:
    """The section of a key at the top of the file."""
    models = kinds.models_in(field.annotation)
    here = example()[key]
    yield f"## {key}"
    told = sentence(field.description or "")
    about = "" if len(models) > 1 or kinds.is_list(field.annotation) else _doc(models[0])
    yield _how(field).strip() if about.startswith(told[:-1]) else told + _how(field)
    if len(models) == 1:
        yield about
        shown = _first(here)
        yield fence("yaml", _dump({key: shown}))
        yield from _keys(key, models[0], _samples(here), _inside(shown))
        return
    tag = next(name for name in DISCRIMINATORS if name in models[0].model_fields)
    common = set.intersection(*({*model.model_fields} for model in models)) - {tag}
    shared = models[0].__mro__[1]
    kinds_of = {_tag(model, tag): model for model in models}
    links = ", ".join(f"[`{name}`](#{key}-{name})" for name in kinds_of)
    yield f"The key `{tag}` says which kind it is: {links}. Each kind has keys of its own."
    if issubclass(shared, BaseModel) and {*shared.model_fields} <= common:
        yield f"Of every kind are these keys. {sentence(_doc(shared))}"
        yield from _keys(key, shared, _samples(here), {})
        common = {*shared.model_fields}
    else:
        common = set()
    for name, model in kinds_of.items():
        samples = [entry for entry in here.values() if entry[tag] == name]
        chosen = next(title for title, entry in here.items() if entry[tag] == name)
        yield f"### {key}: {name}"
        yield _doc(model)
        yield fence("yaml", _dump({key: {chosen: here[chosen]}}))
        yield from _keys(f"{key}.{name}", model, samples, here[chosen], without=(*common, tag))


def _how(field: FieldInfo) -> str:
    if kinds.is_named(field.annotation):
        name = "a name of yours" if kinds.is_named_freely(field.annotation) else "its name"
        return f" A mapping: {name}, and below it these keys."
    return " A list of entries with these keys." if kinds.is_list(field.annotation) else ""


def _doc(model: type[BaseModel]) -> str:
    paragraphs = re.split(r"\n\s*\n", (model.__doc__ or "").strip())
    return "\n\n".join(" ".join(part.split()) for part in paragraphs if part)


def _tag(model: type[BaseModel], tag: str) -> str:
    return str(get_args(model.model_fields[tag].annotation)[0])


def _keys(
    at: str, model: type[BaseModel], samples: list[Any], shown: Any, without: tuple[str, ...] = ()
) -> Iterator[str]:
    """The keys of a model, one entry for each; those that are `shown` already need no example."""
    for name, field in model.model_fields.items():
        key = kinds.key_of(name, field)
        if key not in without and name not in without:
            yield _key(f"{at}.{key}", key, field, _sample(samples, key), shown)


def _key(at: str, key: str, field: FieldInfo, sample: Any, shown: Any, level: int = 0) -> str:
    """One key, with the keys below it."""
    is_shown = isinstance(shown, Mapping) and key in shown
    models = kinds.models_in(field.annotation)
    given = sample.get(key) if isinstance(sample, Mapping) else None
    instance = "" if is_shown else _instance(key, given)
    facts = [SAID.get(at) or kinds.words(field.annotation, tuple(field.metadata)), _default(field)]
    text = sentence(markdown.escape(field.description or ""))
    if models == [TrainingOverride]:
        assert {*TrainingOverride.model_fields} <= {*Training.model_fields}
        link = "The keys are those of [`training`](#training)."
        return entry(at, key, ["", *facts[1:]], _joined(f"{text} {link}", instance), level=level)
    if not models:
        return entry(at, key, facts, _joined(text, instance), level=level)
    samples = _samples(given) if given is not None else []
    below = _inside(shown[key] if is_shown else _first(given))
    nested = []
    for name, inner in models[0].model_fields.items():
        own = kinds.key_of(name, inner)
        nested.append(_key(f"{at}.{own}", own, inner, _sample(samples, own), below, level + 1))
    facts[0] = (
        "a mapping of names to these keys" if kinds.is_named(field.annotation)
        else "a list of entries with these keys" if kinds.is_list(field.annotation)
        else "these keys"
    )  # fmt: skip
    return entry(at, key, facts, text, "" if is_shown else _block(key, given), level=level, nested=nested)


def _joined(text: str, instance: str) -> str:
    """Put an example behind a text: in its line where it is one."""
    return f"{text} {instance}" if "\n" not in instance else f"{text} {instance.lstrip()}"


def _inside(shown: Any) -> Any:
    """The entry that an example shows: the first of a list or of a mapping of names, or the thing itself."""
    samples = _samples(shown)
    return samples[0] if samples else {}


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    if not kinds.has_default(field):
        return ""
    return f"default {code(markdown.value(field.get_default(call_default_factory=True)))}"


def _samples(given: Any) -> list[Any]:
    """The entries of an example: those of a list or of a mapping of names, or the thing itself."""
    if isinstance(given, list):
        return list(given)
    if isinstance(given, Mapping) and given and all(isinstance(inner, Mapping) for inner in given.values()):
        return [*given.values(), given]
    return [given]


def _sample(samples: list[Any], key: str) -> Any:
    """The first entry that has a key."""
    return next((sample for sample in samples if isinstance(sample, Mapping) and key in sample), None)


def _instance(key: str, given: Any) -> str:
    """An example of a key: in a line where it is short, else as a block."""
    if given is None:
        return ""
    line = f"{key}: {markdown.value(_plain(given))}"
    return f"Example: {code(line)}" if len(line) <= _LONGEST else f"Example:\n\n{_block(key, given)}"


def _block(key: str, given: Any) -> str:
    return fence("yaml", _dump({key: _first(given)})) if given is not None else ""


def _first(given: Any) -> Any:
    """Of several entries the first one, for an example that is short."""
    if isinstance(given, list) and given and isinstance(given[0], Mapping):
        return given[:1]
    named = isinstance(given, Mapping) and given and all(isinstance(inner, Mapping) for inner in given.values())
    if named and {*given} != {"waivers", "own"}:
        name = next(iter(given))
        return {name: given[name]}
    return given


def _dump(content: Any) -> str:
    """Write a part of the example as it stands there."""
    editor = YAML(typ="rt")
    editor.width = 100
    editor.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    editor.dump(content, text)
    return re.sub(r"\n\n+", "\n", text.getvalue())


def _plain(given: Any) -> Any:
    """The same without what ruamel.yaml remembers of how it was written."""
    if isinstance(given, Mapping):
        return {key: _plain(inner) for key, inner in given.items()}
    if isinstance(given, list):
        return [_plain(inner) for inner in given]
    for kind in (bool, int, float, str):
        if isinstance(given, kind):
            return kind(given)
    return given
