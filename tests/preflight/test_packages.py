# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The installed packages against what is needed and what was tested."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from railcrate.preflight import packages

TESTED = packages.read_constraints(packages.constraints_file())


def states(found):
    return [finding.state for finding in found]


def test_the_list_of_tested_versions(tmp_path):
    assert TESTED["snakemake"] == version("snakemake")
    path = tmp_path / "constraints.txt"
    path.write_text("# a comment\nPy_YAML == 6.0 ; python_version > '3'\ntorch==2.1+cpu  # built here\nother>=3\n\n")
    assert packages.read_constraints(path) == {"py-yaml": "6.0", "torch": "2.1+cpu"}


def test_this_environment_is_whole():
    found = packages.compare(TESTED)
    assert (found.missing, found.wrong) == ({}, {})
    assert found.count > 100
    assert "error" not in states(packages.look(found, TESTED))


def test_other_versions_are_told_important_ones_first():
    found = packages.compare({**TESTED, "torch": "1.0", "numpy": "1.2.3", "tqdm": "0.1"})
    assert found.other["torch"] == (version("torch"), "1.0")
    first, second = packages.look(found, TESTED)
    assert (first.state, "torch" in first.text, "numpy" in first.text, "tqdm" in first.text) == (
        "warning",
        True,
        True,
        False,
    )
    assert "pip install" in first.way_out
    assert "torch==1.0" in first.way_out
    assert (second.state, "tqdm" in second.text) == ("ok", True)


def test_a_build_for_one_kind_of_machine_is_the_same_version():
    public = version("torch").split("+")[0]
    assert "torch" not in packages.compare({"torch": f"{public}+cu999"}).other


def test_what_is_missing_or_too_old(monkeypatch):
    wanted = {
        "railcrate": ["gone-for-ever>=1", "snakemake>=99", "tqdm; python_version < '3'", "pytest; extra == 'dev'"],
        "snakemake": [],
    }
    monkeypatch.setattr(packages, "requires", lambda name: wanted.get(name, []))
    found = packages.compare({})
    assert found.missing == {"gone-for-ever": "railcrate"}
    assert found.wrong == {"snakemake": (version("snakemake"), "railcrate asks for >=99")}
    assert found.count == 1
    told = packages.look(found, TESTED)
    assert states(told) == ["error", "error"]
    assert "pip install --upgrade gone-for-ever" in told[0].way_out


def test_extras_are_followed(monkeypatch):
    wanted = {"railcrate": ["dvc[ssh]"], "dvc": ["tqdm", "gone; extra == 'ssh'", "also-gone; extra == 's3'"]}
    monkeypatch.setattr(packages, "requires", lambda name: wanted.get(name, []))
    assert packages.compare({}).missing == {"gone": "dvc"}


def test_an_installation_without_the_list():
    assert states(packages.look(packages.compare({}), {})) == ["warning"]


def test_python():
    assert packages.look_at_python().state == "ok"
    found = packages.look_at_python(">=9.9")
    assert (found.state, "too old: railcrate needs >=9.9" in found.text, "virtual environment" in found.way_out) == (
        "error", True, True,
    )  # fmt: skip


def test_packages_for_special_tasks():
    (found,) = packages.look_at_optional()
    assert found.state == "ok"
    for name, (_, what) in packages.OPTIONAL.items():
        assert what in found.text
        assert (name in found.text) is not found.facts["optional"][name]


@pytest.mark.parametrize("name", packages.IMPORTANT)
def test_the_important_ones_are_on_the_list(name):
    assert name in TESTED
