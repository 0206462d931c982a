# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the public gets to see of records: pages, versions, files, and what is kept from it."""

import time
from datetime import date, timedelta

import pytest
import zenodo_client
from zenodo_kit import METADATA, Client, md5

from railcrate.testing.zenodo import ZENODO_LIMITS, Limit, zenodo_server


def test_files_with_their_checksums_and_links(client, stranger):
    record = client.published(b"some bytes", "sub/data.bin")
    entry = stranger.get(f"/api/records/{record}/files").json()["entries"][0]
    assert (entry["key"], entry["size"], entry["checksum"]) == ("sub/data.bin", 10, f"md5:{md5(b'some bytes')}")
    answer = stranger.get(entry["links"]["content"])
    assert answer.content == b"some bytes"
    assert answer.headers["ETag"] == f'"{md5(b"some bytes")}"'
    assert stranger.get(f"/api/records/{record}/files/sub/data.bin/content").content == b"some bytes"
    assert stranger.get(f"/records/{record}/files/sub/data.bin?download=1").content == b"some bytes"
    assert stranger.get(f"/api/records/{record}/files/nothing/content").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status", "body", "where"),
    [
        ({"Range": "bytes=2-4"}, 206, b"234", "bytes 2-4/10"),
        ({"Range": "bytes=7-"}, 206, b"789", "bytes 7-9/10"),
        ({"Range": "bytes=-2"}, 206, b"89", "bytes 8-9/10"),
        ({"Range": "bytes=5-99"}, 206, b"56789", "bytes 5-9/10"),
        ({"Range": "bytes=10-"}, 416, b"", "bytes */10"),
        ({"Range": "bytes=2-4", "If-Range": '"another"'}, 200, b"0123456789", None),
        ({"Range": "bytes=0-1,3-4"}, 200, b"0123456789", None),
        ({"If-None-Match": f'"{md5(b"0123456789")}"'}, 304, b"", None),
    ],
)
def test_parts_of_a_file(client, stranger, headers, status, body, where):
    record = client.published(b"0123456789")
    answer = stranger.get(f"/api/records/{record}/files/data.bin/content", headers=headers)
    assert (answer.status_code, answer.content, answer.headers.get("Content-Range")) == (status, body, where)
    assert answer.headers["ETag"] == f'"{md5(b"0123456789")}"'


def test_a_part_is_continued_where_the_file_is_the_same(client, stranger):
    record = client.published(b"0123456789")
    path = f"/api/records/{record}/files/data.bin/content"
    tag = stranger.head(path).headers["ETag"]
    assert stranger.get(path, headers={"Range": "bytes=8-", "If-Range": tag}).content == b"89"
    assert stranger.head(path).headers["Content-Length"] == "10"
    assert stranger.head(path).content == b""


def test_versions_newest_first(client, stranger):
    first = client.published(b"one")
    second = client.post(f"/api/records/{first}/versions").json()["id"]
    assert stranger.get(f"/api/records/{first}/versions").json()["hits"]["total"] == 1, "a draft is nobody's business"
    client.upload(second, "data.bin", b"two")
    client.put(f"/api/records/{second}/draft", json={"metadata": METADATA})
    client.publish(second)
    hits = stranger.get(f"/api/records/{first}/versions").json()["hits"]
    assert [hit["id"] for hit in hits["hits"]] == [second, first]
    assert stranger.get(f"/api/records/{first}/versions?size=1&page=2").json()["hits"]["hits"][0]["id"] == first
    latest = stranger.get(f"/api/records/{first}/versions/latest")
    assert latest.json()["id"] == second
    assert latest.history[0].status_code == 302
    assert not stranger.get(f"/api/records/{first}").json()["versions"]["is_latest"]


def test_dois_lead_to_pages(client, stranger, server):
    first = client.published(b"one")
    concept = client.get(f"/api/records/{first}").json()["parent"]["id"]
    second = client.post(f"/api/records/{first}/versions").json()["id"]
    client.upload(second, "data.bin", b"two")
    client.put(f"/api/records/{second}/draft", json={"metadata": METADATA})
    assert stranger.get(f"/doi/10.5281/zenodo.{second}").status_code == 404, "it is only reserved"
    client.publish(second)
    page = stranger.get(f"/doi/10.5281/zenodo.{first}")
    assert (page.url, page.status_code) == (f"{server.address}/records/{first}", 200)
    assert METADATA["title"] in page.text
    assert stranger.get(f"/doi/10.5281/zenodo.{concept}").url == f"{server.address}/records/{second}"
    assert stranger.get(f"/records/{concept}").url == f"{server.address}/records/{second}"
    assert stranger.get("/doi/10.1234/zenodo.1").status_code == 404


def test_older_shape_for_who_asks_for_plain_json(client, stranger):
    record = client.published(b"some bytes")
    view = stranger.get(f"/api/records/{record}", headers={"Accept": "application/json"}).json()
    assert view["id"] == int(record)
    assert view["conceptdoi"] == f"10.5281/zenodo.{view['conceptrecid']}"
    assert view["metadata"]["license"] == {"id": "mit-license"}, "only the first, under its older name"
    assert view["metadata"]["creators"] == [
        {"name": "Doe, Jane", "affiliation": "Nowhere", "orcid": "0000-0002-1825-0097"}
    ]
    assert view["metadata"]["related_identifiers"][0]["relation"] == "isDerivedFrom"
    assert view["files"][0]["checksum"] == f"md5:{md5(b'some bytes')}"
    assert stranger.get(view["files"][0]["links"]["self"]).content == b"some bytes"


def test_zenodo_client_reads_what_is_published(client, server, tmp_path, monkeypatch):
    monkeypatch.setenv("PYSTOW_HOME", str(tmp_path))
    record = client.published(b"some bytes")
    reader = zenodo_client.Zenodo(server.token)
    reader.base, reader.api_base = server.address, f"{server.address}/api"
    assert reader.get_record(record).json()["title"] == METADATA["title"]
    assert server.requests[-1].token_in_url, "which is why it does not publish for us"
    assert server.token not in repr(server.requests)


def test_restricted_files(client, stranger):
    record = client.published(access={"record": "public", "files": "restricted"})
    view = stranger.get(f"/api/records/{record}").json()
    assert (view["access"]["status"], view["files"]["entries"]) == ("restricted", {})
    for path in ("", "/data.bin", "/data.bin/content"):
        assert stranger.get(f"/api/records/{record}/files{path}").status_code == 403
        assert client.get(f"/api/records/{record}/files{path}").status_code == 200


def test_restricted_record(client, stranger):
    record = client.published(access={"record": "restricted", "files": "restricted"})
    assert stranger.get(f"/api/records/{record}").status_code == 403
    assert stranger.get(f"/records/{record}").status_code == 403
    assert client.get(f"/api/records/{record}").status_code == 200
    assert stranger.get("/api/records").json()["hits"]["total"] == 0


def test_embargo_holds_files_back_until_its_day(client, stranger, server):
    until = (date.today() + timedelta(days=30)).isoformat()
    embargo = {"active": True, "until": until, "reason": "review"}
    record = client.published(access={"record": "public", "files": "restricted", "embargo": embargo})
    assert stranger.get(f"/api/records/{record}").json()["access"]["status"] == "embargoed"
    assert stranger.get(f"/api/records/{record}/files/data.bin/content").status_code == 403
    server.site.store.records[record].published.access["embargo"]["until"] = date.today().isoformat()
    assert stranger.get(f"/api/records/{record}").json()["access"]["status"] == "open"
    assert stranger.get(f"/api/records/{record}/files/data.bin/content").status_code == 200


def test_embargo_must_be_in_the_future_and_restrict_something(client):
    embargo = {"active": True, "until": "2020-01-01"}
    access = {"record": "public", "files": "public", "embargo": embargo}
    answer = client.post("/api/records", json={"metadata": METADATA, "access": access})
    assert [error["field"] for error in answer.json()["errors"]] == ["access.embargo.until", "access.embargo"]


def test_deleted_record_leaves_a_tombstone(client, stranger, server):
    record = client.published()
    server.delete_record(record)
    answer = stranger.get(f"/api/records/{record}")
    assert answer.status_code == 410
    assert answer.json()["tombstone"]["citation_text"].endswith(record)
    assert stranger.get(f"/api/records/{record}/files/data.bin/content").status_code == 410
    assert stranger.get(f"/doi/10.5281/zenodo.{record}").status_code == 410
    assert client.post(f"/api/records/{record}/versions").status_code == 410
    assert (server.published(), server.records()[0].deleted) == ([], True)


def test_own_drafts_are_listed(client):
    record = client.draft(title="Something else")
    published = client.published()
    hits = client.get("/api/user/records").json()["hits"]
    assert [(hit["id"], hit["is_published"]) for hit in hits["hits"]] == [(published, True), (record, False)]
    assert client.get("/api/user/records?q=something").json()["hits"]["total"] == 1
    assert client.get("/api/user/records?page=0").status_code == 400


def test_every_answer_tells_the_limit(client):
    headers = client.get("/api/records").headers
    for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"):
        assert headers[name].isdecimal()
    assert int(client.get("/api/records").headers["X-RateLimit-Remaining"]) == int(headers["X-RateLimit-Remaining"]) - 1


def test_limit_is_held_and_ends(tmp_path):
    with zenodo_server(tmp_path, limits=[Limit(2, 0.5), *ZENODO_LIMITS]) as server:
        client = Client(server.address, server.token)
        statuses = [client.post("/api/records", json={"metadata": METADATA}).status_code for _ in range(3)]
        assert statuses == [201, 201, 429]
        assert len(server.records()) == 2
        refused = client.get("/api/records")
        assert refused.headers["Retry-After"] == "1"
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        time.sleep(0.6)
        assert client.get("/api/records").status_code == 200
