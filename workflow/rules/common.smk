# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# What the rules share: the study, and the beginning and the end of a run.
import os

from snakemake.exceptions import WorkflowError

from railcrate.jobs import miniature
from railcrate.jobs.checks import CHECKS
from railcrate.jobs.session import Session
from railcrate.ledger.plan import EXPERIMENT, Plan, one_of
from railcrate.ledger.resources import Resources as JobResources
from railcrate.ledger.stages import stages_of
from railcrate.study import paths
from railcrate.study.errors import RailcrateError
from railcrate.study.load import load_study
from railcrate.study.records import git_commit

try:
    ELSEWHERE = miniature.enter(Path.cwd(), config, refresh=workflow.is_main_process)
except RailcrateError as error:
    raise WorkflowError(str(error))

if ELSEWHERE is not None:

    workdir: ELSEWHERE

    # Where Snakemake is called with --directory, it does not follow `workdir`.
    os.chdir(ELSEWHERE)


try:
    PLAN = Plan(load_study(Path.cwd(), extra_checks=CHECKS))
except RailcrateError as error:
    raise WorkflowError(str(error))

STUDY = PLAN.study
# What jobs ask a cluster for. Rules with `localrule` never do: they are short, or need the network.
# By another name than `Resources`: Snakemake has one of its own, and included files share its names.
RESOURCES = JobResources(Path.cwd(), PLAN)
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
        SESSION.begin(workflow.dag.needrun_jobs(), STUDY)
    except RailcrateError as error:
        raise WorkflowError(str(error))


def end_run(failed):
    SESSION.end(failed=failed)


HANDLERS = {
    "onstart": lambda log: begin_run(),
    "onsuccess": lambda log: end_run(failed=False),
    "onerror": lambda log: end_run(failed=True),
}


def with_handlers(files):
    """Give a rule its inputs, and the run its beginning and end, wherever these rules are used.

    Snakemake leaves the handlers of a module out. A Snakefile that says only `use rule *`, as
    snakedeploy writes it, would run without lock, warm process, and record of a failure. Inputs
    are asked for when all Snakefiles were read and no run has begun: early enough to hand them in.
    """

    def inputs(wildcards):
        for name, handler in HANDLERS.items():
            # Not where the Snakefile that is run has one of its own.
            if name not in workflow.globals:
                getattr(workflow, name)(handler)
        return files

    return inputs
