# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The help of every command: a sentence, an example, readable at any width, and there at once."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from railcrate.cli import Root, app
from railcrate.cli.help import describe
from railcrate.cli.topics import TOPICS

SCRIPT = Path(sys.executable).parent / "railcrate"


def commands(group=None, path=()):
    """Every command with its words."""
    for name, command in (group or typer.main.get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands())


def shown(*words, width=80):
    done = CliRunner(env={"COLUMNS": str(width), "NO_COLOR": "1"}).invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_a_sentence_and_an_example(words):
    told = describe(ALL[words].help)
    assert re.fullmatch(r"[A-Z].*\.", told.summary), told.summary
    assert told.examples
    for example, _ in told.examples:
        assert example.startswith(" ".join(("railcrate", *words))), example
        assert len(example) <= 76, example


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_option_says_what_it_takes(words):
    for param in ALL[words].params:
        if param.param_type_name == "option" and not param.is_flag and not param.hidden:
            takes = param.metavar or param.display_type(None).strip("<>")
            assert takes.isupper() or "|" in takes, (param.opts, takes)
            assert param.help


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_cut_at_any_width(width):
    for words in [(), ("license",), *ALL]:
        text = shown(*words, "--help", width=width)
        examples = [example for example, _ in describe(ALL[words].help).examples] if words in ALL else []
        for line in text.splitlines():
            is_example = any(example in line for example in examples)
            assert len(line) <= width or is_example or " " not in line.strip(), (words, line)
        if words in ALL:  # nothing of a text is lost by folding it
            told = describe(ALL[words].help)
            flat = " ".join(text.split())
            for paragraph in (told.summary, *told.paragraphs):
                assert " ".join(paragraph.split()) in flat, (words, paragraph)


def test_commands_stand_under_the_part_of_the_journey_that_they_belong_to():
    text = shown("--help")
    headings = [line.rstrip(":") for line in text.splitlines() if re.fullmatch(r"\S.*:", line)]
    assert headings == [*Root.panels, "Options"]
    for words in ALL:
        assert re.search(rf"^  {words[0]} ", text, re.MULTILINE), words


def test_help_of_a_command_and_of_topics():
    assert shown("help", "license", "check") == shown("license", "check", "--help")
    assert shown("help") == shown("--help")
    assert shown("license") == shown("license", "--help")
    for topic in TOPICS:
        assert topic in shown("--help")
        assert shown("help", topic)
    for variable in ("NO_COLOR", "RAILCRATE_MIRROR", "ZENODO_API_TOKEN", "RAILCRATE_DEBUG"):
        assert variable in shown("help", "environment")


def test_a_docstring_is_taken_apart():
    told = describe(
        """Do it.

        In two
        lines.

        Examples:
            railcrate do
            railcrate do 'a#b'  # with a sign

        Exit codes:
            0: done
            1: not done,
                for some reason
        """
    )
    assert (told.summary, told.paragraphs) == ("Do it.", ("In two lines.",))
    assert told.examples == (("railcrate do", ""), ("railcrate do 'a#b'", "with a sign"))
    assert told.exit_codes == ((0, "done"), (1, "not done, for some reason"))


def test_help_is_there_at_once():
    """0.2 s on an idle machine; measured is the processor's time, for others may be at work here, too."""

    def seconds():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([SCRIPT, "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.5
