# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the catalogue, the texts and the RAIL templates are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


@cache
def root() -> Path:
    """Give the folder `licensing`: inside the installed package, or at the top of the checkout.

    Raises:
        FileNotFoundError: when the installation is not whole.
    """
    for folder in (PACKAGE / "_share" / "licensing", PACKAGE.parents[1] / "licensing"):
        if (folder / "catalogue").is_dir():
            return folder
    raise FileNotFoundError("the license catalogue is not in the installed package: install railcrate again")
