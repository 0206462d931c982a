# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A full disk is told as one, whichever library met it; nothing else is."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from railcrate.study.disk import DiskFullError, full_disk_told
from railcrate.study.errors import DataError

FULL = Path("/dev/full")  # a file for which there is never room


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize(
    "write",
    [
        lambda: FULL.write_bytes(b"text"),
        lambda: torch.save({"weights": torch.zeros(100_000)}, FULL),
    ],
    ids=["Python", "torch"],
)
def test_a_full_disk_is_told(write):
    with pytest.raises(DiskFullError, match="the disk is full: the job has no room"), full_disk_told("the job"):
        write()


def test_safetensors_on_a_full_disk(tmp_path):
    """It writes elsewhere first and renames, so its error is made here as it words it."""
    path = tmp_path / "missing" / "weights.safetensors"
    with pytest.raises(Exception, match=r"\(os error 2\)") as met, full_disk_told("the job"):
        save_file({"weights": np.zeros(3)}, path)
    with pytest.raises(DiskFullError), full_disk_told("the job"):
        raise type(met.value)(str(met.value).replace("(os error 2)", "(os error 28)"))


def test_other_errors_stay_as_they_are():
    with pytest.raises(ZeroDivisionError), full_disk_told("the job"):
        _ = 1 / 0
    with pytest.raises(DataError), full_disk_told("the job"):
        raise DataError("damaged")
