# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# What the rules share: the study, and the beginning and the end of a run.
from snakemake.exceptions import WorkflowError

from railcrate.data.steps import check_recipes
from railcrate.jobs.session import Session
from railcrate.ledger.plan import EXPERIMENT, Plan, one_of
from railcrate.ledger.stages import stages_of
from railcrate.licensing.resolve import check_licenses
from railcrate.study import paths
from railcrate.study.errors import RailcrateError
from railcrate.study.load import load_study
from railcrate.study.records import git_commit

try:
    PLAN = Plan(load_study(Path.cwd(), extra_checks=[check_recipes, check_licenses]))
except RailcrateError as error:
    raise WorkflowError(str(error))

STUDY = PLAN.study
# Every file that a stage of the ledger makes.
EVERYTHING = [file for stage in stages_of(Path.cwd(), STUDY) for file in stage.targets]
SESSION = Session(Path.cwd())


wildcard_constraints:
    source=one_of(list(STUDY.sources)),
    variant=one_of(list(STUDY.recipes)),
    corpus=one_of(list(STUDY.recipes)),
    tokenizer=one_of(list(STUDY.tokenizers)),
    model=one_of(list(STUDY.models)),
    benchmark=one_of(list(STUDY.benchmarks)),


def begin_run():
    try:
        SESSION.begin()
    except RailcrateError as error:
        raise WorkflowError(str(error))


def end_run(failed):
    SESSION.end(failed=failed)
