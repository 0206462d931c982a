# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The client: what is sent again, how long it waits, where the token goes, what a refusal reads like."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from publish_kit import SHORT

from railcrate.publish.address import server_of
from railcrate.publish.client import Client
from railcrate.publish.errors import (
    NoRoomError,
    RefusedError,
    ReleaseConfigError,
    TokenError,
    UnreachableError,
    UnsureError,
)
from railcrate.publish.limits import Pace, asked_wait
from railcrate.publish.token import Token

SECRET = "s3cret-of-this-test"


class Script:
    """What a server answers, one entry after another; the last one again and again."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.seen = []
        self.address = ""

    def next(self, request):
        self.seen.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def answer(status=200, body=b'{"a": 1}', **headers):
    return status, body, {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def serving(script, tls=None):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found = script.next((self.command, self.path, dict(self.headers), body))
            if callable(found):
                found(self)
                self.close_connection = True
                return
            status, body, headers = found
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  (http.server's names)

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    script.address = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()


class Waits:
    def __init__(self):
        self.waits, self.said, self.noted, self.now = [], [], [], 1_800_000_000.0

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def client(self, script, token=True):
        patience = replace(SHORT, sleep=self.sleep, clock=lambda: self.now)
        return Client(
            server_of(script.address), Token(SECRET, "a test") if token else None, patience,
            note=lambda *words: self.noted.append(words), say=self.said.append,
        )  # fmt: skip


@pytest.fixture
def waits():
    return Waits()


def hang_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


def test_get_is_sent_again_after_whatever_may_pass(waits):
    page = answer(502, b"<html><title>502 Bad\n Gateway</title></html>")
    with serving(Script(page, hang_up, answer(200, b""), answer(200, b"<html>hello</html>"), answer())) as script:
        assert waits.client(script).get("/x").content == {"a": 1}
    assert len(script.seen) == 5
    assert waits.waits == [1, 2, 4, 8]
    assert '502 Bad Gateway ("502 Bad Gateway")' in waits.said[0]
    assert "with nothing" in waits.said[2]
    assert "no JSON" in waits.said[3]


@pytest.mark.parametrize("lost", [answer(504, b"no"), hang_up, answer(200, b"<html></html>"), answer(500, b"{}")])
def test_what_must_not_be_done_twice_is_not_sent_twice(waits, lost):
    with serving(Script(lost, answer())) as script, pytest.raises(UnsureError):
        waits.client(script).send("POST", "/x", resend=False)
    assert len(script.seen) == 1
    assert waits.noted == [("POST", "/x")]


def test_what_had_no_effect_is_always_sent_again(waits):
    with serving(Script(answer(429, b"{}", Retry_After="7"), answer(201))) as script:
        assert waits.client(script).send("POST", "/x", resend=False).status == 201
    assert waits.waits == [7]
    assert waits.noted == [("POST", "/x")] * 2


def test_nobody_there(waits):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        script = Script(answer())
        script.address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UnreachableError, match=r"Connection refused.*asked 5 times"):
            waits.client(script).send("POST", "/x", resend=False)
    assert len(waits.waits) == 4


def test_waits_until_the_reset_that_a_limit_names(waits):
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(waits.now) + 40)}
    with serving(Script((429, b"{}", headers), answer())) as script:
        waits.client(script).get("/x")
    assert waits.waits == [40]


def test_longer_wait_than_anyone_would_is_told(waits):
    script = Script(answer(429, b"{}", Retry_After="7200"))
    with serving(script), pytest.raises(UnreachableError, match="asks to wait 120 minutes"):
        waits.client(script).get("/x")
    assert waits.waits == []


def test_slows_down_when_few_requests_are_left(waits):
    headers = {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": str(int(waits.now) + 20)}
    with serving(Script((200, b"{}", headers), answer())) as script:
        client = waits.client(script)
        client.get("/x")
        client.get("/x")
    assert waits.waits == [10]
    assert "takes 1 more requests" in waits.said[0]


def test_limits_in_all_their_spellings():
    now = 1_800_000_000.0
    assert asked_wait({"Retry-After": "3"}, now) == 3
    assert asked_wait({"Retry-After": formatdate(now + 30, usegmt=True)}, now) == 30
    assert asked_wait({"Retry-After": formatdate(now - 30, usegmt=True)}, now) == 0
    assert asked_wait({"Retry-After": "soon", "X-RateLimit-Reset": "12"}, now) == 12
    assert asked_wait({"X-RateLimit-Reset": str(now + 5)}, now) == 5
    assert asked_wait({}, now) is None
    pace = Pace()
    pace.note({"X-RateLimit-Remaining": "500", "X-RateLimit-Reset": str(now + 50)}, now)
    assert pace.wait(now) == 0
    pace.note({"X-RateLimit-Remaining": "4", "X-RateLimit-Reset": str(now + 50)}, now)
    assert pace.wait(now) == 10
    assert pace.wait(now + 60) == 0


@pytest.mark.parametrize("what", ["head", "body"])
def test_answer_that_drips_for_ever_comes_to_an_end(waits, what):
    def drip(handler):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"
        quick, slow = (b"", head) if what == "head" else (head, b" " * 500)
        try:
            handler.connection.sendall(quick)
            for byte in slow:
                handler.connection.sendall(bytes([byte]))
                time.sleep(0.05)
        except OSError:
            return  # the client has had enough

    begun = time.monotonic()
    with serving(Script(drip)) as script, pytest.raises(UnreachableError):
        waits.client(script).get("/x")
    assert len(script.seen) == SHORT.attempts
    assert time.monotonic() - begun < SHORT.attempts * SHORT.answer + 3


def test_answer_without_an_end_does_not_fill_the_memory(waits):
    def pour(handler):
        handler.connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        block = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
        try:
            while True:
                handler.connection.sendall(block)
        except OSError:
            return

    patient = replace(SHORT, attempts=1, answer=20, silence=10)
    with serving(Script(pour)) as script, pytest.raises(UnreachableError, match="more than 33554432 bytes"):
        Client(server_of(script.address), Token(SECRET, "a test"), patient).get("/x")


def test_token_goes_to_its_server_alone(waits, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password other-secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(Script(answer())) as other:
        away = answer(302, b"", Location=f"{other.address}/api/y")
        near = answer(302, b"", Location="/api/y")
        with serving(Script(near, answer(), away)) as script:
            client = waits.client(script)
            client.get("/x", params={"q": "words"})
            with pytest.raises(RefusedError, match="another server") as told:
                client.get("/x")
        assert other.seen == []
    assert [headers["Authorization"] for _, _, headers, _ in script.seen] == [f"Bearer {SECRET}"] * 3
    assert not any(SECRET in path for _, path, _, _ in script.seen)
    assert SECRET not in f"{told.value} {told.value!r} {waits.said} {waits.noted}"


def test_goes_through_the_proxy_that_is_set(waits, monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"0123456789" * 100_000)
    with serving(Script(answer())) as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        monkeypatch.setenv("no_proxy", "")
        behind = Script(answer())
        behind.address = "http://127.0.0.1:9"
        client = waits.client(behind)
        assert client.get("/x").content == {"a": 1}
        client.upload("/y", lambda: file.open("rb"), file.stat().st_size)
    assert [path for _, path, _, _ in proxy.seen] == ["http://127.0.0.1:9/api/x", "http://127.0.0.1:9/api/y"]
    assert proxy.seen[1][3] == file.read_bytes()


def test_public_reads_go_without_any_token(waits, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password other-secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(Script(answer())) as script:
        waits.client(script).get("/x", public=True)
    assert "Authorization" not in script.seen[0][2]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody has signed but itself, with its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(host, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(
        signed.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    )  # fmt: skip
    return path


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_knows_gets_no_token(waits, tls):
    with serving(Script(answer()), tls) as script, pytest.raises(UnreachableError, match=r"is not safe.*certificate"):
        waits.client(script).get("/x")
    assert script.seen == []
    assert waits.waits == []


def test_a_certificate_that_is_trusted(waits, tls, certificate, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    file = tmp_path / "file"
    file.write_bytes(b"0123456789" * 200_000)
    with serving(Script(answer()), tls) as script:
        client = waits.client(script)
        assert client.get("/x").content == {"a": 1}
        client.upload("/y", lambda: file.open("rb"), file.stat().st_size)
    assert script.seen[1][3] == file.read_bytes()


def test_a_safe_connection_that_breaks_off_may_have_had_its_effect(waits, tls, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with serving(Script(hang_up), tls) as script, pytest.raises(UnsureError):
        waits.client(script).send("POST", "/x", resend=False)
    assert len(script.seen) == 1


def test_changes_are_not_taken_elsewhere(waits):
    script = Script(answer(307, b"", Location="/api/y"))
    with serving(script), pytest.raises(RefusedError, match="answers 307"):
        waits.client(script).send("POST", "/x", resend=True)
    assert len(script.seen) == 1


FIELDS = b'{"status": 400, "message": "A validation error occurred.", "errors": [{"field": "metadata.title", "messages": ["Too short."]}]}'  # noqa: E501


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [
        (400, FIELDS, RefusedError, "metadata.title: Too short."),
        (401, b'{"message": "Unauthorized."}', TokenError, "deposit:write"),
        (403, b'{"message": "Permission denied."}', TokenError, "Permission denied"),
        (400, b'{"message": "Bucket quota exceeded."}', NoRoomError, "release.external"),
        (413, b"<title>413 Too Large</title>", NoRoomError, "part_gigabytes"),
        (404, b"<title>Not here</title>", RefusedError, "an InvenioRDM server"),
    ],
)
def test_refusals_say_what_is_wrong_and_what_to_do(waits, status, body, kind, told):
    with serving(Script(answer(status, body))) as script, pytest.raises(kind, match=told) as error:
        waits.client(script).send("PUT", "/x", content={}, resend=True)
    assert len(script.seen) == 1
    assert error.value.hint
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    "target", ["nowhere", "ftp://x.org", "https://", "https://me:pass@x.org", "https://x.org/records", "http://x.org"]
)
def test_addresses_that_are_refused(target):
    with pytest.raises(ReleaseConfigError) as told:
        server_of(target)
    assert "pass" not in told.value.message.replace("passes", "")


def test_addresses_that_mean_the_same():
    assert server_of("https://zenodo.org/").title == "Zenodo"
    assert server_of("https://Zenodo.org/api") == server_of("zenodo")
    assert server_of("sandbox").address == "https://sandbox.zenodo.org"
    assert server_of("sandbox").is_rehearsal
    assert server_of("http://127.0.0.1:5000").host == "127.0.0.1_5000"
