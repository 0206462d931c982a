# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The data card of a variant in a bundle: the study's own card, with where the file is and how to cite it.

Format: https://huggingface.co/docs/hub/datasets-cards; the metadata are written by huggingface_hub.
"""

from __future__ import annotations

from typing import Any

from railcrate.bundle.citation import bibtex, sentence
from railcrate.bundle.material import Material, Place
from railcrate.bundle.pages import render
from railcrate.bundle.plain import deep, one_line
from railcrate.data.card import markdown
from railcrate.report import words
from railcrate.report.cards import terms
from railcrate.study import paths
from railcrate.study.grid import sources_of

# The hub's classes of size, by the number below which they are.
_SIZES = (
    (10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"), (10**9, "100M<n<1B"), (10**10, "1B<n<10B"),
)  # fmt: skip


def data_card(material: Material, variant: str) -> str:
    """Write a variant's card.

    Args:
        material: what there is to tell.
        variant: the variant's name.

    Returns:
        Front matter and Markdown.

    Raises:
        DataError: when a file of the study that it tells of is missing.
    """
    facts = material.facts
    study = facts.study
    part = facts.licenses["components"][f"variants.{variant}"]
    return render(
        "data_card.md",
        front=_front(material, variant),
        body=markdown(deep(material.card(variant))),
        study=study,
        stamp=facts.stamp,
        variant=variant,
        place=_place(material, variant),
        flow=material.steps(variant)["steps"],
        terms=terms(deep(part) | {"license": part["license"]}, facts.licenses["disclaimer"]),
        cite=sentence(study, facts.stamp),
        bibtex=bibtex(study, facts.stamp),
        sources=[study.sources[name] for name in sources_of(study, variant)],
    )


def _front(material: Material, variant: str) -> str:
    from huggingface_hub import DatasetCardData

    study = material.facts.study
    card = material.card(variant)
    part = material.facts.licenses["components"][f"variants.{variant}"]
    keywords = [one_line(word).lower().replace(" ", "-") for word in study.keywords]
    more: dict[str, Any] = dict(part["hugging_face"])
    sources = [study.sources[name] for name in sources_of(study, variant)]
    hub = list(dict.fromkeys(source.dataset for source in sources if source.type == "hub"))
    if hub:
        more["source_datasets"] = hub
    if all(source.type == "synthetic" or source.generated_by is not None for source in sources):
        more["language_creators"] = ["machine-generated"]
    elif all(source.type in ("url", "hub", "doi") and source.generated_by is None for source in sources):
        more["language_creators"] = ["found"]
    data = DatasetCardData(
        pretty_name=one_line(words.variant_title(study, variant)),
        language=[card["language"]],
        size_categories=[size_category(card["rows"])],
        task_categories=["text-generation"],
        tags=list(dict.fromkeys(["railcrate", *(word for word in keywords if word)])),
        **more,
    )
    return data.to_yaml(line_break="\n") + "\n"


def size_category(rows: int) -> str:
    """Give the hub's class of size for a number of rows."""
    return next((name for limit, name in _SIZES if rows < limit), "other")


def _place(material: Material, variant: str) -> dict[str, Any] | None:
    path = paths.variant_text(variant)
    place = material.places.get(path)
    if place is not None:
        return {"path": path, "where": _where(place), "size": place.size, "sha256": place.sha256}
    external = next((file for file in material.facts.external if file.path == path), None)
    if external is not None:
        return {"path": path, "where": external.url, "size": external.size, "sha256": external.sha256}
    return None


def _where(place: Place) -> str:
    if place.parts:
        return f"{len(place.parts)} parts, from {place.parts[0].path} on"
    return place.entry.path
