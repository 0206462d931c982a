# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How fast this machine multiplies matrices, which is most of what a model does."""

from __future__ import annotations

import time

from railcrate.study.models import Training

SIDES = {"cpu": 1024, "cuda": 4096}  # of the matrices: large enough to keep it busy, and soon done
LEAST = 0.2  # seconds that are measured


def measure(training: Training) -> float:
    """Multiply some matrices.

    Args:
        training: device, precision and threads.

    Returns:
        Operations a second, a multiplication and an addition counting two: the best of some products.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(training.threads)
    try:
        kind = torch.bfloat16 if training.precision == "bfloat16" else torch.float32
        side = SIDES[training.device]
        left, right = (torch.rand(side, side, device=training.device).to(kind) for _ in range(2))
        # A processor's own time, so that other programs that compute at the moment do not count.
        own = training.device == "cpu"
        clock, share = (time.process_time, training.threads) if own else (time.perf_counter, 1)
        best, spent = float("inf"), 0.0
        while spent < LEAST:
            began = clock()
            product = left @ right
            product[0, 0].item()  # a GPU has finished when a number of it is there
            took = (clock() - began) / share
            best, spent = min(best, took), spent + took
    finally:
        torch.set_num_threads(before)
    return 2.0 * side**3 / best
