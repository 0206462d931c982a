# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the workflow's hooks tell the run's logger: which jobs are to run, what was recorded, why nothing begins.

It travels with Snakemake's own log records, as an attribute `railcrate`, to whatever shows
the run (`snakemake_logger_plugin_railcrate`). Other loggers show the text and ignore the rest.
"""

from __future__ import annotations

from typing import Any


def note(text: str = "", **content: Any) -> None:
    """Tell the run's logger something.

    Args:
        text: for people, whichever logger they have chosen; may be empty.
        **content: for railcrate's own: `jobs`, `study` and `folder` at the beginning; `refused`, an exit
            code, if the run must not begin; `said`, lines for people, and `failed` at the end.
    """
    from snakemake.logging import logger  # type: ignore[import-untyped]

    logger.info(text, extra={"railcrate": content})
