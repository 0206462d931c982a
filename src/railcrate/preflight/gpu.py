# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""GPUs: what PyTorch can compute on, and whether the machine has one that it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from railcrate.preflight.findings import Finding, ok, warning
from railcrate.study import units
from railcrate.study.records import machine

PATIENCE = 60.0  # seconds; a driver that hangs does not answer at all
DRIVER = Path("/proc/driver/nvidia/version")
INSTALL = "https://pytorch.org/get-started/locally"


def ask(patience: float = PATIENCE) -> dict[str, Any]:
    """Ask PyTorch which GPUs it can compute on, in a process of its own.

    Args:
        patience: seconds to wait for the answer.

    Returns:
        What `railcrate.model.devices.describe` gives; `error` says why where nothing was answered.
    """
    nothing: dict[str, Any] = {"torch": None, "cuda": None, "devices": []}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "railcrate.model.devices"],
            capture_output=True, text=True, check=False, timeout=patience,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {**nothing, "error": f"no answer within {patience:.0f} s"}
    if done.returncode != 0:
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no answer")
        return {**nothing, "error": last}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def has_driver(path: Path = DRIVER) -> bool:
    """Tell whether NVIDIA's driver is loaded."""
    return path.is_file()


def look(answer: dict[str, Any], *, driver: bool, wanted: bool = False) -> Finding:
    """Judge what PyTorch answered.

    Args:
        answer: what `ask` gave.
        driver: whether NVIDIA's driver is loaded.
        wanted: whether the study asks for a GPU.

    Returns:
        A finding; a warning where there is a GPU that cannot be used. Whether one that a study
        asks for is missing is for the caller to say.
    """
    devices = answer["devices"]
    if devices:
        names = "; ".join(f"{device['name']}, {units.size(device['memory'])}" for device in devices)
        return ok("GPU", names, devices=devices, cuda=answer["cuda"])
    if answer["torch"] is None:
        return warning(
            "GPU", f"PyTorch did not say which GPUs there are: {answer['error']}",
            "Try `python -m railcrate.model.devices`; where it hangs or fails, install PyTorch anew.",
        )  # fmt: skip
    if answer["cuda"] is None and driver:
        return warning(
            "GPU", f"there is a GPU ({', '.join(machine().get('gpus', [])) or 'NVIDIA'}), and this PyTorch "
            f"({answer['torch']}) is a build for the CPU alone",
            f"For studies with `device: cuda`, install a build for CUDA: {INSTALL}. Others need none.",
            torch=answer["torch"],
        )  # fmt: skip
    if answer["cuda"] is not None and (driver or wanted):
        why = answer["error"] or "it finds no device"
        return warning(
            "GPU", f"PyTorch {answer['torch']} is built for CUDA {answer['cuda']} and cannot use it: {why}",
            "Run `nvidia-smi`: where it fails, the driver is at fault; where it shows a lower CUDA version than "
            f"{answer['cuda']}, install a PyTorch for that one: {INSTALL}.",
            torch=answer["torch"], cuda=answer["cuda"],
        )  # fmt: skip
    return ok("GPU", "none; studies with `device: cpu` need none", torch=answer["torch"])
