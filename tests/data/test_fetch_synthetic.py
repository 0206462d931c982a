# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from railcrate.data.errors import GeneratorError
from railcrate.data.fetch import fetch_source
from railcrate.study.errors import EXIT_CONFIG

GENERATOR = """
from dataclasses import dataclass
from random import Random

@dataclass
class Settings:
    rows: "int"

def generate(output, *, seed, rows=3, word="word"):
    if rows < 0:
        raise ValueError(f"rows is {rows}; expected 0 or more")
    (output / "deep").mkdir()
    random = Random(seed)
    (output / "deep" / "text.txt").write_text("".join(f"{word} {random.random()}\\n" for _ in range(rows)))

def needs(output, *, seed, rows):
    pass

def old(output, seed):
    (output / "deep").mkdir()
    (output / "deep" / "text.txt").write_text(f"{seed}\\n")

def untidy(output, *, seed):
    (output / "deep").mkdir()
    (output / "deep" / "text.txt").write_text("a\\n")
    (output / "notes.txt").write_text("b\\n")

def lazy(output, *, seed):
    pass

def broken(output, *, seed):
    (output / "half.txt").write_text("half")
    return {}["nothing"]

def odd(*, seed):
    pass

constant = 3
"""
PLACE = Path("data/raw/own/deep/text.txt")


@pytest.fixture
def study(folder, make_study):
    Path("generators").mkdir()
    Path("generators/mine.py").write_text(GENERATOR)
    Path("generators/wrong.py").write_text("import nothing_of_that_name\n")

    def own(function: str = "generate", file: str = "generators/mine.py", **changes):
        source = {"type": "synthetic", "generator": f"{file}:{function}", "outputs": ["deep/text.txt"], **changes}
        return make_study(own=source)

    return own


def test_a_generator_of_the_study_writes_its_files(folder, study):
    before = list(sys.path)
    fetch_source(folder, study(seed=7, parameters={"rows": 2, "word": "a"}), "own")
    assert len(PLACE.read_text().splitlines()) == 2
    record = json.loads(Path("data/raw/own.json").read_text())
    assert record["generator"] == "generators/mine.py:generate"
    assert (record["seed"], record["parameters"]) == (7, {"rows": 2, "word": "a"})
    assert [file["path"] for file in record["files"]] == [str(PLACE)]
    assert sys.path == before
    assert sorted(path.name for path in Path("data/raw").iterdir()) == ["own", "own.json"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder, study):
    fetch_source(folder, study(seed=1), "own")
    first = PLACE.read_bytes(), Path("data/raw/own.json").read_bytes()
    fetch_source(folder, study(seed=1), "own")
    assert (PLACE.read_bytes(), Path("data/raw/own.json").read_bytes()) == first
    fetch_source(folder, study(seed=2), "own")
    assert PLACE.read_bytes() != first[0]


def test_a_generator_that_has_changed_is_read_anew(folder, study):
    fetch_source(folder, study("old"), "own")
    changed = GENERATOR.replace('f"{seed}\\n"', '"changed"')
    assert changed != GENERATOR
    Path("generators/mine.py").write_text(changed)
    fetch_source(folder, study("old"), "own")
    assert PLACE.read_text() == "changed"


def test_what_a_killed_run_left_is_removed(folder, study):
    Path("data/raw/.own.abc.scratch/files").mkdir(parents=True)
    Path("data/raw/.other.abc.scratch").mkdir()
    fetch_source(folder, study(), "own")
    assert sorted(path.name for path in Path("data/raw").iterdir()) == [".other.abc.scratch", "own", "own.json"]


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"parameters": {"row": 3}}, r"sources\.own\.parameters\.row: .* has no such parameter", "'rows'"),
        ({"parameters": {"seed": 3}}, r"sources\.own\.parameters\.seed", "rows, word"),
        ({"parameters": {"rows": -1}}, "line 11 .*rows is -1; expected 0 or more", "sources.own.parameters"),
        ({"function": "needs"}, "needs rows", "Add"),
        ({"function": "generat"}, "mine.py has no function 'generat'", "'generate'"),
        ({"function": "constant"}, "mine.py has no function 'constant'", ""),
        ({"function": "untidy"}, "wrote notes.txt", "sources.own.outputs"),
        ({"function": "lazy"}, "did not write deep/text.txt", "sources.own.outputs"),
        ({"function": "broken"}, "line 33 .*KeyError: 'nothing'", "generator"),
        ({"function": "odd"}, "cannot be called", "generate(output, *, seed, ...)"),
        ({"file": "generators/none.py"}, "there is no file generators/none.py", "path"),
        ({"file": "generators/wrong.py"}, "No module named 'nothing_of_that_name'", "can import what is installed"),
        ({"generator": "gramar"}, "there is no generator 'gramar'", "'grammar'"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(folder, study, changes, message, hint):
    with pytest.raises(GeneratorError, match=message) as told:
        fetch_source(folder, study(**changes), "own")
    assert hint in told.value.hint
    assert told.value.exit_code == EXIT_CONFIG
    assert not list(Path("data/raw").glob("*")) if Path("data/raw").exists() else True
    assert "railcrate_own_generators_wrong_py" not in sys.modules


def test_what_was_there_stays_when_the_generator_fails(folder, study):
    fetch_source(folder, study(), "own")
    before = PLACE.read_bytes()
    with pytest.raises(GeneratorError):
        fetch_source(folder, study("broken"), "own")
    assert PLACE.read_bytes() == before
