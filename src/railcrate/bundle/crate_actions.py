# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""An action of a crate: one job, with what it read and made, its settings, software, machine, time and energy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from railcrate.bundle.crate_graph import Graph, local, ref, refs
from railcrate.bundle.crate_parts import add_study_file
from railcrate.bundle.jobs import Job
from railcrate.bundle.material import Material
from railcrate.report import words

DONE = "http://schema.org/CompletedActionStatus"
PYPI = "https://pypi.org/project"
LONGEST = 60  # characters of a value that its id shows; of a longer one it shows the sha256
# What each rule does, in the order in which they depend on each other.
RULES = {
    "fetch": "bring a source, and hash its files",
    "curate": "make a variant of the data by the steps of its recipe",
    "card": "measure a variant: quality, overlap with benchmarks and other variants",
    "license": "follow the licenses of all parts, and lay them down",
    "cards": "write the data cards",
    "tokenizer": "train a tokenizer",
    "base": "bring the weights that a model starts from",
    "tokenize": "pack a variant into blocks of tokens",
    "train": "train a model on a variant with one seed",
    "evaluate": "measure an experiment with the study's benchmarks, by lm-eval",
    "compare": "compare variants, with statistics over seeds and items",
    "assess": "assess how open the study is, and sum up its training data",
    "report": "write the report",
}
# The figures of a job's record that are told of it: name in words, unit, QUDT's address of the unit.
_USAGE = {
    "seconds": ("time", "SEC"),
    "cpu_seconds": ("time of the CPU", "SEC"),
    "energy_kwh": ("energy", "KiloW-HR"),
    "emissions_kg": ("emissions of CO2 equivalents", "KiloGM"),
    "water_l": ("water", "L"),
}
_UNITS = "https://qudt.org/vocab/unit/"


@dataclass(frozen=True)
class Action:
    """An action of the crate.

    Attributes:
        id: its id.
        job: the job that it tells of.
        read: the ids of what it read, files and parameters.
        made: the ids of what it made, files and figures.
    """

    id: str
    job: Job
    read: tuple[str, ...]
    made: tuple[str, ...]


def add_action(graph: Graph, material: Material, job: Job, people: Sequence[str]) -> tuple[Action, str]:
    """Add a job.

    Args:
        graph: the crate's graph.
        material: what there is to tell.
        job: the job.
        people: the ids of those who made the study.

    Returns:
        The action, and the id of its tool.
    """
    tool = _add_tool(graph, job)
    identifier = local("jobs", job.rule, job.name) if job.name else local("jobs", job.rule)
    read = [add_study_file(graph, material, path) for path in job.inputs]
    read += [_parameter(graph, tool, name, value) for name, value in _settings(job)]
    if job.experiment is not None and job.experiment.seed is not None and job.rule == "train":
        read.append(_parameter(graph, tool, "seed", job.experiment.seed))
    made = [add_study_file(graph, material, path) for path in job.outputs]
    made += list(_figures(graph, material, job))
    action = Action(identifier, job, tuple(read), tuple(made))
    graph.add(
        identifier,
        "CreateAction",
        {
            "name": job.title,
            "description": RULES[job.rule],
            "instrument": ref(tool),
            **facts_of(graph, identifier, [action], people),
        },
    )
    return action, tool


def facts_of(graph: Graph, identifier: str, actions: Sequence[Action], people: Sequence[str]) -> dict[str, Any]:
    """Tell what one or several jobs together read and made, when, where, by whom, and at what cost.

    What one of them makes and another reads is told among what was made alone.

    Args:
        graph: the crate's graph.
        identifier: the id of the action that tells of them.
        actions: the jobs.
        people: the ids of those who made the study.

    Returns:
        Properties of the action.
    """
    made = dict.fromkeys(name for action in actions for name in action.made)
    read = [name for action in actions for name in action.read if name not in made]
    begun = [action.job.started for action in actions if action.job.started is not None]
    ended = [action.job.ended for action in actions if action.job.ended is not None]
    return {
        "object": refs(read),
        "result": refs(made),
        "agent": refs(people),
        "startTime": _time(min(begun, default=None)),
        "endTime": _time(max(ended, default=None)),
        "actionStatus": DONE,
        "environment": refs(name for action in actions for name in _environment(graph, action.job)),
        "resourceUsage": refs(_usage(graph, identifier, [action.job for action in actions])),
    }


def _time(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds") if when is not None else None


def _add_tool(graph: Graph, job: Job) -> str:
    """A rule's tool, with the packages that it ran with; jobs that ran with others have another one."""
    versions = job.records[0].get("versions", {}) if job.records else {}
    packages = [
        graph.add(
            f"{PYPI}/{name.replace('_', '-')}/{version}/", "SoftwareApplication",
            {"name": name, "softwareVersion": version, "url": f"{PYPI}/{name.replace('_', '-')}/{public(version)}/"},
        )
        for name, version in versions.items()
        if name != "python"
    ]  # fmt: skip
    if versions.get("python"):
        python = f"https://www.python.org/downloads/release/python-{versions['python'].replace('.', '')}/"
        about = {"name": "Python", "softwareVersion": versions["python"], "url": python}
        packages.append(graph.add(python, "SoftwareApplication", about))
    railcrate = versions.get("railcrate", "unknown")
    number = 1
    while True:
        tool = f"{PYPI}/railcrate/#{job.rule}" + ("" if number == 1 else f"-{number}")
        if tool not in graph or graph.get(tool, "softwareRequirements") == refs(packages):
            break
        number += 1
    properties = {
        "name": f"railcrate: {job.rule}", "description": RULES[job.rule], "url": f"{PYPI}/railcrate/",
        "softwareVersion": railcrate, "softwareRequirements": refs(packages),
    }  # fmt: skip
    return graph.add(tool, "SoftwareApplication", properties)


def public(version: str) -> str:
    """A version as its package index knows it: without the local part, such as `+cpu` (PEP 440)."""
    return version.partition("+")[0]


def _settings(job: Job) -> Iterator[tuple[str, Any]]:
    """What a job was set to; not what it was told of titles, terms and people, which is told elsewhere."""
    if job.rule in ("license", "cards", "card", "assess", "report"):
        return
    for name, value in _leaves(job.parameters):
        if name.rpartition(".")[2] not in ("title", "citation", "license", "url", "description"):
            yield name, value


def _leaves(parameters: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Each parameter by its dotted key; a list is one value."""
    for key, value in parameters.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value


def _parameter(graph: Graph, tool: str, name: str, value: Any) -> str:
    """A parameter and its value; the parameter is one of the tool's inputs."""
    formal = local("parameters", tool.rpartition("#")[2], name)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = text if len(text) <= LONGEST else hashlib.sha256(text.encode()).hexdigest()
    content = {"name": name, "value": value if isinstance(value, int | float | bool) else text}
    given = graph.add(local("values", name, shown), "PropertyValue", content)
    kind = {bool: "Boolean", int: "Integer", float: "Float"}.get(type(value), "Text")
    if formal in graph and graph.get(formal, "additionalType") != kind:
        kind = "Text"
        graph.replace(formal, "additionalType", kind)
    graph.add(formal, "FormalParameter", {"name": name, "additionalType": kind})
    graph.extend(formal, "workExample", [given])
    graph.extend(given, "exampleOfWork", [formal])
    graph.extend(tool, "input", [formal])
    return given


def _figures(graph: Graph, material: Material, job: Job) -> Iterator[str]:
    """The figures that a job found, as results of it."""
    study = material.facts.study
    if job.rule == "evaluate":
        for row in material.figures(job.name):
            failed = f"; gates failed: {', '.join(row['gates_failed'])}" if row["gates_failed"] else ""
            error = f", standard error {row['stderr']:.6g}" if row["stderr"] is not None else ""
            yield graph.add(
                local("figures", job.name, row["benchmark"], row["metric"]), "PropertyValue",
                {
                    "name": f"{words.benchmark_title(study, row['benchmark'])}: {words.metric_title(row['metric'])}",
                    "propertyID": f"{row['benchmark']}/{row['metric']}", "value": row["value"],
                    "description": f"over {row['items']:,} items{error}{failed}",
                },
            )  # fmt: skip
    if job.rule == "compare":
        for entry in material.facts.comparisons["comparisons"]:
            yield graph.add(
                local("findings", entry["name"], entry["variant"]), "PropertyValue",
                {
                    "name": entry["claim"], "propertyID": entry["metric"], "value": entry["estimate"],
                    "minValue": entry["ci_low"], "maxValue": entry["ci_high"],
                    "description": f"{words.finding(study, entry)} Verdict: {entry['verdict']}.",
                },
            )  # fmt: skip


def _environment(graph: Graph, job: Job) -> Iterator[str]:
    """What the job ran on: the machine and what was fixed of it."""
    for record in job.records:
        known = {**record.get("machine", {}), **{key: record.get(key) for key in ("threads", "device", "precision")}}
        for name, value in known.items():
            if value not in (None, [], ""):
                text = ", ".join(map(str, value)) if isinstance(value, list) else value
                yield graph.add(local("environment", name, str(text)), "PropertyValue", {"name": name, "value": text})


def _usage(graph: Graph, action: str, jobs: Sequence[Job]) -> Iterator[str]:
    """What the jobs took, added up over those that measured it."""
    for name, (title, unit) in _USAGE.items():
        values = [value for job in jobs if (value := job.total(name)) is not None]
        if values:
            yield _amount(graph, action, name, title, round(sum(values), 12), unit)
    memory = max((size for job in jobs if (size := job.largest("peak_memory_bytes")) is not None), default=None)
    if memory is not None:
        yield _amount(graph, action, "peak_memory_bytes", "largest memory", memory, "BYTE")


def _amount(graph: Graph, action: str, name: str, title: str, value: float, unit: str) -> str:
    return graph.add(
        f"{action}/usage/{name}",
        "PropertyValue",
        {"name": title, "propertyID": name, "value": value, "unitCode": f"{_UNITS}{unit}"},
    )
