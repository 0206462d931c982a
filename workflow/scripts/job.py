# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The one script of the workflow: run the rule's job for the rule's wildcards."""

from railcrate.jobs.client import run_job

run_job(
    snakemake.params.rule,
    {**snakemake.params.get("values", {}), **dict(snakemake.wildcards.items())},
    snakemake.log[0],
    warm=snakemake.params.get("warm", True),
)
