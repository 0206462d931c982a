# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The assessment of a study: as plain data, and the files that the workflow's rule `assess` makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from railcrate.openness.advice import advise
from railcrate.openness.answers import answered
from railcrate.openness.badges import write_badges
from railcrate.openness.facts import Fact, Subject
from railcrate.openness.framework import Framework, frameworks
from railcrate.openness.judge import Assessment, Finding, assess
from railcrate.openness.seen import Seen
from railcrate.openness.subject import subject_from
from railcrate.openness.training_data import training_data
from railcrate.openness.training_summary import markdown
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import write_json, write_text
from railcrate.study.records import job_record


def assessed(folder: Path, study: Study) -> dict[str, Any]:
    """Judge a study by every framework.

    The same study gives the same data: what differs from run to run (durations, energy) is said
    to be recorded, and stands in the records.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        Plain data: the facts; for each framework its result, its criteria and what would raise it; the published
        weights with their licenses; and the summary of the training data.
    """
    seen = Seen(folder, study)
    subject, said = subject_from(seen), answered(study)
    return {
        "facts": {name: _fact(fact) for name, fact in sorted(subject.facts.items())},
        "frameworks": {name: as_json(subject, framework, said) for name, framework in frameworks().items()},
        "weights": _weights(seen),
        "training_data": training_data(seen),
    }


def write_assessment(folder: Path, study: Study) -> None:
    """Judge a study, and write that down: for machines, as badges, and the summary of its training data.

    Args:
        folder: the study's folder.
        study: the configuration.

    Raises:
        DataError: when a file of results is damaged.
        LicenseError: when a license of the study's own is damaged.
    """
    with job_record(folder, "assess", "all"):
        content = assessed(folder, study)
        write_text(folder / paths.TRAINING_SUMMARY, markdown(content["training_data"]))
        write_badges(folder, content)
        write_json(folder / paths.OPENNESS, content)


def _weights(seen: Seen) -> dict[str, Any]:
    """How many sets of weights the study makes, how many of them are published, and under which licenses."""
    made = [part for part in seen.of_kind("weights.") if part.made_here]
    published = [part for part in made if part.published]
    return {
        "made": len(made),
        "published": len(published),
        "licenses": list(dict.fromkeys(part.license for part in published)),
    }


def as_json(subject: Subject, framework: Framework, said: Mapping[str, Fact] | None = None) -> dict[str, Any]:
    """Write one framework's assessment for machines.

    Args:
        subject: what is judged.
        framework: the framework.
        said: the author's answers to single criteria.

    Returns:
        Plain data.
    """
    found = assess(subject, framework, said)
    return {
        "title": framework.title,
        "version": framework.version,
        "kind": framework.kind,
        "about": framework.about,
        "note": framework.note,
        "url": framework.url,
        "attribution": framework.attribution,
        "levels": [level.model_dump() for level in framework.levels],
        "result": result(found),
        "groups": [
            {
                "id": group.id,
                "title": group.title,
                "about": group.about,
                "met": found.score(group).met,
                "of": found.score(group).of,
                "criteria": [_finding(found.findings[criterion.id]) for criterion in group.criteria],
            }
            for group in framework.groups
        ],
        "next": [
            {**advice.step.model_dump(), "key": advice.key, "serves": list(advice.serves)}
            for advice in advise(subject, found)
        ],
    }


def result(found: Assessment) -> dict[str, Any]:
    """Put a framework's result into plain data.

    Args:
        found: the assessment.

    Returns:
        The count of what is met; with it the verdict, or the class, where the framework has one.
    """
    score = found.score()
    counted: dict[str, Any] = {"met": score.met, "of": score.of}
    if found.framework.kind == "verdict":
        return {"verdict": found.met, "within_reach": found.within_reach, **counted}
    if found.framework.kind == "classes":
        return {"class": found.level, **counted}
    return counted


def _finding(finding: Finding) -> dict[str, Any]:
    criterion = finding.criterion
    return {
        **criterion.model_dump(include={"id", "title", "question", "component", "required", "level", "source"}),
        "status": finding.status.value,
        "because": list(finding.because),
        "evidence": [asdict(pointer) for pointer in finding.evidence],
        "self_assessed": finding.self_assessed,
        "unconfirmed": finding.unconfirmed,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {**asdict(fact), "status": fact.status.value, "evidence": [asdict(pointer) for pointer in fact.evidence]}
