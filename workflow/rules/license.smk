# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# What everything may be used for: licenses beside the components, and cards that tell it.


rule license:
    input:
        with_handlers(PLAN.license_inputs),
    output:
        PLAN.license_files,
    log:
        paths.log("license", "all"),
    localrule: True
    conda:
        "../envs/railcrate.yaml"
    params:
        rule="license",
        settings=PLAN.settings("license"),
        code=PLAN.code("license"),
    message:
        "lay the licenses down"
    script:
        "../scripts/job.py"


rule cards:
    input:
        licenses=paths.LICENSES,
        cards=[paths.card_json(variant) for variant in STUDY.recipes],
    output:
        [paths.card_markdown(variant) for variant in STUDY.recipes],
    log:
        paths.log("cards", "all"),
    localrule: True
    conda:
        "../envs/railcrate.yaml"
    params:
        rule="cards",
        code=PLAN.code("cards"),
    message:
        "write the cards"
    script:
        "../scripts/job.py"
