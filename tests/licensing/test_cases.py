# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Every row of docs/license-cases.md, given to the resolver."""

from __future__ import annotations

from pathlib import Path

import pytest

from railcrate.licensing.advice import ways_out
from railcrate.licensing.chain import Component, Upstream
from railcrate.licensing.clauses import clause_sets
from railcrate.licensing.judge import Judge
from railcrate.licensing.own import Finder, generated
from railcrate.licensing.rail_read import RailInfo

TABLE = Path(__file__).parents[2] / "docs" / "license-cases.md"
HOW = {
    ("data", "source"): ("as-is",),
    ("data", "variant"): ("adapted",),
    ("data", "weights"): ("adapted", "trained"),
    ("output", "variant"): ("output", "adapted"),
    ("output", "weights"): ("output", "adapted", "trained"),
    ("base", "weights"): ("fine-tuned",),
    ("package", "code"): ("imported",),
    ("code", "code"): ("adapted",),
}
KINDS = {"source": "data", "variant": "data", "weights": "weights", "code": "code"}


def rows():
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) == 6 and cells[3] in ("strict", "permissive"):
            found.append(cells)
    return found


def own_licenses():
    bigscience = clause_sets()["bigscience-openrail-m"].clauses
    made = {
        "OpenRAIL-M": ("OpenRAIL", "M", bigscience, False),
        "lawful-M": ("OpenRAIL", "M", ("lawful-use",), False),
        "ResearchRAIL-M": ("ResearchRAIL", "M", bigscience, False),
        "RAIL-M": ("RAIL", "M", bigscience, False),
        "OpenRAIL-D": ("OpenRAIL", "D", bigscience, True),
        "free-D": ("OpenRAIL", "D", bigscience, False),
        "OpenRAIL-S": ("OpenRAIL", "S", bigscience, False),
    }
    found = {}
    for name, (family, letters, names, training) in made.items():
        info = RailInfo(
            id=f"LicenseRef-own-{name}",
            title=name,
            family=family,
            letters=letters,
            clauses=names,
            training=training,
            purpose="research" if family == "ResearchRAIL" else None,
        )
        found[info.id] = generated(info, f"config/licenses/{info.id}.txt")
    return found


def case(made_from, becomes, carries, policy):
    own, _, title = carries.partition(" called ")
    here = f"{becomes}.it"
    upstream = []
    several = [text for text in made_from.split(" + ") for _ in range(10 if text.startswith("ten ") else 1)]
    for number, text in enumerate(several):
        what, license = text.removeprefix("ten ").split(" ", 1)
        origin = here if becomes == "source" else f"{what}.{number}"
        steps = HOW[what, becomes]
        via = tuple((how, here if place == len(steps) else f"step.{place}") for place, how in enumerate(steps, 1))
        upstream.append(Upstream(origin, license, via))
    component = Component(
        here, KINDS[becomes], own, "licenses.it", tuple(upstream), made_here=becomes != "source", title=title or "it"
    )
    return Judge(Finder(own_licenses()), policy).judge(component)


@pytest.mark.parametrize(("made_from", "becomes", "carries", "policy", "answer", "why"), rows())
def test_case(made_from, becomes, carries, policy, answer, why):
    verdict = case(made_from, becomes, carries, policy)
    found = ", ".join(dict.fromkeys(conflict.code for conflict in verdict.conflicts)) or "fits"
    assert found == answer, [conflict.reason for conflict in verdict.conflicts]
    assert why
    for conflict in verdict.conflicts:
        assert conflict.license in f"{made_from} {carries}"
        assert conflict.reason
        assert all(ways_out(conflict, verdict.component, recommended) for recommended in ("", "MIT"))


def test_there_are_enough_cases():
    assert len(rows()) >= 60
    assert {row[4] for row in rows()} > {"fits", "share-alike", "non-commercial", "naming", "incompatible"}


def test_ten_attributions_are_one_duty_for_ten():
    verdict = case("ten data CC-BY-4.0", "variant", "CC-BY-4.0", "strict")
    (duty,) = [duty for duty in verdict.duties if duty.kind == "attribution"]
    assert len(duty.origins) == 10


def test_restrictions_that_are_missing_are_named():
    verdict = case("base LicenseRef-bigscience-openrail-m", "weights", "LicenseRef-own-lawful-M", "strict")
    (conflict,) = verdict.conflicts
    assert set(conflict.missing) == set(clause_sets()["bigscience-openrail-m"].clauses) - {"lawful-use"}
    assert "medical advice" in conflict.reason


def test_what_the_policy_decided_is_said():
    strict = case("data CC-BY-NC-4.0", "weights", "Apache-2.0", "strict")
    assert "reaches weights" in strict.conflicts[0].unsettled
    permissive = case("data CC-BY-NC-4.0", "weights", "Apache-2.0", "permissive")
    assert any("permissive" in note for note in permissive.notes)
