# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The resolver on whole studies: the chain, waivers, what is withheld, advice."""

from __future__ import annotations

import time

import pytest

from railcrate.licensing.dependencies import packages_of
from railcrate.licensing.errors import LicenseError
from railcrate.licensing.rail import RailRequest, generate, write
from railcrate.licensing.resolve import as_json, check_licenses, resolve
from railcrate.study.load import load_study

from .conftest import source


def resolved(folder):
    return resolve(folder, load_study(folder))


def codes(resolution):
    return {(conflict.component, conflict.code) for conflict in resolution.conflicts}


def test_a_study_without_conflicts(study_folder):
    resolution = resolved(study_folder())
    assert codes(resolution) == set()
    assert [verdict.component.id for verdict in resolution.verdicts] == [
        "code", "sources.speeches", "variants.raw", "weights.small.raw", "documentation",
    ]  # fmt: skip
    assert set(resolution.bundle.split(" AND ")) == {"Apache-2.0", "CC0-1.0", "CC-BY-4.0"}
    assert resolution.recommendations["weights.small.raw"].license == "Apache-2.0"


def test_terms_flow_down_the_chain_and_the_chain_is_told(study_folder):
    folder = study_folder(
        sources={"speeches": source("CC-BY-NC-4.0")},
        recipes={"raw": {"from": ["speeches"]}, "clean": {"from": ["raw"], "steps": ["normalize"]}},
    )
    resolution = resolved(folder)
    assert codes(resolution) == {
        (f"{part}", "non-commercial")
        for part in ("variants.raw", "variants.clean", "weights.small.raw", "weights.small.clean")
    }
    last = next(c for c in resolution.conflicts if c.component == "weights.small.clean")
    assert last.path == (
        "sources.speeches → curated into variants.raw → curated into variants.clean → trained into weights.small.clean"
    )
    ways = " ".join(resolution.ways[last])
    assert "licenses.weights: CC-BY-NC-4.0" in ways
    assert "leave sources.speeches out" in ways
    assert "licenses.withhold: [weights.small.clean]" in ways
    assert "licenses.policy: permissive" in ways
    assert "licenses.waivers" in ways


def test_the_corpus_of_a_tokenizer_reaches_the_weights(study_folder):
    folder = study_folder(
        sources={"speeches": source("CC0-1.0"), "plays": source("CC-BY-NC-4.0")},
        recipes={"raw": {"from": ["plays"]}, "clean": {"from": ["speeches"]}},
        licenses={"data": "CC-BY-NC-4.0"},
    )
    assert ("weights.small.clean", "non-commercial") in codes(resolved(folder))


def test_a_policy_decides_and_it_is_said_that_it_did(study_folder):
    folder = study_folder(
        sources={"speeches": source("CC-BY-NC-4.0")}, licenses={"data": "CC-BY-NC-4.0", "policy": "permissive"}
    )
    resolution = resolved(folder)
    assert codes(resolution) == set()
    notes = as_json(resolution)["components"]["weights.small.raw"]["notes"]
    assert any("policy is permissive" in note for note in notes)


def test_a_waiver_lifts_a_conflict_and_shows(study_folder):
    waiver = {
        "component": "variants",
        "conflict": "no-derivatives",
        "reason": "Permitted by the press, letter of 2026-02-01",
    }
    folder = study_folder(
        sources={"speeches": source("CC-BY-ND-4.0")}, licenses={"waivers": [waiver], "policy": "permissive"}
    )
    resolution = resolved(folder)
    assert codes(resolution) == set()
    content = as_json(resolution)
    (conflict,) = content["components"]["variants.raw"]["conflicts"]
    assert "letter of 2026-02-01" in conflict["waived"]
    assert resolution.unused == ()


def test_a_waiver_that_lifts_nothing_is_told(study_folder):
    waiver = {"component": "variants.raw", "conflict": "no-derivatives", "reason": "Permitted by somebody"}
    assert [w.conflict for w in resolved(study_folder(licenses={"waivers": [waiver]})).unused] == ["no-derivatives"]


def test_what_is_withheld_may_stay_what_it_is(study_folder):
    folder = study_folder(
        sources={"speeches": source("CC-BY-ND-4.0")}, licenses={"withhold": ["variants"], "policy": "permissive"}
    )
    resolution = resolved(folder)
    assert codes(resolution) == set()
    assert "variants.raw" not in {verdict.component.id for verdict in resolution.published}


def test_components_may_carry_licenses_of_their_own(study_folder):
    folder = study_folder(
        sources={"speeches": source("CC-BY-SA-4.0")},
        licenses={"policy": "permissive", "components": {"variants": "CC-BY-4.0", "variants.raw": "CC-BY-SA-4.0"}},
    )
    assert codes(resolved(folder)) == set()


@pytest.mark.parametrize(
    "licenses",
    [
        {"components": {"variants.row": "MIT"}},
        {"withhold": ["variants.row"]},
        {"waivers": [{"component": "variants.row", "conflict": "naming", "reason": "because it is so"}]},
    ],
)
def test_a_component_that_does_not_exist_is_told_with_the_nearest(study_folder, licenses):
    with pytest.raises(LicenseError, match=r"no component 'variants.row'") as caught:
        resolved(study_folder(licenses=licenses))
    assert "variants.raw" in caught.value.hint


def test_the_pair_that_excludes_each_other_is_named(study_folder):
    folder = study_folder(
        sources={"one": source("CC-BY-SA-4.0"), "two": source("CC-BY-NC-4.0"), "three": source("CC0-1.0")},
        recipes={"raw": {"from": ["one", "two", "three"]}},
    )
    advice = resolved(folder).recommendations["variants.raw"]
    assert advice.license == ""
    assert "sources.one (CC-BY-SA-4.0) and sources.two (CC-BY-NC-4.0) exclude each other" in advice.why


def test_the_license_that_is_asked_for_is_recommended_with_the_reason(study_folder):
    advice = resolved(study_folder(sources={"speeches": source("CC-BY-SA-4.0")})).recommendations["variants.raw"]
    assert advice.license == "CC-BY-SA-4.0"
    assert "must carry CC-BY-SA-4.0" in advice.why


def test_the_output_of_a_model_carries_its_license(study_folder):
    made_by = {"model": "Gemma 2 2B", "license": "LicenseRef-gemma"}
    resolution = resolved(study_folder(sources={"speeches": source("CC0-1.0", generated_by=made_by)}))
    assert codes(resolution) == {("weights.small.raw", "missing-restrictions")}
    path = next(c.path for c in resolution.conflicts if c.component.startswith("weights"))
    assert path.startswith("outputs.speeches → whose output is sources.speeches")


def test_a_license_that_the_study_made_is_known(study_folder):
    folder = study_folder()
    request = RailRequest(family="OpenRAIL", letters="M", clauses=("minors",), licensor="Doe", artifact="Tiny")
    made = generate(request)
    write(made, folder / "config" / "licenses")
    resolution = resolved(study_folder(licenses={"weights": made.id}))
    assert codes(resolution) == set()
    assert made.id in resolution.bundle
    notes = as_json(resolution)["components"]["weights.small.raw"]["notes"]
    assert any("not open source" in note for note in notes)
    # It is for a model: for data it is the wrong one.
    assert ("variants.raw", "wrong-kind") in codes(resolved(study_folder(licenses={"data": made.id})))


def test_a_license_that_the_author_describes_is_known(study_folder):
    own = {"LicenseRef-press": {"name": "Letter of the press", "url": "https://example.org/letter", "permits": ["use"]}}
    folder = study_folder(sources={"speeches": source("LicenseRef-press")}, licenses={"own": own})
    assert ("sources.speeches", "no-redistribution") in codes(resolved(folder))
    del own["LicenseRef-press"]["url"]
    with pytest.raises(LicenseError, match=r"there is no file config/licenses/LicenseRef-press.txt"):
        resolved(study_folder(sources={"speeches": source("LicenseRef-press")}, licenses={"own": own}))


def test_every_wrong_expression_is_told_with_its_key(study_folder):
    folder = study_folder(
        sources={"speeches": source("CC-BY-4"), "plays": source("MIT ADN ISC")}, licenses={"weights": "Apache-2"}
    )
    problems = {problem.key: problem for problem in check_licenses(folder, load_study(folder))}
    assert set(problems) == {
        ("sources", "speeches", "license"),
        ("sources", "plays", "license"),
        ("licenses", "weights"),
    }
    assert "position 5" in problems["sources", "plays", "license"].found
    with pytest.raises(LicenseError, match=r"licenses.weights: 'Apache-2'"):
        resolved(study_folder(licenses={"weights": "Apache-2"}))


def test_the_packages_that_a_studys_code_imports(study_folder):
    folder = study_folder(recipes={"raw": {"from": ["speeches"], "steps": ["steps/own.py:keep"]}})
    (folder / "steps").mkdir()
    (folder / "steps" / "own.py").write_text(
        "import json\nimport yaml\nfrom rich.table import Table\nimport not_there\n"
    )
    packages = {package.name.lower(): package.license for package in packages_of(folder, load_study(folder))}
    assert packages == {"railcrate": "Apache-2.0", "pyyaml": "MIT", "rich": "MIT"}


def test_importing_railcrate_asks_nothing_of_the_studys_code(study_folder):
    resolution = resolved(study_folder(licenses={"code": "GPL-2.0-only"}))
    assert codes(resolution) == set()


def test_two_hundred_sources_are_checked_in_under_a_second(study_folder):
    sources = {f"s{n}": source(("CC-BY-4.0", "CC0-1.0", "ODC-By-1.0")[n % 3]) for n in range(200)}
    folder = study_folder(
        sources=sources, recipes={name: {"from": list(sources)} for name in ("raw", "clean", "more", "less")}
    )
    study = load_study(folder)
    resolve(folder, study)  # the catalogue is read once
    clock = time.perf_counter()
    resolution = resolve(folder, study)
    assert time.perf_counter() - clock < 1
    assert codes(resolution) == set()
    assert len(resolution.verdicts) == 2 + 200 + 4 + 4


def tuned(folder, license, **more):
    """A study that fine-tunes a base."""
    (folder() / "base").mkdir(exist_ok=True)
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        (folder() / "base" / name).write_text("x")
    base = {"path": "base", "license": license, "citation": "The base"}
    return folder(models={"tuned": {"kind": "finetune", "title": "Llama Poet", "base": base}}, **more)


def notes_of(folder, component):
    return as_json(resolved(folder))["components"][component]["notes"]


def test_what_is_not_confirmed_is_said(study_folder):
    folder = tuned(study_folder, "LicenseRef-falcon-llm", licenses={"weights": "LicenseRef-falcon-llm"})
    assert "Of LicenseRef-falcon-llm these facts are not confirmed from its own text: clauses, policy." in notes_of(
        folder, "weights.tuned.raw"
    )
    made_by = {"model": "Somebody's", "license": "LicenseRef-ai2-impact-lr-2.0"}
    folder = study_folder(sources={"speeches": source("CC0-1.0", generated_by=made_by)})
    assert any("not confirmed from its own text: output, training" in note for note in notes_of(folder, "variants.raw"))


def test_a_text_that_is_to_be_handed_on_and_is_not_there_is_told(study_folder):
    folder = tuned(study_folder, "LicenseRef-llama3.2", licenses={"weights": "LicenseRef-llama3.2"})
    assert any("railcrate license text LicenseRef-llama3.2 --fetch" in n for n in notes_of(folder, "weights.tuned.raw"))
    (folder / "config" / "licenses").mkdir()
    (folder / "config" / "licenses" / "LicenseRef-llama3.2.txt").write_text("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT")
    assert not any("--fetch" in note for note in notes_of(folder, "weights.tuned.raw"))


def test_the_public_domain_leaves_nothing_unsettled(study_folder):
    assert notes_of(study_folder(), "weights.small.raw") == []
    folder = study_folder(sources={"speeches": source("CC-BY-4.0")})
    assert any("unsettled whether CC-BY-4.0" in note for note in notes_of(folder, "weights.small.raw"))


def test_a_waiver_may_hold_for_one_origin_alone(study_folder):
    waiver = {"component": "variants", "conflict": "non-commercial", "reason": "Permitted by the press, 2026-02-01"}
    changes = {
        "sources": {"speeches": source("CC-BY-NC-4.0"), "plays": source("CC-BY-NC-4.0")},
        "recipes": {"raw": {"from": ["speeches", "plays"]}},
    }
    both = study_folder(**changes, licenses={"waivers": [waiver], "policy": "permissive"})
    assert codes(resolved(both)) == set()
    one = study_folder(
        **changes, licenses={"waivers": [waiver | {"origin": "sources.speeches"}], "policy": "permissive"}
    )
    (left,) = resolved(one).conflicts
    assert left.origin == "sources.plays"
    assert "origin: sources.plays" in " ".join(resolved(one).ways[left])


@pytest.mark.parametrize(
    ("change", "told", "hint"),
    [
        ({"conflict": "no-derivative"}, "no conflict 'no-derivative'", "no-derivatives"),
        ({"origin": "sources.speech"}, "nothing in this study is made from 'sources.speech'", "sources.speeches"),
    ],
)
def test_a_waiver_that_could_never_lift_anything_is_told(study_folder, change, told, hint):
    waiver = {"component": "variants", "conflict": "naming", "reason": "because it is so", **change}
    with pytest.raises(LicenseError, match=told) as caught:
        resolved(study_folder(licenses={"waivers": [waiver]}))
    assert hint in caught.value.hint


def test_the_license_of_what_others_made_cannot_be_chosen(study_folder):
    with pytest.raises(LicenseError, match="not made by this study") as caught:
        resolved(study_folder(licenses={"components": {"sources.speeches": "MIT"}}))
    assert "sources.speeches.license" in caught.value.hint


OWN = {
    "LicenseRef-hub-rail": {
        "name": "Hub RAIL-M",
        "url": "https://example.org",
        "permits": ["use", "share", "adapt", "commercial"],
    }
}


def test_restrictions_of_a_license_that_the_author_describes_flow_down(study_folder):
    own = {name: terms | {"restrictions": ["minors", "malware"]} for name, terms in OWN.items()}
    folder = tuned(study_folder, "LicenseRef-hub-rail", licenses={"own": own})
    (conflict,) = resolved(folder).conflicts
    assert (conflict.code, set(conflict.missing)) == ("missing-restrictions", {"minors", "malware"})
    assert codes(resolved(tuned(study_folder, "LicenseRef-hub-rail", licenses={"own": OWN}))) == set()
    own["LicenseRef-hub-rail"]["restrictions"] = ["mynors"]
    with pytest.raises(LicenseError, match="no restriction 'mynors'"):
        resolved(tuned(study_folder, "LicenseRef-hub-rail", licenses={"own": own}))


def test_a_license_that_the_author_describes_may_be_chosen(study_folder):
    assert codes(resolved(study_folder(licenses={"data": "LicenseRef-hub-rail", "own": OWN}))) == set()
    with pytest.raises(LicenseError, match="the catalogue knows this license"):
        resolved(study_folder(licenses={"own": {"LicenseRef-gemma": OWN["LicenseRef-hub-rail"]}}))


def test_a_license_whose_words_were_changed_is_refused(study_folder):
    folder = study_folder()
    made = generate(RailRequest(family="OpenRAIL", letters="M", clauses=("minors",), licensor="Doe", artifact="Tiny"))
    text = write(made, folder / "config" / "licenses")[0]
    text.write_text(text.read_text().replace("must not", "may"))
    with pytest.raises(LicenseError, match="its words were changed"):
        resolved(study_folder(licenses={"weights": made.id}))
    text.unlink()
    with pytest.raises(LicenseError, match="is not beside it"):
        resolved(folder)


def test_an_application_is_no_code(study_folder):
    folder = study_folder()
    made = generate(RailRequest(family="OpenRAIL", letters="A", clauses=("minors",), licensor="Doe", artifact="Tiny"))
    write(made, folder / "config" / "licenses")
    assert ("code", "wrong-kind") in codes(resolved(study_folder(licenses={"code": made.id})))


def test_a_package_whose_license_nobody_knows_stops_nothing(study_folder):
    folder = study_folder(recipes={"raw": {"from": ["speeches"], "steps": ["steps/own.py:keep"]}})
    (folder / "steps").mkdir()
    (folder / "steps" / "own.py").write_text("import regex\n")  # states Apache-2.0 AND CNRI-Python
    upstream = next(v for v in resolved(folder).verdicts if v.component.id == "code").component.upstream
    found = {entry.origin: (entry.license, entry.credit) for entry in upstream}
    assert found["packages.regex"] == ("LicenseRef-unknown", "regex (states: Apache-2.0 AND CNRI-Python)")
    assert codes(resolved(folder)) == set()


def test_what_is_upstream_is_asked_for_in_plain_words(study_folder):
    folder = tuned(
        study_folder, "LicenseRef-llama3.2", sources={"speeches": source("CC-BY-4.0")}, licenses={"data": "CC0-1.0"}
    )
    components = as_json(resolved(folder))["components"]
    assert components["variants.raw"]["requires"] == [
        "name the authors of what it is made from, as NOTICE does (CC-BY-4.0)"
    ]
    asked = components["weights.tuned.raw"]["requires"]
    assert "show the line 'Built with Llama' with the model or what uses it" in asked
    assert "hand on the text of what it is made from: LicenseRef-llama3.2" in asked
    assert any(text.startswith("follow the Llama 3.2 Acceptable Use Policy") for text in asked)
