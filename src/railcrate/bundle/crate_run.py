# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The run of a study as a crate tells it: the workflow, its steps and tools, its experiments, and the run as a whole.

Profile: Provenance Run Crate 0.5, https://w3id.org/ro/wfrun/provenance/0.5. A rule of the
workflow is a step and a tool; a job is an action of its tool. An experiment is an action of the
workflow, made up of a training and an evaluation. Parameters and figures are PropertyValues;
those that several actions share are one entity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from railcrate.bundle.crate_actions import PYPI, RULES, Action, add_action, facts_of
from railcrate.bundle.crate_graph import Graph, local, ref, refs
from railcrate.bundle.crate_parts import add_study_file
from railcrate.bundle.material import Material
from railcrate.report import words
from railcrate.study import paths

WORKFLOW = "code.zip"
ENGINE = local("run", "engine")
RUN = local("run")
SNAKEMAKE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"


def add_run(graph: Graph, material: Material, people: Sequence[str]) -> list[str]:
    """Add the workflow and everything that ran.

    Args:
        graph: the crate's graph.
        material: what there is to tell.
        people: the ids of those who made the study.

    Returns:
        The ids of all actions that made something: the whole run, the experiments, the jobs.
    """
    tools: dict[str, list[str]] = {}
    actions: list[Action] = []
    for job in material.jobs:
        action, tool = add_action(graph, material, job, people)
        actions.append(action)
        if tool not in tools.setdefault(job.rule, []):
            tools[job.rule].append(tool)
        step = {"instrument": ref(local("steps", job.rule)), "object": ref(action.id), "name": f"Step: {job.title}"}
        graph.add(_control(action), "ControlAction", step)
    _add_workflow(graph, material, tools)
    _add_steps(graph, tools)
    cells = _add_experiments(graph, material, actions, people)
    graph.add(RUN, "CreateAction", _whole_run(graph, material, actions, people))
    _add_engine(graph, actions, people)
    return [RUN, *cells, *(action.id for action in actions)]


def _control(action: Action) -> str:
    return local("steps-run", action.job.rule, action.job.name)


def _add_workflow(graph: Graph, material: Material, tools: Mapping[str, list[str]]) -> None:
    """The workflow is the study's code; its steps are the rules that ran."""
    facts = material.facts
    graph.add(
        SNAKEMAKE,
        "ComputerLanguage",
        {
            "name": "Snakemake",
            "identifier": ref("https://doi.org/10.1093/bioinformatics/bts480"),
            "url": ref("https://snakemake.readthedocs.io"),
        },
    )
    graph.add(
        WORKFLOW,
        ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        {
            "version": facts.commit or facts.stamp.version,
            "url": facts.repository or facts.stamp.doi_url or WORKFLOW,
            "codeRepository": facts.repository,
            "identifier": f"swh:1:rev:{facts.commit}" if facts.commit else None,
            "dateCreated": facts.committed.isoformat(),
            "programmingLanguage": ref(SNAKEMAKE),
            "conformsTo": ref("https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"),
            "hasPart": refs(tool for group in tools.values() for tool in group),
            "step": refs(local("steps", rule) for rule in tools),
            "input": [ref(_file_parameter(graph, material, "configuration", paths.CONFIG))],
            "output": refs(
                _file_parameter(graph, material, name, path)
                for name, path in (("results", paths.RESULTS_JSON), ("comparisons", paths.COMPARISONS))
            ),
        },
    )


def _file_parameter(graph: Graph, material: Material, name: str, path: str) -> str:
    """A parameter of the workflow that is a file."""
    file = add_study_file(graph, material, path)
    parameter = local("parameters", name)
    graph.extend(file, "exampleOfWork", [parameter])
    return graph.add(
        parameter,
        "FormalParameter",
        {
            "name": name, "additionalType": "File", "workExample": ref(file),
        },
    )  # fmt: skip


def _add_steps(graph: Graph, tools: Mapping[str, list[str]]) -> None:
    for position, rule in enumerate(tools, start=1):
        properties = {"name": rule, "description": RULES[rule], "position": str(position)}
        graph.add(local("steps", rule), "HowToStep", {**properties, "workExample": refs(tools[rule])})


def _add_experiments(graph: Graph, material: Material, actions: Iterable[Action], people: Sequence[str]) -> list[str]:
    """Each experiment: its training and its evaluation as one."""
    found: dict[str, list[Action]] = {}
    for action in actions:
        if action.job.experiment is not None:
            found.setdefault(action.job.experiment.id, []).append(action)
    study = material.facts.study
    identifiers = []
    for cell in material.cells:
        parts = found.get(cell.id, [])
        identifier = local("experiments", cell.id)
        what = words.model_title(study, cell.model)
        if cell.variant is not None:
            what += f", trained on {words.variant_title(study, cell.variant)} with seed {cell.seed}"
        record = f"{paths.RECORDS}/experiments/{cell.id}.json"
        properties = {
            "name": f"Experiment {cell.id}", "description": f"{what}, and measured", "instrument": ref(WORKFLOW),
            "subjectOf": ref(add_study_file(graph, material, record)) if record in material.places else None,
            **facts_of(graph, identifier, parts, people),
        }  # fmt: skip
        identifiers.append(graph.add(identifier, "CreateAction", properties))
    return identifiers


def _whole_run(graph: Graph, material: Material, actions: Sequence[Action], people: Sequence[str]) -> dict[str, Any]:
    """The run as a whole: of what all jobs read and made, the ends."""
    results = [add_study_file(graph, material, path) for path in (paths.RESULTS_JSON, paths.COMPARISONS)]
    results += [local("variants", name) for name in material.facts.study.recipes]
    results += [local("weights", f"{model}.{variant}") for model, variant in material.trained]
    sources = [local("sources", name) for name in material.facts.study.sources]
    return {
        "name": f"The study: {material.facts.study.title}",
        "description": f"All {len(actions)} jobs of the workflow, from the sources to the report; of a job that was "
        "made anew the last run counts.",
        "instrument": ref(WORKFLOW),
        **facts_of(graph, RUN, actions, people),
        "object": refs([add_study_file(graph, material, paths.CONFIG), *sources]),
        "result": refs([*results, "report.html"]),
    }


def _add_engine(graph: Graph, actions: Iterable[Action], people: Sequence[str]) -> None:
    """Snakemake, which ordered the steps."""
    actions = list(actions)
    records = [record for action in actions for record in action.job.records]
    versions = {record.get("versions", {}).get("snakemake", "unknown") for record in records} or {"unknown"}
    engines = [
        graph.add(
            f"{PYPI}/snakemake/{version}/", "SoftwareApplication",
            {"name": "snakemake", "softwareVersion": version, "url": f"{PYPI}/snakemake/"},
        )
        for version in sorted(versions)
    ]  # fmt: skip
    properties = {
        "name": "Run of the workflow by Snakemake", "instrument": refs(engines),
        "object": refs(map(_control, actions)), "result": ref(RUN), "agent": refs(people),
    }  # fmt: skip
    graph.add(ENGINE, "OrganizeAction", properties)
