# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where what travels with the package is: inside of it, or in the checkout that is installed from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

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


def read_shared(name: str, file: str) -> Any:
    """Read a YAML file of such a folder.

    Args:
        name: the folder's name.
        file: the file's path from there.

    Returns:
        Its content.

    Raises:
        FileNotFoundError: when the installation is not whole.
    """
    return yaml.load((shared(name) / file).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def workflow() -> str:
    """Give the Snakefile of the workflow, for a study's own Snakefile to import.

    Raises:
        FileNotFoundError: when the installation is not whole.
    """
    return str(shared("workflow") / "Snakefile")
