# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a computation cost: energy, emissions and water, by codecarbon without a network.

codecarbon reads the power of CPU and GPU where the system shows it, and estimates it from
the load where it does not, as on most virtual machines (https://docs.codecarbon.io,
"Methodology"). Which of the two it was stands beside every figure.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from railcrate.study.config import Study

NOTES = {
    "cpu_load": "CPU power estimated from its load and its rated power, not measured; memory at a constant power",
    "constant": "CPU power taken as a constant share of its rated power, not measured; memory at a constant power",
    "intel_rapl": "CPU power measured by RAPL; memory at a constant power",
    "intel_power_gadget": "CPU power measured by Intel Power Gadget; memory at a constant power",
    "apple_powermetrics": "power measured by powermetrics",
}
# A driver tells one figure for all that its GPU does, not one for each process.
GPU_NOTE = "GPU power measured by its driver, with what other jobs did on it meanwhile"
# How far the energy may be off, either way. Of hundreds of runs, compared with external power meters, codecarbon's
# figures missed by up to 40 % (Fischer 2025, "Ground-Truthing AI Energy Consumption", arXiv:2509.22092, abstract).
ENERGY_ERROR = 0.4
ENERGY_ERROR_SOURCE = {"text": "Fischer 2025", "url": "https://arxiv.org/abs/2509.22092"}
EVERY = 15  # seconds between two readings of the power


@contextmanager
def footprint(study: Study) -> Iterator[dict[str, Any]]:
    """Measure what a block of code costs on this machine.

    Args:
        study: the configuration; `footprint` sets the country whose electricity is used
            and the litres of water for one kWh.

    Yields:
        A dictionary, filled when the block has ended well: energy_kwh, emissions_kg (CO2
        equivalent; None without a country), country, water_l (None without a factor),
        water_source, method, power_note.
    """
    tracker = _tracker(study)
    used: dict[str, Any] = {}
    tracker.start()
    try:
        yield used
    finally:
        tracker.stop()
    figures, settings = tracker.final_emissions_data, study.footprint
    used |= {
        "energy_kwh": figures.energy_consumed,
        "emissions_kg": None if settings.country is None else figures.emissions,
        "country": settings.country,
        "water_l": None if settings.water_per_kwh is None else figures.energy_consumed * settings.water_per_kwh,
        "water_source": settings.water_source,
        "method": f"codecarbon {figures.codecarbon_version}, offline, the process and its children",
        "power_note": _note(tracker._hardware),
    }
    for key in ("energy_kwh", "emissions_kg", "water_l"):
        if used[key] is not None and not math.isfinite(used[key]):
            used[key] = None


def warm_up() -> None:
    """Let codecarbon look at the hardware once; what it finds serves every later tracker of this process.

    That takes one to two seconds, mostly of waiting. A warm process does it ahead of its jobs.
    """
    tracker = _tracker(None)
    tracker.start()
    tracker.stop()


def _tracker(study: Study | None) -> Any:
    from codecarbon import OfflineEmissionsTracker

    # The tracker speaks before it has read its own log level.
    logging.getLogger("codecarbon").setLevel(logging.CRITICAL)

    country = study.footprint.country if study is not None else None
    return OfflineEmissionsTracker(
        country_iso_code=country,
        # Without a country nothing is known of its electricity; the figure is left out above.
        force_carbon_intensity_g_co2e_kwh=None if country is not None else 0,
        tracking_mode="process",
        measure_power_secs=EVERY,
        api_call_interval=-1,
        output_methods=[],
        log_level="critical",
        allow_multiple_runs=True,
    )


def _note(hardware: Iterable[Any]) -> str:
    """Say of each part of the machine where its figure is from."""
    from codecarbon.external.hardware import GPU

    notes = [NOTES.get(part._mode, f"CPU power by {part._mode}") for part in hardware if hasattr(part, "_mode")]
    if any(isinstance(part, GPU) for part in hardware):
        notes.append(GPU_NOTE)
    return "; ".join(notes) or "no power meter was found"
