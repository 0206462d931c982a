# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import json
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from tests.servers.files import Trouble

from railcrate.data.errors import ChecksumError, DownloadError, SourceError
from railcrate.data.fetch import fetch_source
from railcrate.study.disk import DiskFullError
from railcrate.study.errors import EXIT_DATA, EXIT_ENVIRONMENT

CONTENT = b"".join(b"row %06d of the corpus\n" % number for number in range(20_000))
OTHER = CONTENT.replace(b"corpus", b"corpse")
PLACE = Path("data/raw/web/corpus.txt")
PART = Path("data/raw/web/.corpus.txt.part")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def study(make_study, files):
    files.files["/some/corpus.txt"] = CONTENT
    return make_study(web={"type": "url", "files": [{"url": files.url("/some/corpus.txt"), "sha256": sha256(CONTENT)}]})


def test_a_file_comes_from_the_network_with_its_record(folder, study, files):
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert json.loads(Path("data/raw/web.json").read_text()) == {
        "source": "web",
        "type": "url",
        "files": [  # and nothing of what the study states: its license and the like make no other files
            {
                "path": str(PLACE),
                "bytes": len(CONTENT),
                "sha256": sha256(CONTENT),
                "url": files.url("/some/corpus.txt"),
            }
        ],
    }
    record = json.loads(Path("records/fetch/web.json").read_text())
    assert record["from"] == {"corpus.txt": "the network"}
    assert record["bytes"] == len(CONTENT)
    assert [path.name for path in PLACE.parent.iterdir()] == ["corpus.txt"]  # nothing is left beside it


def test_a_second_fetch_gives_the_same_record_and_asks_nobody(folder, study, files):
    fetch_source(folder, study, "web")
    before, asked = Path("data/raw/web.json").read_bytes(), len(files.requests)
    fetch_source(folder, study, "web")
    assert Path("data/raw/web.json").read_bytes() == before
    assert len(files.requests) == asked


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(folder, study, files, status, capsys):
    files.troubles = [Trouble(status=status), Trouble(status=status)]
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert len(files.requests) == 3
    assert f"the server answers {status}" in capsys.readouterr().err


@pytest.mark.parametrize("after", [lambda: "1", lambda: formatdate(time.time() + 2, usegmt=True)])
def test_it_is_asked_no_earlier_than_it_wants(folder, study, files, after):
    files.troubles = [Trouble(status=503, headers={"Retry-After": after()})]
    started = time.monotonic()
    fetch_source(folder, study, "web")
    assert 0.9 < time.monotonic() - started < 20


def test_it_is_not_waited_for_an_hour(folder, study, files):
    files.troubles = [Trouble(status=503, headers={"Retry-After": "3600"})]
    with pytest.raises(DownloadError, match="asks to wait 3600 s"):
        fetch_source(folder, study, "web")


def test_after_six_attempts_in_vain_it_gives_up(folder, study, files):
    files.troubles = [Trouble(status=503)] * 20
    with pytest.raises(DownloadError, match="503") as told:
        fetch_source(folder, study, "web")
    assert len(files.requests) == 6
    assert "RAILCRATE_MIRROR" in told.value.hint
    assert told.value.exit_code == EXIT_ENVIRONMENT
    assert not PLACE.exists()
    assert not Path("data/raw/web.json").exists()
    assert not Path("records/fetch/web.json").exists()


def test_a_cut_connection_is_resumed_where_it_broke(folder, study, files):
    files.troubles = [Trouble(cut=100_000), Trouble(cut=50_000)]
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert [request.headers.get("Range") for request in files.requests] == [None, "bytes=100000-", "bytes=150000-"]
    assert files.requests[1].headers["If-Range"].startswith('"')


def test_attempts_that_bring_something_do_not_count(folder, study, files):
    files.troubles = [Trouble(cut=40_000)] * 10
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert len(files.requests) == 11


def test_what_has_arrived_is_kept_for_the_next_run(folder, study, files):
    files.troubles = [Trouble(cut=100_000), *[Trouble(status=503)] * 6]
    with pytest.raises(DownloadError):
        fetch_source(folder, study, "web")
    assert PART.read_bytes() == CONTENT[:100_000]
    files.troubles, files.requests[:] = [], []
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert files.requests[0].headers["Range"] == "bytes=100000-"
    assert not PART.exists()


def test_a_download_that_was_whole_when_the_run_was_killed_is_taken(folder, study, files):
    PART.parent.mkdir(parents=True)
    PART.write_bytes(CONTENT)
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert len(files.requests) == 1


def test_more_than_there_is_starts_again(folder, study, files):
    PART.parent.mkdir(parents=True)
    PART.write_bytes(CONTENT + b"and more")
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT


def test_a_server_without_ranges_starts_again(folder, study, files):
    files.ranges = False
    files.troubles = [Trouble(cut=100_000)]
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_not_pieced_together(folder, study, files):
    files.files["/some/corpus.txt"] = OTHER
    files.troubles = [Trouble(cut=100_000), *[Trouble(status=503)] * 6]
    with pytest.raises(DownloadError):
        fetch_source(folder, study, "web")
    files.files["/some/corpus.txt"], files.troubles, files.requests[:] = CONTENT, [], []
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert len(files.requests) == 1  # If-Range brought the whole file at once


def test_without_validators_a_mixture_is_found_and_downloaded_again(folder, study, files):
    files.validators = False
    PART.parent.mkdir(parents=True)
    PART.write_bytes(OTHER[:100_000])
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT
    assert [request.headers.get("Range") for request in files.requests] == ["bytes=100000-", None]


def test_another_file_is_refused_and_kept_aside(folder, study, files):
    files.files["/some/corpus.txt"] = OTHER
    with pytest.raises(ChecksumError) as told:
        fetch_source(folder, study, "web")
    assert sha256(OTHER) in told.value.message
    assert sha256(CONTENT) in told.value.message
    assert "data/raw/web/corpus.txt.refused" in told.value.hint
    assert Path("data/raw/web/corpus.txt.refused").read_bytes() == OTHER
    assert told.value.exit_code == EXIT_DATA
    assert not PLACE.exists()
    assert not PART.exists()
    assert not Path("data/raw/web.json").exists()
    files.files["/some/corpus.txt"] = CONTENT
    fetch_source(folder, study, "web")
    assert PLACE.read_bytes() == CONTENT


def test_a_file_that_is_not_there_is_told_at_once(folder, study, files):
    del files.files["/some/corpus.txt"]
    with pytest.raises(DownloadError, match="404") as told:
        fetch_source(folder, study, "web")
    assert files.url("/some/corpus.txt") in told.value.message
    assert "RAILCRATE_MIRROR" in told.value.hint
    assert len(files.requests) == 1


def test_no_network_is_told(folder, make_study):
    study = make_study(
        web={"type": "url", "files": [{"url": "http://127.0.0.1:9/corpus.txt", "sha256": sha256(CONTENT)}]}
    )
    with pytest.raises(DownloadError, match="refused") as told:
        fetch_source(folder, study, "web")
    assert "RAILCRATE_MIRROR" in told.value.hint
    assert told.value.exit_code == EXIT_ENVIRONMENT


def test_a_full_disk_is_told(folder, study, files):
    PART.parent.mkdir(parents=True)
    PART.with_name(f"{PART.name}.version").symlink_to("/dev/full")  # whatever is written there finds no room
    with pytest.raises(DiskFullError, match="disk is full") as told:
        fetch_source(folder, study, "web")
    assert told.value.exit_code == EXIT_ENVIRONMENT
    assert len(files.requests) == 1
    assert not PLACE.exists()
    assert not Path("data/raw/web.json").exists()


def test_a_doi_is_kept_in_the_record(folder, make_study, files):
    files.files["/records/1/files/a.txt"] = CONTENT
    study = make_study(
        web={
            "type": "doi",
            "doi": "10.5281/zenodo.1",
            "files": [
                {"url": files.url("/records/1/files/a.txt?download=1"), "sha256": sha256(CONTENT), "name": "corpus.txt"}
            ],
        }
    )
    files.files["/records/1/files/a.txt?download=1"] = CONTENT
    fetch_source(folder, study, "web")
    record = json.loads(Path("data/raw/web.json").read_text())
    assert (record["type"], record["doi"]) == ("doi", "10.5281/zenodo.1")
    assert record["files"][0]["path"] == str(PLACE)


def test_local_files_stay_where_they_are(folder, make_study):
    Path("corpus").mkdir()
    Path("corpus/a.txt").write_bytes(CONTENT)
    fetch_source(folder, make_study(own={"type": "local", "path": "corpus/*.txt"}), "own")
    record = json.loads(Path("data/raw/own.json").read_text())
    assert record["files"] == [{"path": "corpus/a.txt", "bytes": len(CONTENT), "sha256": sha256(CONTENT)}]
    with pytest.raises(SourceError, match=r"sources\.none: no file matches 'none/\*'"):
        fetch_source(folder, make_study(none={"type": "local", "path": "none/*"}), "none")
