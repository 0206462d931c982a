# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Decontamination: the items of benchmarks are found in texts, and only they."""

from __future__ import annotations

import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Dataset

from railcrate.data.contamination import SHORTEST, Item, NgramIndex, benchmark_items, words_of
from railcrate.data.errors import SourceError, StepError
from railcrate.data.steps.decontaminate import DecontaminateParameters, decontaminate
from railcrate.data.steps.registry import STEPS, StepContext
from railcrate.study.config import Study

LONG = "The committee of the small town has met every year since the flood destroyed the old stone bridge"
SHORT = "Which of these birds sings?"


def study_of(**data):
    """A study whose benchmarks have these data files."""
    return Study.model_validate(
        {
            "title": "Overlap",
            "abstract": "Was it seen before?",
            "creators": [{"name": "Doe, Jane"}],
            "sources": {"web": {"type": "local", "path": "web.txt", "license": "CC0-1.0", "citation": "nobody"}},
            "recipes": {"raw": {"from": ["web"]}},
            "models": {"tiny": {"kind": "pretrained", "base": {"path": "base", "license": "CC0-1.0"}}},
            "benchmarks": {name: {"tasks": ["*"], "data": files} for name, files in data.items()},
        }
    )


@pytest.fixture
def folder(tmp_path):
    pairs = [
        {"sentence_good": LONG + ".", "sentence_bad": LONG.replace("has", "have") + ".", "pairID": "0"},
        {"sentence_good": SHORT, "sentence_bad": "Which of this birds sings?", "pairID": "1"},
        {"sentence_good": "Birds sing.", "sentence_bad": "Birds sings.", "pairID": "2"},
    ]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    quiz = [{"question": {"stem": "Who built it?", "options": ["a man who lived on the far side of town", "nobody"]}}]
    pq.write_table(pa.Table.from_pylist(quiz), tmp_path / "quiz.parquet")
    return tmp_path


def run(folder, texts, **given):
    rows = Dataset.from_dict(
        {"id": [f"web/w:{n}" for n in range(len(texts))], "text": texts, "source": ["web"] * len(texts)}
    )
    study = study_of(pairs=["pairs.jsonl"], quiz=["quiz.parquet"])
    context = StepContext(folder, study, "raw", 0, folder)
    return decontaminate(rows, DecontaminateParameters(**given), context)


def test_texts_that_hold_an_item_are_dropped_and_told(folder):
    words = LONG.split()
    texts = [
        "Nothing of interest stands in this text, whatever one may look for in it.",
        "We heard: " + " ".join(words[2:15]).upper() + "!",  # 13 words of the item, in capitals
        "We heard: " + " ".join(words[2:14]) + ".",  # 12 words only
        "He asked, \u201cwhich of these - birds \u2014 sings\u201d, and left.",  # a short item whole
        "He asked which of these birds sang.",
        "Birds sing. Birds sings.",  # too short to mean anything
        "It was a man who lived on the far side of town.",
    ]
    result = run(folder, texts)
    assert result.rows["id"][:] == ["web/w:0", "web/w:2", "web/w:4", "web/w:5"]
    assert result.removed == 3
    assert result.details["benchmarks"] == {
        "pairs": {"items": 3, "too_short": 1, "items_matched": 2, "texts_matched": 2},
        "quiz": {"items": 1, "too_short": 0, "items_matched": 1, "texts_matched": 1},
    }
    assert result.details["matches"] == [
        {
            "id": "web/w:1",
            "benchmark": "pairs",
            "item": "pairs.jsonl:1",
            "ngram": " ".join(words[2:15]).lower(),
        },
        {"id": "web/w:3", "benchmark": "pairs", "item": "pairs.jsonl:2", "ngram": "which of these birds sings"},
        {
            "id": "web/w:6",
            "benchmark": "quiz",
            "item": "quiz.parquet:1",
            "ngram": "a man who lived on the far side of town",
        },
    ]
    assert [entry["after"] for entry in result.examples] == [None] * 3
    assert "pairs.jsonl:2" in result.examples[1]["reason"]
    assert json.loads(json.dumps(result.details)) == result.details


def test_n_and_the_number_of_matches_set_how_strict_it_is(folder):
    words = LONG.split()
    texts = [" ".join(words[:8]), " ".join(words[:11])]
    assert run(folder, texts).removed == 0
    assert run(folder, texts, n=8).removed == 2
    assert run(folder, texts, n=8, matches=4).rows["text"][:] == texts[:1]


def test_one_benchmark_can_be_picked_and_must_exist(folder):
    texts = [LONG, "a man who lived on the far side of town"]
    assert run(folder, texts, benchmarks=["quiz"]).rows["text"][:] == [LONG]
    with pytest.raises(StepError, match=r"recipes.raw.steps\[0\]: there is no benchmark 'quizz'") as told:
        run(folder, texts, benchmarks=["quizz"])
    assert "quiz" in told.value.hint


def test_the_step_runs_again_when_the_benchmarks_change():
    assert STEPS["decontaminate"].reads_benchmarks


@pytest.mark.parametrize("n", [SHORTEST, 8, 13])
def test_the_index_finds_what_a_search_word_by_word_finds(n):
    """Against the definition itself, on texts of few words, where runs are often shared."""
    draw = random.Random(n)
    vocabulary = ["a", "b", "c"]

    def sentence(least, most):
        return [draw.choice(vocabulary) for _ in range(draw.randint(least, most))]

    items = [[sentence(1, 16) for _ in range(draw.randint(1, 3))] for _ in range(60)]
    texts = [sentence(0, 60) for _ in range(200)]
    index = NgramIndex(n)
    for number, item in enumerate(items):
        index.add(Item("quiz", f"quiz.jsonl:{number}"), [" ".join(words) for words in item])
    found = {text: {} for text in range(len(texts))}
    for match in index.find([" ".join(words) for words in texts]):
        for owner in match.owners:
            found[match.text].setdefault(match.ngram, set()).add(int(owner))
    grams = {}
    for number, item in enumerate(items):
        for words in item:
            length = min(n, len(words))
            if length >= SHORTEST:
                for place in range(len(words) - length + 1):
                    grams.setdefault(" ".join(words[place : place + length]), set()).add(number)
    for place, words in enumerate(texts):
        line = f" {' '.join(words)} "
        assert found[place] == {gram: owners for gram, owners in grams.items() if f" {gram} " in line}
    assert index.counts["quiz"] == {
        "items": len(items),
        "too_short": sum(all(len(words) < SHORTEST for words in item) for item in items),
    }


def test_items_may_be_added_after_a_search():
    index = NgramIndex(8)
    index.add(Item("one", "f:1"), ["the first item has these words"])
    assert [match.ngram for match in index.find(["the first item has these words"])] == [
        "the first item has these words"
    ]
    index.add(Item("two", "f:2"), ["the second item has others than these"])
    owners = [match.owners.tolist() for match in index.find(["the second item has others than these words"])]
    assert owners == [[1]]
    assert [match.text for match in index.find(["", "the first item has these words"])] == [1]


def test_an_empty_index_finds_nothing():
    assert list(NgramIndex(13).find([LONG, ""])) == []


def test_words_are_compared_without_case_and_punctuation():
    assert words_of("The TOWN\u2019s mayor, \u201cAnna\u201d\u2014she!") == ["the", "town", "s", "mayor", "anna", "she"]


def test_every_kind_of_data_file_is_read(tmp_path):
    row = {"question": "Where is the old stone bridge now?", "choices": ["here", "there"], "answer": 1}
    (tmp_path / "q.jsonl").write_text(json.dumps(row) + "\n\n" + json.dumps(row) + "\n", encoding="utf-8")
    (tmp_path / "q.json").write_text(json.dumps([row]), encoding="utf-8")
    (tmp_path / "q.csv").write_text('question,a\n"Where is the old, stone bridge now?",here\n', encoding="utf-8")
    (tmp_path / "q.tsv").write_text("question\ta\nWhere is the old stone bridge now?\there\n", encoding="utf-8")
    (tmp_path / "q.txt").write_text("Where is the old stone bridge now?\n", encoding="utf-8")
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "q.parquet")
    names = ["q.jsonl", "q.json", "q.csv", "q.tsv", "q.txt", "q.parquet"]
    items = list(benchmark_items(tmp_path, study_of(quiz=names), "quiz"))
    assert [name for name, _ in items] == ["q.jsonl:1", "q.jsonl:3", *(f"{name}:1" for name in names[1:])]
    for _, texts in items:
        assert words_of(texts[0]) == ["where", "is", "the", "old", "stone", "bridge", "now"]
    assert items[0][1][1:] == ["here", "there"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("q.jsonl", b'{"a": "b"}\n{"a": \n', "q.jsonl:2 is not JSON"),
        ("q.json", b'[{"a": "b"},\n{]', "q.json:2 is not JSON"),
        ("q.txt", b"caf\xe9\n", "q.txt, data of 'quiz', is not UTF-8"),
        ("q.parquet", b"no Parquet at all", "q.parquet is damaged or no Parquet file"),
        ("q.csv", None, "q.csv, data of the benchmark 'quiz', is not there"),
    ],
)
def test_files_that_cannot_be_read_are_told(tmp_path, name, content, told):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=told.replace(".", r"\.")) as error:
        list(benchmark_items(tmp_path, study_of(quiz=[name]), "quiz"))
    assert error.value.hint
