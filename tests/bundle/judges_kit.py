# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The independent judges of bundles, in an environment of their own (`make .judges/installed`), without a network.

The validator of crates wants to look terms up at w3id.org. It may look them up in a cache
instead, which is filled here: with the terms that our crates use, and with no others, so a
term that RO-Crate 1.1 or the Workflow Run profiles do not have is found, too.
"""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JUDGES = ROOT / ".judges" / "bin"
RO_CRATE = "https://w3id.org/ro/crate/1.1/context"
RUN = "https://w3id.org/ro/terms/workflow-run"
# Of schema.org 10.0, on which RO-Crate 1.1 rests.
SCHEMA = """
    ComputerLanguage ControlAction CreateAction CreativeWork Dataset Grant HowTo HowToStep Organization OrganizeAction
    Person PropertyValue SoftwareApplication SoftwareSourceCode
    about actionStatus additionalType affiliation agent author citation codeRepository conditionsOfAccess contentSize
    dateCreated datePublished description encodingFormat endTime exampleOfWork familyName funder funding givenName
    hasPart identifier instrument isBasedOn isPartOf keywords license mainEntity maxValue mentions minValue name object
    position programmingLanguage propertyID publisher result sdDatePublished softwareRequirements softwareVersion
    startTime step subjectOf unitCode url value version workExample
"""
# What RO-Crate 1.1 has from elsewhere.
OTHERS = {
    "File": "http://schema.org/MediaObject",
    "cite-as": "https://www.w3.org/ns/iana/link-relations/relation#cite-as",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
    "output": "https://bioschemas.org/ComputationalWorkflow#output",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
}
CONTEXTS = {
    RO_CRATE: {**{term: f"http://schema.org/{term}" for term in SCHEMA.split()}, **OTHERS},
    f"{RUN}/context": {term: f"{RUN}#{term}" for term in ("environment", "md5", "resourceUsage", "sha256")},
}
# Puts answers into the validator's cache as if they had come from the network.
FILL = """
import json, sys
from io import BytesIO
import requests
from requests_cache import CachedSession
from urllib3 import HTTPResponse

session = CachedSession(sys.argv[1], backend="sqlite", expire_after=-1)
for url, terms in json.load(sys.stdin).items():
    body = json.dumps({"@context": terms}).encode()
    answer = requests.Response()
    answer.url, answer.request, answer.status_code = url, requests.Request("GET", url).prepare(), 200
    answer.headers["Content-Type"], answer._content = "application/ld+json", body
    answer.raw = HTTPResponse(BytesIO(body), answer.headers, status=200, request_url=url, preload_content=False)
    session.cache.save_response(answer)
"""


def judge(name: str) -> str:
    """Where a judge is; the test is skipped where they are not installed."""
    path = JUDGES / name
    if not path.exists():
        pytest.skip(f"{path} is not installed: `make .judges/installed` does it")
    return str(path)


def issues(crate: Path, profile: str, scratch: Path, *options: str) -> list[tuple[str, str, str]]:
    """What the validator of crates objects to, at REQUIRED and RECOMMENDED: severity, the check's id, the entity."""
    validator, python = judge("rocrate-validator"), judge("python")
    cache, output = scratch / "terms", scratch / "issues.json"
    if not cache.with_suffix(".sqlite").exists():
        subprocess.run([python, "-c", FILL, cache], input=json.dumps(CONTEXTS), text=True, check=True)
    output.unlink(missing_ok=True)
    words = [validator, "validate", "--offline", "--cache-path", cache, "--profile-identifier", profile]
    words += ["--requirement-severity", "recommended", "--output-format", "json", "--output-file", output]
    done = subprocess.run(
        [*words, "--verbose", "--no-paging", *options, crate], capture_output=True, text=True, check=False, timeout=300
    )
    assert output.exists(), done.stdout + done.stderr
    found = json.loads(output.read_text())
    return [
        (
            issue["severity"],
            issue["check"]["identifier"],
            str(issue["violatingPropertyValue"] or issue["violatingEntity"]),
        )
        for issue in found["issues"]
    ]
