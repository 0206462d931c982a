# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Independent judges on a real bundle: the validators of crates, citations, cards, Croissant and DataCite."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import warnings
import zipfile
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from describe_kit import STAMP, facts_of, with_people, write
from judges_kit import issues, judge

from railcrate.bundle.manifest import ExternalFile, Withheld
from railcrate.study import paths

# The richest profile, which brings all others with it: Process and Workflow Run Crate, Workflow
# RO-Crate, and RO-Crate itself.
PROFILE = "provenance-run-crate-0.5"
# The validator wants the id of every piece of software to be an absolute address, and the main
# workflow to be software and a file of the crate, which has a relative one: both at once cannot be.
IMPOSSIBLE = "process-run-crate-0.5_5.1"  # https://github.com/crs4/rocrate-validator/issues/51
AVAILABLE = "ro-crate-1.1_28.1"  # whether an address answers: nothing does, without a network


@pytest.fixture(scope="module")
def released(finished_study, finished_bundle, tmp_path_factory):
    """The same, released by persons with a grant, with a file elsewhere and one withheld."""
    folder = tmp_path_factory.mktemp("judges") / "released"
    shutil.copytree(finished_bundle, folder)
    facts = with_people(facts_of(finished_study, finished_bundle, STAMP))
    elsewhere = ExternalFile(path="models/weights/big", url="https://example.org/big.bin", size=9, sha256="0" * 64)
    absent = Withheld(
        path="data/raw/secret.txt", size=3, md5="1" * 32, component="sources.secret", reason="no permission"
    )
    write(replace(facts, external=(elsewhere,), withheld=(absent,)), folder)
    return folder


def assert_no_issue(found):
    assert {entity.rpartition("/")[2] for _, check, entity in found if check == IMPOSSIBLE} <= {"code.zip"}
    assert [issue for issue in found if issue[1] != IMPOSSIBLE] == []


def test_the_validator_of_crates(finished_bundle, tmp_path):
    assert_no_issue(issues(finished_bundle, PROFILE, tmp_path))


def test_the_validator_of_crates_on_a_release(released, tmp_path):
    assert_no_issue(issues(released, PROFILE, tmp_path, "--skip-checks", AVAILABLE))


def test_the_validator_finds_what_is_wrong(finished_bundle, tmp_path):
    """The judge is awake: an action without its tool, a term that nobody knows, and a file that is not there."""
    broken = tmp_path / "broken"
    shutil.copytree(finished_bundle, broken)
    metadata = broken / "ro-crate-metadata.json"
    content = json.loads(metadata.read_text())
    action = next(entity for entity in content["@graph"] if entity["@id"].startswith("#jobs/train/"))
    del action["instrument"]
    action["madeUp"] = "x"
    metadata.write_text(json.dumps(content))
    (broken / "data.zip").unlink()
    found = [check for severity, check, _ in issues(broken, PROFILE, tmp_path) if severity == "REQUIRED"]
    assert len(set(found)) >= 3


@pytest.mark.parametrize("name", ["finished_bundle", "released"])
def test_cffconvert(name, request):
    folder = request.getfixturevalue(name)
    done = subprocess.run(
        [judge("cffconvert"), "--validate"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["finished_bundle", "released"])
def test_the_schema_of_datacite(name, request):
    from datacite import schema45

    content = json.loads((request.getfixturevalue(name) / "datacite.json").read_text())
    schema45.validator.validate(content)
    assert "<resource" in schema45.tostring({**content, "doi": content.get("doi", "10.5072/x")})


@pytest.mark.parametrize("name", ["finished_bundle", "released"])
def test_the_cards_of_the_hub(name, request):
    from huggingface_hub import DatasetCard, ModelCard

    folder = request.getfixturevalue(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        models = [ModelCard.load(path) for path in sorted((folder / "cards").glob("weights.*.md"))]
        data = [DatasetCard.load(path) for path in sorted((folder / "cards").glob("variants.*.md"))]
    assert models
    assert data
    for card in models:
        assert card.data.pipeline_tag == "text-generation"
        assert card.data.eval_results
        assert card.data.license
    for card in data:
        assert card.data.license
        assert card.data.language


# Reads a variant by its Croissant file; in a process of its own, for mlcroissant keeps what it unpacked by address.
READ = """
import json, sys
import mlcroissant
dataset = mlcroissant.Dataset(jsonld=sys.argv[1], mapping=json.loads(sys.argv[2]))
issues = dataset.metadata.ctx.issues
texts = [record["texts/text"].decode() for record in dataset.records("texts")]
print(json.dumps({"issues": sorted(issues.errors | issues.warnings), "texts": texts}))
"""


def read_by_croissant(path, cache, **mapping):
    words = [sys.executable, "-c", READ, path, json.dumps(mapping)]
    environment = {**os.environ, "CROISSANT_CACHE": str(cache)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def texts_of(finished_study, variant):
    return pq.read_table(finished_study / paths.variant_text(variant))["text"].to_pylist()


def test_croissant_in_an_unpacked_bundle(finished_bundle, finished_study, tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(finished_bundle / "croissant", folder / "croissant")
    with zipfile.ZipFile(finished_bundle / "data.zip") as archive:
        archive.extractall(folder)
    for path in sorted((folder / "croissant").glob("*.json")):
        read = read_by_croissant(path, tmp_path / "cache")
        assert read == {"issues": [], "texts": texts_of(finished_study, path.stem)}


def test_croissant_of_a_release(released, finished_study, tmp_path):
    path = sorted((released / "croissant").glob("*.json"))[0]
    read = read_by_croissant(path, tmp_path / "cache", **{"data.zip": str(released / "data.zip")})
    assert read == {"issues": [], "texts": texts_of(finished_study, path.stem)}
    archive = next(file for file in json.loads(path.read_text())["distribution"] if file["@id"] == "data.zip")
    assert archive["contentUrl"] == f"{STAMP.url}/files/data.zip?download=1"
    assert archive["sha256"] == hashlib.sha256((released / "data.zip").read_bytes()).hexdigest()
