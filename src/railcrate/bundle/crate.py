# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The bundle as a research object: ro-crate-metadata.json.

Profiles: Process, Workflow and Provenance Run Crate 0.5 (https://w3id.org/ro/wfrun/), and
Workflow RO-Crate 1.0 (https://w3id.org/workflowhub/workflow-ro-crate/1.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from railcrate.bundle.crate_graph import VERSION, Graph, ref, refs
from railcrate.bundle.crate_parts import add_files, add_sources, add_study_file, add_variants, add_weights
from railcrate.bundle.crate_people import add_funding, add_licenses, add_people, add_publisher
from railcrate.bundle.crate_run import WORKFLOW, add_run
from railcrate.bundle.material import Material
from railcrate.study import paths

METADATA = "ro-crate-metadata.json"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
# What a related work is to the crate, in schema.org's words; all else is mentioned.
_RELATIONS = {
    "cites": "citation", "references": "citation", "isdescribedby": "subjectOf", "isdocumentedby": "subjectOf",
    "isderivedfrom": "isBasedOn", "isnewversionof": "isBasedOn", "isvariantformof": "isBasedOn", "ispartof": "isPartOf",
}  # fmt: skip


def describe_crate(material: Material, texts: Mapping[str, bytes]) -> str:
    """Describe the bundle as an RO-Crate.

    Args:
        material: what there is to tell.
        texts: all other files that describe the bundle, by their path.

    Returns:
        The content of ro-crate-metadata.json.

    Raises:
        BundleConfigError: when an ORCID is wrong.
        DataError: when a file of the study that it tells of is missing or damaged.
    """
    facts = material.facts
    study, stamp = facts.study, facts.stamp
    graph = Graph()
    people = add_people(graph, facts)
    licenses = add_licenses(graph, facts)
    files = add_files(graph, material, texts)
    sources = add_sources(graph, material)
    variants = add_variants(graph, material, texts)
    weights = add_weights(graph, material, texts)
    actions = add_run(graph, material, people)
    graph.add(add_study_file(graph, material, paths.OPENNESS), "File", {"about": ref("./")})
    funders, grants = add_funding(graph, facts)
    for address, (name, version) in PROFILES.items():
        graph.add(address, "CreativeWork", {"name": name, "version": version})
    root: dict[str, Any] = {
        "name": study.title,
        "description": study.abstract,
        "datePublished": stamp.date.isoformat(),
        "version": stamp.version,
        "keywords": list(study.keywords),
        "license": refs(licenses),
        "author": refs(people),
        "publisher": ref(add_publisher(graph, facts)),
        "funder": refs(funders),
        "funding": refs(grants),
        "identifier": [stamp.doi_url] if stamp.doi_url else [],
        "cite-as": stamp.doi_url,
        "url": stamp.url,
        "conformsTo": refs(PROFILES),
        "mainEntity": ref(WORKFLOW),
        "mentions": refs([*actions, *variants, *weights]),
        "isBasedOn": refs(sources),
    }
    if stamp.concept_doi:
        concept = f"https://doi.org/{stamp.concept_doi}"
        graph.add(concept, "CreativeWork", {"name": study.title, "identifier": concept, "description": "all versions"})
        root["exampleOfWork"] = ref(concept)
    for key, values in _related(graph, material).items():
        root[key] = [*root.get(key, []), *refs(values)]
    descriptor = {
        "conformsTo": refs(
            [f"https://w3id.org/ro/crate/{VERSION}", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"]
        )
    }
    return graph.write(root, descriptor, files)


def _related(graph: Graph, material: Material) -> dict[str, list[str]]:
    """What the study says that it stands in a relation to."""
    found: dict[str, list[str]] = {}
    for entry in material.facts.study.release.related:
        url = entry.identifier if "://" in entry.identifier else f"https://doi.org/{entry.identifier}"
        properties = {"name": entry.identifier, "url": url, "description": entry.resource_type}
        found.setdefault(_RELATIONS.get(entry.relation, "mentions"), []).append(
            graph.add(url, "CreativeWork", properties)
        )
    return found
