# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study that can be released within milliseconds: real metadata, a bundle of few small files that hold the DOI."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path

from railcrate.bundle.manifest import MANIFEST, Entry, Manifest
from railcrate.publish.address import server_of
from railcrate.publish.api import Api
from railcrate.publish.client import Client
from railcrate.publish.invenio import InvenioTarget
from railcrate.publish.patience import Patience
from railcrate.publish.progress import Lines
from railcrate.publish.release import release
from railcrate.publish.token import Token
from railcrate.study.config import Study

RUNS, FAILURES = "fault runs", "fault failures"  # names under which a test of the matrix notes its counts
ORCID = "0000-0002-1825-0097"
COMMIT = "5f3c" * 10
# A thousand times as impatient as a person, but for what a server never answers.
SHORT = Patience(
    connect=2, silence=0.15, answer=0.4, attempts=5, longest_pause=8, settle=300,
    sleep=lambda seconds: time.sleep(seconds / 1000),
)  # fmt: skip


def study(**release) -> Study:
    return Study.model_validate(
        {
            "title": "Clean <or> more & better?",
            "abstract": "A question, in two\nlines.\n\nAnd a second paragraph with <b>signs</b> & words.",
            "creators": [
                {"name": "Carberry, Josiah", "orcid": ORCID, "affiliation": "Brown University"},
                {"name": "Railcrate contributors"},
            ],
            "keywords": ["language models", "data"],
            "funding": [{"funder": "A Foundation", "award": "12-34", "url": "https://example.org/grant"}],
            "sources": {
                "english": {
                    "type": "synthetic", "generator": "grammar", "outputs": ["text.jsonl"], "license": "CC0-1.0",
                    "citation": "x", "url": "https://example.org/corpus",
                }
            },
            "recipes": {"raw": {"from": ["english"]}},
            "models": {"tiny": {"kind": "pretrained", "base": {"path": "base", "license": "MIT"}}},
            "benchmarks": {"pairs": {"tasks": ["blimp"]}},
            "release": {
                "version": "1.0.0",
                "related": [{"identifier": "10.1234/paper", "relation": "issupplementto"}],
                **release,
            },
        }
    )  # fmt: skip


LICENSES = {
    "components": {
        "code": {"license": "MIT", "published": True, "conflicts": [], "zenodo": [{"id": "mit"}], "ro_crate": [],
                 "citation": {"license": "MIT"}},
        "variants.raw": {"license": "CC-BY-4.0", "published": True, "conflicts": [], "zenodo": [{"id": "cc-by-4.0"}],
                         "ro_crate": [], "citation": {"license": "CC-BY-4.0"}},
        "weights.tiny": {"license": "LicenseRef-OpenRAIL-M", "published": True, "conflicts": [], "ro_crate": [],
                         "zenodo": [{"title": {"en": "OpenRAIL-M"}, "link": "https://example.org/rail"}],
                         "citation": {}},
        "sources.secret": {"license": "LicenseRef-No", "published": False, "conflicts": [], "ro_crate": [],
                           "zenodo": [{"title": {"en": "not for you"}}], "citation": {}},
    }
}  # fmt: skip


def make_folder(folder: Path) -> Path:
    """A study's folder, as far as a release looks at it."""
    (folder / "results").mkdir(parents=True)
    (folder / "results/licenses.json").write_text(json.dumps(LICENSES))
    (folder / "results/comparisons.json").write_text(json.dumps({"comparisons": []}))
    (folder / "README.md").write_text("# A study\n\nText.\n")
    return folder


class Builder:
    """Makes a bundle as the real one does: beside its place, renamed at the end, the same for the same study and marks.

    Attributes:
        data: what the study's data are; a change makes another bundle.
        built: the stamps that it was called with.
    """

    def __init__(self, version: str = "1.0.0", data: str = "some data") -> None:
        self.version, self.data = version, data
        self.built = []

    def __call__(self, target: Path, stamp) -> Manifest:
        self.built.append(stamp)
        doi, concept = (stamp.doi, stamp.concept_doi) if stamp else (None, None)
        version = stamp.version if stamp else self.version
        date = stamp.date.isoformat() if stamp else "2026-01-01"
        files = {
            "README.md": ("metadata", f"# {version}\n\nhttps://doi.org/{doi}, all versions {concept}, {date}\n"),
            "cards/variants.raw.md": ("card", f"# {self.data}\n\nPart of https://doi.org/{doi}\n"),
            "weights.zip": ("weights", "weights" * 30),
        }
        made = target.with_name(f"{target.name}.new")
        shutil.rmtree(made, ignore_errors=True)
        entries = []
        for path, (role, text) in files.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            content = text.encode()
            (made / path).write_bytes(content)
            md5, sha256 = hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest()
            entries.append(Entry(path=path, size=len(content), md5=md5, sha256=sha256, role=role, license="CC-BY-4.0"))
        manifest = Manifest(
            title="x", version=version, doi=doi, concept_doi=concept, commit=COMMIT, railcrate="0.1.0",
            identity=hashlib.sha256(self.data.encode()).hexdigest(), files=tuple(entries),
        )  # fmt: skip
        (made / MANIFEST).write_text(manifest.text())
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
        return manifest


class Releasing:
    """One study and one server, and the command that is given again and again.

    Attributes:
        said: every line that the user was told.
        errors: every error that a command ended with.
    """

    def __init__(self, folder: Path, address: str, token: str, *, patience: Patience = SHORT, builder=None, **release):
        self.folder, self.address, self.token, self.patience = folder, address, token, patience
        self.builder = builder or Builder()
        self.release_settings = release
        self.said: list[str] = []
        self.errors: list[Exception] = []

    def target(self) -> InvenioTarget:
        return InvenioTarget(
            self.folder, server_of(self.address), lambda: Token(self.token, "a test"),
            communities=self.release_settings.get("communities", ()), progress=Lines(self.said.append),
            patience=self.patience,
        )  # fmt: skip

    def api(self) -> Api:
        """The server as the owner uses it on its website."""
        return Api(Client(server_of(self.address), Token(self.token, "a test"), self.patience))

    def run(self, *, draft=False, dry_run=False, ask=lambda plan: True, access=None):
        wanted = study(**{"version": self.builder.version, **self.release_settings})
        return release(
            self.folder, wanted, target=self.target(), builder=self.builder, ask=ask, draft=draft, dry_run=dry_run,
            access=access, repository="https://example.org/code",
        )  # fmt: skip

    def all_text(self) -> str:
        """Everything that the release has written or said."""
        files = [path.read_bytes().decode("utf-8", "replace") for path in self.folder.rglob("*") if path.is_file()]
        return "\n".join([*files, *self.said, *map(str, self.errors), *map(repr, self.errors)])
