# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The controlled language: known noise, tests held out by construction, the same bytes again."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from railcrate.data.grammar.generate import generate
from railcrate.data.grammar.lexicon import load_lexicon
from railcrate.data.grammar.noise import Spoil
from railcrate.data.grammar.phenomena import PARADIGMS
from railcrate.data.grammar.sentences import is_reserved

SPOIL = {"duplicates": 0.25, "near_duplicates": 0.15, "errors": 0.3, "boilerplate": 0.2, "gibberish": 0.05}


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.)\s+", text)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("grammar")
    generate(folder / "clean", seed=1, documents=400)
    generate(folder / "spoilt", seed=1, documents=400, spoil=SPOIL)
    generate(folder / "tests", seed=5, part="tests", documents=40, pairs_each=30)
    return folder


def test_the_same_bytes_again_and_others_for_another_seed(made, tmp_path):
    for seed in (1, 2):
        generate(tmp_path / str(seed), seed=seed, documents=400, spoil=SPOIL)
    first = (made / "spoilt" / "text.jsonl").read_bytes()
    assert (tmp_path / "1" / "text.jsonl").read_bytes() == first
    assert (tmp_path / "2" / "text.jsonl").read_bytes() != first


def test_noise_comes_in_the_proportions_that_were_asked_for(made):
    spoilt = rows(made / "spoilt" / "text.jsonl")
    added = Counter(row["noise"][-1] for row in spoilt if row["noise"])
    assert (added["duplicates"], added["near_duplicates"], added["gibberish"]) == (100, 60, 20)
    own = [row for row in spoilt if not {"duplicates", "near_duplicates", "gibberish"} & set(row["noise"])]
    assert len(own) == 400
    assert sum("errors" in row["noise"] for row in own) == 120
    assert sum("boilerplate" in row["noise"] for row in own) == 80


def test_a_spoilt_corpus_rests_on_the_clean_one(made):
    clean = {row["text"] for row in rows(made / "clean" / "text.jsonl")}
    untouched = [row["text"] for row in rows(made / "spoilt" / "text.jsonl") if row["noise"] in ([], ["duplicates"])]
    assert len(clean) == 400
    assert clean.issuperset(untouched)


def test_no_sentence_of_the_tests_stands_in_a_corpus(made):
    corpus = {
        s for name in ("clean", "spoilt") for row in rows(made / name / "text.jsonl") for s in sentences(row["text"])
    }
    asked = [row["sentence_good"] for path in (made / "tests" / "pairs").iterdir() for row in rows(path)]
    asked += [s for row in rows(made / "tests" / "heldout.jsonl") for s in sentences(row["text"])]
    assert len(asked) > 600
    assert not corpus.intersection(asked)


def test_reserved_pairs_are_a_share_of_all(made):
    lexicon = load_lexicon()
    pairs = [is_reserved(noun, verb.base) for noun in lexicon.nouns for verb in lexicon.verbs]
    assert 0.13 < sum(pairs) / len(pairs) < 0.17


@pytest.mark.parametrize("paradigm", PARADIGMS, ids=lambda paradigm: paradigm.name)
def test_pairs_differ_by_one_rule(made, paradigm):
    found = rows(made / "tests" / "pairs" / f"{paradigm.name}.jsonl")
    assert len({row["sentence_good"] for row in found}) == 30
    for row in found:
        good, bad = row["sentence_good"].lower().strip(".").split(), row["sentence_bad"].lower().strip(".").split()
        assert row["phenomenon"] == paradigm.phenomenon
        if paradigm.phenomenon == "word order":
            assert good != bad
            assert sorted("a" if word == "an" else word for word in good) == sorted(
                "a" if word == "an" else word for word in bad
            )
        else:
            assert sum(one != other for one, other in zip(good, bad, strict=True)) == 1


def test_completions_have_each_answer_equally_often(made):
    for name, count in (("completions", 45), ("completions-shots", 12)):
        answers = Counter(row["answer"] for row in rows(made / "tests" / f"{name}.jsonl"))
        assert set(answers.values()) == {count // 3}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"documents": 0}, "expected at least one"),
        ({"sentences": [5, 2]}, "expected at least one"),
        ({"part": "corpora"}, "expected 'corpus' or 'tests'"),
        ({"spoil": {"errors": 2}}, "expected a share between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, options, words):
    with pytest.raises(ValueError, match=words):
        generate(tmp_path, seed=1, **options)


def test_no_noise_by_default():
    assert Spoil() == Spoil(0, 0, 0, 0, 0)
