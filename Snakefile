# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
# The reference study: like every study, it runs on the workflow of the installed package.
from railcrate.study.share import workflow as packaged_workflow


module railcrate:
    snakefile:
        packaged_workflow()
    config:
        config


use rule * from railcrate


onstart:
    railcrate.onstart()


onsuccess:
    railcrate.onsuccess()


onerror:
    railcrate.onerror()
