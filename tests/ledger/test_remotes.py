# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study whose data lie on S3 or behind SSH: pushed, cloned, restored; and what is told when that fails."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from ledger_kit import commit
from remote_kit import KEYS, s3_server, ssh_server
from study_kit import run

from railcrate.ledger import repository
from railcrate.ledger.errors import RemoteProblem
from railcrate.ledger.record import push_recorded
from railcrate.ledger.restore import restore_study
from railcrate.study.errors import EXIT_ENVIRONMENT


@pytest.fixture(autouse=True)
def here(study, monkeypatch):
    """The study is where commands are given."""
    monkeypatch.chdir(study)


def remote(folder: Path, address: str, **private: str) -> None:
    """Name the remote, as `dvc remote add` and `dvc remote modify --local` do."""
    section = "['remote \"storage\"']\n"
    (folder / ".dvc" / "config").write_text(f"[core]\n    remote = storage\n{section}    url = {address}\n")
    settings = "".join(f"    {key} = {value}\n" for key, value in private.items())
    (folder / ".dvc" / "config.local").write_text(section + settings if private else "")


def push(folder: Path) -> int:
    """Copy what is recorded to the remote, as `railcrate record --push` does when it has recorded."""
    with repository.opened(folder) as repo:
        return push_recorded(repo, folder)


def clone(study: Path) -> Path:
    """Clone the study, as somebody else would."""
    commit(study)
    folder = study.with_name("clone")
    run(study.parent, "git", "clone", "-q", str(study), str(folder))
    return folder


def same_data(study: Path, other: Path) -> bool:
    """Whether both have the same data and results."""
    found = [path.relative_to(study) for name in ("data", "results") for path in (study / name).rglob("*.json")]
    return bool(found) and all((other / path).read_bytes() == (study / path).read_bytes() for path in found)


def test_s3_by_the_commands_of_the_how_to(study, tmp_path, monkeypatch):
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with s3_server() as address:
        run(study, "dvc", "remote", "add", "--force", "--default", "storage", "s3://studies/mine")
        run(study, "dvc", "remote", "modify", "storage", "endpointurl", address)
        said = run(study, "railcrate", "record", "--push")
        assert "copied to the DVC remote: " in said
        assert "copied to the DVC remote: 0 files" not in said
        other = clone(study)
        nobody = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": ""}
        said = run(other, "railcrate", "restore", code=EXIT_ENVIRONMENT, **nobody, AWS_SECRET_ACCESS_KEY="")
        assert "DVC's remote 'storage' (s3://studies/mine) does not let you in: Unable to locate credentials" in said
        assert "aws configure" in said
        assert "all checked" in run(other, "railcrate", "restore")
        assert same_data(study, other)

        remote(study, "s3://nowhere/mine", endpointurl=address)
        with pytest.raises(RemoteProblem, match="is not there: The specified bucket does not exist"):
            push(study)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    remote(study, "s3://studies/mine", endpointurl=f"{address}/")
    with pytest.raises(RemoteProblem, match="does not answer: Could not connect to the endpoint"):
        push(study)


def test_ssh(study, tmp_path, monkeypatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    place = tmp_path / "server"
    place.mkdir()
    with ssh_server(place) as (address, key):
        remote(study, address, keyfile=str(key))
        assert push(study)
        other = clone(study)
        monkeypatch.chdir(other)
        remote(other, address, keyfile=str(key))
        assert restore_study(other).fetched
        assert same_data(study, other)

        stranger = place / "stranger"
        run(place, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(stranger))
        remote(other, address, keyfile=str(stranger))
        shutil.rmtree(other / ".dvc" / "cache")
        with pytest.raises(RemoteProblem, match="does not let you in") as told:
            restore_study(other)
        assert "dvc remote modify --local storage keyfile FILE" in told.value.hint
    monkeypatch.chdir(study)
    remote(study, address.replace("@127.0.0.1", "@localhost"), keyfile=str(key))
    with pytest.raises(RemoteProblem, match="does not answer"):
        push(study)


def test_a_package_that_is_missing_is_named_and_no_password_is(study):
    remote(study, "gdrive://jane:secret@root/mine")
    with pytest.raises(
        RemoteProblem, match=r"'storage' \(gdrive://jane@root/mine\) needs the package dvc-gdrive"
    ) as told:
        push(study)
    assert told.value.hint == "pip install dvc-gdrive"
