# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The journal: what it remembers, what it survives, whom it keeps out."""

import json
import shutil

import pytest

from railcrate.publish.errors import JournalError, ReleaseBusyError
from railcrate.publish.journal import opened

SERVER = "https://zenodo.example"
FROZEN = {
    "identity": "i", "version": "1.0.0", "commit": "c", "files": [["a.txt", 3, "0" * 32]], "record": {"metadata": {}},
}  # fmt: skip


def _write_release(journal):
    journal.write("begin", mark="m", date="2026-05-01", previous=None)
    journal.write("request", method="POST", path="/records")
    journal.write("draft", id="7", parent="6")
    journal.write("reserved", doi="10.1/7", concept_doi="10.1/6", link="https://zenodo.example/uploads/7")
    journal.write("frozen", **FROZEN)
    journal.write("publishing")


def test_remembers_what_it_was_told(tmp_path):
    with opened(tmp_path, SERVER) as journal:
        assert journal.state is None
        _write_release(journal)
        told = journal.state
    with opened(tmp_path, SERVER) as journal:
        assert journal.state == told
        assert (journal.state.draft, journal.state.doi, journal.state.publishing) == ("7", "10.1/7", True)
        assert journal.state.frozen[0].files == {"a.txt": (3, "0" * 32)}
        journal.write("published", release={"identity": "i"})
        journal.write("closed")
    with opened(tmp_path, SERVER) as journal:
        assert journal.state.closed
        assert journal.last.published_files == {"a.txt": (3, "0" * 32)}
        journal.write("begin", mark="n", date="2026-06-01", previous="7")
        assert journal.state.draft is None
        assert journal.last.draft == "7"


def test_goes_with_the_folder(tmp_path):
    with opened(tmp_path / "here", SERVER) as journal:
        _write_release(journal)
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert str(tmp_path) not in (tmp_path / "there/journal.jsonl").read_text()
    with opened(tmp_path / "there", SERVER) as journal:
        assert journal.state.draft == "7"


def test_last_line_that_was_cut_counts_as_not_written(tmp_path):
    with opened(tmp_path, SERVER) as journal:
        _write_release(journal)
    path = tmp_path / "journal.jsonl"
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    for kept in range(len(last)):
        path.write_bytes(whole[: len(whole) - len(last) + kept])
        with opened(tmp_path, SERVER) as journal:
            assert not journal.state.publishing
            journal.write("publishing")
        with opened(tmp_path, SERVER) as journal:
            assert journal.state.publishing
    path.write_bytes(whole[: -len(last)] + b"\0" * len(last) + b"\n")  # what a power cut can leave
    with opened(tmp_path, SERVER) as journal:
        assert not journal.state.publishing


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"event": "draft"}', '{"event": "no such"}', '{"event": "begin", "mark": 1}']
)
def test_damage_in_the_middle_is_named(tmp_path, line):
    with opened(tmp_path, SERVER) as journal:
        _write_release(journal)
    path = tmp_path / "journal.jsonl"
    lines = path.read_text().splitlines()
    lines[2] = line
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(JournalError, match=r"journal\.jsonl:3"), opened(tmp_path, SERVER):
        pass
    assert len(path.read_text().splitlines()) == len(lines)


def test_journal_of_another_server_is_refused(tmp_path):
    with opened(tmp_path, SERVER):
        pass
    with (
        pytest.raises(JournalError, match="is the journal of https://zenodo.example"),
        opened(tmp_path, "https://x.org"),
    ):
        pass


def test_second_process_is_told_who_is_at_work(tmp_path):
    with (
        opened(tmp_path, SERVER),
        pytest.raises(ReleaseBusyError, match="process [0-9]+, since"),
        opened(tmp_path, SERVER),
    ):
        pass
    with opened(tmp_path, SERVER):
        pass


def test_each_line_is_json_with_its_time(tmp_path):
    with opened(tmp_path, SERVER) as journal:
        _write_release(journal)
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == [
        "journal", "begin", "request", "draft", "reserved", "frozen", "publishing",
    ]  # fmt: skip
    assert all(line["at"].endswith("+00:00") for line in lines)
