# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A variant described for machine learning: a Croissant file.

Format: Croissant 1.0, https://docs.mlcommons.org/croissant/docs/croissant-spec.html, and its
vocabulary for responsible AI, https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html.
It is written by mlcroissant. Only what the study knows is told of responsible AI.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from railcrate.bundle.citation import bibtex
from railcrate.bundle.encodings import encoding_of
from railcrate.bundle.licenses import address, ids_in
from railcrate.bundle.material import Material
from railcrate.bundle.people import makers
from railcrate.bundle.plain import one_line
from railcrate.report import words
from railcrate.study import paths
from railcrate.study.grid import sources_of
from railcrate.study.sources import Source

CONFORMS = ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]
COLUMNS = {
    "id": "where the text comes from: source, file and place in it",
    "text": "the text",
    "source": "the source that it is from",
}
_SEMANTIC = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")  # semver.org, 2.0.0


def croissant(material: Material, variant: str) -> str:
    """Describe a variant.

    Args:
        material: what there is to tell.
        variant: the variant's name.

    Returns:
        JSON-LD.

    Raises:
        DataError: when a file of the study that it tells of is missing.
    """
    import mlcroissant as mlc

    facts = material.facts
    study, stamp = facts.study, facts.stamp
    card = material.card(variant)
    part = facts.licenses["components"][f"variants.{variant}"]
    recipe = study.recipes[variant]
    description = one_line(recipe.description or "") or words.variant_title(study, variant)
    files, record_set = _distribution(material, variant)
    people = [
        mlc.Person(name=maker.name, url=maker.orcid) if maker.is_person else mlc.Organization(name=maker.name)
        for maker in makers(study)
    ]
    metadata = mlc.Metadata(
        name=f"{one_line(study.title)}: {one_line(words.variant_title(study, variant))}",
        description=f"{description[0].upper()}{description[1:]}. A variant of the data of this study: "
        f"{one_line(study.abstract)}",
        conforms_to=CONFORMS,
        cite_as=bibtex(study, stamp),
        creators=people,
        date_published=stamp.date.isoformat(),
        in_language=[card["language"]],
        keywords=[word for word in dict.fromkeys(map(one_line, study.keywords)) if word],
        license=[_license(name) for name in ids_in(part["license"])],
        url=stamp.doi_url or stamp.url or facts.repository or "../README.md",
        version=stamp.version if _SEMANTIC.fullmatch(stamp.version) else None,
        distribution=files,
        record_sets=record_set,
        data_collection=_collection(material, variant),
        data_collection_type=_collection_types(material, variant),
        data_preprocessing_protocol=list(_protocol(material, variant)),
        data_biases=list(_biases(card)),
        data_limitations=[words.overlap(study, name, found) for name, found in card["overlap"]["benchmarks"].items()],
        data_use_cases=["Training and comparing small language models, as this study does."],
    )
    return json.dumps(metadata.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _license(identifier: str) -> str:
    """The license's address; its text in the bundle, seen from the folder of the Croissant files."""
    found = address(identifier)
    return found if found.startswith("https://") else f"../{found}"


def _distribution(material: Material, variant: str) -> tuple[list[Any], list[Any]]:
    """The files, and the table in them; no table where the file is cut.

    Without an address the archive is not told of, but the file as it lies when the archive is
    unpacked beside: mlcroissant keeps what it unpacks by the archive's address, so of two
    bundles with a `data.zip` it would silently read the first one's for both.
    """
    import mlcroissant as mlc

    path = paths.variant_text(variant)
    place = material.places.get(path)
    external = next((file for file in material.facts.external if file.path == path), None)
    name = path.rsplit("/", 1)[-1]
    parquet = {"name": name, "encoding_formats": ["application/x-parquet"]}
    if place is not None and place.parts:
        return [
            mlc.FileObject(
                id=entry.path,
                name=entry.path.rsplit("/", 1)[-1],
                description=f"part {number} of {len(place.parts)} of {path}; join them in this order",
                content_url=_address(material, entry.path),
                content_size=f"{entry.size} B",
                encoding_formats=["application/octet-stream"],
                sha256=entry.sha256,
            )
            for number, entry in enumerate(place.parts, start=1)
        ], []
    if place is not None and place.in_archive and material.facts.stamp.url:
        archive = mlc.FileObject(
            id=place.entry.path,
            name=place.entry.path,
            content_url=_address(material, place.entry.path),
            content_size=f"{place.entry.size} B",
            encoding_formats=[encoding_of(place.entry.path)],
            sha256=place.entry.sha256,
        )
        inside = mlc.FileObject(
            id=path, contained_in=[archive.id], content_url=path, content_size=f"{place.size} B",
            sha256=place.sha256, **parquet,
        )  # fmt: skip
        return [archive, inside], [_table(path)]
    if place is not None:
        unpack = f"unpack {place.entry.path} into the folder that it is in, first" if place.in_archive else None
        whole = mlc.FileObject(
            id=path, description=unpack, content_url=_address(material, path), content_size=f"{place.size} B",
            sha256=place.sha256, **parquet,
        )  # fmt: skip
        return [whole], [_table(path)]
    if external is not None:
        elsewhere = mlc.FileObject(
            id=path, content_url=external.url, content_size=f"{external.size} B", sha256=external.sha256, **parquet
        )
        return [elsewhere], [_table(path)]
    return [], []


def _address(material: Material, path: str) -> str:
    """Where a file of the bundle can be had: at the record, or from the folder of the Croissant files."""
    url = material.facts.stamp.url
    return f"{url}/files/{quote(path)}?download=1" if url else f"../{path}"


def _table(path: str) -> Any:
    import mlcroissant as mlc

    fields = [
        mlc.Field(
            id=f"texts/{column}",
            name=column,
            description=description,
            data_types=[mlc.DataType.TEXT],
            source=mlc.Source(file_object=path, extract=mlc.Extract(column=column)),
        )
        for column, description in COLUMNS.items()
    ]
    return mlc.RecordSet(id="texts", name="texts", description="one row for each text", fields=fields)


def _collection(material: Material, variant: str) -> str:
    return " ".join(_source(material.facts.study.sources[name]) for name in sources_of(material.facts.study, variant))


def _source(source: Source) -> str:
    """How a source came to be, as far as its configuration says."""
    how = {
        "local": "Files of the study",
        "url": "Downloaded files, each with its sha256",
        "hub": "A data set of the Hugging Face hub at a pinned revision",
        "synthetic": "Written by a generator",
        "doi": "Files of a record with a DOI, each with its sha256",
    }[source.type]
    written = f", written by the model {one_line(source.generated_by.model)}" if source.generated_by else ""
    where = f" {source.url}" if source.url else ""
    return f"{how}{written}: {one_line(source.title or '') or 'untitled'}. {one_line(source.citation)}.{where}"


def _collection_types(material: Material, variant: str) -> list[str] | None:
    """The types of collection in the vocabulary's words, where they are known."""
    kinds = {
        "synthetic" if source.type == "synthetic" or source.generated_by is not None else source.type
        for source in (material.facts.study.sources[name] for name in sources_of(material.facts.study, variant))
    }
    found = [
        *(["Software Collection"] if "synthetic" in kinds else []),
        *(["Secondary Data Analysis"] if kinds & {"url", "hub", "doi"} else []),
    ]
    return found or None


def _protocol(material: Material, variant: str) -> Iterator[str]:
    """What each step did, those of the recipes that it begins with first."""
    study = material.facts.study
    for name in study.recipes[variant].inputs:
        if name in study.recipes:
            yield from _protocol(material, name)
    for step in material.steps(variant)["steps"]:
        settings = {key: value for key, value in step["parameters"].items() if value is not None}
        yield (
            f"{variant}: {step['step']} {json.dumps(settings, ensure_ascii=False)}: {step['rows_in']:,} texts before, "
            f"{step['rows_out']:,} after; {step['removed']:,} removed, {step['changed']:,} changed, "
            f"{step['added']:,} added"
        )


def _biases(card: dict[str, Any]) -> Iterator[str]:
    """What was measured that leans to one side."""
    share = card["quality"].get("language_share")
    if share is not None:
        yield f"{share:.1%} of the texts that were looked at are in the language {card['language']} (py3langid)."
    shares = ", ".join(str(source["title"] or source["source"]) for source in card["sources"])
    yield f"All texts come from: {one_line(shares)}."
