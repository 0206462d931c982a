# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A release as a client sees it, with every oddity of the real server on the way."""

import pytest
from zenodo_kit import METADATA, Client, md5

from railcrate.testing.zenodo import zenodo_server


def error_of(answer):
    """Status and message; a message that is not the one in the status line is checked to be the same."""
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["message"]


def test_draft_has_a_number_and_one_for_all_its_versions(client, server):
    answer = client.post("/api/records", json={"metadata": METADATA})
    assert answer.status_code == 201
    draft = answer.json()
    assert draft["id"] != draft["parent"]["id"]
    assert draft["is_draft"]
    assert not draft["is_published"]
    assert draft["links"]["self"] == f"{server.address}/api/records/{draft['id']}/draft"
    assert draft["parent"]["pids"] == {}, "the DOI of all versions is made when the first is published"
    assert "errors" not in draft


def test_doi_is_reserved_once(client):
    record = client.draft()
    answer = client.post(f"/api/records/{record}/draft/pids/doi")
    assert answer.status_code == 201
    assert answer.json()["pids"]["doi"]["identifier"] == f"10.5281/zenodo.{record}"
    again = client.post(f"/api/records/{record}/draft/pids/doi")
    assert again.status_code == 400
    assert again.json()["errors"] == [{"field": "pids.doi", "messages": ["A PID already exists for type doi"]}]


def test_reserved_doi_survives_metadata_that_do_not_name_it(client):
    record = client.draft()
    client.post(f"/api/records/{record}/draft/pids/doi")
    answer = client.put(f"/api/records/{record}/draft", json={"metadata": METADATA})
    assert answer.json()["pids"]["doi"]["identifier"].endswith(f"zenodo.{record}")


def test_prefix_is_the_servers(tmp_path):
    with zenodo_server(tmp_path, prefix="10.5072") as server:
        client = Client(server.address, server.token)
        doi = client.post(f"/api/records/{client.draft()}/draft/pids/doi").json()["pids"]["doi"]["identifier"]
    assert doi.startswith("10.5072/zenodo.")


def test_files_are_begun_sent_and_committed(client):
    record = client.draft()
    begun = client.begin(record, "a.txt", "b.txt")
    assert begun.status_code == 201
    assert [entry["status"] for entry in begun.json()["entries"]] == ["pending", "pending"]
    assert client.fill(record, "a.txt", b"first").status_code == 200
    assert "checksum" not in client.files(record)["a.txt"], "not before the commit"
    assert client.commit(record, "a.txt").json()["checksum"] == f"md5:{md5(b'first')}"
    assert client.files(record)["a.txt"]["size"] == 5


def test_same_key_twice_is_refused(client):
    record = client.draft()
    client.begin(record, "a.txt")
    assert error_of(client.begin(record, "a.txt")) == (400, "File with key a.txt already exists.")
    assert client.begin(record, "b.txt", "b.txt").status_code == 400
    assert set(client.files(record)) == {"a.txt"}, "all or nothing"


def test_no_more_than_a_hundred_files(client):
    record = client.draft()
    assert client.begin(record, *[f"{i}.txt" for i in range(101)]).status_code == 400
    assert client.begin(record, *[f"{i}.txt" for i in range(100)]).status_code == 201
    assert client.begin(record, "one more").status_code == 400


@pytest.mark.parametrize("sent", ["weights/seed 0/model.bin", "weights%2Fseed%200%2Fmodel.bin"])
def test_keys_may_hold_slashes_encoded_or_not(client, sent):
    record = client.draft()
    key = "weights/seed 0/model.bin"
    client.begin(record, key)
    assert client.fill(record, sent, b"w").status_code == 200
    assert client.commit(record, sent).json()["key"] == key
    entry = client.files(record)[key]
    assert client.get(entry["links"]["content"]).content == b"w"
    assert client.delete(entry["links"]["self"]).status_code == 204
    assert client.files(record) == {}


def test_before_the_commit_the_last_upload_counts(client):
    record = client.draft()
    client.begin(record, "a.txt")
    client.fill(record, "a.txt", b"wrong")
    client.fill(record, "a.txt", b"right")
    assert client.commit(record, "a.txt").json()["checksum"] == f"md5:{md5(b'right')}"


def test_upload_after_the_commit_answers_200_and_removes_the_file(client):
    record = client.draft()
    client.upload(record, "a.txt", b"first")
    assert client.fill(record, "a.txt", b"second").status_code == 200
    assert client.files(record) == {}
    assert client.commit(record, "a.txt").status_code == 404


def test_committed_file_is_replaced_by_deleting_it_first(client):
    record = client.draft()
    client.upload(record, "a.txt", b"first")
    assert client.delete(f"/api/records/{record}/draft/files/a.txt").status_code == 204
    assert client.upload(record, "a.txt", b"second")["size"] == 6


def test_commit_before_content_is_an_error_of_the_server(client):
    record = client.draft()
    client.begin(record, "a.txt")
    assert error_of(client.commit(record, "a.txt"))[0] == 500


def test_declared_checksum_and_size_are_not_enforced(client):
    record = client.draft()
    entry = {"key": "a.txt", "size": 1000, "checksum": f"md5:{md5(b'something else')}"}
    client.post(f"/api/records/{record}/draft/files", json=[entry])
    client.fill(record, "a.txt", b"short")
    committed = client.commit(record, "a.txt")
    assert committed.status_code == 200
    assert (committed.json()["size"], committed.json()["checksum"]) == (5, f"md5:{md5(b'short')}")


def test_multi_part_transfer_is_refused(client):
    record = client.draft()
    entry = {"key": "a.txt", "size": 10, "transfer": {"type": "M", "parts": 2, "part_size": 5}}
    assert client.post(f"/api/records/{record}/draft/files", json=[entry]).status_code == 403


def test_quota_is_a_400(tmp_path):
    with zenodo_server(tmp_path, quota=1000) as server:
        client = Client(server.address, server.token)
        record = client.draft()
        client.begin(record, "a", "b")
        assert client.fill(record, "a", bytes(600)).status_code == 200
        assert error_of(client.fill(record, "b", bytes(600))) == (400, "Bucket quota exceeded.")
        in_chunks = client.fill(record, "b", iter([bytes(300), bytes(300)]))
        assert error_of(in_chunks) == (400, "Bucket quota exceeded.")
        assert client.fill(record, "b", bytes(400)).status_code == 200


def test_chunked_upload_and_waiting_for_100_continue(client):
    record = client.draft()
    client.begin(record, "chunks", "waits")
    client.fill(record, "chunks", iter([b"one", b"two", b"three"]))
    assert client.commit(record, "chunks").json()["checksum"] == f"md5:{md5(b'onetwothree')}"
    client.fill(record, "waits", b"x" * 3_000_000, headers={"Expect": "100-continue"})
    assert client.commit(record, "waits").json()["size"] == 3_000_000


def test_metadata_come_back_normalised(client):
    record = client.draft()
    data = client.get(f"/api/records/{record}/draft").json()["metadata"]
    assert data["resource_type"] == {"id": "dataset", "title": {"en": "Dataset"}}
    assert data["creators"][0]["person_or_org"]["name"] == "Doe, Jane"
    assert data["creators"][0]["person_or_org"]["identifiers"][0]["identifier"] == "0000-0002-1825-0097"
    assert [right.get("id") for right in data["rights"]] == ["mit", None], "several licenses, one as free text"
    assert data["related_identifiers"][0]["identifier"] == "10.1000/xyz"


def test_stale_revision_is_refused(client):
    record = client.draft()
    first = client.get(f"/api/records/{record}/draft")
    revision = first.json()["revision_id"]
    assert first.headers["ETag"] == f'"{revision}"'
    body = {"metadata": {**METADATA, "title": "Another title"}}
    path = f"/api/records/{record}/draft"
    assert client.put(path, json=body, headers={"If-Match": str(revision)}).status_code == 200
    assert error_of(client.put(path, json=body, headers={"If-Match": str(revision)}))[0] == 412
    quoted = {"If-Match": f'"{revision + 1}"'}
    assert client.put(path, json=body, headers=quoted).status_code == 400, "the number alone, no quotes"


def test_invalid_values_are_taken_and_named_and_refused_at_publishing(client):
    person = {"type": "personal", "family_name": "Doe", "identifiers": [{"scheme": "orcid", "identifier": "0000-0002"}]}
    record = client.draft()
    client.upload(record, "a.txt", b"a")
    body = {"metadata": {**METADATA, "creators": [{"person_or_org": person}], "title": ""}}
    answer = client.put(f"/api/records/{record}/draft", json=body)
    assert answer.status_code == 200
    fields = ["metadata.title", "metadata.creators.0.person_or_org.identifiers.0.identifier"]
    assert [error["field"] for error in answer.json()["errors"]] == fields
    assert "errors" not in client.get(f"/api/records/{record}/draft").json(), "reading says nothing of them"
    refused = client.publish(record)
    assert error_of(refused) == (400, "A validation error occurred.")
    assert [error["field"] for error in refused.json()["errors"]] == fields


@pytest.mark.parametrize(
    "change",
    [
        {"resource_type": {"id": "Dataset"}},
        {"related_identifiers": [{"identifier": "https://x.org", "relation_type": {"id": "isDerivedFrom"}}]},
        {"contributors": [{"person_or_org": {"type": "organizational", "name": "X"}, "role": {"id": "boss"}}]},
        {"rights": [{"id": "openrail"}]},
        {"languages": [{"id": "en"}]},
    ],
)
def test_unknown_ids_are_refused_without_a_list_of_errors(client, change):
    answer = client.post("/api/records", json={"metadata": {**METADATA, **change}})
    assert answer.status_code == 400
    assert "errors" not in answer.json()


def test_pending_or_missing_file_stops_publishing(client):
    record = client.draft()
    missing = client.publish(record)
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (400, "files.enabled")
    client.upload(record, "a.txt", b"a")
    client.begin(record, "b.txt")
    assert client.publish(record).status_code == 400
    client.delete(f"/api/records/{record}/draft/files/b.txt")
    assert client.publish(record).status_code == 202


def test_publishing_twice_is_not_found(client):
    record = client.published()
    assert error_of(client.publish(record)) == (404, "Not found.")
    assert client.get(f"/api/records/{record}/draft").status_code == 404
    assert client.get(f"/api/records/{record}").status_code == 200


def test_both_dois_stand_in_what_is_published(client, server):
    record = client.published()
    view = client.get(f"/api/records/{record}").json()
    assert view["pids"]["doi"]["identifier"] == f"10.5281/zenodo.{record}"
    assert view["parent"]["pids"]["doi"]["identifier"] == f"10.5281/zenodo.{view['parent']['id']}"
    found = server.published()[0]
    assert (found.doi, found.concept_doi) == (f"10.5281/zenodo.{record}", f"10.5281/zenodo.{found.concept_id}")
    assert found.files["data.bin"].path.read_bytes() == b"some bytes"


def test_published_files_are_locked(client):
    record = client.published()
    assert client.post(f"/api/records/{record}/draft").status_code == 201, "its metadata may be changed"
    assert client.begin(record, "more.txt").status_code == 403
    assert client.fill(record, "data.bin", b"other").status_code == 403
    assert client.delete(f"/api/records/{record}/draft/files/data.bin").status_code == 403
    assert client.put(f"/api/records/{record}/files/data.bin/content", data=b"other").status_code == 403


def test_metadata_of_a_record_can_be_changed(client):
    record = client.published()
    client.post(f"/api/records/{record}/draft")
    client.put(f"/api/records/{record}/draft", json={"metadata": {**METADATA, "title": "A better title"}})
    assert client.get(f"/api/records/{record}").json()["metadata"]["title"] == METADATA["title"]
    assert client.publish(record).status_code == 202
    view = client.get(f"/api/records/{record}").json()
    assert (view["metadata"]["title"], view["versions"]["index"]) == ("A better title", 1)
    assert view["pids"]["doi"]["identifier"] == f"10.5281/zenodo.{record}"


def test_new_version_is_one_draft_for_as_long_as_it_is_open(client):
    first = client.published(b"one")
    begun = client.post(f"/api/records/{first}/versions")
    assert begun.status_code == 201
    second = begun.json()["id"]
    assert client.post(f"/api/records/{first}/versions").json()["id"] == second
    assert begun.json()["parent"]["id"] == client.get(f"/api/records/{first}").json()["parent"]["id"]
    assert begun.json()["versions"]["index"] == 2
    assert "version" not in begun.json()["metadata"]
    assert begun.json()["metadata"]["title"] == METADATA["title"]
    assert begun.json()["pids"] == {}
    assert client.files(second) == {}


def test_files_of_the_last_version_are_brought_over(client, server):
    first = client.published(b"one")
    second = client.post(f"/api/records/{first}/versions").json()["id"]
    assert client.publish(second).status_code == 400, "no files, no date"
    path = f"/api/records/{second}/draft/actions/files-import"
    imported = client.post(path)
    assert imported.status_code == 201
    assert [entry["checksum"] for entry in imported.json()["entries"]] == [f"md5:{md5(b'one')}"]
    assert error_of(client.post(path)) == (400, "Please remove all files first.")
    client.put(f"/api/records/{second}/draft", json={"metadata": METADATA})
    assert client.publish(second).status_code == 202
    assert [(record.index, record.files["data.bin"].md5) for record in server.published()] == [
        (1, md5(b"one")),
        (2, md5(b"one")),
    ], "the same content is not refused"
    client.delete(f"/api/records/{first}/draft")
    assert client.get(f"/api/records/{first}/files/data.bin/content").content == b"one"


def test_a_draft_that_was_never_published_can_be_discarded(client, server):
    record = client.draft()
    client.upload(record, "a.txt", b"a")
    assert client.delete(f"/api/records/{record}/draft").status_code == 204
    assert client.get(f"/api/records/{record}/draft").status_code == 404
    assert server.records() == []
    assert list(server.site.store.folder.glob("content/*")) == []
    assert client.draft() != record, "a number is never used again"


def test_discarded_new_version_leaves_the_record(client):
    first = client.published()
    second = client.post(f"/api/records/{first}/versions").json()["id"]
    client.delete(f"/api/records/{second}/draft")
    assert client.get(f"/api/records/{first}").status_code == 200
    assert client.post(f"/api/records/{first}/versions").json()["id"] != second


def community(client, name):
    """The id of a community, which a review is addressed to."""
    found = client.get(f"/api/communities/{name}").json()
    assert found["slug"] == name
    return found["id"]


def test_community_that_is_open_takes_the_record_in_at_once(client, server):
    record = client.draft()
    client.upload(record, "a.txt", b"a")
    review = {"receiver": {"community": community(client, "open-studies")}, "type": "community-submission"}
    assert client.put(f"/api/records/{record}/draft/review", json=review).status_code == 200
    assert client.publish(record).status_code == 400, "it is submitted, not published"
    assert client.post(f"/api/records/{record}/draft/actions/submit-review", json={}).status_code == 202
    assert server.published()[0].communities == ("open-studies",)
    parent = client.get(f"/api/records/{record}").json()["parent"]
    assert parent["communities"]["ids"] == [community(client, "open-studies")]
    assert client.get("/api/communities/nobody").status_code == 404


def test_community_may_have_to_decide_first(client, server):
    record = client.draft()
    client.upload(record, "a.txt", b"a")
    review = {"receiver": {"community": community(client, "reviewed-studies")}, "type": "community-submission"}
    path = f"/api/records/{record}/draft/review"
    assert client.get(path).status_code == 404
    assert client.post(path, json=review).status_code == 200
    assert client.post(path, json=review).status_code == 400, "there is one already"
    assert client.put(path, json={**review, "receiver": {"community": "reviewed-studies"}}).status_code == 400, (
        "a name is no id"
    )
    assert client.post(f"/api/records/{record}/draft/actions/submit-review").json()["status"] == "submitted"
    assert server.published() == []
    assert client.delete(f"/api/records/{record}/draft").status_code == 400, "an open review stands in the way"
    server.accept_review(record)
    assert server.published()[0].communities == ("reviewed-studies",)


@pytest.mark.parametrize("refused", [403, 401])
def test_token_that_is_missing_or_wrong(tmp_path, refused):
    with zenodo_server(tmp_path, refused=refused) as server:
        for token in (None, "not the right one"):
            client = Client(server.address, token)
            assert client.post("/api/records", json={}).status_code == refused
            assert client.get("/api/user/records").status_code == refused
        assert [request.token for request in server.requests] == ["none", "none", "wrong", "wrong"]
        assert server.records() == []


def test_what_is_no_json_and_what_does_not_exist(client):
    assert error_of(client.post("/api/records", data=b"{"))[0] == 400
    assert error_of(client.get("/api/records/1/draft"))[0] == 404
    assert error_of(client.get("/api/nothing"))[0] == 404
    assert error_of(client.delete("/api/records"))[0] == 405
    record = client.draft()
    assert error_of(client.fill(record, "never begun", b"x"))[0] == 404
    assert error_of(client.post(f"/api/records/{record}/versions"))[0] == 404
    assert error_of(client.get(f"/api/records/{record}"))[0] == 404
