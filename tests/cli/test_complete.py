# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the Tab key completes."""

import subprocess
import sys
from pathlib import Path

import pytest
from study_kit import environment

SCRIPT = Path(sys.executable).parent / "railcrate"


def complete(folder, line):
    words = line.split(" ")
    done = subprocess.run(
        [SCRIPT], cwd=folder, capture_output=True, text=True, check=False,
        env=environment(_RAILCRATE_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1)),
    )  # fmt: skip
    assert not done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("railcrate re", ["record", "restore", "release", "reproduce"]),
        ("railcrate status tiny.clean", ["tiny.clean.seed0", "tiny.clean.seed1"]),
        ("railcrate steps n", ["near-duplicates", "normalize"]),
        ("railcrate license show CC-BY-N", ["CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0"]),
        ("railcrate license check weights.tiny.c", ["weights.tiny.clean"]),
        ("railcrate license new --domain h", ["health"]),
        ("railcrate verify --depth e", ["evaluate"]),
    ],
)
def test_names_are_completed(finished_study, line, names):
    assert set(complete(finished_study, line)) >= set(names)


def test_nothing_is_completed_where_nothing_is_known(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/study.yaml").write_text("]]")
    assert complete(tmp_path, "railcrate status t") == []
    assert complete(tmp_path, "railcrate license check t") == []


def test_it_is_installed_by_an_option_that_is_out_of_the_way(tmp_path):
    shown = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True, check=True).stdout
    assert "--install-completion" not in shown
    told = subprocess.run([SCRIPT, "help", "completion"], capture_output=True, text=True, check=True).stdout
    assert "railcrate --install-completion" in told
    # The shell is found among the processes above, so there must be one: pytest's own parent may be none.
    line = f"{SCRIPT} --show-completion; exit $?"
    written = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout
    assert "complete" in written
