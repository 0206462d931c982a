# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Finding what a reference means, and saying well what is wrong with it."""

import socket
import threading
import time
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from reproduce_kit import TITLE, publish, railcrate
from tests.servers.files import serving

from railcrate.reproduce.errors import (
    DeletedError,
    NoCrateError,
    NoRecordError,
    RestrictedError,
    ServerError,
    UnreachableError,
    WrongReferenceError,
)
from railcrate.reproduce.find import find
from railcrate.reproduce.web import Patience
from railcrate.study.errors import EXIT_DATA, EXIT_ENVIRONMENT, EXIT_USAGE
from railcrate.testing.zenodo import Fault

QUICK = Patience(connect=2, answer=0.5, stall=0.5, attempts=2)
FILES = {
    "README.md", "CITATION.cff", "LICENSES/Apache-2.0.txt", "code.zip", "data.zip", "results.zip", "manifest.json",
    "models/weights/tiny/model.safetensors",
}  # fmt: skip


# --- records ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{doi}", "doi:{doi}", "https://doi.org/{doi}", "http://dx.doi.org/{doi}", " {doi} "])
def test_a_doi(server, bundle, form):
    record = publish(server, bundle)
    found = find(form.format(doi=record.doi))
    assert found.folder is None
    assert {file.key for file in found.record.files} == FILES
    readme = found.record.file("README.md")
    assert (readme.size, readme.md5) == (23, record.files["README.md"].md5)
    assert (found.record.doi, found.record.concept_doi) == (record.doi, record.concept_doi)
    assert (found.record.title, found.record.creators, found.record.version) == (TITLE, ("Doe, Jane",), "1.0.0")
    assert found.notes == ()


@pytest.mark.parametrize("form", ["/records/{id}", "/api/records/{id}", "/doi/{doi}", "/records/{id}/files/README.md"])
def test_an_address(server, bundle, form):
    record = publish(server, bundle)
    found = find(server.address + form.format(id=record.id, doi=record.doi))
    assert {file.key for file in found.record.files} == FILES


def test_nobody_is_told_more_than_the_request_needs(server, bundle, monkeypatch):
    monkeypatch.setenv("ZENODO_API_TOKEN", "secret-token")
    find(publish(server, bundle).doi)
    for request in server.requests[-3:]:
        assert request.method == "GET"
        assert "secret-token" not in str(request)
        assert not [name for name in request.headers if name.lower() in {"authorization", "cookie"}]


def test_the_doi_of_all_versions_leads_to_the_newest(server, bundle):
    first = publish(server, bundle)
    second = publish(server, bundle, after=first.id)
    found = find(first.concept_doi)
    assert found.record.id == second.id
    assert f"{second.doi}, version 2.0.0" in found.notes[0]
    assert "stands for all versions" in found.notes[0]
    older = find(first.doi)
    assert older.record.id == first.id
    assert "there is a newer version" in older.notes[0]
    newest = find(f"{server.address}/records/{first.id}/latest")
    assert newest.record.id == second.id


def test_zenodos_older_description(server, bundle, monkeypatch):
    """A server may not know the kind of answer that is asked for first."""
    record = publish(server, bundle)
    monkeypatch.setattr("railcrate.reproduce.record.ACCEPT", "application/json")
    found = find(record.doi)
    assert {file.key for file in found.record.files} == FILES
    assert found.record.file("README.md").md5 == record.files["README.md"].md5
    assert (found.record.doi, found.record.concept_doi) == (record.doi, record.concept_doi)
    assert (found.record.creators, found.record.rights) == (("Doe, Jane",), ("cc-by-4.0",))


def test_no_such_doi(server):
    with pytest.raises(NoRecordError, match=r"there is no DOI 10\.5281/zenodo\.99 .*404"):
        find("10.5281/zenodo.99")
    with pytest.raises(NoRecordError, match="the record 99 of .* does not exist"):
        find(f"{server.address}/records/99")


def test_a_record_that_is_no_crate(server):
    record = publish(server, {"paper.pdf": b"%PDF", "data.csv": b"a,b"})
    with pytest.raises(NoCrateError, match=r"no crate of railcrate: it has no manifest\.json; it holds .*data\.csv"):
        find(record.doi)


def test_a_restricted_record(server, bundle):
    record = publish(server, bundle, access={"record": "restricted", "files": "restricted"})
    with pytest.raises(RestrictedError, match=r"is restricted: the server answers 403"):
        find(record.doi)


def test_restricted_files_and_an_embargo(server, bundle):
    record = publish(server, bundle, access={"record": "public", "files": "restricted"})
    with pytest.raises(RestrictedError, match="the files of record .* are restricted\n"):
        find(record.doi)
    day = (date.today() + timedelta(days=30)).isoformat()
    embargo = {"active": True, "until": day, "reason": "the paper is under review"}
    record = publish(server, bundle, access={"record": "public", "files": "restricted", "embargo": embargo})
    with pytest.raises(RestrictedError, match=rf"an embargo holds until {day} \(the paper is under review\)"):
        find(record.doi)


def test_a_deleted_record(server, bundle):
    record = publish(server, bundle)
    server.delete_record(record.id)
    with pytest.raises(DeletedError, match=r"was deleted \(on 20\d\d-\d\d-\d\d, reason: retracted\)"):
        find(record.doi)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(server, bundle, status):
    record = publish(server, bundle)
    server.faults.append(Fault("status", route="record.read", status=status, times=2))
    assert find(record.doi).record.id == record.id
    server.faults[:] = [Fault("status", route="record.read", status=status, times=0)]
    with pytest.raises(ServerError, match=f"the server answers {status}"):
        find(record.doi)
    assert server.faults[0].struck == Patience().attempts


@pytest.mark.parametrize("after", [False, True])
def test_a_server_that_asks_to_wait(server, bundle, after):
    record = publish(server, bundle)
    server.faults.append(Fault("rate-limit", route="record.read", seconds=1, after=after))
    begin = time.monotonic()
    find(record.doi)
    assert (0 if after else 0.9) <= time.monotonic() - begin < 3  # the time of a reset is in whole seconds
    server.faults[:] = [Fault("rate-limit", route="record.read", seconds=4000, times=0)]
    with pytest.raises(ServerError, match="asks to wait 4000 s"):
        find(record.doi)


# --- servers that are none --------------------------------------------------------------------


def test_a_web_page_where_a_record_was_expected(server, bundle):
    record = publish(server, bundle)
    server.faults.append(Fault("status", route="record.read", status=200, times=0))
    with pytest.raises(ServerError, match=r"answers a web page \(status 200\)"):
        find(record.doi)


def test_an_answer_that_never_comes(server, bundle):
    record = publish(server, bundle)
    server.faults.append(Fault("hang", route="record.read", times=0))
    begin = time.monotonic()
    with pytest.raises(ServerError, match=r"no answer came within 0\.5 seconds"):
        find(record.doi, patience=QUICK)
    assert time.monotonic() - begin < 4


def test_an_answer_that_drips(server, bundle):
    """One byte now and then: each would renew a time-out between two pieces."""
    record = publish(server, bundle)
    server.faults.append(Fault("drip", route="record.read", rate=50, times=0))
    begin = time.monotonic()
    with pytest.raises(ServerError, match=r"(only \d+ bytes of an|no) answer came within 0\.5 seconds"):
        find(record.doi, patience=QUICK)
    assert time.monotonic() - begin < 4


class _Strange(BaseHTTPRequestHandler):
    body = b""
    headers_sent: tuple[tuple[str, str], ...] = ()
    status = 200

    def do_GET(self):
        self.send_response(self.status)
        for name, value in self.headers_sent:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format, *args):
        """Keep quiet."""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "answers nothing"),
        (b"hello", "answers what is not JSON"),
        (b"[" * 100_000, "answers what is not JSON"),
        (b"[1]", "answers no record"),
        (b"{}", "answers no record"),
        (b'{"metadata": 7, "files": [{"size": -1}]}', "without name or size"),
        (b'{"metadata": {"creators": 3, "rights": 4, "title": 5}, "files": []}', "it holds no files"),
        (b'{"metadata": {"title": "a\\u001b[31m"}, "files": [{"key": "x", "size": 1}]}', r"\(a \[31m\) is no crate"),
    ],
)
def test_answers_that_are_no_record(body, told):
    with (
        serving(type("Handler", (_Strange,), {"body": body})) as address,
        pytest.raises((ServerError, NoCrateError), match=told),
    ):
        find(f"{address}/records/1")


def test_redirects_in_a_circle(monkeypatch):
    circle = type("Handler", (_Strange,), {"status": 302, "headers_sent": (("Location", "/again"),)})
    with serving(circle) as address:
        monkeypatch.setenv("RAILCRATE_DOI_RESOLVER", address)
        with pytest.raises(ServerError, match="in a circle"):
            find("10.1234/x")
        with pytest.raises(ServerError, match="in a circle"):
            find(f"{address}/records/1")


def test_a_doi_of_something_else(monkeypatch):
    """A paper at a publisher, whose page is no record."""
    with serving(type("Handler", (_Strange,), {"body": b"<html>a paper</html>"})) as publisher:
        to = type("Handler", (_Strange,), {"status": 302, "headers_sent": (("Location", f"{publisher}/paper/7"),)})
        with serving(to) as resolver:
            monkeypatch.setenv("RAILCRATE_DOI_RESOLVER", resolver)
            with pytest.raises(NoRecordError, match=f"leads to {publisher}/paper/7, which is no record"):
                find("10.1234/paper.7")


def test_a_redirect_out_of_the_web(monkeypatch):
    to = type("Handler", (_Strange,), {"status": 302, "headers_sent": (("Location", "file:///etc/passwd"),)})
    with serving(to) as address:
        monkeypatch.setenv("RAILCRATE_DOI_RESOLVER", address)
        with pytest.raises(UnreachableError, match="is no address of a web server"):
            find("10.1234/x")


def test_files_that_come_in_pages():
    """Not Zenodo's way, but a server may: links lead from one page of the list to the next."""

    class Paged(_Strange):
        def do_GET(self):
            page = self.path.partition("page=")[2]
            self.body = b'{"id": 1, "metadata": {"title": "t"}, "files": {"enabled": true}}'
            if "/files" in self.path:
                key, following = {"": ("b/c.txt", "2"), "2": ("manifest.json", "3"), "3": ("d", "")}[page]
                links = f'{{"next": "/api/records/1/files?page={following}"}}' if following else "{}"
                self.body = f'{{"entries": [{{"key": "{key}", "size": 3}}], "links": {links}}}'.encode()
            super().do_GET()

    with serving(Paged) as address:
        record = find(f"{address}/records/1").record
        assert [file.key for file in record.files] == ["b/c.txt", "manifest.json", "d"]
        assert record.files[0].url == f"{address}/api/records/1/files/b/c.txt/content"
        assert record.files[0].md5 is None


@pytest.fixture
def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_no_connection(closed_port, monkeypatch):
    monkeypatch.setenv("RAILCRATE_DOI_RESOLVER", f"http://127.0.0.1:{closed_port}")
    with pytest.raises(UnreachableError, match=f"there is no connection to 127.0.0.1:{closed_port}: .*refused"):
        find("10.5281/zenodo.1")


def test_a_server_that_speaks_no_http():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1000)
                    connection.sendall(b"220 mail.example.org ESMTP\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ServerError, match="broke the connection off, or does not speak HTTP"):
            find(f"http://127.0.0.1:{listener.getsockname()[1]}/records/1", patience=QUICK)
        listener.shutdown(socket.SHUT_RDWR)


# --- folders ----------------------------------------------------------------------------------


def test_a_folder(bundle, monkeypatch):
    assert find(bundle).folder == bundle
    assert find(str(bundle / "manifest.json")).folder == bundle
    monkeypatch.chdir(bundle.parent)
    assert find("bundle").folder == bundle


def test_a_folder_that_is_no_crate(tmp_path, bundle):
    with pytest.raises(NoCrateError, match=r"no crate of railcrate: it has no manifest\.json") as error:
        find(tmp_path)
    assert "It has bundles in bundle." in error.value.hint
    with pytest.raises(WrongReferenceError, match=r"is a file, and not the manifest\.json"):
        find(bundle / "README.md")


@pytest.mark.parametrize("reference", ["", "nowhere", "10.5281", "https://example.org/", "ftp://example.org/records/1"])
def test_what_is_no_reference(reference, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongReferenceError) as error:
        find(reference)
    assert "Give a DOI" in error.value.hint


def test_a_draft(tmp_path):
    with pytest.raises(WrongReferenceError) as error:
        find("https://zenodo.org/uploads/123")
    assert "A draft has no files for others" in error.value.hint


# --- the command ------------------------------------------------------------------------------


def test_the_command_tells_it_with_its_exit_code(server, tmp_path, closed_port):
    record = publish(server, {"paper.pdf": b"%PDF"})
    assert "is no crate of railcrate" in railcrate("fetch", record.doi, folder=tmp_path, code=EXIT_DATA)
    assert "is neither a DOI" in railcrate("fetch", "nowhere", folder=tmp_path, code=EXIT_USAGE)
    told = railcrate("fetch", f"http://127.0.0.1:{closed_port}/records/1", folder=tmp_path, code=EXIT_ENVIRONMENT)
    assert "there is no connection" in told
    assert not [path.name for path in tmp_path.iterdir() if path.name != "zenodo"]
