# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Hosts, proxies and the clock, asked of servers on the loopback address."""

from __future__ import annotations

import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler

import pytest
from tests.servers.files import serving

from railcrate.preflight import hosts

SILENT = "http://127.0.0.1:9"


def handler(status=200, ahead=0.0, date=None):
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response_only(status)
            self.send_header("Date", date or formatdate(time.time() - ahead, usegmt=True))
            self.end_headers()

        def log_message(self, format, *args):
            pass

    return Handler


@pytest.mark.parametrize("status", [200, 302, 404, 503])
def test_any_answer_shows_that_a_host_is_there(status):
    with serving(handler(status)) as address:
        (answer,) = hosts.ask([address])
    assert answer.problem == ""
    assert abs(answer.ahead) < 5


def test_those_that_are_silent_are_told_together():
    with serving(handler()) as there:
        answers = hosts.ask([there, SILENT, "http://127.0.0.1:7"])
    found = hosts.look(answers, {SILENT: "this", "http://127.0.0.1:7": "that"})
    assert [finding.state for finding in found] == ["ok", "warning"]
    assert "127.0.0.1:9, 127.0.0.1:7 (no connection)" in found[1].text
    assert found[1].way_out.startswith("Needed only for this, that.")


def test_no_host_at_all():
    (found,) = hosts.look(hosts.ask([SILENT]), {})
    assert (found.state, "RAILCRATE_MIRROR" in found.way_out) == ("warning", True)


def test_hosts_are_asked_at_the_same_time():
    class Slow(BaseHTTPRequestHandler):
        def do_HEAD(self):
            time.sleep(0.5)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format, *args):
            pass

    with serving(Slow) as address:
        began = time.monotonic()
        assert len(hosts.ask([address] * 6)) == 6
        assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(("ahead", "state"), [(20, "ok"), (4000, "warning"), (-90_000, "warning")])
def test_the_clock(ahead, state):
    with serving(handler(ahead=ahead)) as address:
        (found,) = hosts.look_at_clock(hosts.ask([address]))
    assert found.state == state
    if state == "warning":
        assert f"{abs(ahead) / 60:.0f} minutes {'ahead' if ahead > 0 else 'behind'}" in found.text


def test_one_wrong_clock_among_hosts_does_not_count():
    answers = [hosts.Answer("a", ahead=1.0), hosts.Answer("b", ahead=9999.0), hosts.Answer("c", ahead=0.0)]
    assert hosts.look_at_clock(answers)[0].state == "ok"
    assert hosts.look_at_clock([hosts.Answer("a", problem="no connection")]) == []


def test_a_host_whose_date_cannot_be_read():
    with serving(handler(date="yesterday")) as address:
        assert hosts.ask([address])[0] == hosts.Answer(address)


def test_a_proxy_that_wants_a_password(monkeypatch):
    with serving(handler(407)) as address:
        monkeypatch.setenv("http_proxy", address.replace("//", "//jane:secret@"))
        monkeypatch.delenv("no_proxy", raising=False)
        (answer,) = hosts.ask(["http://example.org"])
    assert "name and a password" in answer.problem


def test_proxies_are_told_without_their_password():
    (found,) = hosts.look_at_proxies({"https": "http://jane:secret@proxy.example.org:3128", "no": "localhost"})
    assert (found.text, found.detail) == ("by a proxy, for https", "https: proxy.example.org:3128")
    assert hosts.look_at_proxies({"no": "localhost"}) == []


def test_the_hub_may_be_elsewhere_and_is_then_not_named(monkeypatch):
    assert next(iter(hosts.addresses())) == "https://huggingface.co"
    monkeypatch.setenv("HF_ENDPOINT", f"{SILENT}/")
    assert next(iter(hosts.addresses())) == SILENT
    (found,) = hosts.look(hosts.ask([SILENT]), hosts.addresses())
    assert "the hub (HF_ENDPOINT)" in found.text
    assert "127.0.0.1" not in found.text
