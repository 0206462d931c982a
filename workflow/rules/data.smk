# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# Sources to raw files, raw files to variants, variants to their cards.

# A source's files are known from the configuration, but not from a pattern: one rule for each.
for source_name in STUDY.sources:

    rule:
        name:
            f"fetch_{source_name.replace('-', '_')}"
        input:
            with_handlers(PLAN.generator_inputs(source_name)),
        output:
            files=PLAN.fetched_files(source_name),
            record=paths.raw_record(source_name),
        log:
            paths.log("fetch", source_name),
        localrule: True
        conda:
            "../envs/railcrate.yaml"
        params:
            rule="fetch",
            values={"source": source_name},
            settings=PLAN.settings("fetch", source_name),
            code=PLAN.code("fetch", source_name),
        message:
            f"fetch the source {source_name}"
        script:
            "../scripts/job.py"


rule curate:
    input:
        lambda wildcards: PLAN.curate_inputs(wildcards.variant),
    output:
        text=paths.variant_text("{variant}"),
        steps=paths.variant_report("{variant}"),
    log:
        paths.log("curate", "{variant}"),
    conda:
        "../envs/railcrate.yaml"
    resources:
        mem_mb=lambda wildcards, input: RESOURCES.mem_mb(
            "curate", size_mb=input.size_mb
        ),
    params:
        rule="curate",
        settings=lambda wildcards: PLAN.settings("curate", wildcards.variant),
        code=lambda wildcards: PLAN.code("curate", wildcards.variant),
    message:
        "curate the variant {wildcards.variant}"
    script:
        "../scripts/job.py"


rule card:
    input:
        variants=[paths.variant_text(variant) for variant in STUDY.recipes],
        steps=paths.variant_report("{variant}"),
        benchmarks=PLAN.benchmark_data,
    output:
        paths.card_json("{variant}"),
    log:
        paths.log("card", "{variant}"),
    conda:
        "../envs/railcrate.yaml"
    resources:
        mem_mb=lambda wildcards, input: RESOURCES.mem_mb("card", size_mb=input.size_mb),
    params:
        rule="card",
        settings=lambda wildcards: PLAN.settings("card", wildcards.variant),
        code=PLAN.code("card"),
    message:
        "describe the variant {wildcards.variant}"
    script:
        "../scripts/job.py"
