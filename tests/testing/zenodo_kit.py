# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A plain client of the test server: no retries, no checks."""

import hashlib

import requests

RDM = "application/vnd.inveniordm.v1+json"
METADATA = {
    "title": "Clean or more?",
    "resource_type": {"id": "dataset"},
    "publication_date": "2026-03-01",
    "version": "1.0.0",
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Doe",
                "given_name": "Jane",
                "identifiers": [{"scheme": "orcid", "identifier": "https://orcid.org/0000-0002-1825-0097"}],
            },
            "affiliations": [{"name": "Nowhere"}],
        }
    ],
    "rights": [{"id": "MIT"}, {"title": {"en": "Own RAIL"}, "link": "https://example.org/rail"}],
    "related_identifiers": [
        {"identifier": "https://doi.org/10.1000/xyz", "relation_type": {"id": "isderivedfrom"}, "scheme": "doi"}
    ],
}


def md5(content):
    return hashlib.md5(content).hexdigest()


class Client(requests.Session):
    def __init__(self, address, token):
        super().__init__()
        self.address = address
        self.headers["Accept"] = RDM
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method, path, **more):
        url = path if path.startswith("http") else f"{self.address}{path}"
        return super().request(method, url, **{"timeout": 10, **more})

    def draft(self, **changes):
        answer = self.post("/api/records", json={"metadata": {**METADATA, **changes}})
        assert answer.status_code == 201
        return answer.json()["id"]

    def begin(self, record, *keys):
        return self.post(f"/api/records/{record}/draft/files", json=[{"key": key} for key in keys])

    def fill(self, record, key, content, **more):
        return self.put(f"/api/records/{record}/draft/files/{key}/content", data=content, **more)

    def commit(self, record, key):
        return self.post(f"/api/records/{record}/draft/files/{key}/commit")

    def upload(self, record, key, content):
        assert self.begin(record, key).status_code == 201
        assert self.fill(record, key, content).status_code == 200
        answer = self.commit(record, key)
        assert answer.status_code == 200
        return answer.json()

    def files(self, record):
        """Files of a draft by key."""
        entries = self.get(f"/api/records/{record}/draft/files").json()["entries"]
        return {entry["key"]: entry for entry in entries}

    def publish(self, record):
        return self.post(f"/api/records/{record}/draft/actions/publish")

    def published(self, content=b"some bytes", key="data.bin", **more):
        """A record with one file; its id."""
        answer = self.post("/api/records", json={"metadata": METADATA, **more})
        record = answer.json()["id"]
        self.upload(record, key, content)
        assert self.publish(record).status_code == 202
        return record
