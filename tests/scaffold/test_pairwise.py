# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Every pair of answers to the template's questions, in as few studies as hold them all: each is clean and can run."""

from __future__ import annotations

import contextlib
import re
import subprocess
from pathlib import Path

import pytest
from allpairspy import AllPairs
from reuse.project import Project
from reuse.report import ProjectReport
from snakefmt.formatter import Formatter
from snakefmt.parser.parser import Snakefile
from snakemake.api import SnakemakeApi
from snakemake.settings.types import DAGSettings, OutputSettings, Quietness, ResourceSettings
from yamllint import linter
from yamllint.config import YamlLintConfig

from railcrate.data.steps import check_recipes
from railcrate.licensing.resolve import check_licenses
from railcrate.scaffold.make import make
from railcrate.scaffold.questions import questions
from railcrate.study.load import load_study

STUDIES = "studies of the template"  # tests/conftest.py adds them up
ASKED = questions()
HUB, FOLDER = {"base": "EleutherAI/pythia-70m"}, {"base": "./base"}


def each(key: str) -> list[dict[str, str]]:
    """Every choice of a question."""
    return [{key: choice} for choice in ASKED[key].choices]


# Answers that matter only together are one: so each pair is met where it matters.
ANSWERS: list[list[dict[str, str]]] = [
    [{"kind": "scratch"}, *({"kind": kind, **base} for kind in ("finetune", "evaluate") for base in (HUB, FOLDER))],
    [
        {"data": "synthetic"}, {"data": "files"}, {"data": "url"}, {"data": "hub"},
        {"data": "hub", "data_set": "jane/words", "data_revision": "c" * 40, "source_license": "CC0-1.0"},
    ],
    each("code_license"),
    each("data_license"),
    each("weights_license"),
    [
        {"remote": "folder"}, {"remote": "folder", "remote_folder": "/mnt/dvc"}, {"remote": "none"},
        {"remote": "s3", "remote_s3": "s3://a-bucket/study"}, {"remote": "ssh", "remote_ssh": "ssh://j@example.org/dvc"},
    ],
    [{"cluster": "none"}, {"cluster": "slurm"}, {"cluster": "slurm", "slurm_account": "a", "slurm_partition": "p"}],
    each("ci"),
    [{"title": "Plain"}, {"title": "It's a « längere » title: with 100 % #signs, & more?"}],
    [{"author": "Doe, Jane"}, {"author": "The working group"}],
    [{"orcid": ""}, {"orcid": "0000-0002-1694-233X"}],
    [{"affiliation": ""}, {"affiliation": "Université d'Où: 1st dept."}],
]  # fmt: skip
PAIRS = [{key: value for part in parts for key, value in part.items()} for parts in AllPairs(ANSWERS)]
# An address or a hash cannot be folded.
YAML = YamlLintConfig(
    "{extends: default, rules: {document-start: disable, truthy: {check-keys: false}, "
    "indentation: {indent-sequences: whatever}, line-length: {max: 120, allow-non-breakable-inline-mappings: true}}}"
)


def yaml_problems(study: Path) -> list[str]:
    files = [path for path in study.rglob("*") if path.suffix in {".yaml", ".yml", ".cff"} and ".git" not in path.parts]
    assert len(files) >= 5
    return [f"{file.name}: {problem}" for file in files for problem in linter.run(file.read_text(), YAML, str(file))]


def snakefmt(path: Path) -> str:
    """The file as snakefmt would write it."""
    with path.open() as file:
        return str(Formatter(Snakefile(file)).get_formatted())


@contextlib.contextmanager
def workflow(study: Path):
    """Snakemake's workflow of the study, read in this process: a process of its own takes seconds to start."""
    with (
        contextlib.chdir(study),
        SnakemakeApi(OutputSettings(dryrun=True, quiet={Quietness.REASON})) as api,
    ):
        yield api.workflow(resource_settings=ResourceSettings(cores=2), snakefile=study / "Snakefile", workdir=study)


def test_there_is_a_study_for_every_pair_of_answers(record_property):
    record_property(STUDIES, len(PAIRS))
    wanted = {(key, choice) for key, question in ASKED.items() for choice in question.choices}
    assert wanted <= {(key, value) for answers in PAIRS for key, value in answers.items()}


def test_what_is_not_clean_is_found(place, capfd):
    study = make({}, place / "study").folder
    with (study / "Snakefile").open("a") as snakefile:
        snakefile.write('\n\nrule mine:\n    shell: "true"\n')
    assert snakefmt(study / "Snakefile") != (study / "Snakefile").read_text()
    with workflow(study) as lint:
        assert lint.lint() is True
    assert "No log directive defined" in capfd.readouterr().err
    (study / "config" / "study.yaml").write_text("title:   spaces\n")
    assert yaml_problems(study)


@pytest.mark.parametrize("number", range(len(PAIRS)))
def test_a_study_is_clean_and_can_run(place, capfd, number):
    answers = PAIRS[number]
    study = make(answers, place / "study").folder
    ruff = subprocess.run(
        "ruff check --quiet --no-cache . && ruff format --quiet --check --no-cache .",
        shell=True,
        cwd=study,
        check=False,
    )
    assert ruff.returncode == 0, capfd.readouterr().out
    assert snakefmt(study / "Snakefile") == (study / "Snakefile").read_text()
    assert yaml_problems(study) == []
    report = ProjectReport.generate(Project.from_directory(study), multiprocessing=False)
    assert report.is_compliant, (report.files_without_licenses, report.missing_licenses, report.unused_licenses)

    if answers.get("base") == "./base":
        (study / "base").mkdir()
    load_study(study, extra_checks=[check_recipes, check_licenses])
    with workflow(study) as lint:
        assert lint.lint() is False, capfd.readouterr().err
    with workflow(study) as run:
        run.dag(DAGSettings()).execute_workflow(executor="dryrun")
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", capfd.readouterr().err, re.MULTILINE))
    trained = int(jobs.get("train", 0)) + int(jobs.get("adapt", 0))
    assert trained == (0 if answers["kind"] == "evaluate" else 6)
    assert int(jobs["evaluate"]) == (trained or 1) * (2 if answers["data"] == "synthetic" else 1)
