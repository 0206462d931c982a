# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""One fact changed, and the right verdicts change, for the right reasons."""

import sys
from pathlib import Path

import pytest

from railcrate.openness.facts import Fact, Status
from railcrate.openness.framework import frameworks
from railcrate.openness.judge import assess
from railcrate.openness.known import subject_of_model
from railcrate.study.catalogue import KnownFact, find

sys.path.insert(0, str(Path(__file__).parent))
from test_engine import subject

MET, PARTLY, NOT_MET, NOT_SHOWN, OUT = (
    Status.MET, Status.PARTLY, Status.NOT_MET, Status.NOT_SHOWN, Status.NOT_APPLICABLE,
)  # fmt: skip

# For each: the fact and how it stands now; what OSAID says; which of its criteria are missing; the class of the
# MOF; which of its required criteria are missing, of all classes. "met" and class I is where all of them start.
CASES = [
    # --- data ------------------------------------------------------------------------------------------
    ("data.published", NOT_MET, "met", [], "II", ["datasets"]),
    ("data.published", NOT_SHOWN, "met", [], "II", ["datasets"]),
    ("data.published", PARTLY, "met", [], "II", ["datasets"]),
    ("data.published", OUT, "met", [], "I", []),
    ("data.license.open", NOT_MET, "met", [], "I", []),
    ("data.provenance", NOT_MET, "within reach", ["description"], "I", []),
    ("data.provenance", NOT_SHOWN, "within reach", ["description"], "I", []),
    ("data.scope", NOT_MET, "within reach", ["description"], "I", []),
    ("data.selection", PARTLY, "within reach", ["description"], "I", []),
    ("data.processing", NOT_SHOWN, "within reach", ["description"], "I", []),
    ("data.labelling", OUT, "met", [], "I", []),
    ("data.labelling", NOT_SHOWN, "within reach", ["description"], "I", []),
    ("data.public-listed", NOT_MET, "within reach", ["public-list"], "I", []),
    ("data.third-party-listed", NOT_MET, "within reach", ["third-party-list"], "I", []),
    ("data.third-party-listed", OUT, "met", [], "I", []),
    ("data.card", NOT_SHOWN, "met", [], None, ["data-card"]),
    ("eval-data.published", NOT_MET, "met", [], "III", ["evaluation-data"]),
    ("eval-data.license.open", NOT_MET, "met", [], "III", ["evaluation-data"]),
    # --- code ------------------------------------------------------------------------------------------
    ("code.data-processing", NOT_MET, "within reach", ["data-processing"], "II", ["preprocessing-code"]),
    ("code.training", NOT_MET, "within reach", ["training"], "III", ["training-code"]),
    ("code.training", NOT_SHOWN, "within reach", ["training"], "III", ["training-code"]),
    ("code.training", OUT, "met", [], "I", []),
    ("code.evaluation", NOT_MET, "within reach", ["validation"], "III", ["evaluation-code"]),
    ("code.support", NOT_MET, "within reach", ["support"], "I", []),
    ("code.inference", NOT_MET, "within reach", ["inference"], "III", ["inference-code"]),
    ("code.architecture", NOT_MET, "within reach", ["architecture"], None, ["architecture"]),
    (
        "code.license.osi", NOT_MET, "within reach", ["code-terms"], None,
        ["architecture", "training-code", "inference-code", "evaluation-code", "preprocessing-code"],
    ),
    # --- weights ---------------------------------------------------------------------------------------
    ("weights.published", NOT_MET, "not met", ["weights"], None, ["final-parameters"]),
    ("weights.published", PARTLY, "within reach", ["weights"], None, ["final-parameters"]),
    (
        "weights.license.free", NOT_MET, "within reach", ["weights-terms"], None,
        ["final-parameters", "intermediate-parameters"],
    ),
    (
        "weights.license.free", NOT_SHOWN, "within reach", ["weights-terms"], None,
        ["final-parameters", "intermediate-parameters"],
    ),
    ("weights.base-open", NOT_MET, "within reach", ["weights-terms"], "I", []),
    ("weights.base-open", NOT_SHOWN, "within reach", ["weights-terms"], "I", []),
    ("weights.base-open", OUT, "met", [], "I", []),
    ("weights.checkpoints", NOT_MET, "met", [], "II", ["intermediate-parameters"]),
    ("weights.optimizer-state", NOT_MET, "met", [], "I", []),
    # --- documents -------------------------------------------------------------------------------------
    (
        "docs.license.open", NOT_MET, "met", [], None,
        ["model-card", "data-card", "technical-report", "evaluation-results"],
    ),
    ("data.information-open", NOT_MET, "within reach", ["information-terms"], "I", []),
    ("data.information-open", PARTLY, "within reach", ["information-terms"], "I", []),
    ("docs.model-card", NOT_MET, "met", [], None, ["model-card"]),
    ("docs.report", NOT_MET, "met", [], "I", []),
    ("docs.results", NOT_SHOWN, "met", [], None, ["evaluation-results"]),
    ("docs.paper", NOT_MET, "met", [], "I", []),
    ("docs.preprint", NOT_MET, "met", [], "I", []),
    # --- what neither asks for -------------------------------------------------------------------------
    ("compute.energy", NOT_SHOWN, "met", [], "I", []),
    ("use.intended", NOT_SHOWN, "met", [], "I", []),
    ("docs.samples", NOT_MET, "met", [], "I", []),
]  # fmt: skip


def verdict(found):
    return "met" if found.met else "within reach" if found.within_reach else "not met"


@pytest.mark.parametrize(
    ("fact", "status", "osaid", "missing", "mof", "lacking"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES]
)
def test_one_fact(fact, status, osaid, missing, mof, lacking):
    changed = subject(**{fact.replace(".", "_").replace("-", "_"): status})
    reason = f"{fact} is {status}"
    for name, expected in (("osaid-1.0", missing), ("mof-1.0", lacking)):
        found = assess(changed, frameworks()[name])
        assert [finding.criterion.id for finding in found.missing()] == expected
        assert all(reason in finding.because for finding in found.missing())
    assert verdict(assess(changed, frameworks()["osaid-1.0"])) == osaid
    assert assess(changed, frameworks()["mof-1.0"]).level == mof


def test_two_ways_to_a_report_are_one_until_both_are_gone():
    gone = assess(subject(docs_report=NOT_MET, docs_preprint=NOT_MET, docs_paper=NOT_MET), frameworks()["mof-1.0"])
    assert [finding.criterion.id for finding in gone.missing()] == ["technical-report", "research-paper"]
    assert gone.level is None


# --- the same by an entry of the catalogue -----------------------------------------------------------

# The license of the weights of a model that meets the definition, and what then bars it.
TERMS = [
    ("Apache-2.0", "met"),
    ("MIT", "met"),
    ("CC-BY-4.0", "met"),
    ("CC-BY-NC-4.0", "within reach"),
    ("CC-BY-NC-SA-4.0", "within reach"),
    ("CC-BY-ND-4.0", "within reach"),
    ("LicenseRef-bigscience-bloom-rail-1.0", "within reach"),
    ("LicenseRef-bigcode-openrail-m-1", "within reach"),
    ("LicenseRef-llama3.2", "within reach"),
    ("LicenseRef-gemma", "within reach"),
    ("LicenseRef-qwen-research", "within reach"),
]


@pytest.mark.parametrize(("license", "expected"), TERMS)
def test_the_license_of_the_weights(license, expected):
    from railcrate.licensing.catalogue import find as find_license

    model = find("pythia-70m").model_copy(update={"license": license})
    found = assess(subject_of_model(model), frameworks()["osaid-1.0"])
    assert verdict(found) == expected
    missing = [finding.criterion.id for finding in found.missing()]
    assert missing == ([] if expected == "met" else ["weights-terms"])
    assert all(find_license(license).name in finding.because[0] for finding in found.missing())


PARTS = [
    ("weights", "not met", {"weights"}),
    ("data_information", "not met", {"description", "public-list", "third-party-list"}),
    ("data", "met", set()),
    ("training_code", "within reach", {"training", "support"}),
    ("data_code", "within reach", {"data-processing"}),
    ("evaluation_code", "within reach", {"validation"}),
    ("checkpoints", "met", set()),
    ("texts", "within reach", {"information-terms"}),
]


@pytest.mark.parametrize(("part", "expected", "criteria"), PARTS)
def test_a_part_of_an_entry_that_is_withheld(part, expected, criteria):
    model = find("pythia-70m")
    withheld = KnownFact(status="not met", because=f"its {part} is withheld")
    changed = model.model_copy(update={"openness": model.openness.model_copy(update={part: withheld})})
    found = assess(subject_of_model(changed), frameworks()["osaid-1.0"])
    assert verdict(found) == expected
    assert {finding.criterion.id for finding in found.missing()} == criteria
    assert all(withheld.because in finding.because for finding in found.missing())


@pytest.mark.parametrize(
    ("base", "status"),
    [(None, OUT), ("pythia-160m", MET), ("bloom-560m", NOT_MET), ("llama-3.2-1b", NOT_MET), ("Unheard-of", NOT_SHOWN)],
)
def test_a_model_is_no_more_open_than_its_base(base, status):
    model = find("pythia-70m").model_copy(update={"base": base})
    made = subject_of_model(model)
    assert made.fact("weights.base-open").status is status
    found = assess(made, frameworks()["osaid-1.0"])
    assert found.met is (status in (OUT, MET))
    if not found.met:
        (finding,) = found.missing()
        assert any("base" in sentence for sentence in finding.because)


def test_unconfirmed_follows_the_fact_into_the_finding():
    whole = subject()
    doubtful = Fact(MET, "it is said so", unconfirmed=True)
    changed = type(whole)("it", "It", {**whole.facts, "code.training": doubtful})
    found = assess(changed, frameworks()["osaid-1.0"])
    assert found.met
    assert [name for name, finding in found.findings.items() if finding.unconfirmed] == ["training"]


@pytest.mark.parametrize(
    ("bases", "status", "reason"),
    [
        (["pythia-70m"], MET, "its base Pythia 70M meets the Open Source AI Definition"),
        (["pythia-70m", "bloom-560m"], NOT_MET, "its base BLOOM 560M does not meet the Open Source AI Definition"),
        (["pythia-70m", None], NOT_SHOWN, "nothing shows how open the base of model-1 is"),
        ([], OUT, "nothing is fine-tuned: every model starts from random weights"),
    ],
)
def test_a_study_is_no_more_open_than_its_bases(bases, status, reason):
    from types import SimpleNamespace

    from railcrate.openness.of_code import base_openness
    from railcrate.study.models import PretrainedModel

    own = {"path": "weights", "license": "CC0-1.0"}
    models = {
        f"model-{number}": PretrainedModel.model_validate(
            {"kind": "pretrained", "base": {"catalogue": name} if name else own}
        )
        for number, name in enumerate(bases)
    }
    found = base_openness(SimpleNamespace(models=models))
    assert (found.status, found.because) == (status, reason)
