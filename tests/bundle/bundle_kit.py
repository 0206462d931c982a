# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the tests do with bundles: take them apart with other tools than those that made them."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from study_kit import commit, run

from railcrate.bundle.build import Made, make
from railcrate.study.load import load_study


def digests(folder: Path) -> dict[str, str]:
    """The sha256 of every file of a folder, by its path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def manifest(bundle: Path) -> dict:
    return json.loads((bundle / "manifest.json").read_text())


def check_bundle(bundle: Path) -> None:
    """Hold every file, and every member of an archive, against the manifest; by other means than railcrate's."""
    listed = manifest(bundle)
    assert {entry["path"] for entry in listed["files"]} == digests(bundle).keys() - {"manifest.json"}
    for entry in listed["files"]:
        content = (bundle / entry["path"]).read_bytes()
        assert checked(content) == {key: entry[key] for key in ("size", "md5", "sha256")}, entry["path"]
        if not entry["path"].endswith(".zip"):
            assert not entry["members"]
            continue
        subprocess.run(["unzip", "-tqq", bundle / entry["path"]], check=True)
        with zipfile.ZipFile(bundle / entry["path"]) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            assert names == sorted(names) == [member["path"] for member in entry["members"]]
            for member in entry["members"]:
                found = checked(archive.read(member["path"]))
                assert found == {key: member[key] for key in ("size", "md5", "sha256")}, member["path"]


def checked(content: bytes) -> dict:
    return {
        "size": len(content),
        "md5": hashlib.md5(content).hexdigest(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def unpacked(bundle: Path, folder: Path) -> Path:
    """Everything that is in a bundle, archives unpacked by `unzip`."""
    folder.mkdir()
    for path in bundle.rglob("*"):
        if path.suffix == ".zip":
            subprocess.run(["unzip", "-qq", "-o", path, "-d", folder], check=True)
        elif path.is_file():
            place = folder / path.relative_to(bundle)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
    return folder


def restored(bundle: Path, folder: Path) -> Path:
    """The study out of a bundle: code from its archive, what DVC keeps into the cache, and from there in place."""
    folder.mkdir()
    subprocess.run(["unzip", "-qq", bundle / "code.zip", "-d", folder], check=True)
    (folder / ".dvc").mkdir(exist_ok=True)
    (folder / ".dvc" / "config.local").write_text("[core]\n    no_scm = true\n")
    for entry in manifest(bundle)["files"]:
        if entry["path"].endswith(".zip") and entry["role"] != "code":
            with zipfile.ZipFile(bundle / entry["path"]) as archive:
                for member in entry["members"]:
                    _into_cache(folder, member, archive.read(member["path"]))
        elif entry["study_path"] and entry["role"] in ("data", "weights", "results"):
            _into_cache(folder, entry, (bundle / entry["path"]).read_bytes())
    run(folder, "railcrate", "restore")
    return folder


def _into_cache(folder: Path, member: dict, content: bytes) -> None:
    cache = folder / ".dvc/cache/files/md5" / member["md5"][:2]
    cache.mkdir(parents=True, exist_ok=True)
    suffix = ".dir" if member["path"].endswith(".dir") else ""
    (cache / f"{member['md5'][2:]}{suffix}").write_bytes(content)


# --- a study of people -------------------------------------------------------------------

WEIGHTS = "models/weights/tiny.clean.seed0/model.safetensors"
ADDRESS = "jane.doe@nowhere.edu"
# Everything that an anonymous bundle of the study of people must not have, in small letters.
NAMES = (
    "jane", "doe", "jürgen", "müller", "muller", "mueller", "0002-1825", "nowhere", "department of examples",
    "janedoe", "ex-4711", "10.5072", "10.1234", "seedling-lab", "\\u00fc",
)  # fmt: skip
PEOPLE = """\
creators:
  - {name: "Doe, Jane", orcid: 0000-0002-1825-0097, affiliation: "Department of Examples, University of Nowhere"}
  - {name: "Müller, Jürgen"}
funding:
  - {funder: Example Foundation, award: EX-4711-A}
licenses: {withhold: [variants.raw, sources.notes]}
"""
RELEASE = """
release:
  version: 2.0.0
  related:
    - {identifier: "https://doi.org/10.1234/our-paper", relation: issupplementto}
  external:
    %s: {url: "https://huggingface.co/janedoe/tiny/resolve/main/model.safetensors", size: %d, sha256: %s}
  accepted:
    - {file: scripts/plot.py, finding: path, reason: "a folder of the manual's example"}
    - {file: nothing/*, finding: secret, reason: "there is nothing of this name"}
"""
README = """\
# Tiny

<!-- railcrate:release -->
[![DOI](https://doi.org/10.5072/zenodo.7)](https://doi.org/10.5072/zenodo.7)
<!-- /railcrate:release -->

By Jane Doe (jane.doe@nowhere.edu) and J. Müller; see Doe and Müller (2026), and, by others, Peter Quill 2019.
The data is described in Doe, X. 2018. Code: https://github.com/janedoe/seedling-lab
"""
SCRIPT = '''\
"""Written by Jane Doe of the seedling-lab."""

HOME = "/home/quill/data"
AUTHOR = "M\\u00fcller, J\\u00fcrgen"  # Jürgen Müller
'''
CITATION = f"""\
cff-version: 1.2.0
title: Tiny
message: cite it
authors: [{{family-names: Doe, given-names: Jane, email: {ADDRESS}}}]
"""


def give_people(folder: Path) -> None:
    """Change the configuration and the texts as persons would, and commit; the workflow is to be run again."""
    config = folder / "config/study.yaml"
    text = config.read_text(encoding="utf-8")
    before = "creators:\n  - name: Railcrate contributors\n"
    assert before in text
    content = (folder / WEIGHTS).read_bytes()
    release = RELEASE % (WEIGHTS, len(content), hashlib.sha256(content).hexdigest())
    config.write_text(text.replace(before, PEOPLE) + release, encoding="utf-8")
    for path, words in {"README.md": README, "scripts/plot.py": SCRIPT, "CITATION.cff": CITATION}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(words, encoding="utf-8")
    run(folder, "git", "config", "user.name", "Jane Doe")
    run(folder, "git", "config", "user.email", ADDRESS)
    run(folder, "git", "remote", "add", "origin", "git@github.com:janedoe/seedling-lab.git")
    commit(folder)


def made(folder: Path, target: Path, **options: Any) -> Made:
    """Make a bundle in this process."""
    return make(folder, load_study(folder), target, **options)


def refused(folder: Path, target: Path, kind: type[Exception], **options: Any) -> str:
    """Try to make a bundle, and give the message of why there is none."""
    with pytest.raises(kind) as caught:
        made(folder, target, **options)
    assert not target.exists()
    assert not [path for path in target.parent.iterdir() if path.name.startswith(f".{target.name}")]
    return str(caught.value)
