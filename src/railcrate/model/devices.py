# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which GPUs PyTorch can compute on: `python -m railcrate.model.devices` prints it as JSON.

A process of its own asks, for three reasons: PyTorch takes seconds to import, a broken driver
can hang, and a process that has seen CUDA can no longer be forked.
"""

from __future__ import annotations

import json
from typing import Any


def describe() -> dict[str, Any]:
    """Ask PyTorch.

    Returns:
        `torch`, its version; `cuda`, the version of CUDA that it was built for, or None;
        `devices`, each with name, memory and free memory in bytes; `error`, what CUDA said where
        it was built in and does not work, or None.
    """
    import torch

    build = torch.version.cuda or getattr(torch.version, "hip", None)
    found: dict[str, Any] = {"torch": torch.__version__, "cuda": build, "devices": [], "error": None}
    if build is None:
        return found
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]  # it has no types
        for number in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(number)
            found["devices"].append({"name": torch.cuda.get_device_name(number), "memory": total, "free": free})
    except (RuntimeError, AssertionError) as error:
        found["error"] = str(error).strip().splitlines()[0]
    return found


if __name__ == "__main__":
    print(json.dumps(describe()))
