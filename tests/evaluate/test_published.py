# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Published figures are read as they stand; mistakes are told with file and line."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from railcrate.evaluate.published import read_published
from railcrate.study.errors import ConfigError

from .conftest import benchmark

HEADER = "model,task,metric,value,source\n"


def read(folder, text):
    path = folder / "others.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_published(
        folder, SimpleNamespace(benchmarks={"none": benchmark("a"), "blimp": benchmark("a", published="others.csv")})
    )


def test_rows_in_the_order_of_the_file(tmp_path):
    text = (
        '# from two papers\n# checked twice\nsource,model,task,metric,value\n"Doe, 2020",big,overall,accuracy, 0.83\n'
    )
    rows = read(tmp_path, "\ufeff" + text + "Roe,small,ellipsis,bits_per_byte,1.25\n")
    assert rows == [
        {
            "benchmark": "blimp",
            "model": "big",
            "task": "overall",
            "metric": "accuracy",
            "value": 0.83,
            "source": "Doe, 2020",
        },
        {
            "benchmark": "blimp",
            "model": "small",
            "task": "ellipsis",
            "metric": "bits_per_byte",
            "value": 1.25,
            "source": "Roe",
        },
    ]


def test_a_file_without_rows(tmp_path):
    assert read(tmp_path, HEADER) == []


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", r"others\.csv, line 1: no column model, task, metric, value, source", "Expected model,task"),
        ("model,task,metric,value\n", r"line 1: no column source", "Expected model,task"),
        ("# a\nmodel,tasks,metric,value,source\n", r"line 2: column 'tasks' is unknown", "Did you mean 'task'?"),
        (HEADER + "m,t,accuracy,0.5,s\nm,t,accuracy,good,s\n", r"line 3: value is 'good'", "0.715"),
        (HEADER + "m,t,accuracy,nan,s\n", r"line 2: value is 'nan'", "0.715"),
        (HEADER + "m,t,accuracy,71.5,s\n", r"line 2: accuracy is 71\.5, not a share", "Write 71.5 % as 0.715"),
        (HEADER + "m,t,accuracy,0.5\n", r"line 2: not as many values", "quotes"),
        (HEADER + "m,t,accuracy,0.5,Doe, 2020\n", r"line 2: not as many values", "quotes"),
        (HEADER + "m,,accuracy,0.5,\n", r"line 2: task, source is empty", "Every figure"),
        (HEADER + 'm,t,accuracy,0.5,"s\n', r"line 2: not CSV", "quotation mark"),
        (HEADER.encode() + b"m\xe9,t,accuracy,0.5,s\n", r"others\.csv is not UTF-8", "UTF-8"),
    ],
)
def test_mistakes_are_told(tmp_path, text, message, hint):
    with pytest.raises(ConfigError, match=message) as wrong:
        read(tmp_path, text)
    assert hint in wrong.value.hint


def test_a_missing_file(tmp_path):
    with pytest.raises(ConfigError, match=r"others\.csv is not there"):
        read_published(tmp_path, SimpleNamespace(benchmarks={"b": benchmark("a", published="others.csv")}))
