# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The first rows of a source; and what is different in a miniature, which has few of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.data.conftest import study_of
from tests.data.steps_kit import do, rows_of
from tests.data.test_curate import study_with

from railcrate.data.card import markdown, write_card
from railcrate.data.curate import curate
from railcrate.data.errors import DownloadError, EmptyVariantError, SourceError, StepError, TooFewRowsError
from railcrate.data.fetch import fetch_source
from railcrate.data.rows import read_rows
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import read_json, write_json
from railcrate.study.miniature import HOME, PASSED_OVER

REVISION = "0123456789abcdef0123456789abcdef01234567"
NOWHERE = "http://127.0.0.1:9/corpus.txt"  # nothing listens there
CONTENT = b"one\n\ntwo\n\nthree\n"


@pytest.fixture
def here(folder: Path) -> Path:
    (folder / "letters.txt").write_text("\n\n".join(f"Letter number {number}." for number in range(8)))
    (folder / "notes.txt").write_text("\n".join(f"Note number {number}." for number in range(5)))
    return folder


def make_miniature(folder: Path) -> None:
    write_json(folder / paths.MINIATURE_MARK, {"note": ""})


def limited(here: Path, limit: int | None) -> Study:
    return study_of(
        both={"type": "local", "path": "*.txt", "rows": "lines", **({} if limit is None else {"limit": limit})}
    )


# --- limit -------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 8, 9, 13, 100, None])
def test_the_first_rows_over_all_files(here, limit):
    everything = list(read_rows(here, limited(here, None), "both"))
    assert len(everything) == 13
    assert list(read_rows(here, limited(here, limit), "both")) == everything[:limit]


def test_the_limit_stands_in_the_record_and_on_the_card(here):
    study = limited(here, 6)
    (here / "base").mkdir()
    fetch_source(here, study, "both")
    assert read_json(here / paths.raw_record("both"))["limit"] == 6
    curate(here, study, "raw")
    write_card(here, study.model_copy(update={"benchmarks": {}}), "raw")
    card = read_json(here / paths.card_json("raw"))
    assert (card["rows"], card["sources"][0]["limit"]) == (6, 6)
    assert "both (local, the first 6 rows), CC0-1.0" in markdown(card)

    study = limited(here, None)
    fetch_source(here, study, "both")
    assert "limit" not in read_json(here / paths.raw_record("both"))
    curate(here, study, "raw")
    write_card(here, study.model_copy(update={"benchmarks": {}}), "raw")
    card = read_json(here / paths.card_json("raw"))
    assert (card["rows"], "limit" in card["sources"][0]) == (13, False)
    assert "both (local), CC0-1.0" in markdown(card)


# --- steps -------------------------------------------------------------------------------


def test_a_step_that_leaves_nothing_is_passed_over_in_a_miniature_alone(here, capsys):
    study = study_with(raw=(["letters"], ["normalize", {"filter-length": {"min_words": 50}}, "deduplicate"]))
    with pytest.raises(EmptyVariantError, match="'filter-length' leaves nothing of 8 rows"):
        curate(here, study, "raw")
    make_miniature(here)
    curate(here, study, "raw")
    assert "warning: 'filter-length' is passed over, for a miniature has few rows" in capsys.readouterr().err
    report = read_json(here / paths.variant_report("raw"))
    normalize, length, deduplicate = report["steps"]
    assert "leaves nothing of 8 rows" in length["details"][PASSED_OVER]
    assert (length["rows_in"], length["rows_out"], length["removed"]) == (8, 8, 0)
    assert PASSED_OVER not in {**normalize["details"], **deduplicate["details"]}
    assert report["rows"] == pq.read_metadata(here / paths.variant_text("raw")).num_rows == 8


@pytest.mark.parametrize(
    "step",
    [
        {"subsample": {"bytes": 2}},
        {"augment": {"source": "notes", "share": "90%"}},
        {"mix": {"weights": {"letters": 1, "notes": 0.001}, "bytes": 100}},
    ],
)
def test_other_ways_of_having_too_little(here, step):
    study = study_with(raw=(["letters", "notes"], [step]))
    with pytest.raises((EmptyVariantError, TooFewRowsError)):
        curate(here, study, "raw")
    make_miniature(here)
    curate(here, study, "raw")
    assert read_json(here / paths.variant_report("raw"))["rows"] == 13


def test_a_source_of_which_no_row_is_left_may_have_had_too_few():
    rows = rows_of("a b", "c d", source="other")
    for name, given in (("augment", {"source": "web", "rows": 1}), ("mix", {"weights": {"web": 1, "other": 1}})):
        with pytest.raises(TooFewRowsError, match="no rows of a source 'web'"):
            do(name, rows, **given)
    with pytest.raises(StepError, match="'wep'") as told:  # no such source: also in a miniature a mistake
        do("augment", rows, source="wep", rows=1)
    assert not isinstance(told.value, TooFewRowsError)


def test_wrong_inputs_fail_in_a_miniature_too(here):
    (here / "letters.txt").write_text("\n")
    make_miniature(here)
    with pytest.raises(EmptyVariantError, match="have no rows"):
        curate(here, study_with(raw=(["letters"], [])), "raw")


# --- what the study has fetched, and its miniature ---------------------------------------


@pytest.fixture
def pair(folder, monkeypatch):
    """A study and its miniature, in either order: the folder that fetches, and the other one, which has fetched."""
    small = folder / paths.MINIATURE
    (folder / "config").mkdir()
    (folder / paths.CONFIG).write_text("title: x\n")
    make_miniature(small)
    write_json(small / HOME, {"study": str(folder), "files": []})
    return folder, small


@pytest.fixture(params=["the study", "its miniature"])
def fetching(request, pair, monkeypatch):
    """Who fetches, and who has: the study has for its miniature, and the other way round."""
    who, other = (pair[1], pair[0]) if request.param == "the study" else pair
    monkeypatch.chdir(who)
    return who, other, request.param


def test_a_file_of_the_other_one_is_taken_by_its_sha256(fetching, capsys):
    who, other, name = fetching
    files = [{"url": NOWHERE, "sha256": hashlib.sha256(CONTENT).hexdigest()}]
    study = study_of(web={"type": "url", "files": files})
    place = "data/raw/web/corpus.txt"
    (other / place).parent.mkdir(parents=True)
    (other / place).write_bytes(CONTENT)
    fetch_source(who, study, "web")
    assert (who / place).read_bytes() == CONTENT
    assert f"web: 1 file: 1 from {name}" in capsys.readouterr().err
    (who / place).unlink()
    (other / place).write_bytes(CONTENT + b"changed")
    with pytest.raises(DownloadError):
        fetch_source(who, study, "web")


def test_a_data_set_of_the_other_one_is_taken_if_it_is_the_same(fetching, hub):
    who, other, _ = fetching
    study = study_of(words={"type": "hub", "dataset": "jane/words", "revision": REVISION})
    place = "data/raw/words/train.parquet"
    (other / place).parent.mkdir(parents=True)
    (other / place).write_bytes(CONTENT)
    entry = {"path": place, "bytes": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
    about = {
        "dataset": "jane/words",
        "revision": REVISION,
        "config": None,
        "split": "train",
        "hub_files": [{"path": "a"}],
    }
    record = {"source": "words", "type": "hub", **about, "files": [entry]}
    write_json(other / paths.raw_record("words"), record)
    fetch_source(who, study, "words")
    assert (who / place).read_bytes() == CONTENT
    found = read_json(who / paths.raw_record("words"))
    assert {key: found[key] for key in about} == about
    assert found["files"] == [entry]

    for other_record in ({**record, "revision": "1" * 40}, {**record, "files": [{**entry, "sha256": "0" * 64}]}):
        write_json(other / paths.raw_record("words"), other_record)
        with pytest.raises(SourceError, match="the hub has no data set"):
            fetch_source(who, study, "words")


def test_records_hold_no_path_of_the_other_one(fetching):
    who, other, _ = fetching
    files = [{"url": NOWHERE, "sha256": hashlib.sha256(CONTENT).hexdigest()}]
    (other / "data/raw/web").mkdir(parents=True)
    (other / "data/raw/web/corpus.txt").write_bytes(CONTENT)
    fetch_source(who, study_of(web={"type": "url", "files": files}), "web")
    told = json.dumps([read_json(path) for path in who.glob("records/fetch/*.json")])
    told += (who / paths.raw_record("web")).read_text()
    assert str(other) not in told
