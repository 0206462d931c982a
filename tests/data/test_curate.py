# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Curating variants end to end: what is written, what is counted, and what goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Dataset
from tests.data.conftest import study_of

from railcrate.data import tables
from railcrate.data.curate import curate
from railcrate.data.errors import EmptyVariantError, SourceError, StepError
from railcrate.data.tables import SCHEMA, batches, write_rows
from railcrate.study.config import Study
from railcrate.study.disk import DiskFullError

LETTERS = ["Dear  Anna,\nit rains.", "Dear Anna, it rains.", "Dear Bert, the sun shines on us.", "No.", "Yours, “Carl”"]
NOTES = [f"Note number {number} of the day." for number in range(30)]
HEAD = """\
from railcrate.data.steps.apply import keep, rewrite
from railcrate.data.steps.registry import StepContext, StepParameters, StepResult


def mine(rows, parameters: StepParameters, context: StepContext) -> StepResult:
    "A step of this study."
"""


def study_with(**recipes) -> Study:
    """Two sources, and recipes as (inputs, steps)."""
    study = study_of(
        letters={"type": "local", "path": "letters.txt"}, notes={"type": "local", "path": "notes.txt", "rows": "lines"}
    ).model_dump(mode="json", by_alias=True)
    study["recipes"] = {name: {"from": inputs, "steps": steps} for name, (inputs, steps) in recipes.items()}
    return Study.model_validate(study)


@pytest.fixture
def here(folder: Path) -> Path:
    (folder / "letters.txt").write_text("\n\n".join(LETTERS))
    (folder / "notes.txt").write_text("\n".join(NOTES))
    (folder / "steps").mkdir()
    return folder


def own(here: Path, body: str) -> Study:
    """A recipe whose second step is one of its own."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (here / "steps" / "mine.py").write_text(HEAD + lines)
    return study_with(raw=(["letters"], ["normalize", "steps/mine.py:mine"]))


def texts(variant: str) -> list[str]:
    return pq.read_table(f"data/variants/{variant}/text.parquet")["text"].to_pylist()


def report(variant: str):
    return json.loads(Path(f"data/variants/{variant}/steps.json").read_text())


def files(folder: Path) -> dict[str, bytes]:
    """Everything under data/, and whatever curation may have left elsewhere."""
    places = [*folder.glob("data/**/*"), *folder.glob(".railcrate/**/*")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in places if path.is_file()}


RECIPES = {
    "raw": (["letters", "notes"], ["normalize", "deduplicate", {"filter-length": {"min_words": 2}}]),
    "some": (["raw"], [{"subsample": {"share": "50%", "seed": 3}}, "shuffle"]),
    "both": (["raw", "some"], [{"mix": {"weights": {"letters": 1, "notes": 2}, "bytes": 3000}}]),
    "plain": (["letters"], []),
}


def test_variants_from_sources_and_from_other_variants(here, capfd):
    study = study_with(**RECIPES)
    for variant in RECIPES:
        curate(here, study, variant)
    assert texts("plain") == LETTERS
    assert texts("raw") == ["Dear Anna,\nit rains.", "Dear Bert, the sun shines on us.", "Yours, “Carl”", *NOTES]
    assert set(texts("some")) < set(texts("raw"))
    table = pq.read_table("data/variants/both/text.parquet")
    assert table.schema.equals(SCHEMA, check_metadata=True)
    assert len(set(table["id"].to_pylist())) == table.num_rows
    assert {name.split("/")[0] for name in table["id"].to_pylist()} == {"raw", "some"}
    assert set(table["source"].to_pylist()) == {"letters", "notes"}
    record = json.loads(Path("records/curate/both.json").read_text())
    assert record["rows"] == table.num_rows
    assert "deduplicate: 35 rows in, 34 out (0 changed, 1 removed, 0 added)" in capfd.readouterr().err


def test_the_report_says_what_each_step_did(here):
    curate(here, study_with(**RECIPES), "raw")
    found = report("raw")
    size = sum(len(text.encode()) for text in [*LETTERS, *NOTES])
    assert found["inputs"] == [
        {"name": "letters", "rows": 5, "bytes": sum(len(text.encode()) for text in LETTERS)},
        {"name": "notes", "rows": 30, "bytes": sum(map(len, NOTES))},
    ]
    normalize, deduplicate, short = found["steps"]
    assert (normalize["bytes_in"], normalize["bytes_out"], normalize["changed"]) == (size, size - 1, 1)
    assert normalize["parameters"] == {
        "unicode": "NFC", "spaces": True, "lines": True, "quotes": False, "control": True,
    }  # fmt: skip
    assert (deduplicate["rows_in"], deduplicate["rows_out"], deduplicate["removed"]) == (35, 34, 1)
    assert deduplicate["examples"][0]["reason"] == "a copy of letters/letters.txt:1"
    assert short["details"] == {"reasons": {"too short": 1}}
    assert (found["rows"], found["bytes"]) == (33, short["bytes_out"])
    assert found["bytes"] == sum(len(text.encode()) for text in texts("raw"))


def test_a_second_run_gives_the_same_bytes_and_leaves_nothing_else(here):
    study = study_with(**RECIPES)
    for variant in RECIPES:
        curate(here, study, variant)
    first = files(here)
    assert sorted(first) == sorted(f"data/variants/{v}/{n}" for v in RECIPES for n in ("text.parquet", "steps.json"))
    for variant in RECIPES:
        curate(here, study, variant)
    assert files(here) == first


def test_the_same_rows_give_the_same_file_however_they_came(here, monkeypatch):
    monkeypatch.setattr(tables, "ROW_GROUP", 7)
    monkeypatch.setattr(tables, "GROUP_BYTES", 100)
    rows = [{"id": str(n), "text": "x" * (n * 7 % 40 + 1), "source": "web"} for n in range(50)]
    whole = Dataset.from_list(rows)
    write_rows(whole, here / "whole.parquet")
    write_rows(whole.select([*range(49, -1, -1)]).select([*range(49, -1, -1)]), here / "turned.parquet")
    write_rows(Dataset(pa.Table.from_batches(batches(rows))).map(lambda row: row), here / "mapped.parquet")
    assert (here / "whole.parquet").read_bytes() == (here / "turned.parquet").read_bytes()
    assert (here / "whole.parquet").read_bytes() == (here / "mapped.parquet").read_bytes()
    written = pq.ParquetFile(here / "whole.parquet")
    assert pq.read_table(here / "whole.parquet").to_pylist() == rows
    groups = [written.read_row_group(n)["text"].to_pylist() for n in range(written.num_row_groups)]
    assert all(len(group) <= 7 and sum(map(len, group)) <= 100 for group in groups)


def test_a_step_of_the_study_need_not_count(here):
    study = own(here, "return StepResult(rows.filter(lambda row: 'Anna' in row['text']))")
    curate(here, study, "raw")
    assert texts("raw") == ["Dear Anna,\nit rains.", "Dear Anna, it rains."]
    assert {key: report("raw")["steps"][1][key] for key in ("changed", "removed", "added")} == {
        "changed": 0, "removed": 3, "added": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "message", "hint"),
    [
        (
            "return keep(rows, lambda text: 1 / (len(text) - 3))",
            "'steps/mine.py:mine' failed: steps/mine.py, line 7 (return keep(rows, lambda text: 1 / (len(text) - 3))): "
            "ZeroDivisionError: division by zero, at the row letters/letters.txt:8",
            "mend it there",
        ),
        (
            "return StepResult(rows.map(lambda row: {'text': row['txt']}))",
            "failed: steps/mine.py, line 7 (return StepResult(rows.map(lambda row: {'text': row['txt']}))): "
            "KeyError: 'txt'",
            "",
        ),
        ("return rows", "'steps/mine.py:mine' gave a Dataset", "StepResult"),
        ("return StepResult(list(rows))", "gave a list", "StepResult"),
        ("return StepResult(rows, removed=2)", "says 2 removed, but 0 are", "they are counted anyway"),
        ("return StepResult(rows.remove_columns('source'))", "rows with the columns id, text", "id, text, source"),
        ("return StepResult(rows.map(lambda row: {'id': 'x'}))", "two rows have the id 'x'", "an id of its own"),
        ("return StepResult(rows.map(lambda row: {'text': None}))", "the row letters/letters.txt:1 has no text", ""),
        ("return StepResult(rows.map(lambda row: {'text': ' '}))", "the row letters/letters.txt:1 is blank", ""),
        ("return StepResult(rows, details={'share': float('nan')})", "cannot be written as JSON", ".item()"),
        ("return StepResult(rows, details={'rows': {1, 2}})", "cannot be written as JSON: Object of type set", ""),
    ],
)  # fmt: skip
def test_what_a_step_of_the_study_does_wrong(here, body, message, hint):
    study = own(here, body)
    with pytest.raises(StepError) as caught:
        curate(here, study, "raw")
    assert caught.value.message.startswith("recipes.raw.steps[1]: ")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert files(here) == {}  # nothing half-written, no scratch, no record


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            [{"filter-length": {"min_words": 50}}],
            "recipes.raw.steps[0]: 'filter-length' leaves nothing of 5 rows with 93 bytes",
        ),
        (
            ["normalize", {"subsample": {"bytes": 2}}],
            "recipes.raw.steps[1].subsample.bytes: a budget of 2 bytes keeps none of 5 rows with 92 bytes, "
            "of which the smallest has 3",
        ),
    ],
)
def test_an_empty_variant_is_told_with_the_numbers(here, steps, message):
    with pytest.raises(EmptyVariantError) as caught:
        curate(here, study_with(raw=(["letters"], steps)), "raw")
    assert caught.value.message == message
    assert files(here) == {}


def test_inputs_without_rows(here):
    (here / "letters.txt").write_text("\n \n")
    with pytest.raises(EmptyVariantError, match=r"recipes\.raw\.from: letters have no rows"):
        curate(here, study_with(raw=(["letters"], [])), "raw")


def test_an_input_that_is_missing_or_damaged(here):
    study = study_with(raw=(["letters"], []), more=(["raw"], []))
    with pytest.raises(SourceError, match=r"data/variants/raw/text\.parquet is not there"):
        curate(here, study, "more")
    curate(here, study, "raw")
    file = here / "data/variants/raw/text.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(SourceError, match=r"data/variants/raw/text\.parquet is damaged"):
        curate(here, study, "more")


def test_parameters_are_checked_again(here):
    study = study_with(raw=(["letters"], [{"subsample": {"row": 1}}]))
    with pytest.raises(StepError, match=r"recipes\.raw\.steps\[0\]\.subsample\.row: found a key that does not exist"):
        curate(here, study, "raw")


def test_an_older_variant_stays_when_a_run_fails(here):
    study = study_with(raw=(["letters"], []))
    curate(here, study, "raw")
    before = files(here)
    with pytest.raises(EmptyVariantError):
        curate(here, study_with(raw=(["letters"], [{"filter-length": {"min_words": 50}}])), "raw")
    assert files(here) == before


def test_a_full_disk(here):
    study = own(here, "import errno\nraise OSError(errno.ENOSPC, 'No space left on device')")
    with pytest.raises(DiskFullError, match="the disk is full: the variant 'raw' has no room"):
        curate(here, study, "raw")
    assert files(here) == {}


CHILD = """
import json, sys
from pathlib import Path
from railcrate.data.curate import curate
from railcrate.study.config import Study
curate(Path.cwd(), Study.model_validate(json.loads(Path("study.json").read_text())), "raw")
"""


def start(study: Study, code: str = CHILD) -> subprocess.Popen:
    Path("study.json").write_text(study.model_dump_json(by_alias=True))
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_a_killed_run_leaves_only_scratch_which_the_next_run_removes(here):
    study = own(here, "from pathlib import Path\nPath('there').touch()\nimport time\ntime.sleep(60)")
    child = start(study)
    while not Path("there").exists():
        assert child.poll() is None
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    left = files(here)
    assert left
    assert all(name.startswith(".railcrate/curate/raw/") for name in left)
    (here / ".railcrate/curate/renamed").mkdir()
    (here / ".railcrate/curate/renamed/input.arrow").touch()
    (here / ".railcrate/curate/other").mkdir()  # another variant's, which may be at work
    (here / ".railcrate/curate/other/input.arrow").touch()
    (here / "data/variants/raw").mkdir(parents=True)
    (here / "data/variants/raw/.text.parquet.1.part").touch()
    curate(here, study_with(raw=(["letters"], []), other=(["letters"], [])), "raw")
    assert sorted(files(here)) == [
        ".railcrate/curate/other/input.arrow",
        "data/variants/raw/steps.json",
        "data/variants/raw/text.parquet",
    ]


MEMORY = (
    """
import re, threading, time
from pathlib import Path
import railcrate.data.curate, railcrate.data.steps.filters, numpy, pyarrow.dataset

def anonymous():  # memory of its own: mapped files can be given back at any time
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

before, most = anonymous(), [0]
def watch():
    while True:
        most[0] = max(most[0], anonymous())
        time.sleep(0.01)
threading.Thread(target=watch, daemon=True).start()
"""
    + CHILD
    + "\nprint(most[0] - before)\n"
)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(("length", "total", "most"), [(400, 100_000_000, 130), (400_000, 150_000_000, 250)])
def test_memory_is_bounded_whatever_the_length_of_rows(here, length, total, most):
    with (here / "notes.txt").open("w") as target:
        for number in range(total // length):
            target.write(
                f"{number} {number * 7919 % 1000003} "
                + f"the same old words, again {number % 977} " * (length // 30)
                + "\n"
            )
    steps = [
        "normalize",
        "deduplicate",
        {"filter-length": {"min_words": 3}},
        {"subsample": {"share": "90%"}},
        "shuffle",
    ]
    child = start(study_with(raw=(["notes"], steps)), MEMORY)
    taken = int(child.communicate()[0])
    assert child.returncode == 0
    print(f"{total / 1e6:.0f} MB in rows of {length} bytes took {taken} MB of memory")
    assert report("raw")["bytes"] > 0.85 * total
    assert taken < most  # MB; without bounds, several times the text
