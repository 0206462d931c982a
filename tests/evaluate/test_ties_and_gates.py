# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A model that knows nothing scores at chance, and the gates say what a number rests on."""

from __future__ import annotations

import math

import pytest

from .conftest import benchmark, load, pairs, write_jsonl


@pytest.fixture
def uniform(weights):
    """A model that finds every token equally likely."""
    import torch

    lm = load(weights)
    with torch.no_grad():
        lm.model.lm_head.weight.zero_()
    return lm


def measured(lm, *tasks, precision="float32", in_float32=None, **options):
    from railcrate.evaluate.measure import pass_gates, run_tasks
    from railcrate.evaluate.tasks import load_tasks, seed_everything

    seed_everything()
    chosen = benchmark(*tasks, **options)
    scored = run_tasks(lm, load_tasks(chosen, "b"), chosen.limit)
    by_task, summary = pass_gates(scored, lm, precision, in_float32 or (lambda: lm))
    return {task.loaded.name: task for task in scored}, by_task, summary


def same_length(lm, rows):
    """Pairs whose two sentences have as many tokens."""
    count = lambda text: len(lm.tok_encode(" " + text, add_special_tokens=False))  # noqa: E731
    return [row for row in rows if count(row["sentence_good"]) == count(row["sentence_bad"])]


def swapped(sentence):
    first, second, third, *rest = sentence.split(" ")
    return " ".join([first, third, second, *rest])


def test_a_uniform_model_is_at_chance(folder, uniform):
    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    rows = same_length(uniform, [{**row, "sentence_bad": swapped(row["sentence_good"])} for row in pairs(60)])
    assert len(rows) > 10
    write_jsonl(folder / "data/raw/pairs/agreement.jsonl", rows)
    scored, gates, summary = measured(uniform, "plain", "letters")
    for name, chance in (("plain", 0.5), ("letters", 0.25)):
        assert scored[name].metrics["accuracy"].value == chance == scored[name].chance
        assert gates[name]["tie_rate"]["value"] == 1.0
        assert gates[name]["tie_rate"]["passed"] is False
        assert gates[name]["chance"]["passed"] is False
        assert gates[name]["chance"]["value"] == 0
        assert gates[name]["length_bias"] == {**gates[name]["length_bias"], "value": 0.0, "passed": True}
    assert summary["tie_rate"]["passed"] is False
    assert summary["tie_rate"]["failed"] == ["plain", "letters"]
    # What lm-eval itself makes of it: the right sentence stands first, so every tie is won.
    theirs = simple_evaluate(
        model=uniform,
        tasks=["plain"],
        bootstrap_iters=0,
        task_manager=TaskManager(include_defaults=False, include_path="tasks"),
    )
    assert theirs["results"]["plain"]["acc,none"] == 1.0


@pytest.mark.parametrize("task", ["agreement", "distance", "plain", "letters", "choice"])
def test_constant_answers_are_at_chance_on_every_task(folder, lm, task, monkeypatch):
    monkeypatch.setattr(lm, "_score", lambda sequences, quiet: [(-7.0, False)] * len(sequences))
    scored, gates, _ = measured(lm, task)
    assert scored[task].metrics["accuracy"].value == scored[task].chance
    assert gates[task]["tie_rate"]["value"] == 1.0


def test_length_bias_is_what_a_uniform_model_scores(folder, uniform):
    rows = [{**row, "sentence_bad": row["sentence_bad"] + " and so on"} for row in pairs(20)]
    write_jsonl(folder / "data/raw/pairs/agreement.jsonl", rows)
    scored, gates, summary = measured(uniform, "agreement", "distance")
    for name, task in scored.items():
        bias = gates[name]["length_bias"]
        assert bias["value"] == pytest.approx(task.metrics["accuracy"].value - 0.5)
    assert gates["agreement"]["length_bias"]["passed"] is False
    assert summary["length_bias"]["failed"][0] == "agreement"
    assert "agreement" in summary["length_bias"]["note"]


def test_the_wilson_interval():
    from railcrate.evaluate.gates import wilson

    # Newcombe 1998, Statistics in Medicine 17:857-872, table I: 81/263, 15/148, 0/20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_order_flip_asks_again_where_the_prompt_shows_the_options(folder, weights, lm, monkeypatch):
    _, gates, _ = measured(lm, "letters", "choice")
    assert "asked again" in gates["letters"]["order_flip"]["note"]
    assert "does not show" in gates["choice"]["order_flip"]["note"]
    assert gates["choice"]["order_flip"]["value"] == 0

    # Always the letter A: another option whenever the order is reversed.
    stuck = load(weights)
    real = stuck._score
    token = stuck.tok_encode("A", add_special_tokens=False)[-1]
    monkeypatch.setattr(
        stuck, "_score", lambda sequences, quiet: [
            (0.0 if text[-1] == token else score, greedy)
            for (score, greedy), (_, text) in zip(real(sequences, quiet=True), sequences, strict=True)
        ]
    )  # fmt: skip
    _, gates, summary = measured(stuck, "letters")
    assert gates["letters"]["order_flip"]["value"] == 1.0
    assert summary["order_flip"]["passed"] is False


def test_float32_gate(folder, weights, lm):
    import torch

    coarse = load(weights)
    coarse.model.to(torch.bfloat16)
    scored, gates, summary = measured(coarse, "agreement", "letters", precision="bfloat16", in_float32=lambda: lm)
    for name in scored:
        own = gates[name]["float32"]
        assert own["passed"] == (own["value"] <= own["limit"])
        assert "nats" in own["note"]
    # The same, by hand, from two whole evaluations.
    exact, _, _ = measured(lm, "agreement", "letters")
    for name, task in scored.items():
        moved = sum(a["chosen"] != b["chosen"] for a, b in zip(task.rows, exact[name].rows, strict=True))
        assert gates[name]["float32"]["value"] == moved / len(task.rows)
    _, gates, summary = measured(lm, "agreement")
    assert gates["agreement"]["float32"]["passed"] is None
    assert summary["float32"]["passed"] is True
    assert math.log10(summary["float32"]["value"]) == round(math.log10(summary["float32"]["value"]))


def test_a_share_of_the_top():
    from railcrate.evaluate.score import share_of_top

    assert share_of_top([-3.0, -4.0], {0}) == 1.0
    assert share_of_top([-4.0, -3.0], {0}) == 0.0
    assert share_of_top([-3.0, -3.0], {0}) == 0.5
    assert share_of_top([-30.0, -30.000001], {1}) == 0.5  # rounding does not decide
    assert share_of_top([-3.0, -3.0, -3.0, -9.0], {0, 1}) == pytest.approx(2 / 3)


def test_limit_takes_the_first_items(folder, lm):
    scored, _, _ = measured(lm, "agreement", limit=7)
    assert [row["item"] for row in scored["agreement"].rows] == list(range(7))


def test_evenly():
    from railcrate.evaluate.gates import evenly

    assert evenly(3, 10) == [0, 1, 2]
    assert evenly(100, 4) == [0, 25, 50, 75]
