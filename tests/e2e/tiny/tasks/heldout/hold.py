# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A function of the benchmark's own; it waits for as long as a test holds it back."""

import os
import time
from pathlib import Path


def held_back(rows):
    """Give the rows as they are."""
    while Path(os.environ.get("HOLD_EVALUATE", "nothing")).exists():
        time.sleep(0.05)
    return rows
