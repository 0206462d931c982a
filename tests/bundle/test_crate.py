# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a crate tells of a study."""

import json
from dataclasses import replace

import pytest
from describe_kit import STAMP, facts_of, graph_of, references, with_people

from railcrate.bundle import crate_parts
from railcrate.bundle.describe import describe
from railcrate.bundle.manifest import Cut, Entry, ExternalFile, Withheld
from railcrate.study.files import read_json


@pytest.fixture(scope="module")
def facts(finished_study, finished_bundle):
    return facts_of(finished_study, finished_bundle)


@pytest.fixture(scope="module")
def graph(facts):
    return graph_of(describe(facts)["ro-crate-metadata.json"])


def test_every_experiment_is_an_action(facts, graph):
    results = {row["experiment"]: row for row in facts.results["rows"] if row["task"] is None and row["group"] is None}
    assert set(facts.experiments) == set(results)
    for name, record in facts.experiments.items():
        action = graph[f"#experiments/{name}"]
        assert action["@type"] == "CreateAction"
        run = record["evaluate"]["runs"][results[name]["benchmark"]]
        environment = {graph[entry]["name"]: graph[entry]["value"] for entry in references(action["environment"])}
        assert environment["cpu"] == run["machine"]["cpu"]
        assert environment["threads"] == run["threads"]
        usage = {graph[entry]["propertyID"]: graph[entry]["value"] for entry in references(action["resourceUsage"])}
        assert usage["seconds"] == pytest.approx(record["seconds"], abs=0.01)
        if record["energy_kwh"] is not None:
            assert usage["energy_kwh"] == pytest.approx(record["energy_kwh"], rel=1e-6)
        figures = [graph[entry] for entry in references(action["result"]) if graph[entry]["@type"] == "PropertyValue"]
        row = results[name]
        assert any(
            figure["propertyID"] == f"{row['benchmark']}/{row['metric']}" and figure["value"] == row["value"]
            for figure in figures
        )
        assert action["startTime"] <= action["endTime"]


def test_a_training_names_what_it_read_and_made(facts, graph):
    name, record = next((name, record) for name, record in facts.experiments.items() if record["train"])
    action = graph[f"#jobs/train/{name}"]
    read = [graph[entry] for entry in references(action["object"])]
    assert {entry["name"] for entry in read if entry["@type"] == "File"} == set(record["train"]["inputs"])
    settings = {entry["name"]: entry["value"] for entry in read if entry["@type"] == "PropertyValue"}
    assert settings["seed"] == record["seed"]
    assert settings["training.tokens"] == record["parameters"]["training"]["tokens"]
    (folder,) = references(action["result"])
    files = {graph[entry]["name"] for entry in references(graph[folder]["hasPart"])}
    assert f"models/weights/{name}/model.safetensors" in files
    tool = graph[action["instrument"]["@id"]]
    packages = {
        graph[entry]["name"]: graph[entry]["softwareVersion"] for entry in references(tool["softwareRequirements"])
    }
    versions = record["train"]["run"]["versions"]
    assert packages["torch"] == versions["torch"]
    assert packages["Python"] == versions["python"]


def test_files_inside_archives_are_entities_with_their_checksum(facts, graph):
    members = {member.path: (entry.path, member) for entry in facts.entries for member in entry.members}
    named = {
        path for stage in facts.lock.values() for file in stage.get("outs", ()) if (path := file["path"]) in members
    }
    assert len(named) > 30
    for path in named:
        archive, member = members[path]
        entity = graph[f"#{path}"]
        assert (entity["isPartOf"], entity["sha256"]) == ({"@id": archive}, member.sha256)
        assert f"#{path}" in set(references(graph[archive]["hasPart"]))


def test_it_refers_to_nothing_that_it_does_not_tell_of(graph):
    unknown = {
        target
        for entity in graph.values()
        for key, value in entity.items()
        if key not in ("@id", "@type", "conformsTo")
        for target in references(value)
        if target not in graph and not target.startswith("https://")
    }
    assert unknown == set()


def test_every_part_carries_its_license(facts, graph):
    for name, component in facts.licenses["components"].items():
        group, _, rest = name.partition(".")
        entity = graph.get(f"#{group}/{rest}") if rest else None
        if entity is not None:
            assert set(references(entity["license"])) == {entry["@id"] for entry in component["ro_crate"]}
    assert graph["./"]["license"]
    assert all("license" in graph[entry.path] for entry in facts.entries if entry.members)


def test_people_grants_and_related_works(facts):
    graph = graph_of(describe(with_people(facts))["ro-crate-metadata.json"])
    root, jane = graph["./"], graph["https://orcid.org/0000-0002-1825-0097"]
    assert list(references(root["author"])) == [
        "https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0001-5109-3700", "#organization/The%20group",
    ]  # fmt: skip
    assert (jane["@type"], jane["familyName"], jane["givenName"]) == ("Person", "Doe", "Jane")
    assert graph[jane["affiliation"]["@id"]]["name"] == "University of Nowhere"
    assert graph[root["funding"]["@id"]]["identifier"] == "A-1"
    assert root["citation"] == {"@id": "https://doi.org/10.1093/bioinformatics/bts480"}
    assert root["subjectOf"] == {"@id": "https://example.org/paper"}
    assert root["publisher"] == {"@id": STAMP.server}
    assert root["cite-as"] == root["identifier"] == f"https://doi.org/{STAMP.doi}"
    assert graph[f"https://doi.org/{STAMP.concept_doi}"]


def test_what_is_elsewhere_withheld_plain_or_cut(facts):
    external = ExternalFile(
        path="models/weights/x/model.safetensors", url="https://example.org/x", size=5, sha256="0" * 64
    )
    withheld = Withheld(
        path="data/raw/w/text.txt", size=7, md5="1" * 32, component="sources.w", reason="by its license"
    )
    sums = {"md5": "2" * 32, "sha256": "3" * 64, "role": "data"}
    path = "data/variants/big/text.parquet"
    parts = [
        Entry(
            path=f"{path}.part-00{i}",
            size=4,
            cut=Cut(path=path, index=i, count=2, size=8, md5="4" * 32, sha256="5" * 64),
            **sums,
        )
        for i in (2, 1)
    ]
    plain = Entry(path="data/raw/p/p.bin", size=3, study_path="data/raw/p/p.bin", **sums)
    lock = {
        **facts.lock,
        "compare": {
            **facts.lock["compare"],
            "deps": [
                {"path": name, "md5": ""} for name in (external.path, withheld.path, path, plain.path, "gone.txt")
            ],
        },
    }
    changed = replace(
        facts, external=(external,), withheld=(withheld,), entries=(*facts.entries, *parts, plain), lock=lock
    )
    graph = graph_of(describe(changed)["ro-crate-metadata.json"])
    read = list(references(graph["#jobs/compare"]["object"]))
    assert read[:5] == [external.url, f"#{withheld.path}", f"#{path}", plain.path, "#gone.txt"]
    assert graph[external.url]["sha256"] == external.sha256
    assert graph[f"#{withheld.path}"]["conditionsOfAccess"] == "not published: by its license"
    assert list(references(graph[f"#{path}"]["hasPart"])) == [f"{path}.part-001", f"{path}.part-002"]
    assert graph[f"#{path}"]["sha256"] == "5" * 64
    files = set(references(graph["./"]["hasPart"]))
    assert {external.url, plain.path, f"{path}.part-001"} <= files
    assert f"#{withheld.path}" not in files


def test_cards_in_an_archive(facts, monkeypatch):
    for module in (crate_parts, __import__("railcrate.bundle.describe", fromlist=["_"])):
        monkeypatch.setattr(module, "CARDS_AT_MOST", 1)
    content = describe(facts)
    graph = graph_of(content["ro-crate-metadata.json"])
    card = next(name for name in content if name.startswith("cards/variants."))
    assert graph[f"#{card}"]["isPartOf"] == {"@id": "cards.zip"}
    assert card not in graph
    variant = card.removeprefix("cards/variants.").removesuffix(".md")
    assert f"#{card}" in set(references(graph[f"#variants/{variant}"]["subjectOf"]))
    assert "`cards.zip`" in content["README.md"].decode()


def test_jobs_without_a_record_have_no_times(facts, tmp_path):
    """A record that is lost is told of by what is missing, not by a guess."""
    (tmp_path / "records").mkdir()
    for name in ("data", "results", "models"):
        (tmp_path / name).symlink_to(facts.folder / name)
    graph = graph_of(describe(replace(facts, folder=tmp_path))["ro-crate-metadata.json"])
    action = graph["#jobs/compare"]
    assert "endTime" not in action
    assert "resourceUsage" not in action


def test_the_order_is_always_the_same(facts):
    first = describe(facts)
    assert first == describe(facts)
    content = json.loads(first["ro-crate-metadata.json"])["@graph"]
    names = [entity["@id"] for entity in content[2:]]
    assert names == sorted(names)
    assert list(first)[-1] == "ro-crate-metadata.json"
    assert read_json(facts.folder / "results" / "licenses.json") == facts.licenses
