# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The parts of a crate: its files, those inside its archives, sources, variants and sets of weights.

A file inside an archive is an entity of its own, so that an action can name it as what it
read or made: its id is a `#` with its path in the study, and `isPartOf` names the archive. Such
an id is a local identifier, which RO-Crate does not look for among the files of the crate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from railcrate.bundle.components import component_of
from railcrate.bundle.contents import OF_THE_STUDY, holds
from railcrate.bundle.crate_graph import Graph, local, ref, refs
from railcrate.bundle.crate_people import PREVIEW, licenses_of
from railcrate.bundle.encodings import encoding_of
from railcrate.bundle.layout import CARDS_ARCHIVE, CARDS_AT_MOST
from railcrate.bundle.manifest import MANIFEST, Entry
from railcrate.bundle.material import Material
from railcrate.report import words
from railcrate.study import paths
from railcrate.study.grid import base_of
from railcrate.study.sources import Source


def add_files(graph: Graph, material: Material, texts: Mapping[str, bytes]) -> list[str]:
    """Add the files of the bundle.

    Args:
        graph: the crate's graph.
        material: what there is to tell.
        texts: those that describe it, by their path.

    Returns:
        Their ids, without the metadata's own.
    """
    documents = material.facts.licenses["components"]["documentation"]["license"]
    cards = [path for path in texts if path.startswith(("cards/", "croissant/"))]
    in_archive = cards if len(cards) > CARDS_AT_MOST else []
    found = []
    for entry in material.facts.entries:
        found.append(_add_file(graph, material, entry.path, entry.role, entry.license, _sums(entry)))
        if entry.cut is not None:
            graph.extend(entry.path, "isPartOf", [local(entry.cut.path)])
    for path, content in texts.items():
        if path == PREVIEW:  # about the crate, not a part of it
            graph.add(path, "CreativeWork", {"name": path, "about": ref("./"), "encodingFormat": "text/html"})
            continue
        if path in in_archive:
            _add_card(graph, material, path, documents)
            continue
        found.append(_add_file(graph, material, path, "metadata", documents, {"contentSize": str(len(content))}))
    for path in (MANIFEST, *([CARDS_ARCHIVE] if in_archive else [])):
        found.append(_add_file(graph, material, path, "metadata", documents, {}))
    graph.add("README.md", "File", {"about": ref("./")})
    for file in material.facts.external:
        found.append(
            graph.add(
                file.url, "File",
                {
                    "name": file.path, "contentSize": str(file.size), "sha256": file.sha256,
                    "encodingFormat": encoding_of(file.path), "sdDatePublished": material.facts.stamp.date.isoformat(),
                    "description": f"{file.path} of the study, which stays at this address",
                    "license": refs(licenses_of(_license(material, file.path), material.facts)),
                },
            )
        )  # fmt: skip
    return found


def card_id(path: str, texts: Collection[str]) -> str | None:
    """Give the id of a card: its path, or one of its own where it is in an archive; None where there is none."""
    cards = [name for name in texts if name.startswith(("cards/", "croissant/"))]
    if path not in cards:
        return None
    return local(path) if len(cards) > CARDS_AT_MOST else path


def _add_card(graph: Graph, material: Material, path: str, expression: str) -> None:
    properties = {
        "name": path, "description": holds(path, "card"), "encodingFormat": encoding_of(path),
        "license": refs(licenses_of(expression, material.facts)), "isPartOf": ref(CARDS_ARCHIVE),
    }  # fmt: skip
    graph.add(local(path), "File", properties)


def _add_file(
    graph: Graph, material: Material, path: str, role: str, expression: str | None, more: Mapping[str, Any]
) -> str:
    properties = {
        "name": path, "description": holds(path, role), "encodingFormat": encoding_of(path),
        "license": refs(licenses_of(expression, material.facts)), **more,
    }  # fmt: skip
    return graph.add(path, "File", properties)


def _sums(entry: Entry) -> dict[str, str]:
    return {"contentSize": str(entry.size), "sha256": entry.sha256, "md5": entry.md5}


def add_study_file(graph: Graph, material: Material, path: str) -> str:
    """Add a file of the study, wherever it is.

    Args:
        graph: the crate's graph.
        material: what there is to tell.
        path: its path in the study; with a `/` at the end a folder.

    Returns:
        Its id: of a file that lies in the bundle by itself its path, of one elsewhere its address.
    """
    if path.endswith("/"):
        return _add_folder(graph, material, path)
    facts = material.facts
    identifier = local(path)
    place = material.places.get(path)
    external = next((file for file in facts.external if file.path == path), None)
    if external is not None:
        return str(external.url)
    if place is not None and not place.in_archive and not place.parts:
        return place.entry.path
    common = {
        "name": path, "encodingFormat": encoding_of(path), "description": OF_THE_STUDY.get(path),
        "license": refs(licenses_of(_license(material, path), facts)),
    }  # fmt: skip
    if place is not None:
        whole = {"hasPart": refs(part.path for part in place.parts)} if place.parts else {
            "isPartOf": ref(place.entry.path)
        }  # fmt: skip
        graph.add(identifier, "File", {**common, "contentSize": str(place.size), "sha256": place.sha256, **whole})
        if not place.parts and place.entry.role != "code":  # what the code holds as parts are its tools
            graph.extend(place.entry.path, "hasPart", [identifier])
        return identifier
    absent = next((file for file in facts.withheld if file.path == path), None)
    if absent is None:
        return graph.add(identifier, "File", {**common, "description": "a file of the study that is not in the bundle"})
    withheld = {
        "contentSize": str(absent.size), "md5": absent.md5,
        "conditionsOfAccess": f"not published: {absent.reason}",
    }  # fmt: skip
    return graph.add(identifier, "File", {**common, **withheld})


def _add_folder(graph: Graph, material: Material, path: str) -> str:
    parts = [add_study_file(graph, material, name) for name in material.inside(path)]
    properties = {
        "name": path, "hasPart": refs(parts),
        "license": refs(licenses_of(_license(material, path), material.facts)),
    }  # fmt: skip
    return graph.add(local(path), "Dataset", properties)


def _license(material: Material, path: str) -> str | None:
    """The license of a file of the study, by the component that it belongs to."""
    facts = material.facts
    components = facts.licenses["components"]
    place = material.places.get(path)
    in_code = place is not None and place.entry.role == "code"
    name = material.source_of.get(path) or ("code" if in_code else component_of(path))
    group, _, model = name.partition(".")
    if group == "bases":
        base = base_of(facts.study, model) if model in facts.study.models else None
        return base.license if base is not None else None
    return str(components.get(name, components["documentation"])["license"])


def add_sources(graph: Graph, material: Material) -> list[str]:
    """Add the sources, each with its terms, whom to cite, and where it is from.

    Args:
        graph: the crate's graph.
        material: what there is to tell.

    Returns:
        Their ids.
    """
    facts = material.facts
    found = []
    for name, source in facts.study.sources.items():
        part = facts.licenses["components"][f"sources.{name}"]
        files = [file["path"] for file in material.source(name)["files"]]
        origin = _origin(graph, source)
        properties = {
            "name": source.title or name, "identifier": name, "citation": source.citation, "url": source.url or origin,
            "description": f"a source of the kind {source.type}", "isBasedOn": ref(origin) if origin else None,
            "license": refs(licenses_of(part["license"], facts)),
            "hasPart": refs(add_study_file(graph, material, path) for path in files),
            "conditionsOfAccess": None if part["published"] else "not published in this bundle",
        }  # fmt: skip
        found.append(graph.add(local("sources", name), "Dataset", properties))
    return found


def _origin(graph: Graph, source: Source) -> str | None:
    """Where a source can be found by everyone, as an entity."""
    if source.type == "hub":
        url = f"https://huggingface.co/datasets/{source.dataset}"
        return graph.add(url, "CreativeWork", {"name": source.dataset, "url": url, "version": source.revision})
    if source.type == "doi":
        url = f"https://doi.org/{source.doi}"
        return graph.add(url, "CreativeWork", {"name": source.citation, "url": url, "identifier": source.doi})
    return graph.add(source.url, "CreativeWork", {"name": source.citation, "url": source.url}) if source.url else None


def add_variants(graph: Graph, material: Material, texts: Collection[str]) -> list[str]:
    """Add the variants, each with what it is made from and its card.

    Args:
        graph: the crate's graph.
        material: what there is to tell.
        texts: the paths of the texts that describe the bundle.

    Returns:
        Their ids.
    """
    facts = material.facts
    found = []
    for name, recipe in facts.study.recipes.items():
        cards = [card_id(path, texts) for path in (f"cards/variants.{name}.md", f"croissant/{name}.json")]
        about = [card for card in cards if card is not None]
        files = [paths.variant_text(name), paths.variant_report(name)]
        made_from = [local("sources" if entry in facts.study.sources else "variants", entry) for entry in recipe.inputs]
        part = facts.licenses["components"][f"variants.{name}"]
        properties = {
            "name": words.variant_title(facts.study, name), "identifier": name, "description": recipe.description,
            "license": refs(licenses_of(part["license"], facts)), "isBasedOn": refs(made_from),
            "hasPart": refs(add_study_file(graph, material, path) for path in files), "subjectOf": refs(about),
        }  # fmt: skip
        found.append(graph.add(local("variants", name), "Dataset", properties))
    return found


def add_weights(graph: Graph, material: Material, texts: Collection[str]) -> list[str]:
    """Add the sets of weights, each with all its seeds, what it was trained on, and its card.

    Args:
        graph: the crate's graph.
        material: what there is to tell.
        texts: the paths of the texts that describe the bundle.

    Returns:
        Their ids.
    """
    facts = material.facts
    found = []
    for (model, variant), cells in material.trained.items():
        name = f"{model}.{variant}"
        card = card_id(f"cards/weights.{name}.md", texts)
        base = base_of(facts.study, model)
        made_from = [local("variants", variant)]
        if base is not None:
            made_from.insert(0, _add_base(graph, material, model))
        part = facts.licenses["components"][f"weights.{name}"]
        properties = {
            "name": f"{words.model_title(facts.study, model)}, trained on {words.variant_title(facts.study, variant)}",
            "identifier": name, "license": refs(licenses_of(part["license"], facts)), "isBasedOn": refs(made_from),
            "hasPart": refs(add_study_file(graph, material, f"{paths.weights_folder(cell.id)}/") for cell in cells),
            "subjectOf": ref(card) if card else None,
        }  # fmt: skip
        found.append(graph.add(local("weights", name), "Dataset", properties))
    return found


def _add_base(graph: Graph, material: Material, model: str) -> str:
    facts = material.facts
    base = base_of(facts.study, model)
    assert base is not None  # asked for models with a base alone
    url = f"https://huggingface.co/{base.repository}" if base.repository else None
    properties = {
        "name": base.repository or base.citation or model, "citation": base.citation, "url": url,
        "version": base.revision, "license": refs(licenses_of(base.license, facts)),
    }  # fmt: skip
    return graph.add(url or local("bases", model), "CreativeWork", properties)
