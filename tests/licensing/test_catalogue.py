# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from railcrate.licensing.catalogue import RETIRED, catalogue, find, index, text
from railcrate.licensing.clauses import categories, choose, clause_sets, clauses
from railcrate.licensing.entry import License, contradictions
from railcrate.licensing.errors import LicenseError
from railcrate.licensing.provenance import OWN, grouped, provenance
from railcrate.licensing.words import forbids, permits, requires
from railcrate.study.share import shared

KNOWN = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "0BSD",
    "Unlicense",
    "BSL-1.0",
    "Zlib",
    "UPL-1.0",
    "AFL-3.0",
    "ECL-2.0",
    "Artistic-2.0",
    "MPL-2.0",
    "EPL-2.0",
    "EUPL-1.2",
    "LGPL-2.1-or-later",
    "LGPL-3.0-or-later",
    "GPL-2.0-only",
    "GPL-3.0-or-later",
    "AGPL-3.0-or-later",
    "MulanPSL-2.0",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-3.0",
    "CC-BY-SA-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-NC-ND-4.0",
    "ODbL-1.0",
    "ODC-By-1.0",
    "PDDL-1.0",
    "CDLA-Permissive-2.0",
    "CDLA-Permissive-1.0",
    "CDLA-Sharing-1.0",
    "C-UDA-1.0",
    "etalab-2.0",
    "OpenMDW-1.0",
    "LicenseRef-bigscience-bloom-rail-1.0",
    "LicenseRef-bigscience-openrail-m",
    "LicenseRef-creativeml-openrail-m",
    "LicenseRef-openrail-plus-plus-m",
    "LicenseRef-bigcode-openrail-m-1",
    "LicenseRef-aipubs-openrail-m-0.1",
    "LicenseRef-aipubs-openrail-s-0.1",
    "LicenseRef-openrail-generated",
    "LicenseRef-researchrail-generated",
    "LicenseRef-rail-generated",
    "LicenseRef-ai2-impact-lr-2.0",
    "LicenseRef-llama2",
    "LicenseRef-llama3.1",
    "LicenseRef-llama3.2",
    "LicenseRef-llama3.3",
    "LicenseRef-llama4",
    "LicenseRef-gemma",
    "LicenseRef-qwen",
    "LicenseRef-qwen-research",
    "LicenseRef-deepseek-1.0",
    "LicenseRef-falcon-llm",
    "LicenseRef-stability-community",
    "LicenseRef-nvidia-open-model",
]


def test_the_licenses_that_studies_meet_are_there():
    assert len(KNOWN) == 64
    assert set(KNOWN) <= set(catalogue())


@pytest.mark.parametrize("license", catalogue().values(), ids=lambda license: license.id)
def test_no_entry_contradicts_itself(license):
    assert list(contradictions(license)) == []
    assert permits(license)
    assert all(isinstance(word, str) for word in (*requires(license), *forbids(license)))
    assert set(license.into) <= set(catalogue())
    assert license.clauses is None or clause_sets()[license.clauses].license == license.id


BASE = find("MIT").model_dump()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"purpose": "noncommercial"}, "bars commerce"),
        ({"permits": ("use", "share", "adapt")}, "no commerce without"),
        ({"osaid": False}, "approved by the OSI, but not free"),
        ({"requires": ("same-license",)}, "go together"),
        ({"reach": "work"}, "go together"),
        ({"into": ("GPL-3.0-only",)}, "without `same-license`"),
        ({"requires": ("pass-on-restrictions",)}, "without `clauses` or `policy`"),
        ({"requires": ("policy",)}, "`policy`"),
        ({"requires": ("naming",)}, "`naming`"),
        ({"clauses": "gemma"}, "limits use"),
        ({"family": "vendor-model"}, "never chosen"),
        ({"unconfirmed": ("smell",)}, "no field"),
        ({"suits": {"code": "good"}}, "each of"),
        ({"text": None}, "neither"),
        ({"attribution": "Made by somebody"}, "without {work}"),
        ({"attribution": "{work}", "requires": ()}, "without the duty"),
    ],
)
def test_an_entry_that_contradicts_itself_is_found(change, told):
    entry = License.model_validate({**BASE, **change})
    assert any(told in sentence for sentence in contradictions(entry))


@pytest.mark.parametrize("license", catalogue().values(), ids=lambda license: license.id)
def test_every_fact_has_a_source(license):
    found = provenance(license)
    stated = set(license.model_dump(exclude_defaults=True)) - set(OWN)
    assert stated <= set(found)
    assert all(source.strip(", ") and not source.startswith(",") for source in found.values())
    for field in license.unconfirmed:
        assert "not confirmed" in found.get(field, "not confirmed")
    assert sum(map(len, grouped(license).values())) == len(found)


def test_the_wording_of_attribution():
    assert "made available here under the Open Database License" in find("ODbL-1.0").attribution
    assert find("CC-BY-SA-3.0").attribution == "{work} is licensed under CC BY-SA 3.0"
    assert find("MIT").attribution is None  # its own copyright line is kept as it came


def test_texts_are_what_they_were():
    files = {file.stem: file for file in (shared("licensing") / "texts").glob("*.txt")}
    assert set(files) == set(index()) == {license.id for license in catalogue().values() if license.text}
    for name, file in files.items():
        assert hashlib.sha256(file.read_bytes()).hexdigest() == index()[name]["sha256"]
        assert catalogue()[name].osi == index()[name]["osi"]
    assert "Apache License" in text("Apache-2.0")


def test_a_license_without_a_text_here_says_where_it_is():
    with pytest.raises(LicenseError, match="no text of LicenseRef-gemma") as caught:
        text("LicenseRef-gemma")
    assert "ai.google.dev" in caught.value.hint


@pytest.mark.parametrize(("old", "new"), RETIRED.items())
def test_retired_ids_lead_to_what_they_meant(old, new):
    assert find(old).id == new


def test_ids_are_found_in_any_case():
    assert find("apache-2.0").id == "Apache-2.0"


@pytest.mark.parametrize(
    ("wrong", "suggested"),
    [("Apache-2", "Apache-2.0"), ("CC-BY-SA", "CC-BY-SA-4.0"), ("openrail++", "LicenseRef-openrail-plus-plus-m"),
     ("llama3.2", "LicenseRef-llama3.2"), ("gemma-2", "LicenseRef-gemma"), ("My-own", "licenses.own")],
)  # fmt: skip
def test_an_unknown_id_is_told_with_the_nearest(wrong, suggested):
    with pytest.raises(LicenseError, match="no license of the catalogue") as caught:
        find(wrong)
    assert suggested in caught.value.hint


def test_clauses_are_chosen_in_the_librarys_order():
    assert choose(["minors", "lawful-use", "minors"]) == ("lawful-use", "minors")
    assert choose(groups=["military"]) == ("military-weapons", "military-surveillance")
    assert set(choose(domains=["health"])) > set(choose(domains=["general"]))
    assert set(choose(like=["LicenseRef-gemma"])) == set(clause_sets()["gemma"].clauses)
    assert {clause.category for clause in clauses().values()} == set(categories())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"names": ["mynors"]}, "minors"),
        ({"groups": ["Militar"]}, "military"),
        ({"domains": ["healt"]}, "health"),
        ({"like": ["bigscience"]}, "bigscience-openrail-m"),
    ],
)
def test_a_clause_that_does_not_exist_is_told_with_the_nearest(arguments, told):
    with pytest.raises(LicenseError, match="there is no") as caught:
        choose(**arguments)
    assert told in caught.value.hint


@pytest.mark.parametrize(
    ("name", "count"),
    # Where one clause of a license stands for two of the library, two are counted.
    [("bigscience-bloom-rail-1.0", 13 + 1), ("bigscience-openrail-m", 13 + 1), ("creativeml-openrail-m", 11 + 1),
     ("openrail-plus-plus-m", 11 + 1), ("bigcode-openrail-m-1", 14 + 1), ("aipubs-openrail-m-0.1", 11 + 1),
     ("aipubs-openrail-s-0.1", 11 + 1)],
)  # fmt: skip
def test_sets_hold_as_many_restrictions_as_the_licenses(name, count):
    assert len(clause_sets()[name].clauses) == count


def test_sets_name_restrictions_of_the_library():
    for entry in clause_sets().values():
        assert set(entry.clauses) <= set(clauses())
        assert set(entry.variants) <= set(entry.clauses)
        assert entry.license in catalogue()


def test_nothing_heavy_is_loaded():
    heavy = ("torch", "transformers", "datasets")
    code = f"import railcrate.licensing.resolve, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
