# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Steps that choose how much of what: subsample, shuffle, repeat, mix, augment."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.conftest import study_of
from tests.data.steps_kit import do, rows_of, texts
from tokenizers import Tokenizer, models, pre_tokenizers

from railcrate.data.errors import EmptyVariantError, StepError
from railcrate.data.steps import check_recipes
from railcrate.data.steps.budget import fill, share_of
from railcrate.data.steps.counting import tokenizer_file
from railcrate.data.steps.registry import StepContext
from railcrate.data.steps.sampling import SubsampleParameters, subsample
from railcrate.study.config import Study

LETTERS = [letter * 10 for letter in "abcdefghij"]


def web_and_books(web=100, books=20):
    """Texts of 10 bytes each from one source, of 5 bytes each from another."""
    return rows_of(*[(f"web {n:06}", "web") for n in range(web)], *[(f"b{n:04}", "books") for n in range(books)])


@pytest.mark.parametrize(
    ("given", "rows", "taken"),
    [
        ({"rows": 3}, 3, 3),
        ({"bytes": 35}, 3, 30),
        ({"words": 4}, 4, 4),
        ({"share": "40%"}, 4, 40),
        ({"share": "100%"}, 10, 100),
        ({"bytes": 1000}, 10, 100),
    ],
)
def test_subsample_keeps_to_its_budget(given, rows, taken):
    result = do("subsample", rows_of(*LETTERS), **given)
    assert len(result.rows) == rows
    assert result.removed == 10 - rows
    assert result.details["taken"] == taken
    assert texts(result) == sorted(texts(result))  # the order of the rows stays


def counting_study(tokenizers, given):
    """A study whose recipe `raw` takes a subsample, with another recipe, and a copy of `raw`."""
    content = study_of(web={"type": "local", "path": "f"}).model_dump(mode="json", by_alias=True)
    raw = {"from": ["web"], "steps": [{"subsample": given}]}
    content |= {"recipes": {"raw": raw, "copy": {"from": ["raw"]}, "other": {"from": ["web"]}}}
    return Study.model_validate(content | {"tokenizers": tokenizers})


def test_tokens_are_counted_by_a_tokenizer_of_the_study(tmp_path):
    """Each letter is a token here, and each row has one more for its bound."""
    study = counting_study({"letters": {"train_on": "other"}}, {"rows": 1})
    letters = Tokenizer(models.WordLevel({letter: number for number, letter in enumerate("abc?")}, unk_token="?"))
    letters.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    file = tmp_path / tokenizer_file(study, "letters")
    file.parent.mkdir(parents=True)
    letters.save(str(file))
    rows, context = rows_of("aaaa", "bbbb", "cccc"), StepContext(tmp_path, study, "raw", 0, tmp_path)
    result = subsample(rows, SubsampleParameters(tokens=12, tokenizer="letters"), context)
    assert result.details == {"budget": 12, "unit": "tokens", "taken": 10, "before": 15}
    with pytest.raises(EmptyVariantError, match="a budget of 4 tokens keeps none of 3 rows with 15 tokens"):
        subsample(rows, SubsampleParameters(tokens=4, tokenizer="letters"), context)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tokens": 5}, "tokens and tokenizer together"),
        ({"rows": 5, "tokenizer": "letters"}, "tokens and tokenizer together"),
        ({"tokens": 5, "tokenizer": "leters"}, "letters"),
        ({"tokens": 5, "tokenizer": "each"}, "trained on each experiment's own variant"),
        ({"tokens": 5, "tokenizer": "circle"}, "trained on 'copy', and that rests on 'raw'"),
        ({"tokens": 5, "tokenizer": "letters"}, None),
    ],
)
def test_a_tokenizer_that_cannot_count(given, words, tmp_path):
    tokenizers = {"letters": {"train_on": "other"}, "each": {}, "circle": {"train_on": "copy"}}
    found = list(check_recipes(tmp_path, counting_study(tokenizers, given)))
    assert [problem.key[:5] for problem in found] == [("recipes", "raw", "steps", 0, "subsample")] * (words is not None)
    assert all(words in f"{problem.found} {problem.expected} {problem.hint}" for problem in found)


def test_bytes_are_those_of_utf_8():
    assert do("subsample", rows_of("éé", "ab"), bytes=3).details == {
        "budget": 3, "unit": "bytes", "taken": 2, "before": 6,
    }  # fmt: skip


def test_a_seed_decides_the_draw():
    def drawn(seed):
        return texts(do("subsample", rows_of(*LETTERS), rows=5, seed=seed))

    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(seed)) for seed in range(5)}) > 1
    assert drawn(None) == LETTERS[:5]


def test_one_long_row_does_not_leave_the_budget_unused():
    result = do("subsample", rows_of("x" * 1000, *LETTERS), bytes=100, seed=None)
    assert texts(result) == LETTERS


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.integers(0, 400), st.integers(0, 5))
def test_fill_never_exceeds_the_budget_and_leaves_no_room_for_another_row(sizes, budget, seed):
    sizes = np.array(sizes, np.int64)
    order = np.random.default_rng(seed).permutation(len(sizes))
    taken = fill(sizes, order, budget)
    left = np.setdiff1d(order, taken)
    assert len(set(taken.tolist())) == len(taken)
    room = budget - sizes[taken].sum()
    assert room >= 0
    assert not len(left) or sizes[left].min() > room


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 100), st.integers(0, 10**12))
def test_shares_are_exact(percent, total):
    assert share_of(f"{percent}%", total) == percent * total // 100


@pytest.mark.parametrize("share", ["0%", "101%", "40", 0.4, "-1%", "x%"])
def test_what_is_no_share(share):
    with pytest.raises(StepError, match=r"subsample\.share: found .*; expected a share such as 40%"):
        do("subsample", rows_of("a"), share=share)


@pytest.mark.parametrize(("given", "here"), [({}, "none"), ({"rows": 1, "bytes": 1}, "rows, bytes")])
def test_there_must_be_one_budget(given, here):
    with pytest.raises(StepError, match=rf"exactly one of rows, words, tokens, bytes and share \(here: {here}\)"):
        do("subsample", rows_of("a"), **given)


def test_a_budget_that_keeps_nothing_is_told_with_the_numbers():
    with pytest.raises(EmptyVariantError) as caught:
        do("subsample", rows_of("a" * 70, "b" * 30), share="10%")
    assert caught.value.message == (
        "recipes.raw.steps[0].subsample.share: a budget of 10 bytes keeps none of 2 rows with 100 bytes, "
        "of which the smallest has 30"
    )


def test_shuffle_is_a_permutation_that_its_seed_decides():
    once = texts(do("shuffle", rows_of(*LETTERS), seed=3))
    assert once == texts(do("shuffle", rows_of(*LETTERS), seed=3))
    assert once != LETTERS
    assert sorted(once) == LETTERS


def test_repeat_gives_copies_ids_of_their_own_however_often():
    once = do("repeat", rows_of("a", "b"), times=3)
    assert texts(once) == ["a", "b"] * 3
    assert (once.removed, once.added) == (0, 4)
    twice = do("repeat", once.rows, position=1, times=2)
    assert len(set(twice.rows["id"])) == 12
    assert list(twice.rows["id"])[:3] == ["web/f:0", "web/f:1", "web/f:0#raw.0.2"]


@pytest.mark.parametrize(
    ("weights", "total", "web", "books"),
    [
        ({"web": 1, "books": 1}, None, 550, 550),
        ({"web": 3, "books": 1}, 400, 300, 100),
        ({"web": 1, "books": 0}, 500, 500, 0),
        ({"web": 0, "books": 1}, 1000, 0, 1000),
    ],
)
def test_mix_reaches_its_weights(weights, total, web, books):
    result = do("mix", web_and_books(), weights=weights, bytes=total)
    counts = Counter()
    for text, source in zip(texts(result), result.rows["source"], strict=True):
        counts[source] += len(text)
    assert counts["web"] == pytest.approx(web, abs=10)
    assert counts["books"] == pytest.approx(books, abs=5)
    assert {name: entry["bytes"] for name, entry in result.details.items()} == {
        name: counts[name] for name in ("web", "books")
    }
    assert len(set(result.rows["id"])) == len(result.rows)
    assert len(result.rows) == 120 - result.removed + result.added


def test_mix_repeats_evenly_and_is_decided_by_its_seed():
    def mixed(seed):
        return texts(do("mix", web_and_books(0, 20), weights={"books": 1}, bytes=250, seed=seed))

    assert mixed(0) == mixed(0) != mixed(1)
    assert set(Counter(mixed(0)).values()) == {2, 3}  # 50 rows of 20


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"weights": {"web": 1}}, StepError, "mix.weights: no weight for books"),
        ({"weights": {"web": 1, "book": 1}}, StepError, "mix.weights: there are no rows of a source 'book'"),
        ({"weights": {"web": 0, "books": 0}}, StepError, "mix.weights: found .* weights of at least 0, one of them"),
        ({"weights": {"web": -1, "books": 2}}, StepError, "weights of at least 0"),
        ({"weights": {"web": float("inf"), "books": 2}}, StepError, "weights of at least 0"),
        (
            {"weights": {"web": 1, "books": 1}, "bytes": 14},
            EmptyVariantError,
            "mix.weights.web: 7 bytes are its part of 14, but the smallest of its 100 rows has 10",
        ),
    ],
)
def test_a_mix_that_cannot_be(given, error, message):
    with pytest.raises(error, match=message):
        do("mix", web_and_books(), **given)


@pytest.mark.parametrize(
    ("given", "rows", "share"),
    [
        ({"rows": 7}, 7, 35 / 1035),
        ({"bytes": 52}, 10, 50 / 1050),
        ({"words": 4}, 4, None),
        ({"share": "5%"}, 10, 50 / 1050),
    ],
)
def test_augment_adds_so_much_of_one_source_to_all_of_the_others(given, rows, share):
    result = do("augment", web_and_books(), source="books", **given)
    counts = Counter(result.rows["source"])
    assert counts == {"web": 100, "books": rows}
    assert result.removed == 20 - rows
    assert result.details["rows"] == rows
    if share is not None and "rows" not in given:
        assert result.details["share"] == pytest.approx(share, abs=1e-6)
    assert all(entry["before"] is None and entry["after"].startswith("b") for entry in result.examples)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"source": "book", "rows": 1}, StepError, "augment.source: there are no rows of a source 'book'"),
        (
            {"source": "books", "share": "50%"},
            StepError,
            "1,000 bytes of 'books' are to be added, but there are only 100",
        ),
        ({"source": "books", "rows": 21}, StepError, "21 rows of 'books' are to be added, but there are only 20"),
        ({"source": "books", "share": "100%"}, StepError, "a share below 100%"),
        ({"source": "books"}, StepError, "exactly one of"),
        ({"source": "books", "bytes": 4}, EmptyVariantError, "4 bytes are less than the smallest of the 20 rows"),
    ],
)
def test_an_augmentation_that_cannot_be(given, error, message):
    with pytest.raises(error, match=message):
        do("augment", web_and_books(), **given)
