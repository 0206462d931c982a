# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A variant's data card: the workflow's rule `card`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from railcrate.data.contamination import SHORTEST, NgramIndex
from railcrate.data.quality import DEFINITIONS, NGRAM, Collection, hashed, measure, shared
from railcrate.data.steps.near_duplicates import NearDuplicateParameters, find_twins
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json, write_json
from railcrate.study.grid import sources_of
from railcrate.study.records import job_record

CONTAMINATION = 13  # words
EXAMPLES = 5


def write_card(folder: Path, study: Study, variant: str) -> None:
    """Write a variant's card for machines (JSON).

    Args:
        folder: the study's folder.
        study: the configuration.
        variant: the variant's name.
    """
    with job_record(folder, "card", variant):
        own = _measured(folder, variant)
        others = [name for name in study.recipes if name != variant]
        recipe, steps = study.recipes[variant], read_json(folder / paths.variant_report(variant))
        card: dict[str, Any] = {
            "variant": variant,
            "title": recipe.title or variant,
            "description": recipe.description or "",
            "license": {name: study.sources[name].license for name in sources_of(study, variant)},
            "sources": [_source(study, name) for name in sources_of(study, variant)],
            "steps": [entry["step"] for entry in steps["steps"]],
            "rows": own.rows,
            "bytes": own.bytes,
            "words": own.words,
            "language": own.language,
            "quality": {name: own.quality[name] for name in DEFINITIONS if name in own.quality},
            "overlap": {
                "benchmarks": _contamination(folder, study, variant),
                "variants": {name: shared(own, hashed(_texts(folder, name))) for name in others},
            },
        }
        write_json(folder / paths.card_json(variant), card)


def _source(study: Study, name: str) -> dict[str, Any]:
    source = study.sources[name]
    limit = {} if source.limit is None else {"limit": source.limit}
    stated = {"title": source.title, "type": source.type, "license": source.license, "citation": source.citation}
    return {"source": name, **stated, **limit}


def _texts(folder: Path, variant: str) -> Iterator[list[str]]:
    with pq.ParquetFile(folder / paths.variant_text(variant)) as table:
        for batch in table.iter_batches(batch_size=500, columns=["text"], use_threads=False):
            yield batch.column(0).to_pylist()


def _measured(folder: Path, variant: str) -> Collection:
    """Everything that there is to measure of a variant."""
    path = folder / paths.variant_text(variant)
    total = pq.read_metadata(path).num_rows
    found = measure(_texts(folder, variant), total=total)
    # On the study's own disk: the signatures may take as much room as the variant.
    state = folder / paths.STATE / "card" / variant
    shutil.rmtree(state, ignore_errors=True)  # left by a run that was killed
    state.mkdir(parents=True)
    try:
        twins = find_twins(_texts(folder, variant), total, NearDuplicateParameters(), state)
    finally:
        shutil.rmtree(state, ignore_errors=True)
    found.quality["near_duplicate_rows"] = round(len(twins.copies) / max(1, total), 4)
    return found


def _contamination(folder: Path, study: Study, variant: str) -> dict[str, Any]:
    """For each benchmark: how many of its items stand in the variant."""
    index = NgramIndex.of(folder, study, CONTAMINATION)
    found: dict[str, dict[str, str]] = {name: {} for name in index.counts}
    for texts in _texts(folder, variant):
        for match in index.find(texts):
            for item in (index.items[owner] for owner in match.owners):
                found[item.benchmark].setdefault(item.name, match.ngram)
    return {
        name: {
            "n": CONTAMINATION,
            **count,
            "matched": len(found[name]),
            "share": round(len(found[name]) / count["items"], 4) if count["items"] else 0.0,
            "examples": [{"item": item, "ngram": gram} for item, gram in sorted(found[name].items())[:EXAMPLES]],
        }
        for name, count in index.counts.items()
    }


def markdown(card: dict[str, Any]) -> str:
    """Write a card for readers.

    Args:
        card: the card's content.

    Returns:
        Markdown.
    """
    lines = [f"# {card['title']}", ""]
    if card["description"]:
        lines += [f"{card['description'][0].upper()}{card['description'][1:]}.", ""]
    lines += [
        f"{card['rows']:,} texts, {card['words']:,} words, {card['bytes']:,} bytes; most of them in the language "
        f"`{card['language']}`, as py3langid identifies it.",
        "",
        "## Where it is from",
        "",
    ]
    for source in card["sources"]:
        first = f", the first {source['limit']:,} rows" if "limit" in source else ""
        lines.append(
            f"- {source['title'] or source['source']} ({source['type']}{first}), {source['license']}. "
            f"{source['citation']}."
        )
    lines += [
        "",
        f"Steps: {', '.join(card['steps']) or 'none'}.",
        "",
        "## Quality",
        "",
        "| measure | value | what it is |",
        "| --- | ---: | --- |",
    ]
    lines += [f"| {name} | {value:,} | {DEFINITIONS[name]} |" for name, value in card["quality"].items()]
    lines += [
        "",
        "## Overlap with the benchmarks",
        "",
        f"An item counts when {CONTAMINATION} of its words in a row stand in a text, or all of a shorter one. "
        f"Items of which nothing has {SHORTEST} words cannot be found.",
        "",
        "| benchmark | items | too short | found | share |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {name} | {entry['items']:,} | {entry['too_short']:,} | {entry['matched']:,} | {entry['share']:.1%} |"
        for name, entry in card["overlap"]["benchmarks"].items()
    ]
    if card["overlap"]["variants"]:
        lines += [
            "",
            "## Overlap with the other variants",
            "",
            f"| variant | its texts in common | runs of {NGRAM} words in common |",
            "| --- | ---: | ---: |",
        ]
        lines += [
            f"| {name} | {entry['exact_share']:.1%} | {entry['ngram_share']:.1%} |"
            for name, entry in card["overlap"]["variants"].items()
        ]
    return "\n".join(lines) + "\n"
