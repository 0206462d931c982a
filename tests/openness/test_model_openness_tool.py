# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The classes of known models follow from their facts: those of the Model Openness Tool, but for what is said here."""

import pytest

from railcrate.openness.facts import Status
from railcrate.openness.framework import frameworks
from railcrate.openness.judge import assess
from railcrate.openness.known import subject_of_model
from railcrate.study.catalogue import catalogue

MOF = frameworks()["mof-1.0"]
THEIRS = {entry.subject: entry for entry in MOF.published}
# Where the catalogue's facts make another class than the tool's files do.
OTHER_CLASS = {"t5-small": (None, "III")}  # the tool lists two of its components; card, code and results are there
# What counts there, and not by the catalogue's facts.
NOT_HERE = {
    "bloom-560m": {"technical-report"},  # a license for all texts here, and its cards are under the RAIL
    "gpt-j-6b": {"datasets", "intermediate-parameters"},  # The Pile's first host has withdrawn it; some checkpoints
    "mixtral-8x7b": {"evaluation-results"},  # a license for all texts here, and its card has none
}


def ours(name):
    return assess(subject_of_model(catalogue()[name]), MOF)


def class_there(met):
    """The best class that the tool gives; a paper stands in for a report."""
    there = {*met, *(["technical-report"] if "research-paper" in met else [])}
    reached = None
    for level in reversed(MOF.levels):
        if any(one.id not in there for one in MOF.criteria() if one.required and one.level == level.id):
            break
        reached = level.id
    return reached


@pytest.mark.parametrize("name", THEIRS)
def test_the_class_is_that_of_the_tool(name):
    theirs, here = class_there(THEIRS[name].met), ours(name).level
    assert (theirs, here) == OTHER_CLASS.get(name, (theirs, theirs))


@pytest.mark.parametrize("name", THEIRS)
def test_what_counts_there_counts_here(name):
    met = {key for key, found in ours(name).findings.items() if found.status is Status.MET}
    assert set(THEIRS[name].met) - met == NOT_HERE.get(name, set())


def test_some_reach_every_class_but_the_second():
    reached = {name: ours(name).level for name in catalogue()}
    assert {name for name, level in reached.items() if level == "I"} == {
        "olmo-1b", "pythia-70m", "pythia-160m", "pythia-410m", "pythia-1b", "pythia-1.4b", "pythia-2.8b",
    }  # fmt: skip
    assert {name for name, level in reached.items() if level in ("II", "III")} == {"t5-small"}
