# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# Weights to results, results to comparisons.


rule evaluate:
    input:
        weights=lambda wildcards: PLAN.weights(wildcards.experiment),
        tasks=lambda wildcards: PLAN.task_files(wildcards.benchmark),
    output:
        results=paths.evaluation("{experiment}", "{benchmark}"),
        samples=paths.samples("{experiment}", "{benchmark}"),
        metrics=paths.metrics("{experiment}", "{benchmark}"),
    log:
        paths.log("evaluate", "{experiment}.{benchmark}"),
    wildcard_constraints:
        experiment=EXPERIMENT,
    conda:
        "../envs/railcrate.yaml"
    threads: STUDY.evaluation.threads
    resources:
        mem_mb=lambda wildcards: RESOURCES.mem_mb("evaluate", wildcards.experiment),
        runtime=lambda wildcards: RESOURCES.runtime("evaluate", wildcards.experiment),
        gpu=lambda wildcards: RESOURCES.gpu("evaluate", wildcards.experiment),
    params:
        rule="evaluate",
        settings=lambda wildcards: PLAN.settings("evaluate", wildcards.benchmark),
        code=PLAN.code("evaluate"),
        warm=PLAN.can_fork("evaluate"),
    message:
        "evaluate {wildcards.experiment} on {wildcards.benchmark}"
    script:
        "../scripts/job.py"


rule compare:
    input:
        results=[paths.evaluation(*pair) for pair in PLAN.evaluations],
        samples=[paths.samples(*pair) for pair in PLAN.evaluations],
        published=PLAN.published,
    output:
        results=paths.RESULTS_JSON,
        table=paths.RESULTS_TABLE,
        comparisons=report(
            paths.COMPARISONS, caption="../report/comparisons.rst", category="Results"
        ),
    log:
        paths.log("compare", "all"),
    localrule: True
    conda:
        "../envs/railcrate.yaml"
    params:
        rule="compare",
        settings=PLAN.settings("compare"),
        code=PLAN.code("compare"),
    message:
        "compare the experiments"
    script:
        "../scripts/job.py"
