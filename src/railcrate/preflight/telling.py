# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The estimate in words: time, energy, emissions, and how good the last estimate was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from railcrate.preflight.estimate import Estimate
from railcrate.preflight.findings import Finding, ok, warning
from railcrate.preflight.hindsight import Hindsight
from railcrate.preflight.recorded import Records
from railcrate.preflight.sources import Supply
from railcrate.preflight.tried import LOG, Trial
from railcrate.study import units
from railcrate.study.config import Study

BASES = {
    "record": "by records of this machine",
    "trial": "by steps that were timed just now",
    "elsewhere": "by records of another machine",
}
DAY = 86_400  # seconds
CROWDED = 1.5  # times as long as on a machine that does nothing else: from there on it is told


def look_at_time(
    estimate: Estimate | None, trial: Trial | None, supplies: Mapping[str, Supply], hindsight: Hindsight | None,
    *, timed: bool,
) -> list[Finding]:  # fmt: skip
    """Tell how long the study takes.

    Args:
        estimate: the estimate, if there is one.
        trial: what a trial found, if there was one.
        supplies: what is known of the sources.
        hindsight: how good the last estimate was, if that is known.
        timed: whether a trial was allowed.
    """
    left = _left(trial)
    if estimate is None and not timed:
        return [ok("time", "not known: nothing was recorded here yet, and no steps were timed")]
    if estimate is None:
        way = left or "Run the study's miniature, which shows where it stops: `railcrate run --miniature`."
        return [warning("time", "not known: nothing could be timed", way)]
    about = f"{'more than' if estimate.at_least else 'about'} {duration(estimate.seconds)}"
    spread = f" ({between(estimate.low, estimate.high)})" if not estimate.at_least else ""
    basis = ", ".join(BASES[name] for name in estimate.bases)
    text = f"{about}{spread} on {units.count(estimate.cores, 'core')}, {basis}"
    if estimate.now > CROWDED * estimate.seconds:
        text += f"; {duration(estimate.now)} if other programs go on computing as they do now"
    downloads = sum(supply.coming or 0 for supply in supplies.values() if supply.network)
    if downloads:
        text += f"; and the download of {units.size(downloads)}"
    facts: dict[str, Any] = {
        "seconds": estimate.seconds, "low": estimate.low, "high": estimate.high, "now": estimate.now,
        "cores": estimate.cores,
        "basis": list(estimate.bases), "unknown": list(estimate.unknown),
    }  # fmt: skip
    found = [ok("time", text, **facts)]
    if estimate.unknown:
        what = f"not in it, for nothing is known of them yet: {', '.join(estimate.unknown)}"
        found.append(warning("time", what, left or "Check again when the first of them has run."))
    if hindsight is not None:
        facts = {"ratio": hindsight.ratio, "recorded": hindsight.recorded, "crowded": hindsight.crowded}
        took = f"what the {'jobs' if hindsight.of_work else 'run'} took ({duration(hindsight.recorded)})"
        text = f"the estimate from timed steps was {times(hindsight.ratio)} {took}"
        if hindsight.crowded > CROWDED:
            text += f"; without the other programs there were, {times(hindsight.ratio * hindsight.crowded)}"
        found.append(ok("time", text, **facts))
    return found


def _left(trial: Trial | None) -> str:
    """Why something could not be tried, in a sentence; empty where there is nothing to say."""
    if trial is None or not trial.left:
        return ""
    # What comes last rests on what came first: with the first mended, the others may be well.
    first = trial.left[0]
    what = "The trial" if first["rule"] == "all" else f"The trial of {first['rule']} {first['name']}"
    log = f" ({LOG} tells more)" if first.get("how") in ("failed", "killed") else ""
    return f"{what} ended early: {first['why']}{log}. Check again when that is otherwise."


def look_at_energy(
    study: Study, estimate: Estimate | None, records: Records, trial: Trial | None, hindsight: Hindsight | None
) -> list[Finding]:
    """Tell how much energy trainings and evaluations take, and what that means in the study's country."""
    if estimate is None or estimate.kwh is None:
        return []
    low, high = estimate.kwh_low or estimate.kwh, estimate.kwh_high or estimate.kwh
    text = f"about {energy(estimate.kwh)} ({_range(energy(low), energy(high))})"
    facts: dict[str, Any] = {"kwh": estimate.kwh, "low": low, "high": high}
    country = study.footprint.country
    if country is None:
        text += "; with `footprint.country` set, CO2e is told, too"
    else:
        factor = records.intensity(country) or _tried(trial) or intensity(country)
        text += f", {mass(estimate.kwh * factor)} CO2e (electricity of {country})"
        facts |= {"emissions_kg": estimate.kwh * factor, "country": country}
    if study.footprint.water_per_kwh is not None:
        facts["water_l"] = estimate.kwh * study.footprint.water_per_kwh
        text += f", {facts['water_l']:.2g} l of water"
    if hindsight is not None and hindsight.energy is not None:
        text += f"; the estimate from timed steps was {times(hindsight.energy)} what was recorded"
    return [ok("energy", text, **facts)]


def _tried(trial: Trial | None) -> float | None:
    for found in trial.trained.values() if trial is not None else ():
        used = found.get("footprint", {})
        if used.get("emissions_kg") and used.get("energy_kwh"):
            return float(used["emissions_kg"]) / float(used["energy_kwh"])
    return None


def intensity(country: str) -> float:
    """Give the CO2 equivalent of a kWh of a country's electricity in kg, by codecarbon's factors.

    Args:
        country: its ISO 3166-1 alpha-3 code; of one that codecarbon does not know, the world's mean is given.
    """
    import logging

    from codecarbon.core.emissions import Emissions
    from codecarbon.core.units import Energy
    from codecarbon.external.geography import GeoMetadata
    from codecarbon.input import DataSource

    logging.getLogger("codecarbon").setLevel(logging.CRITICAL)
    place = GeoMetadata(country_iso_code=country)
    return float(Emissions(DataSource()).get_private_infra_emissions(Energy.from_energy(kWh=1), place))


def times(ratio: float) -> str:
    """Write a ratio: "1.2 times"."""
    return f"{ratio:.1f} times" if 0.95 <= ratio < 99.5 else f"{ratio:.2g} times"


def duration(seconds: float) -> str:
    """Write a duration, in days where it is long."""
    return f"{seconds / DAY:.1f} days" if seconds > 2 * DAY else units.duration(seconds)


def between(low: float, high: float) -> str:
    """Write a range of durations, with the unit once where it is the same."""
    return _range(duration(low), duration(high))


def _range(first: str, last: str) -> str:
    """Two amounts, with the unit once where it is the same."""
    unit = last.rpartition(" ")[2]
    return f"{first.removesuffix(unit).strip() if first.endswith(f' {unit}') else first} to {last}"


def energy(kwh: float) -> str:
    """Write an energy in the unit that suits it."""
    return f"{kwh * 1000:.2g} Wh" if kwh < 0.1 else f"{kwh:.2g} kWh" if kwh < 100 else f"{kwh:,.0f} kWh"


def mass(kilograms: float) -> str:
    """Write a mass in the unit that suits it."""
    if kilograms < 0.1:
        return f"{kilograms * 1000:.2g} g"
    return f"{kilograms:.2g} kg" if kilograms < 100 else f"{kilograms:,.0f} kg"
