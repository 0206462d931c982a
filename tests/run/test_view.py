# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a terminal shows while a run is at work, how far trainings are, and how long it will still take."""

import io
import os
import time

import pytest
from course_kit import Run
from rich.cells import cell_len
from rich.console import Console

from railcrate.study.files import write_json
from snakemake_logger_plugin_railcrate.estimate import Estimate
from snakemake_logger_plugin_railcrate.training import Progress, Watch
from snakemake_logger_plugin_railcrate.view import Moment, draw, time_left
from snakemake_logger_plugin_railcrate.words import roughly, short

SIZES = [(200, 60), (100, 30), (72, 24), (60, 12), (40, 10), (24, 8), (12, 7)]


def drawn(moment: Moment, width: int = 100, height: int = 30, **settings) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, **settings)
    console.print(draw(moment, width, height))
    return console.file.getvalue().rstrip("\n").split("\n")


def at_work(tmp_path, seeds: int = 2) -> Moment:
    """Two experiments train, one of them has said how far it is; one has failed, one is done but for its tests."""
    run = Run(tmp_path, seeds)
    run.before_training()
    now = time.time()
    run.begin("train tiny.raw.seed0", "train tiny.raw.seed1", when=now - 60)
    run.end("train tiny.raw.seed0", when=now - 30)
    run.fail("train tiny.raw.seed1", when=now - 30)
    run.begin("evaluate tiny.raw.seed0.pairs", when=now - 25)
    run.begin("train tiny.clean.seed0", "train tiny.clean.seed1", when=now - 30)
    log = tmp_path / "logs/train/tiny.clean.seed0.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    watch = Watch()
    for step, when in ((16, now - 20), (32, now - 10)):
        log.write_text(f"tiny.clean.seed0: step {step} of 64, {step * 128:,} tokens, loss 5.1\n")
        os.utime(log, (when, when))
        found = watch.look(log, now - 30)
    return Moment(run.course, {"logs/train/tiny.clean.seed0.log": found}, None)


def test_rows_are_experiments(tmp_path):
    lines = drawn(at_work(tmp_path))
    rows = {line.split()[0]: line for line in lines if line.startswith("tiny.")}
    assert lines[0] == "Does a cleaner corpus help a very small model?"
    assert "✓ fetch 3   ✓ curate 2" in lines[1]
    assert "evaluating pairs, 0 of 2 done" in rows["tiny.raw.seed0"]
    assert "✗ train failed" in rows["tiny.raw.seed1"]
    assert "50%  205 tokens/s  10 s left" in rows["tiny.clean.seed0"]
    assert "training begins, 30 s" in rows["tiny.clean.seed1"]
    assert lines[-1].startswith("13 of 27 jobs · 1 failed · ")


@pytest.mark.parametrize("seeds", [1, 2, 40])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_is_never_larger_than_the_terminal(tmp_path, width, height, seeds):
    lines = drawn(at_work(tmp_path, max(seeds, 2)), width, height, force_terminal=True, color_system=None)
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width


def test_many_experiments_are_counted_by_model_and_variant(tmp_path):
    lines = drawn(at_work(tmp_path, seeds=40))
    assert any(line.startswith("tiny.raw") and "1 failed, 1 evaluating, 38 waiting" in line for line in lines)
    assert any(line.startswith("tiny.clean") and "2 training, 38 waiting" in line for line in lines)
    assert any(line.startswith("  tiny.clean.seed0") and "50%" in line for line in lines)  # what is at work, by name


def test_what_cannot_be_made_says_why(tmp_path):
    run = Run(tmp_path)
    run.begin("curate raw")
    run.fail("curate raw")
    lines = drawn(Moment(run.course, {}, None))
    assert any(line.startswith("tiny.raw.seed0") and "cannot be made: curate raw failed" in line for line in lines)


def test_a_job_in_a_clusters_queue_is_not_called_running(tmp_path):
    run = Run(tmp_path)
    run.before_training()
    run.begin("train tiny.raw.seed0", when=time.time() - 5, local=False)
    lines = drawn(Moment(run.course, {}, None, frozenset({"logs/train/tiny.raw.seed0.log"})))
    assert any("in the cluster's queue, or starting, for 5.0 s" in line for line in lines)


def test_no_colours_where_they_are_not_wanted(tmp_path):
    moment = at_work(tmp_path)
    plain = drawn(moment, force_terminal=True, no_color=True)
    assert "\x1b[3" not in "\n".join(plain)
    assert "\x1b[3" in "\n".join(drawn(moment, force_terminal=True, color_system="standard"))


def test_a_resumed_training_is_not_too_fast(tmp_path):
    """It begins at its checkpoint: what it had done before is no speed."""
    log, now, watch = tmp_path / "log", time.time(), Watch()
    log.write_text("x: step 900 of 1000, 900,000 tokens, loss 3.2\n")
    os.utime(log, (now - 10, now - 10))
    assert watch.look(log, now - 12).rate is None
    log.write_text("x: step 910 of 1000, 910,000 tokens, loss 3.2\n")
    os.utime(log, (now, now))
    found = watch.look(log, now - 12)
    assert (round(found.rate), round(found.left(now))) == (1000, 90)


# --- the time that is left ------------------------------------------------------------------


def estimate(run: Run, now: float):
    return Estimate(run.course).left(now, {})


def test_trainings_are_laid_out_on_the_cores(tmp_path):
    """One training took 100 s, an evaluation 10 s; three trainings are left for two cores, and their evaluations."""
    run = Run(tmp_path)
    run.before_training()
    run.begin("train tiny.raw.seed0", when=1000.0)
    run.end("train tiny.raw.seed0", when=1100.0)
    for name in ("evaluate tiny.raw.seed0.pairs", "evaluate tiny.raw.seed0.heldout"):
        run.begin(name, when=1100.0)
        run.end(name, when=1110.0)
    found = estimate(run, 1110.0)
    # Two trainings at once, then one beside the four evaluations, then its two; then compare and report.
    assert found.uncounted == ()
    assert 2 * 100 + 10 <= found.seconds <= 2 * 100 + 40
    assert not found.earlier


def test_what_nothing_is_known_of_is_named(tmp_path):
    run = Run(tmp_path)
    run.before_training()
    run.begin("train tiny.raw.seed0", when=1000.0)
    run.end("train tiny.raw.seed0", when=1100.0)
    assert time_left(estimate(run, 1100.0)) == "about 4 min left, not counting evaluate"


def test_a_running_training_tells_of_those_that_wait(tmp_path):
    """Half of it took 50 s: three more of 100 s are to be done, on two cores."""
    run = Run(tmp_path)
    run.before_training()
    run.begin("train tiny.raw.seed0", when=1000.0)
    half = Progress(32, 64, 4096, 5.0, 1050.0, 81.92)
    found = Estimate(run.course).left(1050.0, {"logs/train/tiny.raw.seed0.log": half})
    assert 200 <= found.seconds <= 240


def test_records_of_an_earlier_run_count_and_are_named(tmp_path):
    """A training by its rate, for the budget may be another; what takes longer than it did is not counted."""
    assert estimate(Run(tmp_path), 1000.0) is None
    write_json(tmp_path / "records/train/tiny.raw.seed0.json", {"seconds": 5.0, "tokens_per_second": 81.92})
    for benchmark in ("pairs", "heldout"):
        write_json(tmp_path / f"records/evaluate/tiny.raw.seed0.{benchmark}.json", {"seconds": 10.0})
    run = Run(tmp_path)
    run.before_training()
    found = estimate(run, 1010.0)
    assert found.earlier
    assert 200 <= found.seconds <= 270
    assert "going by an earlier run" in time_left(found)
    run.begin(*run.all_of("train")[:2], when=1010.0)
    assert estimate(run, 1010.0 + 500).uncounted == ("train",)


@pytest.mark.parametrize(
    ("seconds", "exact", "rough"),
    [(0.2, "0.2 s", "1 s"), (4.44, "4.4 s", "4 s"), (48, "48 s", "50 s"), (58, "58 s", "1 min"),
     (95, "95 s", "2 min"), (1000, "16.7 min", "17 min"), (9900, "2.8 h", "3 h")],
)  # fmt: skip
def test_durations(seconds, exact, rough):
    assert (short(seconds), roughly(seconds)) == (exact, rough)
