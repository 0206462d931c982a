# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What must hold after a release, whatever happened on the way."""

from __future__ import annotations

import json

import yaml

from railcrate.study.errors import RailcrateError
from railcrate.study.files import md5_file

LIMIT = 6  # commands after which a release has to have ended


def until_done(releasing, server, *, give_up_faults_after: int = 3):
    """Give the same command until it ends well; faults that never end do so after some commands."""
    for attempt in range(1, LIMIT + 1):
        if attempt > give_up_faults_after:
            server.faults.clear()
        try:
            outcome = releasing.run()
        except RailcrateError as error:
            releasing.errors.append(error)
            continue
        assert outcome.state == "published", outcome
        return outcome, attempt
    raise AssertionError([str(error) for error in releasing.errors])


def broken(releasing, server, outcome) -> list[str]:
    """Name the invariants that do not hold for what was just released."""
    found = []
    release = outcome.release
    same = [record for record in server.published() if _identity(record) == release.identity]
    if len(same) != 1:
        return [f"{len(same)} published versions of one manifest"]
    record = same[0]
    manifest = json.loads(record.files["manifest.json"].path.read_bytes())
    expected = {entry["path"]: (entry["size"], entry["md5"]) for entry in manifest["files"]}
    bundle = releasing.target().bundle
    expected["manifest.json"] = ((bundle / "manifest.json").stat().st_size, md5_file(bundle / "manifest.json"))
    if {key: (file.size, file.md5) for key, file in record.files.items()} != expected:
        found.append("other files than the manifest's")
    if any(md5_file(file.path) != file.md5 for file in record.files.values()):
        found.append("bytes that are not their md5's")
    if (manifest["doi"], manifest["concept_doi"]) != (record.doi, record.concept_doi):
        found.append("another DOI in the manifest")
    for name in ("README.md", "cards/variants.raw.md"):
        if record.doi not in record.files[name].path.read_text():
            found.append(f"another DOI in {name}")
    if (release.doi, release.concept_doi, release.record) != (record.doi, record.concept_doi, record.id):
        found.append("another DOI told")
    if outcome.warnings:
        found.append(f"warnings: {outcome.warnings}")
    known = yaml.safe_load((releasing.folder / "releases.yaml").read_text())
    if known[-1]["doi"] != record.doi or len({one["record"] for one in known}) != len(known):
        found.append("releases.yaml")
    if record.doi not in (releasing.folder / "CITATION.cff").read_text():
        found.append("CITATION.cff")
    if (releasing.folder / "README.md").read_text().count(f"[![DOI {record.doi}]") != 1:
        found.append("README.md")
    events = [json.loads(line)["event"] for line in (bundle.parent / "journal.jsonl").read_text().splitlines()]
    if events[-1] != "closed":
        found.append("an open journal")
    if server.token in releasing.all_text():
        found.append("the token in a file or a message")
    if any(request.token_in_url for request in server.requests):
        found.append("the token in an address")
    return found


def _identity(record) -> str:
    return json.loads(record.files["manifest.json"].path.read_bytes())["identity"]
