# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Findings: exit codes, JSON, and how they look on narrow and wide terminals."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from railcrate.cli import findings as shown
from railcrate.preflight import findings
from railcrate.preflight.findings import error, ok, told, warning
from railcrate.study.errors import ConfigError, DataError

WELL, CARE, WRONG = ok("disk", "much"), warning("git", "dirty", "commit"), error("memory", "little", "less at once")
CONFIG = told("models", ConfigError("no such key", "remove it"))


@pytest.mark.parametrize(
    ("found", "strict", "code"),
    [
        ([], False, 0),
        ([WELL, CARE], False, 0),
        ([WELL, CARE], True, 1),
        ([CARE, WRONG], False, 1),
        ([WRONG, CONFIG], False, 3),
        ([told("x", DataError("gone"))], False, 1),
    ],
)
def test_exit_codes(found, strict, code):
    assert findings.exit_code(found, strict=strict) == code


def test_what_machines_get():
    assert findings.as_json([ok("disk", "much", free=3)]) == [
        {"topic": "disk", "state": "ok", "text": "much", "way_out": "", "detail": "", "facts": {"free": 3}}
    ]


def test_errors_that_are_raised_become_findings():
    found = []
    with findings.noting("licenses", found):
        raise ConfigError("'GPL' is no license", "Did you mean 'GPL-3.0-only'?")
    assert [(one.state, one.text, one.way_out) for one in found] == [
        ("error", "'GPL' is no license", "Did you mean 'GPL-3.0-only'?")
    ]


def test_many_names_are_not_all_told():
    assert findings.listed("abcdefg") == "a, b, c, d, e and 2 more"
    assert findings.listed("ab") == "a, b"


@pytest.mark.parametrize("width", [50, 80, 120])
def test_lines_fit_the_terminal_and_commands_stay_whole(width, monkeypatch):
    output = io.StringIO()
    console = Console(file=output, width=width, force_terminal=True, no_color=True, highlight=False, markup=False)
    monkeypatch.setattr(shown, "terminal", lambda: console)
    way = "Put the study where there is more room, and say `dvc gc --workspace` to remove what no ledger names."
    shown.show_findings([error("disk", "much more is needed than there is on this disk, " * 3, way), WELL])
    plain = Text.from_ansi(output.getvalue()).plain.splitlines()
    assert all(len(line) <= width for line in plain), plain
    assert any("`dvc gc --workspace`" in line for line in plain)
    assert sum(line.lstrip().startswith("→") for line in plain) == 1


def test_in_a_pipe_a_finding_is_a_line(monkeypatch):
    output = io.StringIO()
    monkeypatch.setattr(shown, "terminal", lambda: Console(file=output, width=80, highlight=False, markup=False))
    shown.show_findings([ok("disk", "word " * 60), ok("disk", "again")])
    lines = output.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("✓ disk")
    assert lines[1].split() == ["✓", "again"]


def test_all_of_it_is_counted():
    assert shown.summary([WELL, CARE, WRONG, CARE]) == "1 error, 2 warnings"
    assert shown.summary([WELL]) == ""
