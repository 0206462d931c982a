# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Each fault: what the client meets, and whether the request had its effect."""

import collections
import time
from dataclasses import replace

import pytest
import requests
from zenodo_kit import METADATA, RDM, md5

from railcrate.study.errors import ConfigError
from railcrate.testing.zenodo import CATALOGUE, ROUTES, Fault, load_faults
from railcrate.testing.zenodo.faults import dump_faults


def create(client, **more):
    return client.post("/api/records", json={"metadata": METADATA}, **more)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("after", [False, True])
def test_page_of_a_proxy_before_or_after_the_effect(client, server, status, after):
    server.faults.append(Fault("status", "POST", "records.create", status=status, after=after))
    answer = create(client)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert len(server.records()) == int(after)
    assert create(client).status_code == 201, "once"
    assert [request.fault for request in server.requests] == ["status", None]


def test_error_of_the_api_in_the_middle_of_a_run(client, server):
    server.faults.append(Fault("status", nth=2, status=401, message="Unauthorized."))
    assert create(client).status_code == 201
    refused = create(client)
    assert (refused.status_code, refused.json()) == (401, {"status": 401, "message": "Unauthorized."})
    assert create(client).status_code == 201


def test_rate_limit_with_and_without_retry_after(client, server):
    server.faults += [Fault("rate-limit", seconds=3), Fault("rate-limit", nth=2, seconds=3, after=True)]
    told = create(client)
    assert (told.status_code, told.headers["Retry-After"]) == (429, "3")
    silent = create(client)
    assert silent.status_code == 429
    assert "Retry-After" not in silent.headers
    assert 2 < int(silent.headers["X-RateLimit-Reset"]) - time.time() < 5
    assert server.records() == []


def test_connection_reset_within_an_upload(client, server):
    record = client.draft()
    client.begin(record, "a")
    server.faults.append(Fault("reset", "PUT", "draft.file.upload", at=5000))
    with pytest.raises(requests.ConnectionError):
        client.fill(record, "a", bytes(50_000_000))
    assert server.requests[-1].received == 5000
    assert client.commit(record, "a").status_code == 500, "nothing of it was kept"
    assert client.fill(record, "a", b"again").status_code == 200
    assert client.commit(record, "a").json()["size"] == 5


def test_connection_reset_before_the_effect(client, server):
    server.faults.append(Fault("reset"))
    with pytest.raises(requests.ConnectionError):
        create(client)
    assert server.records() == []


@pytest.mark.parametrize("step", ["create", "commit", "publish"])
def test_answer_lost_after_the_effect(client, server, step):
    fault = Fault("lost", "POST", {"create": "^/api/records$", "commit": "/commit$", "publish": "/publish$"}[step])
    if step == "create":
        server.faults.append(fault)
        with pytest.raises(requests.ConnectionError):
            create(client)
        assert len(server.drafts()) == 1
        return
    record = client.draft()
    client.begin(record, "a")
    client.fill(record, "a", b"a")
    if step == "publish":
        client.commit(record, "a")
    server.faults.append(fault)
    with pytest.raises(requests.ConnectionError):
        client.commit(record, "a") if step == "commit" else client.publish(record)
    assert server.records()[0].files["a"].status == "completed"
    assert server.records()[0].published == (step == "publish")


def test_publish_that_takes_effect_after_its_504(client, server):
    record = client.draft()
    client.upload(record, "a", b"a")
    server.faults.append(Fault("late", "POST", "draft.publish", status=504, seconds=0.4))
    assert client.publish(record).status_code == 504
    assert client.get(f"/api/records/{record}").status_code == 404
    assert client.get(f"/api/records/{record}/draft").status_code == 200
    end = time.monotonic() + 5
    while not server.published() and time.monotonic() < end:
        time.sleep(0.02)
    assert client.get(f"/api/records/{record}").status_code == 200
    assert client.get(f"/api/records/{record}/draft").status_code == 404


def test_draft_with_a_strangers_file(client, server):
    server.faults.append(Fault("foreign", "POST", "records.create", key="old/junk.bin", content="junk"))
    record = create(client).json()["id"]
    assert client.files(record)["old/junk.bin"]["checksum"] == f"md5:{md5(b'junk')}"
    server.put_file(record, "more.txt", b"more")
    assert client.get(f"/api/records/{record}/draft/files/more.txt/content").content == b"more"


def test_new_version_with_a_strangers_file(client, server):
    first = client.published()
    server.faults.append(Fault("foreign", "POST", "record.new-version"))
    second = client.post(f"/api/records/{first}/versions").json()["id"]
    assert set(client.files(second)) == {"foreign.txt"}


def test_bytes_that_the_server_spoils(client, server):
    record = client.draft()
    client.begin(record, "a", "b")
    server.faults += [
        Fault("corrupt", "PUT", "/a/content", at=2),
        Fault("truncate", "PUT", "/b/content", at=3),
    ]
    assert client.fill(record, "a", b"abcdef").status_code == 200
    assert client.fill(record, "b", b"abcdef").status_code == 200
    assert client.commit(record, "a").json()["checksum"] == f"md5:{md5(b'ab' + bytes([ord('c') ^ 255]) + b'def')}"
    assert client.commit(record, "b").json()["size"] == 3


def test_downloads_that_the_server_spoils(client, stranger, server):
    record = client.published(b"0123456789" * 10)
    path = f"/api/records/{record}/files/data.bin/content"
    server.faults += [
        Fault("corrupt", "GET", "record.file.download", at=50),
        Fault("truncate", "GET", "record.file.download", nth=2, at=30),
        Fault("cut", "GET", "record.file.download", nth=3, at=30),
        Fault("drip", "GET", "record.file.download", nth=4, rate=200),
    ]
    spoilt = stranger.get(path).content
    assert [i for i in range(100) if spoilt[i : i + 1] != stranger_byte(i)] == [50]
    assert stranger.get(path).content == b"0123456789" * 3, "and the length says so, too"
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        stranger.get(path)
    started = time.monotonic()
    assert len(stranger.get(path).content) == 100
    assert time.monotonic() - started > 0.3
    assert stranger.get(path).content == b"0123456789" * 10


def stranger_byte(i):
    return b"0123456789"[i % 10 : i % 10 + 1]


def test_download_cut_and_taken_up_again(client, stranger, server):
    record = client.published(b"0123456789" * 10)
    path = f"/api/records/{record}/files/data.bin/content"
    server.faults.append(Fault("cut", "GET", "record.file.download", at=42))
    first = bytearray()
    pieces = stranger.get(path, stream=True).iter_content(10)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        collections.deque((first.extend(piece) for piece in pieces), maxlen=0)
    rest = stranger.get(path, headers={"Range": f"bytes={len(first)}-"})
    assert first + rest.content == b"0123456789" * 10


def test_quota_and_the_413_of_a_proxy(client, server):
    record = client.draft()
    client.begin(record, "a")
    server.faults += [
        replace(CATALOGUE["quota"], nth=1),
        replace(CATALOGUE["413 of a proxy"], nth=2),
    ]
    quota = client.fill(record, "a", bytes(5_000_000))
    assert (quota.status_code, quota.json()["message"]) == (400, "Bucket quota exceeded.")
    proxy = client.fill(record, "a", bytes(5_000_000))
    assert proxy.status_code == 413
    assert "<h1>413" in proxy.text
    assert client.fill(record, "a", bytes(5_000_000)).status_code == 200


def test_request_that_a_proxy_sends_twice(client, server):
    record = client.draft()
    server.faults.append(Fault("twice", "POST", "draft.files.begin"))
    assert client.begin(record, "a").status_code == 400, "a duplicate key"
    assert set(client.files(record)) == {"a"}
    server.faults.append(Fault("twice", "PUT", "draft.file.upload"))
    client.fill(record, "a", b"a")
    assert client.commit(record, "a").json()["size"] == 1
    server.faults.append(Fault("twice", "POST", "draft.publish"))
    assert client.publish(record).status_code == 404
    assert len(server.published()) == 1


def test_draft_changed_by_somebody_else(client, server):
    record = client.draft()
    revision = client.get(f"/api/records/{record}/draft").json()["revision_id"]
    server.faults.append(Fault("conflict", "PUT", "draft.update"))
    answer = client.put(
        f"/api/records/{record}/draft", json={"metadata": METADATA}, headers={"If-Match": str(revision)}
    )
    assert answer.status_code == 412


@pytest.mark.parametrize("after", [False, True])
def test_never_answering(client, server, after):
    server.faults.append(Fault("hang", "POST", "records.create", after=after))
    with pytest.raises(requests.ReadTimeout):
        create(client, timeout=0.3)
    assert len(server.records()) == int(after)
    server.faults[:] = [Fault("hang", seconds=0.2)]
    with pytest.raises(requests.ConnectionError):
        create(client)


def test_answer_that_drips_and_answer_that_is_cut(client, server):
    server.faults += [Fault("drip", "POST", rate=10_000), Fault("cut", "POST", nth=2, at=10)]
    started = time.monotonic()
    assert create(client).status_code == 201
    assert time.monotonic() - started > 0.1
    with pytest.raises(requests.RequestException):
        create(client).json()
    assert len(server.records()) == 2


def test_errors_on_versions_for_hours(client, server):
    record = client.published()
    server.faults.append(CATALOGUE["500 on versions"])
    for _ in range(5):
        assert client.post(f"/api/records/{record}/versions").status_code == 500
        assert client.get(f"/api/records/{record}/versions/latest").status_code == 500
    assert client.get(f"/api/records/{record}").status_code == 200
    server.faults.clear()
    assert client.post(f"/api/records/{record}/versions").status_code == 201


def test_faults_count_what_they_could_meet(client, server):
    fault = Fault("status", "POST", "draft.files.begin", nth=2, times=2, status=503)
    server.faults.append(fault)
    record = client.draft()
    statuses = [client.begin(record, str(i)).status_code for i in range(4)]
    assert statuses == [201, 503, 503, 201]
    assert (fault.seen, fault.struck) == (4, 2)


def test_every_fault_of_the_catalogue_before_every_request(client, server):
    """No fault but those that spoil bytes or add files leaves a wrong state behind, and none stops the server."""
    for fault in CATALOGUE.values():
        for n in (1, 3, 6):
            server.faults[:] = [replace(fault, nth=n, seconds=0.05)]
            walk(server)
    server.faults.clear()
    assert client.published()
    for record in server.published():
        content = record.files["data.bin"].path.read_bytes()
        assert (md5(content), len(content)) == (record.files["data.bin"].md5, record.files["data.bin"].size)


def walk(server):
    """Send the requests of a release, whatever comes back."""
    headers = {"Authorization": f"Bearer {server.token}", "Accept": RDM}
    record = "0"
    steps = [
        ("POST", "", {"json": {"metadata": METADATA}}),
        ("POST", "/{}/draft/files", {"json": [{"key": "data.bin"}]}),
        ("PUT", "/{}/draft/files/data.bin/content", {"data": bytes(200)}),
        ("POST", "/{}/draft/files/data.bin/commit", {}),
        ("PUT", "/{}/draft", {"json": {"metadata": METADATA}}),
        ("POST", "/{}/draft/actions/publish", {}),
        ("GET", "/{}/versions", {}),
    ]
    for method, path, more in steps:
        url = f"{server.address}/api/records{path.format(record)}"
        try:
            answer = requests.request(method, url, headers=headers, timeout=0.2, **more)
            record = answer.json().get("id", record) if method == "POST" and not path else record
        except requests.RequestException:
            continue


def test_faults_are_read_from_json(tmp_path):
    path = tmp_path / "faults.json"
    path.write_bytes(dump_faults(CATALOGUE.values()))
    assert load_faults(path) == list(CATALOGUE.values())
    path.write_text('[{"kind": "status", "method": "POST", "statsu": 502}]')
    with pytest.raises(ConfigError, match=r"0\.statsu"):
        load_faults(path)
    path.write_text('[{"kind": "flood"}]')
    with pytest.raises(ConfigError, match="kind"):
        load_faults(path)


def test_names_of_routes_are_known():
    names = {route.name for route in ROUTES}
    named = {fault.route for fault in CATALOGUE.values() if "." in fault.route}
    assert named <= names


def test_token_is_nowhere_in_the_log(client, server):
    create(client)
    requests.get(f"{server.address}/api/records?access_token={server.token}")
    requests.get(f"{server.address}/api/records?access_token=wrong-one")
    requests.get(f"{server.address}/api/records", headers={"Authorization": "Bearer wrong-two"})
    assert [request.token for request in server.requests] == ["right", "right", "wrong", "wrong"]
    assert [request.token_in_url for request in server.requests] == [False, True, True, False]
    text = repr(server.requests)
    for secret in (server.token, "wrong-one", "wrong-two"):
        assert secret not in text
