# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# Everything to the report, and into the ledger.


rule report:
    input:
        results=rules.compare.output,
        cards=[paths.card_json(variant) for variant in STUDY.recipes],
        licenses=paths.LICENSES,
        openness=paths.OPENNESS,
        steps=[paths.variant_report(variant) for variant in STUDY.recipes],
        counts=[paths.blocks_report(*pair) for pair in PLAN.blocks],
        curves=[paths.training_curve(cell) for cell in PLAN.trained],
        summaries=[paths.training_summary(cell) for cell in PLAN.trained],
        sections=PLAN.sections,
    output:
        report(paths.REPORT, caption="../report/report.rst", category="Report"),
    log:
        paths.log("report", "all"),
    localrule: True
    conda:
        "../envs/railcrate.yaml"
    params:
        rule="report",
        settings=PLAN.settings("report"),
        code=PLAN.code("report"),
    message:
        "write the report"
    script:
        "../scripts/job.py"


rule record:
    input:
        paths.REPORT,
        EVERYTHING,
    output:
        paths.RECORDED,
    log:
        paths.log("record", "all"),
    localrule: True
    conda:
        "../envs/railcrate.yaml"
    message:
        "record everything in the ledger"
    shell:
        "railcrate record --finished > {log} 2>&1"
