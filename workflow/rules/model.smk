# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# Variants to blocks of tokens, blocks to weights.


rule tokenizer:
    input:
        paths.variant_text("{corpus}"),
    output:
        paths.tokenizer_files("{tokenizer}", "{corpus}"),
    log:
        paths.log("tokenizer", "{tokenizer}.{corpus}"),
    conda:
        "../envs/railcrate.yaml"
    resources:
        mem_mb=lambda wildcards, input: RESOURCES.mem_mb(
            "tokenizer", size_mb=input.size_mb
        ),
    params:
        rule="tokenizer",
        settings=lambda wildcards: PLAN.settings("tokenizer", wildcards.tokenizer),
        code=PLAN.code("tokenizer"),
    message:
        "train the tokenizer {wildcards.tokenizer} on {wildcards.corpus}"
    script:
        "../scripts/job.py"


rule base:
    input:
        lambda wildcards: PLAN.base_files(wildcards.model),
    output:
        paths.base_record("{model}"),
    log:
        paths.log("base", "{model}"),
    localrule: True
    conda:
        "../envs/railcrate.yaml"
    params:
        rule="base",
        settings=lambda wildcards: PLAN.settings("base", wildcards.model),
        code=PLAN.code("base"),
    message:
        "fetch the base of {wildcards.model}"
    script:
        "../scripts/job.py"


rule tokenize:
    input:
        text=paths.variant_text("{variant}"),
        vocabulary=lambda wildcards: PLAN.vocabulary(wildcards.model, wildcards.variant),
    output:
        blocks=paths.blocks("{model}", "{variant}"),
        counts=paths.blocks_report("{model}", "{variant}"),
    log:
        paths.log("tokenize", "{model}.{variant}"),
    conda:
        "../envs/railcrate.yaml"
    resources:
        mem_mb=lambda wildcards, input: RESOURCES.mem_mb(
            "tokenize", size_mb=input.size_mb
        ),
    params:
        rule="tokenize",
        settings=lambda wildcards: PLAN.settings("tokenize", wildcards.model),
        code=PLAN.code("tokenize"),
    message:
        "tokenize the variant {wildcards.variant} for {wildcards.model}"
    script:
        "../scripts/job.py"


rule train:
    input:
        lambda wildcards: PLAN.train_inputs(wildcards.experiment),
    output:
        weights=paths.weights_files("{experiment}", adapter=False),
        summary=paths.training_summary("{experiment}"),
        curve=paths.training_curve("{experiment}"),
    log:
        paths.log("train", "{experiment}"),
    wildcard_constraints:
        experiment=PLAN.trained_pattern(adapter=False),
    conda:
        "../envs/railcrate.yaml"
    threads: PLAN.threads
    resources:
        mem_mb=lambda wildcards: RESOURCES.mem_mb("train", wildcards.experiment),
        runtime=lambda wildcards: RESOURCES.runtime("train", wildcards.experiment),
        gpu=lambda wildcards: RESOURCES.gpu("train", wildcards.experiment),
    params:
        rule="train",
        settings=lambda wildcards: PLAN.settings(
            "train", PLAN.model(wildcards.experiment)
        ),
        code=PLAN.code("train"),
        warm=PLAN.can_fork("train"),
    message:
        "train {wildcards.experiment}"
    script:
        "../scripts/job.py"


use rule train as adapt with:
    output:
        weights=paths.weights_files("{experiment}", adapter=True),
        summary=paths.training_summary("{experiment}"),
        curve=paths.training_curve("{experiment}"),
    log:
        paths.log("train", "{experiment}"),
    wildcard_constraints:
        experiment=PLAN.trained_pattern(adapter=True),
    message:
        "train the adapter {wildcards.experiment}"
