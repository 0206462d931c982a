# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Small bundles made by hand, right and wrong ones, and records that hold them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import requests

from railcrate.bundle.manifest import MANIFEST, Cut, Entry, ExternalFile, Manifest, Member, Withheld
from railcrate.bundle.sums import Sums
from railcrate.bundle.zips import EXECUTABLE, LINK, REGULAR, ZipWriter

TITLE = "Does a cleaner corpus help?"
MARKER = "marker-of-running"  # what the study's code writes when somebody runs it
CITATION = """\
cff-version: 1.2.0
title: Does a cleaner corpus help?
authors:
  - family-names: Doe
    given-names: Jane
"""
CODE: dict[str, bytes] = {
    "README.md": b"# The study's own README\n",
    "Snakefile": f"open({MARKER!r}, 'w')\n".encode(),
    "config/study.yaml": b"title: Does a cleaner corpus help?\n",
    "steps/own.py": f"open({MARKER!r}, 'w')\n".encode(),
    "scripts/run.sh": f"#!/bin/sh\ntouch {MARKER}\n".encode(),
}
DATA: dict[str, bytes] = {
    "data/raw/notes.txt": b"".join(b"line %d of the notes\n" % number for number in range(4000)),
    "data/variants/clean/text.parquet": bytes(range(256)) * 400,
}
RESULTS: dict[str, bytes] = {"results/results.json": b'{"rows": []}\n'}
WEIGHTS: dict[str, bytes] = {"models/weights/tiny/model.safetensors": os.urandom(300_000)}
STUDY = {**CODE, **DATA, **RESULTS, **WEIGHTS}


@dataclass(frozen=True)
class Packed:
    """A member of an archive that is to be made."""

    path: str
    content: bytes
    mode: int = REGULAR


def archive(members: Iterable[Packed]) -> bytes:
    """An archive as railcrate writes it."""
    target = io.BytesIO()
    writer = ZipWriter(target)
    for packed in members:
        writer.add(packed.path, [packed.content], Sums.of(packed.content), mode=packed.mode)
    writer.close()
    return target.getvalue()


def listed(members: Iterable[Packed]) -> tuple[Member, ...]:
    """What a manifest says of members."""
    found = []
    for packed in members:
        sums = Sums.of(packed.content)
        found.append(Member(path=packed.path, size=sums.size, md5=sums.md5, sha256=sums.sha256))
    return tuple(found)


def entry(path: str, content: bytes, role: str = "metadata", **more: Any) -> Entry:
    """What a manifest says of a file of the bundle."""
    sums = Sums.of(content)
    return Entry.model_validate(
        {"path": path, "size": sums.size, "md5": sums.md5, "sha256": sums.sha256, "role": role, **more}
    )


class Bundle:
    """A bundle that is being made: contents and entries, which a test may spoil before they are written."""

    def __init__(self, **fields: Any) -> None:
        self.contents: dict[str, bytes] = {}
        self.entries: dict[str, Entry] = {}
        self.fields: dict[str, Any] = {
            "title": TITLE, "version": "1.0.0", "commit": "0" * 40, "railcrate": version("railcrate"),
            "identity": "a" * 64, **fields,
        }  # fmt: skip

    def plain(self, path: str, content: bytes, role: str = "metadata", **more: Any) -> Bundle:
        self.contents[path] = content
        self.entries[path] = entry(path, content, role, **more)
        return self

    def archive(self, path: str, role: str, members: Mapping[str, bytes] | Iterable[Packed], **more: Any) -> Bundle:
        if isinstance(members, Mapping):
            members = [Packed(name, content) for name, content in sorted(members.items())]
        members = list(members)
        return self.plain(path, archive(members), role, members=listed(members), **more)

    def cut(self, path: str, content: bytes, size: int, role: str = "weights") -> Bundle:
        whole = Sums.of(content)
        pieces = [content[start : start + size] for start in range(0, len(content), size)]
        for index, piece in enumerate(pieces, start=1):
            cut = Cut(
                path=path, index=index, count=len(pieces), size=whole.size, md5=whole.md5, sha256=whole.sha256
            )  # fmt: skip
            self.plain(f"{path}.part-{index:03}", piece, role, cut=cut)
        return self

    def external(self, path: str, content: bytes, url: str, *, md5: bool = True) -> Bundle:
        sums = Sums.of(content)
        file = ExternalFile(path=path, url=url, size=sums.size, md5=sums.md5 if md5 else None, sha256=sums.sha256)
        self.fields["external"] = (*self.fields.get("external", ()), file)
        return self

    def withhold(self, path: str, content: bytes) -> Bundle:
        sums = Sums.of(content)
        file = Withheld(path=path, size=sums.size, md5=sums.md5, component="sources.notes", reason="not to be shared")
        self.fields["withheld"] = (*self.fields.get("withheld", ()), file)
        return self

    @property
    def manifest(self) -> Manifest:
        return Manifest(files=tuple(self.entries[path] for path in sorted(self.entries)), **self.fields)

    def write(self, folder: Path) -> Path:
        for path, content in self.contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).write_text(self.manifest.text())
        return folder


def code_members(code: Mapping[str, bytes] = CODE) -> list[Packed]:
    """The code as git has it: a script that may be run, and a link inside."""
    members = [Packed(path, content, EXECUTABLE if path.endswith(".sh") else REGULAR) for path, content in code.items()]
    return sorted([*members, Packed("profiles", b"config", LINK)], key=lambda packed: packed.path)


def small_bundle(**fields: Any) -> Bundle:
    """A bundle with everything but a ledger: texts, archives, a large file that stays plain."""
    bundle = Bundle(**fields)
    bundle.plain("README.md", b"# The release's README\n")
    bundle.plain("CITATION.cff", CITATION.encode())
    bundle.plain("LICENSES/Apache-2.0.txt", b"the terms\n", "license")
    bundle.archive("code.zip", "code", code_members(), license="Apache-2.0")
    bundle.archive("data.zip", "data", DATA, license="CC-BY-4.0")
    bundle.archive("results.zip", "results", RESULTS, license="CC-BY-4.0")
    for path, content in WEIGHTS.items():
        bundle.plain(path, content, "weights", study_path=path, license="Apache-2.0")
    return bundle


def zipped(build: Any) -> bytes:
    """An archive made by Python's own `zipfile`, whatever the function puts into it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        build(made)
    return target.getvalue()


def tree(folder: Path) -> dict[str, bytes]:
    """What a person sees in a fetched study's folder: every file by its path, but for what tools keep."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and not name.startswith((".railcrate/", ".dvc/", ".snakemake/")):
            found[name] = path.read_bytes()
    return found


# --- records ---------------------------------------------------------------------------------


def publish(server: Any, files: Path | Mapping[str, bytes], *, after: str | None = None, **more: Any) -> Any:
    """Publish files as a record of the test server.

    Args:
        server: the server.
        files: a folder, or contents by key.
        after: id of the record of which this is a new version.
        more: of the record, such as `access`.

    Returns:
        The record, as the server has it.
    """
    if isinstance(files, Path):
        files = {p.relative_to(files).as_posix(): p.read_bytes() for p in sorted(files.rglob("*")) if p.is_file()}
    session = requests.Session()
    session.headers.update({"Authorization": f"Bearer {server.token}", "Accept": "application/vnd.inveniordm.v1+json"})
    metadata = {
        "title": TITLE,
        "resource_type": {"id": "dataset"},
        "publication_date": "2026-03-01",
        "version": "1.0.0" if after is None else "2.0.0",
        "creators": [{"person_or_org": {"type": "personal", "family_name": "Doe", "given_name": "Jane"}}],
        "rights": [{"id": "cc-by-4.0"}],
    }
    where = f"{server.address}/api/records"
    if after is None:
        identifier = session.post(where, json={"metadata": metadata, **more}, timeout=10).json()["id"]
    else:
        identifier = session.post(f"{where}/{after}/versions", timeout=10).json()["id"]
        session.put(f"{where}/{identifier}/draft", json={"metadata": metadata, **more}, timeout=10).raise_for_status()
    for key, content in files.items():
        server.put_file(identifier, key, content)
    answer = session.post(f"{where}/{identifier}/draft/actions/publish", timeout=10)
    assert answer.status_code == 202, answer.text
    return next(record for record in server.published() if record.id == identifier)


# --- commands --------------------------------------------------------------------------------


def railcrate(*words: str, folder: Path, code: int | None = 0, **more: str) -> str:
    """Run a command to its end and give what it printed; `code` None accepts any exit code but 0."""
    done = subprocess.run(
        [sys.executable, "-m", "railcrate.cli", *words], cwd=folder, env=environment(**more), text=True, check=False,
        timeout=120, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == code or (code is None and done.returncode), f"{done.returncode}\n{done.stdout}"
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def environment(**more: str) -> dict[str, str]:
    names = ("RAILCRATE_WARM", "DVC_STAGE", "PYTEST_CURRENT_TEST")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **more}


def start(*words: str, folder: Path, **more: str) -> subprocess.Popen[str]:
    """Start a command that goes on by itself."""
    return subprocess.Popen(
        [sys.executable, "-m", "railcrate.cli", *words], cwd=folder, env=environment(**more), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def wait_for(what: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.005)
    raise AssertionError("it did not happen in time")


# --- a bundle of a real study ----------------------------------------------------------------


def bundle_of(study: Path, target: Path) -> Path:
    """Bundle a finished, committed study: the code of HEAD, what the ledger keeps, and the listings of folders.

    It is as plain as the contract of bundles allows, so that fetching is tested without the code that builds.
    """
    from dvc.repo import Repo

    def git(*words: str) -> bytes:
        return subprocess.run(["git", *words], cwd=study, capture_output=True, check=True).stdout

    code = []
    for line in git("ls-tree", "-r", "-z", "HEAD").decode().split("\0")[:-1]:
        about, path = line.split("\t")
        mode, _, blob = about.split()
        code.append(Packed(path, git("cat-file", "blob", blob), LINK if mode == "120000" else int(mode, 8)))
    kept: dict[str, dict[str, bytes]] = {"data": {}, "weights": {}, "results": {}, "records": {}}
    cache = study / ".dvc/cache/files/md5"
    with Repo(str(study)) as repo:
        for stage in repo.index.stages:
            for out in stage.outs:
                md5, path = out.hash_info.value, Path(out.fs_path).relative_to(study).as_posix()
                content = (cache / md5[:2] / md5[2:]).read_bytes()
                files = {path: md5}
                if md5.endswith(".dir"):
                    kept["records"][f".dvc/cache/files/md5/{md5[:2]}/{md5[2:]}"] = content
                    files = {f"{path}/{item['relpath']}": item["md5"] for item in json.loads(content)}
                for name, digest in files.items():
                    role = {"data": "data", "models": "weights", "results": "results"}.get(
                        name.split("/")[0], "records"
                    )
                    kept[role][name] = (cache / digest[:2] / digest[2:]).read_bytes()
    bundle = Bundle().plain("README.md", b"# A release\n").plain("CITATION.cff", CITATION.encode())
    bundle.archive("code.zip", "code", sorted(code, key=lambda packed: packed.path), license="Apache-2.0")
    for role, members in kept.items():
        bundle.archive(f"{role}.zip", role, members, license="CC-BY-4.0")
    return bundle.write(target)


def spoil(path: Path, at: int = -1) -> None:
    """Turn one byte round; in the middle of the file if nothing else is said."""
    content = bytearray(path.read_bytes())
    content[at if at >= 0 else len(content) // 2] ^= 0xFF
    mode = path.stat().st_mode
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(mode)


def without_cache(study: Path) -> None:
    for name in (".dvc/cache", ".dvc/tmp", ".dvc-storage"):
        shutil.rmtree(study / name, ignore_errors=True)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- killed at any moment --------------------------------------------------------------------

_KILLER = """
import os, sys, signal
from pathlib import Path
import dvc.repo
from railcrate.reproduce.fetch import fetch

reference, folder, moments = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
CHANGES = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.symlink", "os.truncate", "open"}


def run(target, last):
    # Fetch in a process of its own, which kills itself at the last-th change; gives how many it saw.
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        seen = 0

        def count(event, arguments):
            nonlocal seen
            if event not in CHANGES or (event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR)):
                return
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        fetch(reference, target)
        os.write(write, str(seen).encode())
        os._exit(0)
    os.close(write)
    answer = os.read(read, 100)
    os.close(read)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), status
    return int(answer) if answer else None


folder.mkdir(parents=True)
total = run(folder / "whole", 0)
killed = 0
for moment in range(moments):
    last = 1 + moment * total // moments
    target = folder / f"killed-at-{last}"
    killed += run(target, last) is None
    assert run(target, 0) is not None
print(killed)
"""


def kill_at_events(reference: object, folder: Path, moments: int) -> int:
    """Fetch into many new folders, each time killed at another change of the disk, and then to the end.

    Args:
        reference: what to fetch.
        folder: where the folders go.
        moments: how many, spread evenly over all changes that a fetch makes.

    Returns:
        How many were killed before they had ended.
    """
    done = subprocess.run(
        [sys.executable, "-c", _KILLER, str(reference), str(folder), str(moments)], env=environment(), text=True,
        check=False, timeout=300, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return int(done.stdout.splitlines()[-1])
