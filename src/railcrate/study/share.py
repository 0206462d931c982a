# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where what travels with the package is: inside of it, or in the checkout that is installed from."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def shared(name: str) -> Path:
    """Give a folder that stands at the top of the repository and travels inside the package.

    Args:
        name: its name, such as `workflow`.

    Returns:
        Its absolute path: inside the package after an installation from a wheel, at the top
        of the repository after an editable one.

    Raises:
        FileNotFoundError: when the installation is not whole.
    """
    for folder in (PACKAGE / "_share" / name, PACKAGE.parents[1] / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"{name} is not in the installed package: install railcrate again")


def workflow() -> str:
    """Give the Snakefile of the workflow, for a study's own Snakefile to import.

    Raises:
        FileNotFoundError: when the installation is not whole.
    """
    return str(shared("workflow") / "Snakefile")
