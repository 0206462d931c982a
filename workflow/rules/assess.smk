# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# How open the study is: by every framework, as badges, and the summary of its training data.


rule assess:
    input:
        PLAN.assess_inputs,
    output:
        PLAN.assessed_files,
    log:
        paths.log("assess", "all"),
    localrule: True
    conda:
        "../envs/railcrate.yaml"
    params:
        rule="assess",
        settings=PLAN.settings("assess"),
        code=PLAN.code("assess"),
    message:
        "assess how open the study is"
    script:
        "../scripts/job.py"
