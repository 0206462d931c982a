# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The engine: how facts become findings, findings a result, and a result advice."""

import pytest

from railcrate.openness.advice import advise
from railcrate.openness.facts import Fact, Pointer, Status, Subject, all_of, any_of, definitions
from railcrate.openness.framework import Framework, frameworks
from railcrate.openness.judge import assess

MET, PARTLY, NOT_MET, NOT_SHOWN, OUT = (
    Status.MET, Status.PARTLY, Status.NOT_MET, Status.NOT_SHOWN, Status.NOT_APPLICABLE,
)  # fmt: skip


def subject(**changed):
    """Everything is met but for what is named, with `_` for `.` and `-`."""
    facts = {name: Fact(MET, f"{name} is there", (Pointer(name, "README.md"),)) for name in definitions()}
    plain = {name.replace(".", "_").replace("-", "_"): name for name in facts}
    for name, status in changed.items():
        facts[plain[name]] = Fact(status, f"{plain[name]} is {status}")
    return Subject("it", "It", facts)


def framework(kind="verdict", levels=(), **evidence):
    criteria = [
        {"id": name, "title": name, "question": "?", "component": "data", **rest} for name, rest in evidence.items()
    ]
    return Framework.model_validate(
        {
            "id": "own", "title": "Own", "version": "1", "kind": kind, "about": "", "url": "https://example.org",
            "levels": [{"id": level, "title": level} for level in levels],
            "groups": [{"id": "all", "title": "All", "criteria": criteria}],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "every", "some"),
    [
        ([MET, MET], MET, MET),
        ([MET, OUT], MET, MET),
        ([OUT, OUT], OUT, OUT),
        ([MET, NOT_MET], PARTLY, MET),
        ([MET, NOT_SHOWN], PARTLY, MET),
        ([PARTLY, MET], PARTLY, MET),
        ([NOT_MET, NOT_SHOWN], NOT_MET, NOT_SHOWN),
        ([NOT_SHOWN, NOT_SHOWN], NOT_SHOWN, NOT_SHOWN),
        ([NOT_MET, PARTLY], PARTLY, PARTLY),
        ([], OUT, OUT),
    ],
)
def test_statuses_are_combined(parts, every, some):
    assert all_of(parts) is every
    assert any_of(parts) is some


def test_what_is_not_shown_never_counts_as_met():
    found = assess(Subject("it", "It", {}), frameworks()["osaid-1.0"])
    assert not found.met
    assert not found.within_reach
    assert {finding.status for finding in found.findings.values()} == {NOT_SHOWN}
    assert found.score().met == 0


def test_osaid_is_met_when_all_is_there_and_not_by_one_restriction():
    osaid = frameworks()["osaid-1.0"]
    assert assess(subject(), osaid).met
    restricted = assess(subject(weights_license_free=NOT_MET), osaid)
    assert not restricted.met
    assert restricted.within_reach
    assert [finding.criterion.id for finding in restricted.missing()] == ["weights-terms"]
    assert restricted.findings["weights-terms"].because == (
        "weights.license.free is not met",
        "weights.base-open is there",
    )
    information = ("provenance", "scope", "selection", "labelling", "processing", "public_listed", "third_party_listed")
    closed = subject(data_information_open=NOT_MET, **{f"data_{name}": NOT_MET for name in information})
    assert not assess(closed, osaid).within_reach
    assert assess(subject(weights_checkpoints=NOT_MET, weights_optimizer_state=NOT_SHOWN), osaid).met, "examples only"


def test_classes_build_on_one_another():
    rules = framework(
        "classes", ("I", "II"),
        basic={"level": "II", "evidence": "weights.published"}, more={"level": "I", "evidence": "data.published"},
    )  # fmt: skip
    assert assess(subject(), rules).level == "I"
    assert assess(subject(data_published=NOT_MET), rules).level == "II"
    assert assess(subject(weights_published=NOT_MET), rules).level is None, "the better class does not help"


def test_what_does_not_apply_is_asked_of_nobody():
    rules = framework(
        "score", plain={"evidence": "data.size"}, extra={"evidence": "data.groups", "applies": "data.labelling"}
    )
    found = assess(subject(data_labelling=NOT_MET, data_groups=NOT_MET), rules)
    assert found.findings["extra"].status is OUT
    assert (found.score().met, found.score().of) == (1, 1)


def test_whether_it_applies_must_be_known_first():
    rules = framework("checklist", extra={"evidence": "data.groups", "applies": "data.labelling"})
    unknown = subject(data_labelling=NOT_SHOWN, data_groups=NOT_MET)
    found = assess(unknown, rules)
    assert found.findings["extra"].status is NOT_SHOWN
    assert found.findings["extra"].because == ("data.labelling is not shown",)
    assert [advice.key for advice in advise(unknown, found)] == ["data.labelling"]


def test_an_answer_shows_what_no_file_can():
    rules = framework("score", asked={"next": {"do": "Say it.", "where": "config/study.yaml: answers", "effort": 2}})
    assert assess(subject(), rules).findings["asked"].status is NOT_SHOWN
    said = {"own/asked": Fact(MET, "we did", (Pointer("where", "README.md"),), self_assessed=True)}
    found = assess(subject(), rules, said).findings["asked"]
    assert found.status is MET
    assert found.self_assessed
    assert found.evidence[0].to == "README.md"


def test_advice_begins_with_the_least_effort_and_takes_the_easier_way():
    rules = framework(
        either={"evidence": {"any": ["docs.paper", "docs.report"]}}, checkpoints={"evidence": "weights.checkpoints"},
    )  # fmt: skip
    poor = subject(docs_paper=NOT_SHOWN, docs_report=NOT_SHOWN, weights_checkpoints=NOT_MET)
    found = advise(poor, assess(poor, rules))
    assert [advice.key for advice in found] == ["docs.report", "weights.checkpoints"]
    assert [advice.step.effort for advice in found] == [1, 4]
    better = subject()
    assert advise(better, assess(better, rules)) == []


def test_doing_what_is_advised_raises_the_result():
    osaid = frameworks()["osaid-1.0"]
    poor = Subject("it", "It", {})
    advice = advise(poor, assess(poor, osaid))
    facts = {entry.key: Fact(MET, "done") for entry in advice}
    assert assess(Subject("it", "It", facts), osaid).met
    for entry in advice:
        rest = {key: fact for key, fact in facts.items() if key != entry.key}
        assert not assess(Subject("it", "It", rest), osaid).met, f"{entry.key} was not needed"


@pytest.mark.parametrize("name", frameworks())
def test_frameworks_are_whole(name):
    found = frameworks()[name]
    assert len({group.id for group in found.groups}) == len(found.groups)
    for criterion in found.criteria():
        assert criterion.question
        assert criterion.title
    assert assess(subject(), found).score().of > 0
