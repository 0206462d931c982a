# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The server in a process of its own, and what outlives it."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import get_args

import pytest
import requests
from zenodo_kit import Client, md5

from railcrate.testing.zenodo import ROUTES, Fault, zenodo_server
from railcrate.testing.zenodo.faults import FAULTS, Kind


def start(state, *more):
    command = [sys.executable, "-m", "railcrate.testing.zenodo", "--state", str(state), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = [process.stdout.readline() for _ in range(2)]
    address = re.fullmatch(r"address: (http://127\.0\.0\.1:\d+)\n", said[0])[1]
    token = re.fullmatch(r"token: (\S+)\n", said[1])[1]
    return process, Client(address, token)


def test_records_outlive_a_killed_server(tmp_path):
    process, client = start(tmp_path / "state", "--prefix", "10.5072")
    published = client.published(b"one")
    draft = client.post(f"/api/records/{published}/versions").json()["id"]
    client.upload(draft, "a", b"a")
    client.begin(draft, "b")
    client.fill(draft, "b", b"b")
    process.kill()
    process.wait()
    process, again = start(tmp_path / "state", "--prefix", "10.5072")
    assert again.headers["Authorization"] == client.headers["Authorization"]
    assert again.get(f"/api/records/{published}").json()["pids"]["doi"]["identifier"].startswith("10.5072/")
    assert again.get(f"/api/records/{published}/files/data.bin/content").content == b"one"
    assert again.post(f"/api/records/{published}/versions").json()["id"] == draft
    assert again.commit(draft, "b").json()["checksum"] == f"md5:{md5(b'b')}"
    assert set(again.files(draft)) == {"a", "b"}
    assert again.draft() not in {published, draft}
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    assert process.stderr.read() == ""


def test_command_takes_faults_and_refuses_bad_ones(tmp_path):
    path = tmp_path / "faults.json"
    path.write_text(json.dumps([{"kind": "status", "method": "POST", "route": "records.create", "status": 503}]))
    process, client = start(tmp_path / "state", "--faults", str(path), "--token", "secret")
    assert client.headers["Authorization"] == "Bearer secret"
    assert client.post("/api/records", json={}).status_code == 503
    assert client.post("/api/records", json={}).status_code == 201
    process.terminate()
    process.wait()
    path.write_text("[{}]")
    command = [sys.executable, "-m", "railcrate.testing.zenodo", "--state", str(tmp_path), "--faults", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "0.kind" in done.stderr
    assert "Traceback" not in done.stderr


def test_other_processes_set_faults_and_read_the_log(client, server):
    send = requests.Session()
    url = f"{server.address}/_test"
    assert send.post(f"{url}/faults", json=[{"kind": "lost", "method": "POST"}]).status_code == 200
    with pytest.raises(requests.ConnectionError):
        client.post("/api/records", json={})
    assert send.get(f"{url}/faults").json()["faults"][0]["struck"] == 1
    send.delete(f"{url}/faults")
    record = client.published()
    log = send.get(f"{url}/requests").json()
    assert (log[0]["route"], log[0]["fault"], log[0]["status"]) == ("records.create", "lost", 0)
    assert server.token not in json.dumps(log)
    assert send.get(f"{url}/records").json()[-1]["files"]["data.bin"]["md5"] == md5(b"some bytes")
    send.delete(f"{url}/requests")
    assert server.requests == []
    assert send.post(f"{url}/delete-record", json={"id": record}).status_code == 200
    assert client.get(f"/api/records/{record}").status_code == 410
    assert send.post(f"{url}/delete-record", json={"id": "1"}).status_code == 400
    assert send.post(f"{url}/faults", json=[{"kind": "flood"}]).status_code == 400
    assert send.get(f"{url}/nothing").status_code == 404


def test_stopped_server_answers_nobody(tmp_path):
    with zenodo_server(tmp_path) as server:
        client = Client(server.address, server.token)
        record = client.draft()
        server.faults.append(Fault("late", "POST", "draft.files.begin", seconds=0.2))
        client.begin(record, "late")
    with pytest.raises(requests.ConnectionError):
        client.draft()
    with zenodo_server(tmp_path) as server:
        assert Client(server.address, server.token).files(record) == {}


def test_faults_may_be_another_list(client, server):
    server.faults = [Fault("status", status=503)]
    assert client.get("/api/records").status_code == 503


def test_large_uploads_in_little_memory(tmp_path):
    size, count = 30_000_000, 4
    process, client = start(tmp_path / "state")
    before = memory(process.pid)
    record = client.draft()
    keys = [f"{i}" for i in range(count)]
    client.begin(record, *keys)
    content = os.urandom(size)

    def fill(key):
        mine = Client(client.address, None)
        mine.headers.update(client.headers)
        assert mine.fill(record, key, content).status_code == 200
        assert mine.commit(record, key).json()["checksum"] == f"md5:{md5(content)}"
        assert md5(mine.get(f"/api/records/{record}/draft/files/{key}/content").content) == md5(content)

    threads = [threading.Thread(target=fill, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {entry["size"] for entry in client.files(record).values()} == {size}
    assert memory(process.pid) - before < 20_000_000
    process.terminate()
    process.wait()


def memory(pid):
    """The most memory that a process ever had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def test_page_of_the_docs_names_every_route_and_kind_of_fault():
    page = (Path(__file__).parents[2] / "docs" / "zenodo-test-server.md").read_text(encoding="utf-8")
    rows = [f"| `{route.name}` | {route.method} | `{route.pattern}` |" for route in ROUTES]
    assert [row for row in rows if row not in page] == []
    assert [kind for kind in get_args(Kind) if f"| `{kind}` |" not in page] == []
    faults = re.search(r"```json\n(.*?)```", page, re.DOTALL)[1]
    assert len(FAULTS.validate_json(faults)) == 2
