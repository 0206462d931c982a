# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# The reference study runs on the workflow that every study runs on.
include: "workflow/Snakefile"


# An included file cannot set the default target of the one that includes it.
rule study:
    default_target: True
    input:
        rules.all.input,
