# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The command as a process of its own."""

import subprocess
import sys

from study_kit import environment

RAILCRATE = [sys.executable, "-m", "railcrate.cli"]


def railcrate(folder, *words, **more):
    done = subprocess.run(
        [*RAILCRATE, *words], cwd=folder, env=environment(**more), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done
