# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A page gone through as its reader does: its commands run, its files written, its outputs compared."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from doc_pages import compare, studies, words
from doc_pages.blocks import PLACES, Block, Marker, Page
from doc_pages.shell import Shell
from doc_pages.small import make_small
from doc_pages.states import Start, States
from doc_pages.steps import problem_with_python
from railcrate.study import paths

SHELLS = ("bash", "sh", "shell")


@dataclass(frozen=True)
class Finding:
    """Something on a page that is not so.

    Attributes:
        line: where, from 1.
        message: what.
    """

    line: int
    message: str


@dataclass
class Outcome:
    """What came of a page.

    Attributes:
        findings: what is not so.
        done: for each block its line, and what was done with it.
        outputs: what was printed, by the line of the block that shows it.
    """

    findings: list[Finding] = field(default_factory=list)
    done: list[tuple[int, str]] = field(default_factory=list)
    outputs: dict[int, str] = field(default_factory=dict)


def go_through(page: Page, states: States, folder: Path) -> Outcome:
    """Do all that a page says, in its order.

    Args:
        page: the page.
        states: where it may begin.
        folder: an empty or new folder to do it in.

    Returns:
        What came of it; it stops at the first command that fails, for what follows rests on it.
    """
    reader = _Reader(page, states, folder)
    with reader.stack:
        for step in page.steps:
            if not reader.take(step):
                break
    return reader.outcome


class _Reader:
    """Goes through a page step by step."""

    def __init__(self, page: Page, states: States, folder: Path) -> None:
        self.outcome = Outcome()
        self.stack = ExitStack()
        self._page, self._states, self._folder = page, states, folder
        self._begun = 0
        self._shell: Shell | None = None
        self._start = Start(folder)
        self._printed: str | None = None  # by the last block, until a block shows it
        self._study: dict[str, Any] | None = None  # with the parts that the page has added so far

    def take(self, step: Block | Marker) -> bool:
        """Do one step; False where the page cannot go on."""
        before = len(self.outcome.findings)
        if isinstance(step, Marker):
            self._printed = None
            {"start": self._begin, "run": self._hidden, "small": self._small}[step.word](step)
        else:
            self._block(step)
        blocking = isinstance(step, Marker) or step.language in {*SHELLS, "console"}
        return not blocking or len(self.outcome.findings) == before or step in list(self._page.steps)[-1:]

    def _find(self, line: int, message: str) -> None:
        self.outcome.findings.append(Finding(line, message))

    # --- where it begins -----------------------------------------------------------------

    def _begin(self, marker: Marker) -> None:
        self._enter(marker.rest)

    def _enter(self, state: str) -> Shell:
        self.stack.close()
        self._begun += 1
        home = self._folder / f"home-{self._begun}"
        self._start = self.stack.enter_context(self._states.begin(state, home))
        folder = home if state.startswith("published") else self._start.folder
        self._shell = Shell(home, folder, self._start.variables)
        self._study = None
        return self._shell

    @property
    def shell(self) -> Shell:
        """The reader's shell; a page that says nothing begins in an empty folder."""
        return self._shell or self._enter("empty")

    def _hidden(self, marker: Marker) -> None:
        printed, code = self._run(marker.rest)
        if code:
            self._find(marker.line, f"the hidden preparation ended with {code}:\n{printed}")

    def _small(self, marker: Marker) -> None:
        make_small(self.shell.folder)
        self._study = None

    def _run(self, script: str) -> tuple[str, int]:
        for name, address in self._start.targets.items():
            script = re.sub(rf"(--to[ =]){name}\b", rf"\g<1>{address}", script)
        printed, code = self.shell.run(script)
        for address, called in self._start.replaced.items():
            printed = printed.replace(address, called)
        return printed, code

    # --- blocks --------------------------------------------------------------------------

    def _block(self, block: Block) -> None:
        self.outcome.done.append((block.line, "read"))
        place = block.marker(*PLACES)
        if block.language == "text":
            self._shown(block)
            return
        self._printed = None
        if block.marker("parse"):
            self._did("parsed")
            text = block.text if block.language != "console" else "\n".join(c for c, _, _ in _dialogue(block))
            for problem in words.problems(text) if block.language in {*SHELLS, "console"} else ():
                self._find(block.line, problem)
        elif place:
            self._write(block, place)
        elif block.language in SHELLS:
            self._did("run")
            self._printed = self._command(block, block.text, block.line)
        elif block.language == "console":
            self._did("run and compared")
            self._talk(block)
        elif block.language == "yaml":
            self._yaml(block)
        elif block.language in {"python", "json", "toml"}:
            self._did("read")
            self._syntax(block)

    def _did(self, what: str) -> None:
        self.outcome.done[-1] = (self.outcome.done[-1][0], what)

    def _command(self, block: Block, script: str, line: int) -> str | None:
        marker = block.marker("exit")
        wanted = int(marker.rest) if marker else 0
        for problem in words.problems(script) if wanted != 2 else ():
            self._find(line, problem)
        printed, code = self._run(script)
        if "Traceback (most recent call last)" in printed:
            self._find(line, f"it prints a traceback:\n{printed}")
        elif code != wanted:
            self._find(line, f"it ended with {code}, not with {wanted}:\n{printed}")
        else:
            return printed
        return None

    def _shown(self, block: Block) -> None:
        if self._printed is None:
            self._find(block.line, "this shows the output of a block that was not run; a fence without 'text' is free")
            return
        self._did("compared")
        self.outcome.outputs[block.line] = self._printed
        if not compare.same(block.text, self._printed):
            difference = compare.difference(block.text, self._printed)
            self._find(block.line, f"this is not what is printed:\n{difference}")
        self._printed = None

    def _talk(self, block: Block) -> None:
        for script, shown, line in _dialogue(block):
            printed = self._command(block, script, line)
            if printed is None:
                return
            self.outcome.outputs[line] = printed
            if not compare.same(shown, printed):
                difference = compare.difference(shown, printed)
                self._find(line, f"this is not what is printed:\n{difference}")

    def _write(self, block: Block, place: Marker) -> None:
        self._did(f"{place.word} {place.rest}")
        path = self.shell.folder / place.rest
        path.parent.mkdir(parents=True, exist_ok=True)
        if place.word == "merge":
            studies.merge_file(path, yaml.safe_load(block.text))
        else:
            before = path.read_text(encoding="utf-8") if place.word == "append" and path.exists() else ""
            path.write_text(before + block.text, encoding="utf-8")
        if block.language == "python":
            problem = problem_with_python(path.read_text(encoding="utf-8"), self.shell.folder, place.rest)
            if problem:
                self._find(block.line, problem)
        elif path == self.shell.folder / paths.CONFIG:
            self._study = None
            self._check_study(block, yaml.safe_load(path.read_text(encoding="utf-8")))
        elif block.language in {"yaml", "json", "toml"}:
            self._syntax(block)

    def _yaml(self, block: Block) -> None:
        if block.marker("other"):
            self._did("read as YAML")
            self._syntax(block)
            return
        try:
            content = yaml.safe_load(block.text)
        except yaml.YAMLError as error:
            self._find(block.line, f"this is no YAML: {error}")
            return
        if not studies.is_study(content):
            self._find(
                block.line,
                "this is neither a study nor a part of one; mark what else it is: 'test: other, …' or 'test: file …'",
            )
        elif studies.is_whole(content):
            self._did("loaded as a study")
            self._check_study(block, content)
        else:
            self._did("loaded as a part of a study")
            study = studies.merged(self._page_study(apart=block.marker("apart") is not None), content)
            self._check_study(block, study)
            if not block.marker("apart"):
                self._study = study

    def _page_study(self, *, apart: bool) -> dict[str, Any]:
        """The study that a part is merged into: the reader's own, with what the page has added."""
        if self._study is not None and not apart:
            return self._study
        file = self.shell.folder / paths.CONFIG
        if file.exists():
            found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
            return found
        return studies.PLAIN

    def _check_study(self, block: Block, content: dict[str, Any]) -> None:
        folder = self.shell.folder
        if not (folder / paths.CONFIG).exists():
            folder = self._folder / "plain"
            folder.mkdir(parents=True, exist_ok=True)
            studies.lay_plain_files(folder)
        problem = studies.problem_with(folder, content)
        if problem:
            self._find(block.line, problem)

    def _syntax(self, block: Block) -> None:
        try:
            if block.language == "python":
                compile(block.text, self._page.name, "exec")
            elif block.language == "json":
                json.loads(block.text)
            elif block.language == "toml":
                tomllib.loads(block.text)
            elif block.language == "yaml":
                list(yaml.safe_load_all(block.text))
        except (SyntaxError, ValueError, yaml.YAMLError) as error:
            self._find(block.line, f"this is no {block.language}: {error}")


def _dialogue(block: Block) -> Iterator[tuple[str, str, int]]:
    """Take a console block apart: each command, what is shown below it, and its line."""
    command, shown, line = "", "", block.line
    for number, text in enumerate(block.text.splitlines(), start=block.line + 1):
        if text.startswith("$ "):
            if command:
                yield command, shown, line
            command, shown, line = text[2:], "", number
        elif command.endswith("\\") and not shown:
            command += f"\n{text}"
        else:
            shown += f"{text}\n"
    if command:
        yield command, shown, line
