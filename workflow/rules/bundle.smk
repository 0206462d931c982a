# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# Everything that is published, in one folder: `snakemake bundle`, once all is recorded and committed.


rule bundle:
    input:
        paths.RECORDED,
    output:
        # Not deleted before, and brought back if the new one fails: the old bundle stays whole.
        update("bundle/manifest.json"),
    log:
        paths.log("bundle", "all"),
    localrule: True
    conda:
        "../envs/railcrate.yaml"
    params:
        commit=lambda wildcards: git_commit(Path.cwd()),
    message:
        "put everything that is published into bundle/"
    shell:
        "railcrate bundle --output bundle > {log} 2>&1"
