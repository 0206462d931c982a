# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The grid of experiments, the files of the study, and fingerprints of code."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from railcrate.study import paths
from railcrate.study.check import orcid_is_valid
from railcrate.study.files import replacing, sha256_file, write_json
from railcrate.study.fingerprint import fingerprint, significant
from railcrate.study.grid import experiments, training_of
from railcrate.study.load import load_study

from .conftest import GOOD, write


def test_cells_in_the_order_of_the_configuration(study_folder):
    own = "training: {batch_size: 1}, variants: [short], seeds: [5], architecture"
    write(study_folder, GOOD.replace("architecture", own).split("comparisons:")[0])
    study = load_study(study_folder)
    assert [cell.id for cell in experiments(study)] == ["tiny.short.seed5"]
    assert (training_of(study, "tiny").batch_size, training_of(study, "tiny").tokens) == (1, 4096)


def test_every_variant_and_seed_by_default(study_folder):
    cells = [cell.id for cell in experiments(load_study(study_folder))]
    assert cells == ["tiny.raw.seed0", "tiny.raw.seed1", "tiny.short.seed0", "tiny.short.seed1"]
    assert len({paths.training_summary(cell) for cell in cells}) == 4


@pytest.mark.parametrize(("orcid", "valid"), [("0000-0002-1825-0097", True), ("0000-0002-1694-233X", True)])
def test_orcid_check_digits(orcid, valid):
    assert orcid_is_valid(orcid) is valid
    assert orcid_is_valid(orcid[:-1] + "1") is False


def test_a_fingerprint_sees_code_and_not_comments(tmp_path):
    file = tmp_path / "a.py"
    texts = ['"""Doc."""\nx = 1  # one\n', '"""Other."""\n\nx = 1\n', "x = 2\n"]
    prints = []
    for text in texts:
        assert significant(text).startswith("x = ")
        file.write_text(text)
        code = "import sys; from pathlib import Path; from railcrate.study.fingerprint import fingerprint;"
        done = subprocess.run(
            [sys.executable, "-c", f"{code} print(fingerprint([Path(sys.argv[1])]))", str(file)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        prints.append(done.stdout)
    assert prints[0] == prints[1] != prints[2]


def test_a_fingerprint_of_a_file_that_is_not_python(tmp_path):
    one, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    one.write_text("a: 1 # x")
    other.write_text("a: 1 # y")
    assert fingerprint([one]) != fingerprint([other])


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "folder" / "a.json"
    write_json(path, {"b": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"b": float("nan")})
    with pytest.raises(FileNotFoundError), replacing(path) as temporary:
        temporary.unlink(missing_ok=True)  # as if the disk had refused it
    assert json.loads(path.read_text()) == {"b": 1}
    assert [file.name for file in path.parent.iterdir()] == ["a.json"]
    assert sha256_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()
