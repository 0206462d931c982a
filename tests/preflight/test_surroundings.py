# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The folder, temporary files, the encoding, mirrors, the GPU: real ones, wherever this machine has them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from railcrate.preflight import gpu, surroundings
from railcrate.preflight.doctor import look_at_machine

NOTHING = {"torch": "2.0", "cuda": None, "devices": [], "error": None}
UNWRITABLE = Path("/proc/self")  # also for root


def test_a_folder_to_work_in(tmp_path):
    (found,) = surroundings.look_at_folder(tmp_path)
    assert (found.state, found.detail) == ("ok", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not UNWRITABLE.is_dir(), reason="no folder that nobody can write to")
def test_a_folder_that_cannot_be_written():
    (found,) = surroundings.look_at_folder(UNWRITABLE)
    assert (found.state, "nothing can be written" in found.text) == ("warning", True)


def test_temporary_files(tmp_path, monkeypatch):
    assert surroundings.look_at_temporary() == []
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    (found,) = surroundings.look_at_temporary()
    assert (found.state, "TMPDIR" in found.way_out, str(deep) in found.text) == ("error", True, False)


@pytest.mark.parametrize(
    ("name", "state"), [("UTF-8", "ok"), ("utf8", "ok"), ("ISO-8859-1", "warning"), ("?", "warning")]
)
def test_the_encoding(name, state):
    assert surroundings.look_at_encoding(name).state == state


def test_mirrors(tmp_path, monkeypatch):
    assert surroundings.look_at_mirrors() == []
    monkeypatch.setenv("RAILCRATE_MIRROR", str(tmp_path))
    (found,) = surroundings.look_at_mirrors()
    assert (found.state, found.detail, str(tmp_path) in found.text) == ("ok", str(tmp_path), False)
    monkeypatch.setenv("RAILCRATE_MIRROR", f"{tmp_path}:{tmp_path / 'gone'}")
    (found,) = surroundings.look_at_mirrors()
    assert (found.state, "1 folder" in found.text, found.detail) == ("warning", True, str(tmp_path / "gone"))


def test_the_machine(tmp_path):
    topics = [finding.topic for finding in look_at_machine(tmp_path)]
    assert topics == ["system", "cores", "memory", "disk"]


def test_pytorch_is_asked_in_a_process_of_its_own():
    answer = gpu.ask()
    assert answer["torch"] is not None
    assert gpu.look(answer, driver=False).state == "ok"


def test_a_driver_that_hangs():
    answer = gpu.ask(patience=0.01)
    found = gpu.look(answer, driver=True)
    assert (found.state, "no answer within" in found.text) == ("warning", True)


@pytest.mark.parametrize(
    ("answer", "driver", "wanted", "state", "told"),
    [
        (NOTHING, False, False, "ok", "none"),
        (NOTHING, True, False, "warning", "a build for the CPU alone"),
        ({**NOTHING, "cuda": "12.4", "error": "driver too old"}, True, False, "warning", "driver too old"),
        ({**NOTHING, "cuda": "12.4"}, False, False, "ok", "none"),
        ({**NOTHING, "cuda": "12.4"}, False, True, "warning", "finds no device"),
        ({**NOTHING, "cuda": "12.4", "devices": [{"name": "H100", "memory": 80e9}]}, True, True, "ok", "H100, 80.0 GB"),
    ],
)
def test_what_pytorch_says(answer, driver, wanted, state, told):
    found = gpu.look(answer, driver=driver, wanted=wanted)
    assert (found.state, told in found.text) == (state, True), found.text
