# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/steps.md: the steps of recipes, each with its parameters and what it did to a few rows."""

from __future__ import annotations

import inspect
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from doc_reference import kinds, markdown
from doc_reference.markdown import code, entry, escape, fence, sentence
from railcrate.data.steps import STEPS, read_parameters
from railcrate.data.steps.registry import Step, StepContext, StepResult
from railcrate.study import units
from railcrate.study.config import Study

ORIGIN = "src/railcrate/data/steps and docs/tools/doc_reference/steps.yaml"
ROWS = Path(__file__).parent / "steps.yaml"

INTRODUCTION = """\
A [recipe](configuration.md#recipes) is a list of steps, done in their order. A step is written as its name, or as its name with parameters; what is not given has its default. `railcrate steps` lists them, `railcrate steps NAME` describes one.

Of every step the report and the data card tell how many rows and bytes came in and went out, how many rows were changed, removed and added, up to ten of them as examples, and the details that are shown here. What is shown below was computed by the steps themselves, on the rows in the tables.

[A step of your own](../how-to/recipe-step.md) is a function in `steps/`, named as `steps/mine.py:function`.\
"""  # noqa: E501


def page() -> str:
    """Write the page.

    Returns:
        Its text.
    """
    import datasets

    datasets.disable_progress_bars()
    examples = yaml.safe_load(ROWS.read_text(encoding="utf-8"))
    overview = [(f"[`{step.name}`](#{step.name})", escape(step.summary)) for step in STEPS.values()]
    return markdown.page(
        "Recipe steps",
        ORIGIN,
        INTRODUCTION,
        markdown.table(["step", "what it does"], overview),
        *(part for step in STEPS.values() for part in _step(step, examples[step.name])),
    )


def _step(step: Step, example: dict[str, Any]) -> Iterator[str]:
    """The section of a step."""
    yield f"## {step.name}"
    yield escape(inspect.cleandoc(inspect.getdoc(step.function) or "").split("\n\nArgs:")[0])
    for name, field in step.parameters.model_fields.items():
        key = kinds.key_of(name, field)
        nested = [
            entry(f"{step.name}.{key}.{inner}", inner, [kinds.words(f.annotation, tuple(f.metadata)), _default(f)],
                  sentence(escape(f.description or "")), level=1)
            for model in kinds.models_in(field.annotation) for inner, f in model.model_fields.items()
        ]  # fmt: skip
        facts = [kinds.words(field.annotation, tuple(field.metadata)), _default(field)]
        yield entry(f"{step.name}.{key}", key, facts, sentence(escape(field.description or "")), nested=nested)
    given = example["given"]
    written: Any = {step.name: given} if given else step.name
    yield fence("yaml", f"steps:\n  - {markdown.value(written)[1:-1] if given else written}")
    rows, result = _do(step, example)
    yield markdown.table(["row", "what becomes of it"], _fates(rows, result))
    yield _report(result)


def _report(result: StepResult) -> str:
    """What the step reports: its counts in words, its details as they are."""
    counts = [(result.changed, "changed"), (result.removed, "removed"), (result.added, "added")]
    told = ", ".join(f"{units.count(number, 'row')} {what}" for number, what in counts if number)
    if not result.details:
        return f"It reports {told}." if told else ""
    details = fence("json", json.dumps(result.details, ensure_ascii=False, indent=2))
    return f"It reports {f'{told}, and' if told else ''}:\n\n{details}".replace(" :", ":")


def _default(field: Any) -> str:
    if field.is_required():
        return "**needed**"
    if not kinds.has_default(field):
        return ""
    return f"default {code(markdown.value(field.get_default(call_default_factory=True)))}"


def _do(step: Step, example: dict[str, Any]) -> tuple[Any, StepResult]:
    """Do a step on its rows, as the only one of a recipe."""
    from datasets import Dataset

    pairs = [row if isinstance(row, list) else [row, "found"] for row in example["rows"]]
    rows = Dataset.from_dict(
        {
            "id": [str(number) for number in range(1, len(pairs) + 1)],
            "text": [text for text, _ in pairs],
            "source": [source for _, source in pairs],
        }
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        items = example.get("items", [])
        (folder / "items.jsonl").write_text("".join(json.dumps({"text": item}) + "\n" for item in items))
        context = StepContext(folder, _study(), "raw", 0, folder)
        result = step.function(rows, read_parameters(step, example["given"], context.where), context)
    return rows, result


def _study() -> Study:
    terms = {"type": "local", "path": "*.txt", "license": "CC0-1.0", "citation": "nobody"}
    return Study.model_validate(
        {
            "title": "An example",
            "abstract": "What a step does.",
            "creators": [{"name": "Railcrate"}],
            "sources": {"found": terms, "generated": terms},
            "recipes": {"raw": {"from": ["found", "generated"]}},
            "models": {"base": {"kind": "pretrained", "base": {"path": "base", "license": "CC0-1.0"}}},
            "benchmarks": {"test": {"tasks": ["*"], "path": "tasks", "data": ["items.jsonl"]}},
        }
    )


def _fates(before: Any, result: StepResult) -> Iterator[tuple[str, str]]:
    """What became of each row: stays, changed to what, or gone and why; and where the order is another."""
    places: dict[str, list[int]] = {}
    texts: dict[str, str] = {}
    for place, row in enumerate(result.rows, start=1):
        identifier = row["id"].split("#")[0]
        places.setdefault(identifier, []).append(place)
        texts[identifier] = row["text"]
    reasons = {entry["id"]: entry["reason"] for entry in result.examples if entry["after"] is None}
    several = len(set(before["source"])) > 1
    kept = [place for row in before for place in places.get(row["id"], [])]
    moved = kept != sorted(kept) or any(len(there) > 1 for there in places.values())
    for row in before:
        shown = f"{_visible(row['text'])}" + (f" ({row['source']})" if several else "")
        there = places.get(row["id"])
        if there is None:
            yield shown, f"removed{': ' + escape(reasons[row['id']]) if row['id'] in reasons else ''}"
        elif texts[row["id"]] != row["text"]:
            yield shown, _visible(texts[row["id"]])
        elif moved:
            yield shown, f"row {' and '.join(map(str, there))}"
        else:
            yield shown, "stays"


def _visible(text: str) -> str:
    shown = text.replace("\r", "\\r").replace("\n", "\\n")
    return code(shown.replace("  ", "\u00a0 "))
