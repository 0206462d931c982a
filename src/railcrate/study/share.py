# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the workflow is: inside the installed package, or in the checkout that is installed from."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def workflow() -> str:
    """Give the Snakefile of the workflow, to be included by a study's own Snakefile.

    Returns:
        Its absolute path: inside the package after an installation from a wheel, at the top
        of the repository after an editable one.

    Raises:
        FileNotFoundError: when the installation is not whole.
    """
    for folder in (PACKAGE / "_share" / "workflow", PACKAGE.parents[1] / "workflow"):
        if (folder / "Snakefile").is_file():
            return str(folder / "Snakefile")
    raise FileNotFoundError("the workflow is not in the installed package: install railcrate again")
