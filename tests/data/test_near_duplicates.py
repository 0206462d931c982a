# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Near-duplicates: what is dropped is like what is kept, what is kept is not like the rest."""

from __future__ import annotations

import itertools
import json
import random
from types import SimpleNamespace

import numpy as np
import pytest
from datasets import Dataset
from pydantic import ValidationError

from railcrate.data.shingles import WordNumbers, pad, run_hashes, whole_runs
from railcrate.data.steps.near_duplicates import (
    BATCH,
    NearDuplicateParameters,
    Twins,
    bands_of,
    find_twins,
    near_duplicates,
    signatures_of,
)

WORDS = [f"word{number}" for number in range(3000)]


def text_of(draw, length=60):
    return [draw.choice(WORDS) for _ in range(length)]


def exchanged(draw, words, count):
    copy = list(words)
    for place in draw.sample(range(len(words)), count):
        copy[place] = "other" + draw.choice(WORDS)
    return copy


def shingles(text, size=5):
    words = text.lower().split()
    return {tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1))}


def jaccard(one, other, size=5):
    return len(shingles(one, size) & shingles(other, size)) / len(shingles(one, size) | shingles(other, size))


def rows_of(texts):
    return Dataset.from_dict(
        {"id": [f"s/t:{n}" for n in range(len(texts))], "text": texts, "source": ["s"] * len(texts)}
    )


def run(texts, folder, **given):
    return near_duplicates(rows_of(texts), NearDuplicateParameters(**given), SimpleNamespace(scratch=folder))


@pytest.fixture
def corpus():
    """Unrelated texts; after them copies with 0, 1, 2, 8 or 30 words exchanged, in an order of its own."""
    draw = random.Random(3)
    originals = [text_of(draw, draw.randint(50, 90)) for _ in range(300)]
    copies = [exchanged(draw, draw.choice(originals), count) for count in (0, 1, 2, 8, 30) * 40]
    draw.shuffle(copies)
    return [" ".join(words) for words in originals + copies]


def test_signatures_estimate_the_similarity_of_shingle_sets():
    draw = random.Random(1)
    parameters = NearDuplicateParameters(permutations=512)
    for count in (0, 1, 3, 6):
        errors = []
        for _ in range(20):
            words = text_of(draw)
            pair = [" ".join(words), " ".join(exchanged(draw, words, count))]
            signatures = signatures_of(pair, parameters, WordNumbers())
            errors.append((signatures[0] == signatures[1]).mean() - jaccard(*pair))
        # The standard error of one estimate is at most 0.5 / sqrt(512); of the mean of 20, 0.005.
        assert abs(np.mean(errors)) < 0.02
        assert np.max(np.abs(errors)) < 0.1


def test_a_signature_does_not_depend_on_the_other_texts_or_on_case_and_spaces():
    parameters = NearDuplicateParameters()
    texts = ["one two three four five six", "a b", "The same text, twice over and over"]
    together = signatures_of(texts, parameters, WordNumbers())
    for place, text in enumerate(texts):
        alone = signatures_of([f"  {text.upper()} ".replace(" ", "\n ")], parameters, WordNumbers())
        assert (alone[0] == together[place]).all()


def test_runs_do_not_cross_from_one_text_into_the_next():
    numbers, sizes = WordNumbers().of([["a", "b", "c"], [], ["d"], ["e", "f"]])
    whole = whole_runs(sizes, 2)
    assert whole.tolist() == [True, True, False, False, True]
    again, _ = WordNumbers().of([["e", "f"]])
    assert run_hashes(numbers, 2)[whole][-1] == run_hashes(again, 2)[0]
    padded, longer = pad(numbers, sizes, 2)
    assert longer.tolist() == [3, 2, 2, 2]
    assert padded[[3, 4, 6]].tolist() == [0, 0, 0]
    assert padded[5] == numbers[3]


def test_what_is_dropped_is_like_a_text_that_is_kept_and_hardly_any_other_is_left(corpus, tmp_path):
    parameters = NearDuplicateParameters(threshold=0.7)
    found = find_twins([corpus], len(corpus), parameters, tmp_path)
    kept = np.flatnonzero(found.twin < 0)
    assert len(found.copies) > 100
    for copy in found.copies:
        assert found.twin[found.twin[copy]] == -1, "a twin is itself kept"
        assert found.twin[copy] < copy, "the first one is kept"
        assert jaccard(corpus[copy], corpus[found.twin[copy]]) > 0.7 - 0.15
    # Two texts that are alike meet in a band with a chance only: 98 % at a similarity of 0.86.
    sets = {place: shingles(corpus[place]) for place in kept}
    pairs = itertools.combinations(sets.values(), 2)
    missed = sum(len(one & other) > 0.85 * len(one | other) for one, other in pairs)
    assert missed < 0.04 * len(found.copies)
    assert list(tmp_path.iterdir()) == [], "the files of signatures are gone"


def test_similarity_is_not_passed_on_from_text_to_text(tmp_path):
    draw = random.Random(5)
    chain = [text_of(draw, 100)]
    for _ in range(12):  # each one like the one before it, the last nothing like the first
        chain.append(exchanged(draw, chain[-1], 2))
    texts = [" ".join(words) for words in chain]
    parameters = NearDuplicateParameters(threshold=0.6, permutations=256)
    found = find_twins([texts], len(texts), parameters, tmp_path)
    assert 1 < (found.twin < 0).sum() < len(texts)
    for copy in found.copies:
        assert jaccard(texts[copy], texts[found.twin[copy]]) > 0.5


def test_the_step_says_what_it_did(tmp_path):
    draw = random.Random(2)
    words = text_of(draw)
    texts = [" ".join(words), " ".join(text_of(draw)), " ".join(exchanged(draw, words, 1)), " ".join(words).upper()]
    result = run(texts, tmp_path)
    assert result.rows["id"][:] == ["s/t:0", "s/t:1"]
    assert result.removed == 2
    assert result.details["groups"] == 1
    assert result.details["largest_group"] == 3
    assert [entry["id"] for entry in result.examples] == ["s/t:2", "s/t:3"]
    assert result.examples[1]["reason"] == "like s/t:0 (similarity about 1.00)"
    assert result.examples[0]["after"] is None
    chances = list(result.details["chance_of_comparison"].values())
    assert chances == sorted(chances)
    assert chances[-1] > 0.99
    assert json.loads(json.dumps(result.details)) == result.details


def test_the_longest_is_kept_where_the_recipe_says_so(tmp_path):
    draw = random.Random(4)
    words = text_of(draw, 80)
    texts = [" ".join(words[:-4]), " ".join(text_of(draw)), " ".join(words), " ".join(words[:-2])]
    assert run(texts, tmp_path).rows["id"][:] == ["s/t:0", "s/t:1"]
    result = run(texts, tmp_path, keep="longest")
    assert result.rows["id"][:] == ["s/t:1", "s/t:2"]
    assert all("like s/t:2" in entry["reason"] for entry in result.examples)


def test_characters_serve_languages_without_spaces(tmp_path):
    draw = random.Random(6)
    signs = [chr(number) for number in range(0x4E00, 0x4E00 + 2000)]
    text = "".join(draw.choice(signs) for _ in range(200))
    texts = [text, text[:100] + "一" + text[101:], "".join(draw.choice(signs) for _ in range(200))]
    assert run(texts, tmp_path).removed == 0
    assert run(texts, tmp_path, unit="characters").rows["id"][:] == ["s/t:0", "s/t:2"]


def test_short_texts_are_near_duplicates_when_they_have_the_same_words(tmp_path):
    result = run(["Yes.", "no", "yes. ", "no no", "Yes"], tmp_path)
    assert result.rows["id"][:] == ["s/t:0", "s/t:1", "s/t:3", "s/t:4"]


def test_many_copies_of_one_text_are_compared_once_each(tmp_path):
    texts = ["the same words stand here again and again"] * (3 * BATCH + 1)
    result = run(texts, tmp_path)
    assert len(result.rows) == 1
    assert result.details["compared"] == len(texts) - 1
    assert result.details["largest_group"] == len(texts)


def test_batches_change_nothing_and_a_second_run_gives_the_same(corpus, tmp_path):
    parameters = NearDuplicateParameters(threshold=0.7)
    whole = find_twins([corpus], len(corpus), parameters, tmp_path)
    parts = find_twins([corpus[:7], corpus[7:130], corpus[130:]], len(corpus), parameters, tmp_path)
    assert (whole.twin == parts.twin).all()
    assert whole.similarity == parts.similarity


def test_no_texts_have_no_duplicates(tmp_path):
    assert run([], tmp_path).removed == 0


def test_the_chance_of_a_comparison_is_that_of_the_bands():
    bands, width = bands_of(NearDuplicateParameters())
    found = Twins(np.array([-1]), bands, width, 0, {})
    draw = np.random.default_rng(0)
    agree = draw.random((20_000, bands, width)) < 0.8
    assert found.chance(0.8) == pytest.approx(agree.all(axis=2).any(axis=1).mean(), abs=0.02)


@pytest.mark.parametrize("wrong", [{"threshold": 0}, {"threshold": 1}, {"shingle": 0}, {"keep": "last"}, {"n": 3}])
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValidationError):
        NearDuplicateParameters(**wrong)
