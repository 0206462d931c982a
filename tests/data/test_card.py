# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Data cards: every measure is what its definition says, and cards are the same on every run."""

from __future__ import annotations

import json
import random
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from railcrate.data import quality
from railcrate.data.card import markdown, sources_of, write_card
from railcrate.data.quality import DEFINITIONS, NGRAM, hashed, measure, shared
from railcrate.data.shingles import text_hash
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import write_json

WORDS = ["river", "stone", "bridge", "garden", "window", "letter", "winter", "teacher", "farmer", "singer"]
ITEM = "the teacher saw the farmer near the old bridge"


def texts_of(seed, count):
    draw = random.Random(seed)
    return ["The " + " ".join(draw.choice(WORDS) for _ in range(draw.randint(8, 30))) + "." for _ in range(count)]


RAW = [*texts_of(1, 60), *texts_of(1, 20), "And then " + ITEM + "."]
CLEAN = RAW[:60]
OTHER = texts_of(2, 30)


@pytest.fixture
def study():
    terms = {"license": "CC0-1.0", "citation": "Doe 2020"}
    return Study.model_validate(
        {
            "title": "Cards",
            "abstract": "What is in it?",
            "creators": [{"name": "Doe, Jane"}],
            "sources": {
                "web": {"type": "local", "path": "web.txt", "title": "the web", **terms},
                "books": {"type": "local", "path": "books.txt", **terms, "license": "CC-BY-4.0"},
            },
            "recipes": {
                "raw": {"from": ["web"], "title": "raw text", "description": "as it was found"},
                "clean": {"from": ["raw"], "steps": ["deduplicate"]},
                "other": {"from": ["books", "clean"]},
            },
            "models": {"tiny": {"kind": "pretrained", "base": {"path": "base", "license": "CC0-1.0"}}},
            "benchmarks": {"quiz": {"tasks": ["*"], "data": ["quiz.jsonl"]}, "none": {"tasks": ["arc_easy"]}},
        }
    )


@pytest.fixture
def folder(tmp_path, study):
    for variant, texts in {"raw": RAW, "clean": CLEAN, "other": OTHER}.items():
        path = tmp_path / paths.variant_text(variant)
        path.parent.mkdir(parents=True)
        ids = [f"web/web.txt:{number}" for number in range(len(texts))]
        pq.write_table(pa.table({"id": ids, "text": texts, "source": ["web"] * len(texts)}), path)
        steps = [{"step": "deduplicate"}] if variant == "clean" else []
        write_json(tmp_path / paths.variant_report(variant), {"variant": variant, "steps": steps})
    for name, source in study.sources.items():
        terms = source.model_dump(include={"title", "type", "license", "citation"})
        write_json(tmp_path / paths.raw_record(name), {"source": name, **terms, "files": []})
    items = [{"question": ITEM}, {"question": "the singer lost a letter in the garden"}, {"question": "Who?"}]
    (tmp_path / "quiz.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return tmp_path


def card_of(folder, study, variant):
    write_card(folder, study, variant)
    return json.loads((folder / paths.card_json(variant)).read_text(encoding="utf-8"))


def test_a_card_holds_counts_terms_and_overlaps(folder, study):
    card = card_of(folder, study, "raw")
    assert (card["title"], card["description"]) == ("raw text", "as it was found")
    assert card["rows"] == len(RAW)
    assert card["bytes"] == sum(len(text.encode()) for text in RAW)
    assert card["words"] == sum(len(text.split()) for text in RAW)
    assert card["license"] == {"web": "CC0-1.0"}
    assert card["sources"][0]["citation"] == "Doe 2020"
    assert list(card["quality"]) == list(DEFINITIONS)
    assert card["quality"]["duplicate_rows"] == round(20 / len(RAW), 4)
    assert card["quality"]["near_duplicate_rows"] == round(20 / len(RAW), 4)
    assert card["overlap"]["benchmarks"] == {
        "quiz": {
            "n": 13,
            "items": 3,
            "too_short": 1,
            "matched": 1,
            "share": 0.3333,
            "examples": [{"item": "quiz.jsonl:1", "ngram": ITEM}],
        },
        "none": {"n": 13, "items": 0, "too_short": 0, "matched": 0, "share": 0.0, "examples": []},
    }
    assert list(card["overlap"]["variants"]) == ["clean", "other"]
    assert card["overlap"]["variants"]["clean"]["exact_share"] == round(60 / 61, 4)
    assert card["overlap"]["variants"]["other"] == {"exact_share": 0.0, "ngram_share": 0.0}
    clean = card_of(folder, study, "clean")
    assert clean["overlap"]["variants"]["raw"] == {"exact_share": 1.0, "ngram_share": 1.0}
    assert clean["steps"] == ["deduplicate"]


def test_a_card_for_readers_says_the_same(folder, study):
    card = card_of(folder, study, "raw")
    text = markdown(card)
    assert text.startswith("# raw text\n\nAs it was found.\n")
    assert f"{card['rows']:,} texts, {card['words']:,} words" in text
    assert "- the web (local), CC0-1.0. Doe 2020." in text
    for name, value in card["quality"].items():
        assert f"| {name} | {value:,} | {DEFINITIONS[name]} |" in text
    assert "| quiz | 3 | 1 | 1 | 33.3% |" in text
    assert "| clean | 98.4% |" in text


def test_a_second_run_writes_the_same_bytes_and_leaves_no_files_of_its_own(folder, study):
    written = []
    for _ in range(2):
        write_card(folder, study, "raw")
        written.append((folder / paths.card_json("raw")).read_bytes())
    assert written[0] == written[1]
    assert (folder / paths.record("card", "raw")).is_file()
    assert [path for path in (folder / paths.STATE).rglob("*") if path.is_file()] == []
    assert sorted(path.name for path in (folder / "results/cards").iterdir()) == ["raw.json"]


def test_sources_are_found_through_other_recipes(study):
    assert sources_of(study, "other") == ["books", "web"]


def test_measures_are_what_their_definitions_say():
    texts = ["Ab cd ef gh ij kl mn op.", "ab cd ef gh ij kl mn op qr", "x 1", "x 1"]
    found = measure([texts[:1], texts[1:]], total=4, identify=False)
    assert (found.rows, found.words) == (4, 21)
    assert found.bytes == sum(len(text.encode()) for text in texts)
    assert found.quality["mean_words"] == 5.25
    assert found.quality["median_words"] == 5.0
    assert found.quality["distinct_words"] == 11
    assert found.quality["type_token_ratio"] == round(11 / 21, 4)
    marks = "".join("".join(texts).split())
    assert found.quality["letters"] == round(sum(sign.isalpha() for sign in marks) / len(marks), 4)
    assert found.quality["duplicate_rows"] == 0.25
    assert found.quality["repeated_ngrams"] == round(1 / 3, 4)  # three runs of 8 words, the first of them twice
    assert "language_share" not in found.quality


def test_compression_is_that_of_the_whole_text():
    texts = texts_of(5, 200)
    whole = "\n".join(texts).encode()
    found = measure([texts], total=len(texts), identify=False)
    assert found.quality["compression"] == pytest.approx(len(zlib.compress(whole)) / len(whole), abs=0.001)
    assert measure([["again and again"] * 200], total=200, identify=False).quality["compression"] < 0.05


def test_the_language_is_identified():
    german = ["Der alte Mann sitzt am Fenster und liest die Zeitung von gestern."] * 3
    english = ["The old man sits at the window and reads the newspaper of yesterday."]
    found = measure([german + english], total=4)
    assert found.language == "de"
    assert found.quality["language_share"] == 0.75


def test_no_texts_have_measures_too():
    found = measure([], total=0)
    assert found.rows == 0
    assert set(found.quality) <= set(DEFINITIONS)
    assert shared(found, found) == {"exact_share": 0.0, "ngram_share": 0.0}


def test_texts_with_the_same_checksum_are_not_taken_for_one():
    """Two CRC-32 from different starts are no better than one: among texts of one length they agree together."""
    seen, twins = {}, []
    for number in range(200_000):
        text = f"text {number:06}, and {text_hash(str(number)):020}"
        twins += [(seen[key], text)] if (key := zlib.crc32(text.encode())) in seen else []
        seen[key] = text
    assert twins
    assert all(zlib.crc32(one.encode(), 7) == zlib.crc32(other.encode(), 7) for one, other in twins)
    for pair in twins:
        assert measure([list(pair)], total=2, identify=False).quality["duplicate_rows"] == 0


def test_what_collections_share_is_estimated_well_from_sketches(monkeypatch):
    numbers = [f"w{number}" for number in range(60_000)]
    one, other = ([" ".join(part)] for part in (numbers[:40_000], numbers[30_000:]))
    exact = shared(hashed([one]), hashed([other]))
    assert exact["ngram_share"] == round((10_000 - NGRAM + 1) / (40_000 - NGRAM + 1), 4)
    monkeypatch.setattr(quality, "SKETCH", 4000)
    small = hashed([one])
    assert len(small.ngrams.hashes) <= 4000
    assert small.ngrams.different == pytest.approx(40_000, rel=0.1)
    assert shared(small, hashed([other]))["ngram_share"] == pytest.approx(exact["ngram_share"], abs=0.05)
    # Sketches of different density are compared where both are complete.
    few = [" ".join(numbers[:2000])]
    assert shared(hashed([few]), small)["ngram_share"] == 1.0
    repeated = measure([one * 2], total=2, identify=False).quality["repeated_ngrams"]
    assert repeated == pytest.approx(0.5, abs=0.05)
    assert np.all(small.ngrams.hashes[1:] > small.ngrams.hashes[:-1])
