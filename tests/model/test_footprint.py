# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is said of where a figure of energy is from."""

from codecarbon.external.hardware import CPU, GPU

from railcrate.model.footprint import GPU_NOTE, NOTES, _note


def test_the_note_names_every_part_whose_power_counts():
    processor = CPU.from_utils(output_dir="", mode="constant", model="some", tdp=10)
    assert _note([processor]) == NOTES["constant"]
    assert _note([processor, GPU(None)]) == f"{NOTES['constant']}; {GPU_NOTE}"
    assert _note([]) == "no power meter was found"
