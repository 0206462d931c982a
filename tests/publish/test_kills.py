# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A release that is killed: within each of its requests, before each of its writes; then the same command again."""

import itertools
import json
from signal import SIGKILL

import kill_kit
import pytest
from publish_kit import Builder, Releasing, make_folder
from release_invariants import broken, until_done

from railcrate.testing.zenodo import Fault

SECONDS = 20  # of patience with one process


class Study:
    """A study of which one version after another is released; where `first`, each time the first of a new one."""

    def __init__(self, server, folder, *, first):
        self.server, self.folder, self.first, self.count = server, folder, first, 0
        self.releasing = None

    def next(self) -> Releasing:
        self.count += 1
        if self.releasing is None or self.first or self.count % 8 == 0:
            place = make_folder(self.folder / f"study-{self.count}")
            self.releasing = Releasing(place, self.server.address, self.server.token)
            if not self.first:
                self.releasing.builder = Builder("0.0.1", f"before {self.count}")
                self.releasing.run()
        self.releasing.builder = Builder(f"{self.count}.0.0", f"data {self.count}")
        self.releasing.said.clear()
        self.releasing.errors.clear()
        return self.releasing

    def start(self, **more):
        one = self.releasing
        return kill_kit.start(
            one.folder, one.address, one.token, one.builder.version, one.builder.data, **more
        )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "after", "step"),
    [(True, True, 1), (True, False, 3), (False, True, 2), (False, False, 4)],
    ids=["first version, after the effect", "first version, before it", "new version, after", "new version, before"],
)
def test_killed_within_a_request(server, tmp_path, first, after, step):
    """Within each request of a first version after its effect, which is the worst; of the rest a sample."""
    study = Study(server, tmp_path, first=first)
    clean = study.next()
    server.requests.clear()
    clean.run()
    for nth in range(1, len(server.requests) + 1, step):
        releasing = study.next()
        server.requests.clear()
        server.faults[:] = [Fault("hang", nth=nth, after=after)]
        process = study.start()
        _wait_for(lambda: server.faults[0].struck, process)
        process.kill()
        process.join(SECONDS)
        server.faults.clear()
        outcome, commands = until_done(releasing, server)
        assert commands == 1, [str(error) for error in releasing.errors]
        assert broken(releasing, server, outcome) == [], nth


@pytest.mark.parametrize(("first", "step"), [(True, 1), (False, 2)], ids=["first version", "new version"])
def test_killed_before_each_write(server, tmp_path, first, step):
    study = Study(server, tmp_path, first=first)
    lines = set()
    for nth in itertools.count(1, step):
        releasing = study.next()
        process = study.start(kill_at_write=nth)
        process.join(SECONDS)
        if process.exitcode == 0:
            break
        assert process.exitcode == -SIGKILL
        journal = next(releasing.folder.rglob("journal.jsonl"), None)
        lines.add(len(journal.read_text().splitlines()) if journal else 0)
        outcome, commands = until_done(releasing, server)
        assert commands == 1, [str(error) for error in releasing.errors]
        assert broken(releasing, server, outcome) == [], nth
    assert nth > 25
    assert len(lines) > 20 / step  # it was killed between many lines of the journal


def test_line_of_the_journal_that_was_cut_anywhere(server, releasing):
    """A kill or a power cut leaves a part of the last line, which then was not written."""
    server.faults[:] = [Fault("status", "POST", "draft.publish", status=403, message="Permission denied.")]
    with pytest.raises(Exception, match="403"):
        releasing.run()
    journal = next(releasing.folder.rglob("journal.jsonl"))
    *whole, last = journal.read_bytes().splitlines(keepends=True)
    assert json.loads(last)["event"] == "settled"
    journal.write_bytes(b"".join(whole) + last[: len(last) // 2])
    outcome, commands = until_done(releasing, server)
    assert commands == 1
    assert broken(releasing, server, outcome) == []


def _wait_for(what, process):
    import time

    end = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < end
        assert process.is_alive(), process.exitcode
        time.sleep(0.002)
