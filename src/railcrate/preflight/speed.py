# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How fast this machine computes: measured once by a small matrix product, and kept for a week.

That is the most that it can do. Of it a training reaches a share, for it also reads and writes
memory. So a time that follows from it is right to a factor, and is told with it.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from railcrate.preflight.recorded import read_or_none
from railcrate.study import units
from railcrate.study.files import write_json
from railcrate.study.models import Training

# Of that speed, what work on a model reaches. One core of an AMD EPYC reached 0.6 to 1.1 of it with Llamas of 7 and 81
# million parameters, trained and evaluated in float32 and bfloat16 (PyTorch 2.13, steps of 1,024 tokens).
SHARE = 0.7
FACTOR = 2  # by which a time may be shorter or longer: other processors, shapes and steps reach other shares
_GOOD_FOR = 7 * 86400  # seconds that a measurement is good for: machines are changed, and were busy at times


def speed(training: Training) -> float:
    """Tell how fast this machine multiplies matrices, in operations a second.

    Args:
        training: device, precision and threads.

    Returns:
        As it was measured within the last week, or as it is measured now.
    """
    key, path, kept = _key(training), _store(), _kept()
    if key not in kept:
        from railcrate.model.pace import measure

        kept[key] = {"operations": measure(training), "at": time.time()}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, kept)
        except OSError:  # a home that cannot be written: it is measured again the next time
            pass
    return float(kept[key]["operations"])


def is_known(training: Training) -> bool:
    """Tell whether it was measured within the last week."""
    return _key(training) in _kept()


def _key(training: Training) -> str:
    threads = units.count(training.threads, "thread")
    return f"{_processor()}, {training.device}, {training.precision}, {threads}"


def _kept() -> dict[str, Any]:
    return {key: entry for key, entry in (read_or_none(_store()) or {}).items() if _fresh(entry)}


def _fresh(entry: object) -> bool:
    return (
        isinstance(entry, Mapping)
        and isinstance(entry.get("operations"), float)
        and 0 <= time.time() - float(entry.get("at", 0)) < _GOOD_FOR
    )


def _processor() -> str:
    """Name the processor, as Linux does, or as Python does elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


def _store() -> Path:
    """The file in the user's folder of things that can be made again (XDG Base Directory Specification 0.8)."""
    caches = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(caches) / "railcrate" / "speed.json"
