# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate compare`: which figures of two places can be compared, and are they the same?"""

from __future__ import annotations

from typing import Annotated

import typer

from railcrate.cli.console import AsJson, give, show

PLACE = "A study's folder, a bundle's folder, a result file of lm-eval, or a folder of such files."


def compare(
    one: Annotated[str, typer.Argument(metavar="A", help=PLACE)],
    other: Annotated[str, typer.Argument(metavar="B", help="The same, of whatever kind.")],
    as_json: AsJson = False,
) -> None:
    """Compare the figures of two studies, bundles, or result files that others published.

    What was asked otherwise (another version of a task, other examples,
    items or filters) is not compared, and it is said why.

    Examples:
        railcrate compare . ../other-study
        railcrate compare . results_2026-01-01.json  # a result file of lm-eval

    Exit codes:
        0: all that can be compared is identical or equivalent
        1: something is different
        2: nothing can be compared
    """
    from railcrate.reproduce.compare import compare as compare_places
    from railcrate.reproduce.compare import tell

    found = compare_places(one, other)
    if as_json:
        give(found.as_json())
    else:
        show(tell(found))
    raise typer.Exit(found.exit_code)
