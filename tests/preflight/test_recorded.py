# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What records tell of how long jobs take, and what an estimate makes of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from study_kit import edit

from railcrate.preflight.estimate import work_out
from railcrate.preflight.hindsight import MEMORY, look_back, remember
from railcrate.preflight.jobs import Job, jobs_of, span
from railcrate.preflight.recorded import Records, _at_once, _busy
from railcrate.preflight.telling import between, duration, energy, intensity, look_at_energy, look_at_time, mass, times
from railcrate.preflight.tried import ELSEWHERE, QUICKER, SLOWER, Trial
from railcrate.study.load import load_study

TRAIN = Job("train", "tiny.raw.seed0", model="tiny")
PAIRS = Job("evaluate", "tiny.raw.seed0.pairs", model="tiny", benchmark="pairs")


def records_of(folder):
    study = load_study(folder)
    jobs = jobs_of(study)
    return study, jobs, Records(folder, study, jobs)


def change(path, **parts):
    """Change parts of every record that matches; `machine` is merged."""
    for file in Path("records").glob(path):
        content = json.loads(file.read_text())
        if "machine" not in content:  # of an experiment: put together from those of its jobs
            continue
        content |= {**parts, "machine": {**content["machine"], **parts.get("machine", {})}}
        file.write_text(json.dumps(content))


def read(job):
    return json.loads(Path(f"records/{job.rule}/{job.name}.json").read_text())


# --- records ---------------------------------------------------------------------------


def test_a_jobs_own_record_of_this_machine(done_study):
    _, _, records = records_of(done_study)
    past = records.of(TRAIN)
    assert (past.seconds, past.exact, past.here) == (read(TRAIN)["seconds"], True, True)
    assert past.low <= past.seconds <= past.high
    assert past.memory == read(TRAIN)["peak_memory_bytes"]
    assert past.kwh == read(TRAIN)["footprint"]["energy_kwh"]


def test_the_records_of_jobs_like_it(done_study):
    Path("records/train/tiny.raw.seed0.json").unlink()
    _, _, records = records_of(done_study)
    past = records.of(TRAIN)
    assert (past.exact, past.here) == (False, True)
    assert records.whole() is None


def test_another_machines_records_count_less(done_study):
    change("*/*.json", machine={"cpu": "Another One"})
    study, jobs, records = records_of(done_study)
    assert (records.of(TRAIN).exact, records.of(TRAIN).here) == (True, False)
    estimate = work_out(study, jobs, 2, records, None, {})
    assert estimate.bases == ("elsewhere",)
    assert estimate.high == pytest.approx(estimate.seconds * ELSEWHERE)
    assert estimate.low == pytest.approx(estimate.seconds / ELSEWHERE)


def test_a_larger_budget_takes_longer(done_study):
    before = records_of(done_study)[2].of(TRAIN)
    edit(Path("config/study.yaml"), "tokens: 8192", "tokens: 24576")
    _, _, records = records_of(done_study)
    assert records.of(TRAIN).seconds == pytest.approx(3 * before.seconds)
    assert records.of(TRAIN).kwh == pytest.approx(3 * before.kwh)
    assert records.whole() is None  # the study as it is now has not run


@pytest.mark.parametrize(
    ("old", "new", "job", "other"),
    [
        ("batch_size: 2", "batch_size: 4", TRAIN, PAIRS),
        ("block_length: 64", "block_length: 32", TRAIN, PAIRS),
        ("seeds: [0, 1]", "seeds: [0, 1]\nevaluation: {batch_size: 8}", PAIRS, TRAIN),
        ('    tasks: ["*"]', '    tasks: ["*"]\n    limit: 3', PAIRS, TRAIN),
        ('    tasks: ["*"]', '    tasks: ["*"]\n    shots: 1', PAIRS, TRAIN),
    ],
)
def test_records_of_other_settings_tell_nothing(done_study, old, new, job, other):
    edit(Path("config/study.yaml"), old, new)
    _, _, records = records_of(done_study)
    assert records.of(job) is None
    assert records.of(other) is not None


def test_a_resumed_training_tells_nothing(done_study):
    change("train/tiny.raw.seed0.json", resumed_at_step=8)
    assert not records_of(done_study)[2].of(TRAIN).exact


def test_a_damaged_record_tells_nothing(done_study):
    Path("records/train/tiny.raw.seed0.json").write_text('{"seconds": 1')
    assert not records_of(done_study)[2].of(TRAIN).exact


def test_pauses_between_runs_do_not_count():
    assert _busy([(0, 10, 1), (5, 20, 1), (25, 30, 1), (1000, 1010, 1)]) == 40
    assert _at_once([(0, 10, 2), (5, 20, 1), (15, 30, 1)]) == 3
    assert _at_once([(0, 10, 1), (10, 20, 1)]) == 1
    assert _at_once([]) == 1


def test_what_the_last_run_took(done_study):
    _, jobs, records = records_of(done_study)
    whole = records.whole()
    assert whole.at_once == 2
    assert whole.work == pytest.approx(sum(read(job)["seconds"] for job in jobs))
    assert whole.seconds < whole.work + 60


# --- the estimate ----------------------------------------------------------------------


def test_by_records_the_estimate_is_what_was_recorded(done_study):
    study, jobs, records = records_of(done_study)
    whole = records.whole()
    estimate = work_out(study, jobs, whole.at_once, records, None, {})
    alone = span(jobs, whole.at_once, lambda job: records.of(job).seconds)
    expected = min(max(whole.seconds, alone), 3 * alone)
    assert estimate.seconds == pytest.approx(expected)
    assert estimate.low <= estimate.seconds <= estimate.high
    assert (estimate.bases, estimate.unknown) == (("record",), ())
    assert estimate.kwh == pytest.approx(whole.kwh)
    assert work_out(study, jobs, 1, records, None, {}).seconds > estimate.seconds


def test_nothing_is_known(new_study):
    study, jobs, records = records_of(new_study)
    assert work_out(study, jobs, 2, records, None, {}) is None
    (found,) = look_at_time(None, None, {}, None, timed=False)
    assert (found.state, "not known" in found.text) == ("ok", True)
    assert look_at_energy(study, None, records, None, None) == []


def trial(**parts):
    """A trial of the small study, as `railcrate.preflight.trial` would print it."""
    power = {"footprint": {"energy_kwh": 1e-5, "emissions_kg": 4e-6}, "whole": 2.0, "peak_memory_bytes": 5e8}
    found = Trial()
    steps = {"prepare": 1.0, "steps": 10, "seconds": 2.0, "cpu_seconds": 1.0, "save": 0.5}
    lines = [
        {"kind": "started", "seconds": 0.4, "cpu": 0.2}, {"kind": "begun", "seconds": 2.0, "cpu": 1.0},
        {"kind": "imported", "seconds": 8.0, "cpu": 6.0},
        {"kind": "job", "rule": "curate", "name": "raw", "seconds": 2.0, "cpu": 1.0, "bytes": 1000},
        {"kind": "trained", "model": "tiny", **steps, **power, **parts},
        {"kind": "evaluated", "model": "tiny", "benchmark": "pairs", "seconds": 3.0, "cpu_seconds": 2.0, **power},
    ]  # fmt: skip
    for line in lines:
        found.take(line)
    return found


def test_by_a_trial(new_study):
    study, jobs, records = records_of(new_study)
    made = trial()
    cost = made.of(study, TRAIN, {})
    assert cost.now == pytest.approx(1.0 + 64 * 0.2 + 5 * 0.5)
    assert cost.seconds == pytest.approx(cost.now / 2)  # on one thread CPU time counts
    assert (cost.low, cost.high) == (pytest.approx(cost.seconds / QUICKER), pytest.approx(cost.seconds * SLOWER))
    assert cost.kwh == pytest.approx(5e-6 * cost.seconds)
    assert made.of(study, Job("curate", "clean"), {"clean": 3000}).seconds == pytest.approx(3.0)
    assert made.of(study, Job("compare", "all"), {}) is None
    estimate = work_out(study, jobs, 2, records, made, {})
    assert estimate.bases == ("trial",)
    assert estimate.unknown == ("evaluate tiny heldout",)
    assert estimate.low < estimate.seconds < estimate.high
    around = 2 * 1.0 + 6.0  # Snakemake's start at both ends, and the imports
    assert estimate.seconds > around + (4 * cost.seconds + 4 * 2.0) / 2
    assert estimate.now > 1.5 * estimate.seconds
    found = look_at_time(estimate, made, {}, None, timed=True)
    assert [one.state for one in found] == ["ok", "warning"]
    assert "if other programs go on computing" in found[0].text
    assert "evaluate tiny heldout" in found[1].text


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [({"threads": 2}, 16.3 * 6 / 8), ({"threads": 2, "device": "cuda"}, 16.3), ({"threads": 1}, 16.3 / 2)],
)
def test_what_counts_is_cpu_time_or_the_clock(new_study, settings, seconds):
    study = load_study(new_study)
    study = study.model_copy(update={"training": study.training.model_copy(update=settings)})
    assert trial().of(study, TRAIN, {}).seconds == pytest.approx(seconds)


def test_steps_that_do_not_end(new_study):
    study, jobs, records = records_of(new_study)
    made = trial()
    del made.trained["tiny"]
    made.take({"kind": "left", "rule": "train", "name": "tiny", "how": "late", "why": "it did not end within 120 s"})
    estimate = work_out(study, jobs, 2, records, made, {})
    assert estimate.at_least
    assert estimate.seconds > 4 * 64 * 40 / 2
    found = look_at_time(estimate, made, {}, None, timed=True)
    assert found[0].text.startswith("more than ")


def test_a_trial_that_was_asked_for_goes_before_records(done_study):
    study, jobs, records = records_of(done_study)
    assert work_out(study, jobs, 2, records, trial(), {}).bases == ("record",)
    assert "trial" in work_out(study, jobs, 2, records, trial(), {}, trial_first=True).bases


# --- how good it was -------------------------------------------------------------------


def test_the_estimate_before_a_run_is_compared_with_it(done_study):
    study, jobs, records = records_of(done_study)
    estimate = work_out(study, jobs, 2, records, trial(), {}, trial_first=True)
    assert look_back(done_study, study, records) is None
    remember(done_study, study, estimate)
    assert look_back(done_study, study, records) is None  # it was made after the run, and not asked for by it
    content = json.loads((done_study / MEMORY).read_text())
    (done_study / MEMORY).write_text(json.dumps({**content, "made": records.oldest() - 100}))
    found = look_back(done_study, study, records)
    assert (found.ratio, found.of_work) == (pytest.approx(estimate.seconds / records.whole().seconds), False)
    assert found.energy == pytest.approx(estimate.kwh / records.whole().kwh)
    assert look_back(done_study, study, records, estimate).ratio == pytest.approx(found.ratio)
    told = look_at_time(estimate, None, {}, found, timed=True)
    assert f"was {times(found.ratio)} what the run took" in told[1].text


def test_an_estimate_for_other_cores_is_compared_by_its_work(done_study):
    study, jobs, records = records_of(done_study)
    estimate = work_out(study, jobs, 7, records, trial(), {}, trial_first=True)
    found = look_back(done_study, study, records, estimate)
    assert (found.ratio, found.of_work) == (pytest.approx(estimate.work / records.whole().work), True)


def test_an_estimate_of_another_study_is_not_compared(done_study):
    study, jobs, records = records_of(done_study)
    remember(done_study, study, work_out(study, jobs, 2, records, trial(), {}, trial_first=True))
    other = study.model_copy(update={"seeds": [5]})
    assert look_back(done_study, other, records) is None


# --- in words --------------------------------------------------------------------------


def test_emissions_by_the_countrys_electricity(done_study):
    study, jobs, records = records_of(done_study)
    assert records.intensity("DEU") == pytest.approx(intensity("DEU"), rel=1e-3)
    assert records.intensity("FRA") is None
    estimate = work_out(study, jobs, 2, records, None, {})
    (found,) = look_at_energy(study, estimate, records, None, None)
    assert found.facts["emissions_kg"] == pytest.approx(estimate.kwh * intensity("DEU"), rel=1e-3)
    elsewhere = study.model_copy(update={"footprint": study.footprint.model_copy(update={"country": "FRA"})})
    (found,) = look_at_energy(elsewhere, estimate, records, None, None)
    assert found.facts["emissions_kg"] == pytest.approx(estimate.kwh * intensity("FRA"))
    nowhere = study.model_copy(
        update={"footprint": study.footprint.model_copy(update={"country": None, "water_per_kwh": 2.0})}
    )
    (found,) = look_at_energy(nowhere, estimate, records, None, None)
    assert "footprint.country" in found.text
    assert found.facts["water_l"] == pytest.approx(2 * estimate.kwh)


@pytest.mark.parametrize(
    ("function", "amount", "text"),
    [
        (duration, 80, "80 s"), (duration, 300_000, "3.5 days"), (energy, 0.0003, "0.3 Wh"), (energy, 2.34, "2.3 kWh"),
        (energy, 4321, "4,321 kWh"), (times, 1.02, "1.0 times"), (times, 0.5, "0.5 times"),
        (times, 12.34, "12.3 times"),
        (mass, 0.002, "2 g"), (mass, 2, "2 kg"), (mass, 2000, "2,000 kg"),
    ],
)  # fmt: skip
def test_amounts(function, amount, text):
    assert function(amount) == text


def test_ranges():
    assert between(400, 600) == "6.7 to 10.0 min"
    assert between(40, 600) == "40 s to 10.0 min"


def test_the_first_and_the_last(done_study):
    _, _, records = records_of(done_study)
    first = datetime.fromtimestamp(records.oldest(), UTC).isoformat(timespec="seconds")
    assert first == min(read(job)["started"] for job in records.jobs if job.rule in ("train", "evaluate"))
