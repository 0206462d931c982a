# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What tells how data was made may quote it: passages of sources and variants that are withheld.

What a step did is shown with examples, a data card names passages that a benchmark has, too,
and the report shows some of both. Where the data is withheld, these are withheld with it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcrate.bundle.components import Publishing, component_of
from railcrate.study import paths
from railcrate.study.config import Study

# As the report's template shows them.
_EXAMPLES = re.compile(rb"<details><summary>Examples of what the steps did</summary>.*?</details>", re.DOTALL)
SHORTEST = 12  # characters of a passage; what is shorter is found anywhere


@dataclass(frozen=True)
class Quotes:
    """What is quoted of withheld data, and where.

    Attributes:
        files: for each file that quotes, the component that it quotes.
        passages: the beginning of each passage, with its component.
    """

    files: Mapping[str, str]
    passages: Mapping[str, str]


def find_quotes(study: Study, publishing: Publishing, stored: Mapping[str, Path]) -> Quotes:
    """Find what quotes withheld data.

    Args:
        study: the configuration.
        publishing: what may be published.
        stored: the content of each file that DVC keeps, by its path.

    Returns:
        The quotes.
    """
    withheld = {
        name
        for name in (*(f"sources.{name}" for name in study.sources), *(f"variants.{name}" for name in study.recipes))
        if publishing.why_withheld(name)
    }
    files: dict[str, str] = {}
    passages: dict[str, str] = {}
    for path, owner, texts in _passages(study, withheld, stored) if withheld else ():
        if texts:
            files[path] = owner
            passages.update(dict.fromkeys(texts, owner))
    report = stored.get(paths.REPORT)
    if report is not None:
        quoted = quoted_in(report.read_text(encoding="utf-8", errors="replace"), passages)
        if quoted is not None:
            files[paths.REPORT] = quoted
    return Quotes(files, passages)


def without_quotes(path: str, content: bytes) -> bytes:
    """Take the quotes out of a file that tells how data was made, or out of the report.

    Args:
        path: where it is in the study.
        content: what it holds.

    Returns:
        The same without examples.
    """
    if path == paths.REPORT:
        return _EXAMPLES.sub(b"", content)
    told = json.loads(content)
    for part in (*told.get("steps", ()), *told.get("overlap", {}).get("benchmarks", {}).values()):
        if isinstance(part, dict) and "examples" in part:
            part["examples"] = []
    return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"


def quoted_in(text: str, passages: Mapping[str, str]) -> str | None:
    """Name the component of the first passage that a page shows, in part or whole; None where it shows none."""
    plain = html.unescape(text)
    return next((owner for passage, owner in passages.items() if passage in plain), None)


def _passages(study: Study, withheld: set[str], stored: Mapping[str, Path]) -> Iterator[tuple[str, str, list[str]]]:
    for variant in study.recipes:
        own = f"variants.{variant}" if f"variants.{variant}" in withheld else None
        path = paths.variant_report(variant)
        for quoted, texts in _by_owner(_examples(stored, path), own, withheld).items():
            yield path, quoted, texts
        path = paths.card_json(variant)
        for benchmark, entry in _load(stored, path).get("overlap", {}).get("benchmarks", {}).items():
            data = study.benchmarks[benchmark].data if benchmark in study.benchmarks else []
            owner = own or next((name for name in map(component_of, data) if name in withheld), None)
            if owner:
                yield path, owner, [example["ngram"] for example in entry.get("examples", ())]


def _examples(stored: Mapping[str, Path], path: str) -> Iterator[dict[str, Any]]:
    for step in _load(stored, path).get("steps", ()):
        yield from step.get("examples", ())


def _by_owner(examples: Iterable[dict[str, Any]], own: str | None, withheld: set[str]) -> dict[str, list[str]]:
    """The passages that examples quote of withheld components; a row's id begins with its source."""
    found: dict[str, list[str]] = {}
    for example in examples:
        source = f"sources.{str(example.get('id')).split('/', maxsplit=1)[0]}"
        owner = own or (source if source in withheld else None)
        for text in (example.get("before"), example.get("after")):
            if owner and text:
                begin = str(text).strip()[:80]
                found.setdefault(owner, []).append(begin)
    return {owner: [text for text in texts if len(text) >= SHORTEST] for owner, texts in found.items()}


def _load(stored: Mapping[str, Path], path: str) -> dict[str, Any]:
    return dict(json.loads(stored[path].read_bytes())) if path in stored else {}
