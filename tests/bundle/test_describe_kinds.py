# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Studies of other kinds than the small one: bases, sources from elsewhere, licenses of their own, many seeds."""

import json
from dataclasses import replace

import pytest
import yaml
from describe_kit import STAMP, facts_of, graph_of, references

from railcrate.bundle import model_card as cards
from railcrate.bundle.citation import citation_cff
from railcrate.bundle.data_card import size_category
from railcrate.bundle.describe import describe
from railcrate.bundle.encodings import encoding_of
from railcrate.bundle.licenses import ids_in
from railcrate.bundle.manifest import Entry, ExternalFile
from railcrate.study.models import FinetuneModel, PretrainedModel
from railcrate.study.sources import DoiSource, HubSource, UrlFile

REVISION = "0123456789" * 4
TERMS = {"license": "CC-BY-4.0", "citation": "Doe 2026"}


@pytest.fixture(scope="module")
def facts(finished_study, finished_bundle):
    return facts_of(finished_study, finished_bundle)


def with_study(facts, **changes):
    return replace(facts, study=facts.study.model_copy(update=changes))


def licensed(facts, component, **changes):
    """The same facts, with another entry for a component in `licenses.json`."""
    components = facts.licenses["components"]
    return {**facts.licenses, "components": {**components, component: {**components[component], **changes}}}


@pytest.mark.parametrize("lora", [None, {"rank": 4}])
def test_a_finetuned_model_names_its_base(facts, lora):
    base = {
        "repository": "someone/some-base",
        "revision": REVISION,
        "license": "apache-2.0",
        "citation": "Someone 2025",
    }
    name, old = next(iter(facts.study.models.items()))
    model = FinetuneModel(kind="finetune", base=base, lora=lora, title=old.title)
    changed = with_study(facts, models={name: model, "as-it-is": PretrainedModel(kind="pretrained", base=base)})
    content = describe(changed)
    variant = next(iter(facts.study.recipes))
    card = content[f"cards/weights.{name}.{variant}.md"].decode()
    front = yaml.safe_load(card.split("---\n")[1])
    assert front["base_model"] == "someone/some-base"
    assert front["base_model_relation"] == ("adapter" if lora else "finetune")
    assert front["library_name"] == ("peft" if lora else "transformers")
    assert "What their base had learned before is not examined here." in card
    assert ("PeftModel.from_pretrained" in card) == bool(lora)
    assert (f'"someone/some-base", revision="{REVISION}"' in card) == bool(lora)
    graph = graph_of(content["ro-crate-metadata.json"])
    origin = "https://huggingface.co/someone/some-base"
    assert graph[origin]["version"] == REVISION
    assert origin in set(references(graph[f"#weights/{name}.{variant}"]["isBasedOn"]))
    related = json.loads(content["datacite.json"])["relatedIdentifiers"]
    assert {"relatedIdentifier": origin, "relatedIdentifierType": "URL", "relationType": "IsDerivedFrom"} in related


def test_sources_from_elsewhere_are_named_everywhere(facts):
    names = list(facts.study.sources)
    hub = HubSource(type="hub", dataset="someone/texts", revision=REVISION, **TERMS)
    doi = DoiSource(
        type="doi", doi="10.5281/zenodo.7", files=[UrlFile(url="https://example.org/a.txt", sha256="0" * 64)], **TERMS
    )
    changed = with_study(facts, sources={**facts.study.sources, names[0]: hub, names[1]: doi})
    content = describe(changed)
    graph = graph_of(content["ro-crate-metadata.json"])
    assert graph[f"#sources/{names[0]}"]["isBasedOn"] == {"@id": "https://huggingface.co/datasets/someone/texts"}
    assert graph["https://huggingface.co/datasets/someone/texts"]["version"] == REVISION
    assert graph[f"#sources/{names[1]}"]["isBasedOn"] == {"@id": "https://doi.org/10.5281/zenodo.7"}
    assert graph[f"#sources/{names[1]}"]["citation"] == "Doe 2026"
    found = {entry["relatedIdentifier"] for entry in json.loads(content["datacite.json"])["relatedIdentifiers"]}
    assert {"https://huggingface.co/datasets/someone/texts", "10.5281/zenodo.7"} <= found
    card = next(text.decode() for name, text in content.items() if name.startswith("cards/variants."))
    assert yaml.safe_load(card.split("---\n")[1])["source_datasets"] == ["someone/texts"]
    croissant = json.loads(next(text for name, text in content.items() if name.startswith("croissant/")))
    assert "A data set of the Hugging Face hub at a pinned revision" in croissant["rai:dataCollection"]


def test_a_license_of_their_own_leads_to_its_text(facts):
    name = next(name for name in facts.licenses["components"] if name.startswith("weights."))
    entity = {
        "@id": "LICENSES/LicenseRef-own.txt",
        "@type": "CreativeWork",
        "name": "Own",
        "identifier": "LicenseRef-own",
    }
    changes = {
        "license": "LicenseRef-own",
        "ro_crate": [entity],
        "zenodo": [{"title": {"en": "Own"}, "link": "https://e.org"}],
    }
    text = Entry(path="LICENSES/LicenseRef-own.txt", size=3, md5="0" * 32, sha256="0" * 64, role="license")
    content = describe(replace(facts, licenses=licensed(facts, name, **changes), entries=(*facts.entries, text)))
    graph = graph_of(content["ro-crate-metadata.json"])
    assert sorted(graph[text.path]["@type"]) == ["CreativeWork", "File"]
    assert graph[text.path]["url"] == "https://e.org"
    assert graph["#" + name.replace(".", "/", 1)]["license"] == {"@id": text.path}
    assert text.path in set(references(graph["./"]["license"]))
    assert {"rights": "Own", "rightsUri": "https://e.org"} in json.loads(content["datacite.json"])["rightsList"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", ["MIT"]),
        ("MIT OR Apache-2.0", ["MIT", "Apache-2.0"]),
        ("(MIT AND CC0-1.0) OR MIT", ["MIT", "CC0-1.0"]),
        ("GPL-2.0-only WITH Classpath-exception-2.0 AND LicenseRef-x", ["GPL-2.0-only", "LicenseRef-x"]),
    ],
)
def test_the_licenses_in_an_expression(expression, expected):
    assert ids_in(expression) == expected


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("MIT", {"license": "MIT"}),
        ("OpenMDW-1.0", {"license-url": "https://spdx.org/licenses/OpenMDW-1.0.html"}),
    ],
)
def test_one_license_for_everything_is_cited(facts, identifier, expected):
    parts = {
        name: {**part, "license": identifier, "citation": {"license": identifier}}
        for name, part in facts.licenses["components"].items()
    }
    cff = yaml.safe_load(citation_cff(facts.study, STAMP, {"components": parts}))
    assert expected.items() <= cff.items()
    assert "see README.md" not in cff["message"]


def test_withheld_weights_have_no_card_but_an_entity(facts):
    name = next(name for name in facts.licenses["components"] if name.startswith("weights."))
    content = describe(replace(facts, licenses=licensed(facts, name, published=False)))
    assert f"cards/{name}.md" not in content
    assert "#" + name.replace(".", "/", 1) in graph_of(content["ro-crate-metadata.json"])


def test_weights_that_stay_elsewhere_are_linked(facts):
    model, variant, seed = next(
        (record["model"], record["variant"], record["seed"]) for record in facts.experiments.values() if record["train"]
    )
    path = f"models/weights/{model}.{variant}.seed{seed}/model.safetensors"
    entries = tuple(
        entry.model_copy(update={"members": tuple(member for member in entry.members if member.path != path)})
        for entry in facts.entries
    )
    file = ExternalFile(path=path, url="https://example.org/model.safetensors", size=5, sha256="a" * 64)
    content = describe(replace(facts, entries=entries, external=(file,)))
    assert "https://example.org/model.safetensors" in content[f"cards/weights.{model}.{variant}.md"].decode()
    assert "### What stays elsewhere" in content["README.md"].decode()


def test_a_study_that_claims_nothing_draws_no_conclusion(facts):
    content = describe(replace(facts, comparisons={**facts.comparisons, "comparisons": []}))
    assert "states no comparison" in content["README.md"].decode()
    assert "states no comparison" in content["ro-crate-preview.html"].decode()


def test_many_seeds_have_a_line_each(facts, monkeypatch):
    monkeypatch.setattr(cards, "COLUMNS", 0)
    name = next(name for name in describe(facts) if name.startswith("cards/weights."))
    assert "\n| seed | " in describe(facts)[name].decode()


@pytest.mark.parametrize(("rows", "expected"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**11, "other")])
def test_classes_of_size(rows, expected):
    assert size_category(rows) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/model.safetensors.part-001", "application/octet-stream"),
        ("data/variants/x/LICENSE", "text/plain"),
        ("croissant/x.json", "application/ld+json"),
        ("A.JSON", "application/json"),
    ],
)
def test_media_types(path, expected):
    assert encoding_of(path) == expected
