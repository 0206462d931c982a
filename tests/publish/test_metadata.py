# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A record's metadata: made from the study, taken by the server, compared with what it gives back, checked before."""

import copy
import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
from publish_kit import LICENSES, ORCID, SHORT, Builder, study

from railcrate.bundle.errors import BundleConfigError
from railcrate.bundle.stamp import Stamp
from railcrate.publish.address import server_of
from railcrate.publish.api import Api
from railcrate.publish.check import check
from railcrate.publish.client import Client
from railcrate.publish.compare import differences
from railcrate.publish.errors import ReleaseConfigError
from railcrate.publish.metadata import Access, Background, record
from railcrate.publish.token import Token
from railcrate.study.config import Study

STAMP = Stamp("1.0.0", date(2026, 5, 1), "10.5281/zenodo.7", "10.5281/zenodo.6", server="https://zenodo.org")
KNOWN = Background(LICENSES, ("Clean <against> raw: +1 & more.",), "https://github.com/us/study")
TODAY = date(2026, 5, 1)


def test_everything_that_the_study_says():
    made = record(study(), STAMP, KNOWN, Access())
    data = made["metadata"]
    assert made["access"] == {"record": "public", "files": "public"}
    assert data["title"] == "Clean <or> more & better?"
    assert data["publisher"] == "Zenodo"
    assert (data["publication_date"], data["version"], data["resource_type"]) == (
        "2026-05-01", "1.0.0", {"id": "dataset"},
    )  # fmt: skip
    person, group = data["creators"]
    assert person["person_or_org"] == {
        "type": "personal", "family_name": "Carberry", "given_name": "Josiah",
        "identifiers": [{"scheme": "orcid", "identifier": ORCID}],
    }  # fmt: skip
    assert person["affiliations"] == [{"name": "Brown University"}]
    assert group == {"person_or_org": {"type": "organizational", "name": "Railcrate contributors"}}
    assert data["rights"] == [
        {"id": "mit"}, {"id": "cc-by-4.0"}, {"title": {"en": "OpenRAIL-M"}, "link": "https://example.org/rail"},
    ]  # fmt: skip
    assert data["funding"][0]["award"]["number"] == "12-34"
    assert [(entry["identifier"], entry["relation_type"]["id"]) for entry in data["related_identifiers"]] == [
        ("10.1234/paper", "issupplementto"),
        ("https://github.com/us/study", "isderivedfrom"),
        ("https://example.org/corpus", "isderivedfrom"),
    ]
    assert data["subjects"] == [{"subject": "language models"}, {"subject": "data"}]


def test_description_is_html_in_which_nothing_of_the_study_is_html():
    text = record(study(), STAMP, KNOWN, Access())["metadata"]["description"]
    assert "<p>And a second paragraph with &lt;b&gt;signs&lt;/b&gt; &amp; words.</p>" in text
    assert "<li>Clean &lt;against&gt; raw: +1 &amp; more.</li>" in text
    assert "<code>railcrate verify 10.5281/zenodo.7</code>" in text
    assert "LicenseRef-OpenRAIL-M: weights.tiny" in text
    assert "sources.secret" not in text


def test_bases_and_sources_are_named():
    configuration = study().model_dump(mode="json", by_alias=True)
    configuration["sources"] |= {
        "papers": {"type": "doi", "doi": "10.5281/zenodo.3", "license": "MIT", "citation": "x",
                   "files": [{"url": "https://zenodo.org/x", "sha256": "0" * 64}]},
        "web": {"type": "hub", "dataset": "us/web", "revision": "a" * 40, "license": "MIT", "citation": "x"},
    }  # fmt: skip
    configuration["models"]["big"] = {
        "kind": "finetune", "base": {"repository": "us/base", "revision": "b" * 40, "license": "MIT"},
    }  # fmt: skip
    made = record(Study.model_validate(configuration), STAMP, KNOWN, Access())
    found = {entry["identifier"]: entry for entry in made["metadata"]["related_identifiers"]}
    assert found["10.5281/zenodo.3"]["scheme"] == "doi"
    assert {"https://huggingface.co/datasets/us/web", "https://huggingface.co/us/base"} <= set(found)


def test_embargo_and_restriction():
    assert record(study(), STAMP, KNOWN, Access(restricted=True))["access"]["files"] == "restricted"
    embargoed = record(study(), STAMP, KNOWN, Access(embargo="2099-01-01"))["access"]
    assert embargoed == {
        "record": "public", "files": "restricted", "embargo": {"active": True, "until": "2099-01-01", "reason": None},
    }  # fmt: skip


@pytest.fixture
def draft(server):
    api = Api(Client(server_of(server.address), Token(server.token, "a test"), SHORT))
    return api, api.create("A draft")


@pytest.mark.parametrize("access", [Access(), Access(restricted=True), Access(embargo="2099-01-01")])
def test_server_takes_it_and_gives_it_back(draft, access):
    api, made = draft
    sent = record(study(), STAMP, KNOWN, access)
    assert api.update(made, sent) == []
    assert differences(sent, api.draft(made.id).content) == []


def test_other_spellings_are_the_same():
    sent = record(study(), STAMP, KNOWN, Access())
    back = copy.deepcopy(sent)
    data = back["metadata"]
    data["rights"] = [{"id": "mit-license", "title": {"en": "MIT"}}, *reversed(data["rights"][1:])]
    data["description"] = data["description"].replace("</p>", "</p>\n").replace("&amp;", "&#38;")
    data["creators"][0]["person_or_org"]["name"] = "Carberry, Josiah"
    data["related_identifiers"][0]["identifier"] = "https://doi.org/10.1234/PAPER"
    data["resource_type"]["title"] = {"en": "Dataset"}
    assert differences(sent, back) == []


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("title", "Another", "title: sent 'Clean"),
        ("version", None, "version: sent '1.0.0', the server has 'None'"),
        ("rights", [{"id": "mit"}], "licenses"),
        ("creators", [], "creators"),
        ("description", "<p>Nothing</p>", "description"),
        ("related_identifiers", [], "related works"),
    ],
)
def test_what_is_another_is_named(key, value, told):
    sent = record(study(), STAMP, KNOWN, Access())
    back = copy.deepcopy(sent)
    back["metadata"][key] = value
    (found,) = differences(sent, back)
    assert told in found


def test_wrong_orcid_is_found_before_anything_is_made():
    wrong = study().model_copy(
        update={"creators": [study().creators[0].model_copy(update={"orcid": ORCID[:-1] + "1"})]}
    )
    with pytest.raises(BundleConfigError, match="check digit"):
        record(wrong, STAMP, KNOWN, Access())


@pytest.fixture
def manifest(tmp_path):
    return Builder()(tmp_path / "bundle", None)


def test_everything_that_is_wrong_is_told_at_once(manifest):
    wrong = study(
        resource_type="Data Set", communities=["a community"],
        related=[{"identifier": "my paper", "relation": "cites", "resource_type": "Paper!"}],
    )  # fmt: skip
    licenses = json.loads(json.dumps(LICENSES))
    licenses["components"]["variants.raw"]["conflicts"] = [{"code": "no-sharing", "reason": "why", "waived": None}]
    with pytest.raises(ReleaseConfigError) as told:
        check(wrong, licenses, manifest, date(2026, 5, 1), TODAY)
    text = str(told.value)
    assert "6 things stand" in text
    for part in ("Data Set", "a community", "my paper", "Paper!", "2026-05-01 is not in the future", "no-sharing"):
        assert part in text


def test_too_many_files_and_no_license(manifest):
    one = manifest.files[0]
    many = manifest.model_copy(update={"files": tuple(one.model_copy(update={"path": f"{i}.txt"}) for i in range(100))})
    with pytest.raises(ReleaseConfigError, match="101 files"):
        check(study(), LICENSES, many, None, TODAY)
    large = manifest.model_copy(update={"files": (one.model_copy(update={"size": 60_000_000_000}),)})
    with pytest.raises(ReleaseConfigError, match=r"60\.0 GB"):
        check(study(), LICENSES, large, None, TODAY)
    with pytest.raises(ReleaseConfigError, match="carries a license"):
        check(study(), {"components": {}}, manifest, None, TODAY)
    check(study(), LICENSES, manifest, date(2026, 5, 2), TODAY)


def test_builder_of_these_tests_makes_true_manifests(manifest, tmp_path):
    for entry in manifest.files:
        content = Path(tmp_path, "bundle", entry.path).read_bytes()
        assert (len(content), hashlib.md5(content).hexdigest()) == (entry.size, entry.md5)
