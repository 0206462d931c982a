# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The ledger: what was made from what, kept by DVC and git, and never more than is true.

Snakemake runs the study and DVC keeps its books. `record` writes into `dvc.lock` what
Snakemake itself finds up to date, and nothing else; `restore` brings data, weights and
Snakemake's own metadata into a fresh clone, so that nothing is left to be done there.
"""
