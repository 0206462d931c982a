# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Why figures differ: each cause alone, several in the order of their likelihood, and none."""

from __future__ import annotations

import pytest
from figures_kit import Drawn, digest

from railcrate.reproduce import consistency
from railcrate.reproduce.compare import compare
from railcrate.reproduce.consistency import mismatches
from railcrate.reproduce.facts import facts_of
from railcrate.reproduce.metrics import study_results
from railcrate.reproduce.stores import FolderStore

ONE = "tiny.raw.seed0"


@pytest.fixture
def explained(tmp_path):
    """Compare two drawn studies: the outcome, and the causes by kind, the most likely first."""

    def run(other: Drawn, one: Drawn | None = None, **how):
        a = (one or Drawn()).write(tmp_path / "a", **how)
        found = compare(str(a), str(other.write(tmp_path / "b", **how)))
        return found, {cause.kind: cause for cause in found.causes}

    return run


def test_nothing_is_to_be_explained_where_all_is_identical(explained):
    found, causes = explained(Drawn())
    assert (found.outcome, causes) == ("identical", {})


def test_rounding_without_a_recorded_reason_is_unexplained(explained):
    found, causes = explained(Drawn().jitter(1e-7, ONE))
    assert found.outcome == "equivalent"
    assert list(causes) == ["unexplained"]
    assert not causes["unexplained"].substance  # last digits alone are a riddle, no accusation
    view = found.contrast.views[ONE, "pairs"]
    assert (view.items, view.moved, view.rescored) == (400, 400, 0)
    assert 0 < view.relative < 2e-7
    assert view.is_rounding("float32")
    assert list(found.contrast.views) == [(ONE, "pairs")]


def test_more_than_rounding_without_a_recorded_reason_is_something_else(explained):
    found, causes = explained(Drawn().jitter(1e-3, ONE))
    assert not found.contrast.views[ONE, "pairs"].is_rounding("float32")
    assert list(causes) == ["unexplained"]
    assert causes["unexplained"].substance


def test_nothing_recorded_is_told_apart_from_nothing_different(explained):
    _, causes = explained(Drawn().jitter(1e-7, ONE), records=False)
    assert list(causes) == ["unrecorded"]


def change(part: str, key: str, value):
    def apply(drawn: Drawn) -> Drawn:
        getattr(drawn, part)[key] = value
        return drawn

    return apply


@pytest.mark.parametrize(
    ("kind", "spoil", "shown"),
    [
        ("batch", change("settings", "batch_size", 16), ("evaluation: batch_size", "64", "16")),
        ("precision", change("settings", "dtype", "bfloat16"), ("evaluation: dtype", "float32", "bfloat16")),
        ("length", change("settings", "max_length", 32), ("evaluation: max_length", "64", "32")),
        ("device", change("settings", "device", "cuda"), ("evaluation: device", "cpu", "cuda")),
        ("threads", change("settings", "threads", 4), ("evaluation: threads", "1", "4")),
        ("versions", change("versions", "torch", "2.14.0"), ("torch", "2.13.0", "2.14.0")),
        ("versions", change("versions", "numpy", "2.5.0"), ("numpy", "2.4.6", "2.5.0")),
        ("hardware", change("machine", "cpu", "Intel Xeon"), ("cpu", "AMD EPYC", "Intel Xeon")),
        ("hardware", change("machine", "cpu_flags", ["avx2"]), ("cpu flags", "avx2, avx512f", "avx2")),
        ("hardware", change("machine", "gpus", ["H100"]), None),
    ],
)
def test_a_circumstance_accounts_for_last_digits(explained, kind, spoil, shown):
    found, causes = explained(spoil(Drawn().jitter(1e-7)))
    assert found.outcome == "equivalent"
    if shown is None:  # of one of the two it is not recorded
        assert list(causes) == ["unexplained"]
        return
    assert list(causes) == [kind]
    assert not causes[kind].substance
    assert shown in [(d.what, d.published, d.again) for d in causes[kind].details]
    assert causes[kind].where == ()


def test_the_order_follows_the_size_of_what_moved(explained):
    """Another batch size moves last digits; where more moved, another length of texts is likelier."""
    both = change("settings", "max_length", 32)(change("settings", "batch_size", 16)(Drawn()))
    _, causes = explained(both.jitter(1e-7))
    assert list(causes) == ["batch", "length"]


def test_the_order_where_more_moved(explained):
    both = change("settings", "max_length", 32)(change("settings", "batch_size", 16)(Drawn()))
    _, causes = explained(both.jitter(1e-2))
    assert list(causes) == ["length", "batch"]


def test_other_data_are_other_questions(explained):
    other = Drawn()
    other.data = digest("other data")
    found, _ = explained(other)
    assert found.outcome == "nothing comparable"
    assert "the task's hash differs" in str(found.contrast.apart)


def test_another_tokenizer(explained):
    other = Drawn().jitter(1e-2, ONE)
    other.tokenizer = digest("another")
    _, causes = explained(other)
    assert next(iter(causes)) == "tokenizer"
    assert causes["tokenizer"].substance


def test_weights_that_came_out_otherwise_on_another_machine_are_accounted_for(explained):
    other = change("machine", "cpu_flags", ["avx2"])(Drawn(seeds=(0, 1, 2)).retrain(0.0, ONE))
    found, causes = explained(other, Drawn(seeds=(0, 1, 2)))
    assert found.outcome == "equivalent"
    assert list(causes) == ["hardware", "training"]
    assert found.contrast.retrained == {ONE}
    assert causes["training"].details[0].what == f"weights of {ONE} (sha256)"
    assert {c.gap.basis for c in found.contrast.compared if c.evaluation[0] == ONE} <= {"seeds", "items"}


def test_weights_that_came_out_otherwise_for_no_reason_are_unexplained(explained):
    _, causes = explained(Drawn(seeds=(0, 1, 2)).retrain(0.0, ONE), Drawn(seeds=(0, 1, 2)))
    assert list(causes) == ["unexplained weights", "training"]
    assert causes["unexplained weights"].where == (ONE,)
    assert "another seed" in causes["unexplained weights"].known


def test_a_seed_that_is_not_the_one_of_the_name(explained):
    other = Drawn().retrain(0.0, ONE)
    other.seeds[ONE] = 7
    _, causes = explained(other)
    assert next(iter(causes)) == "seeds"
    assert causes["seeds"].where == (ONE,)
    assert [(d.what, d.published, d.again) for d in causes["seeds"].details] == [(f"{ONE}: seed", "0", "7")]


def test_another_setting_of_training(explained):
    other = Drawn().retrain(1.5, *Drawn().experiments)
    other.config["training"]["learning_rate"] = 0.01
    found, causes = explained(other)
    assert found.outcome == "different"
    assert next(iter(causes)) == "configuration"
    assert ("training.learning_rate", "0.001", "0.01") in [
        (d.what, d.published, d.again) for d in causes["configuration"].details
    ]


def test_a_new_title_explains_nothing(explained):
    other = Drawn().jitter(1e-7, ONE)
    other.config["title"] = "Another title"
    found, causes = explained(other)
    assert list(causes) == ["unexplained"]
    assert "different studies" in found.notes[0]


def test_files_that_were_not_committed(explained):
    one = Drawn(seeds=(0, 1, 2))
    one.commit[f"train {ONE}"] = "c" * 40 + "+"
    _, causes = explained(Drawn(seeds=(0, 1, 2)).retrain(0.0, ONE), one)
    assert list(causes) == ["commit", "training"]
    assert causes["commit"].details[0].published.endswith("+")


def test_the_mean_of_all_finds_what_moves_each_a_little(explained):
    """Each training is better by less than seeds allow; together they are not."""
    names = Drawn(seeds=range(6)).experiments
    found, _ = explained(Drawn(seeds=range(6)).retrain(0.35, *names), Drawn(seeds=range(6)))
    means = {c.evaluation[0]: c for c in found.contrast.compared if c.evaluation[0].endswith("mean")}
    assert set(means) == {"tiny.raw, mean", "tiny.clean, mean", "all that was trained again, mean"}
    assert means["all that was trained again, mean"].judgement.verdict == "different"
    assert means["all that was trained again, mean"].gap.estimate == pytest.approx(
        sum(means[f"tiny.{name}, mean"].gap.estimate for name in ("raw", "clean")) / 2
    )


def test_what_was_published_contradicts_itself(tmp_path):
    drawn = Drawn()
    drawn.seeds[ONE] = 5
    folder = drawn.write(tmp_path / "a")
    weights = folder / f"models/weights/{ONE}"
    (weights / "model.safetensors").write_bytes(b"other weights")
    (weights / "config.json").write_bytes(b"{}")
    (folder / "data").mkdir()
    (folder / "data/x").write_bytes(b"other data")
    store = FolderStore(folder)
    found = mismatches(study_results("a", store), facts_of(store))
    told = {(m.kind, m.where) for m in found}
    assert ("seeds", ONE) in told
    assert ("weights", ONE) in told
    assert ("weights", f"{ONE} on pairs") in told
    assert ("data", "tiny.clean.seed1 on pairs") in told
    assert not any(m.kind == "figures" for m in found)


def test_a_figure_that_was_mended_by_hand(tmp_path):
    folder = Drawn().write(tmp_path / "a")
    file = folder / f"results/evaluations/{ONE}/pairs.metrics.json"
    file.write_text('{"accuracy": 0.99, "groups": {}}')
    store = FolderStore(folder)
    found = mismatches(study_results("a", store), facts_of(store))
    assert [(m.kind, m.found) for m in found] == [("figures", "0.99")]


def test_files_are_hashed_as_evaluations_hash_them():
    """The real ones are in test_verify.py; here the two lists of patterns are held in step."""
    from railcrate.evaluate import results

    assert (consistency.WEIGHTS, consistency.TOKENIZER) == (results.WEIGHTS, results.TOKENIZER)
