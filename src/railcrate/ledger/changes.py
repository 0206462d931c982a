# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What differs between the settings that a job ran with and those that it would run with, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from railcrate.ledger.expected import Job

_LONGEST = 40  # characters of a value in a sentence
_MANY = 4  # differences of one job that are told
# Where a rule's settings stand in the configuration; {} is the job's subject.
_PLACES = {
    "fetch": "sources.{}",
    "curate": "recipes.{}",
    "tokenizer": "tokenizers.{}",
    "base": "models.{}.base",
    "compare": "comparisons",
}


def settings_changes(job: Job, before: str) -> list[str]:
    """Say what has changed in a job's settings.

    Args:
        job: the job, with its settings as they are.
        before: its settings as they were, as JSON.

    Returns:
        A phrase for each difference, such as "sources.english.seed was 1, is 2"; the first few.
    """
    try:
        old, new = json.loads(before), json.loads(job.settings)
    except ValueError:  # not written by these rules
        return ["its settings have changed"]
    found = list(_differences(old, new, _places(job)))
    more = [f"and {len(found) - _MANY} more"] if len(found) > _MANY else []
    return found[:_MANY] + more or ["its settings have changed"]


def _places(job: Job) -> dict[str, str]:
    """Where the parts of a job's settings stand in the configuration; "" for all other parts."""
    subject = job.name.split(".", maxsplit=1)[0]
    if job.rule == "train":
        return {"model": f"models.{subject}", "training": "training"}
    if job.rule == "evaluate":
        return {"benchmark": f"benchmarks.{job.name.rsplit('.', 1)[-1]}", "evaluation": "evaluation"}
    if job.rule == "tokenize":
        return {"": "training"}
    return {"": _PLACES.get(job.rule, "").format(subject)}


def _differences(old: Any, new: Any, places: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield from _changed(old, new, places.get("", ""))
        return
    for key in dict.fromkeys([*old, *new]):
        place = places.get(key, _dotted(places.get("", ""), key))
        yield from _changed(old.get(key), new.get(key), place)


def _changed(old: Any, new: Any, place: str) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _changed(old.get(key), new.get(key), _dotted(place, key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _changed_list(old, new, place)
    else:
        yield f"{place} was {_value(old)}, is {_value(new)}"


def _changed_list(old: Sequence[Any], new: Sequence[Any], place: str) -> Iterator[str]:
    """Name what was taken out of a list and what was added; entries of mappings are told whole."""
    gone, added = [entry for entry in old if entry not in new], [entry for entry in new if entry not in old]
    if not gone and not added:
        yield f"{place} has another order"
    elif len(gone) == 1 and len(added) == 1:
        yield f"{place}: {_value(gone[0])} became {_value(added[0])}"
    else:
        yield from (f"{place}: {_value(entry)} was taken out" for entry in gone)
        yield from (f"{place}: {_value(entry)} was added" for entry in added)


def _dotted(place: str, key: Any) -> str:
    return f"{place}.{key}" if place else str(key)


def _value(value: Any) -> str:
    """A value as one would write it, cut where it is long."""
    if value is None:
        return "not set"
    if isinstance(value, str):
        text = value
    elif isinstance(value, dict) and len(value) == 1:  # a step of a recipe: name and parameters
        name, parameters = next(iter(value.items()))
        text = f"{name} {json.dumps(parameters, ensure_ascii=False)}" if parameters else str(name)
    else:
        text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
