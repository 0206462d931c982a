# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Calling Snakemake in this process: so Ctrl-C and the other signals reach it as they would without us."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from railcrate.study.errors import EXIT_FAILURE, EXIT_OK

if TYPE_CHECKING:
    from snakemake_logger_plugin_railcrate.ending import Ending

_CHATTER = "Using "  # how Snakemake begins to say which profiles it has read


def snakemake(words: Sequence[str]) -> tuple[int, Ending | None]:
    """Run Snakemake.

    Args:
        words: its command line.

    Returns:
        An exit code, and what became of the run as our logger saw it; None where another one was chosen.
        The code is that of the cause where there is one cause, see `railcrate.study.errors`.

    Raises:
        KeyboardInterrupt: when it was stopped before it had begun to run anything.
    """
    from snakemake.cli import args_to_api, parse_args  # type: ignore[import-untyped]

    from snakemake_logger_plugin_railcrate import last_ending

    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            parser, arguments = parse_args(list(words))
    finally:
        for line in said.getvalue().splitlines():
            if not line.startswith(_CHATTER):
                print(line, file=sys.stderr)
    done = args_to_api(arguments, parser)
    ending = last_ending()
    if done or ending is None:
        return (EXIT_OK if done else EXIT_FAILURE), ending
    return ending.exit_code or EXIT_FAILURE, ending
