# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""DVC's remote: really written to, in folders; and what is said where it cannot be."""

from __future__ import annotations

import importlib.util
import shutil

import pytest
from remote_kit import KEYS, s3_server, ssh_server
from study_kit import run

from railcrate.preflight import remote


@pytest.fixture
def folder(laid_out, tmp_path, monkeypatch):
    """The DVC repository of the small study, without the rest."""
    for name in (".git", ".dvc"):
        shutil.copytree(laid_out / name, tmp_path / "study" / name)
    monkeypatch.chdir(tmp_path / "study")
    return tmp_path / "study"


def configure(folder, text):
    (folder / ".dvc" / "config").write_text(f"[core]\n    analytics = false\n    remote = there\n{text}")


def look(folder, **options):
    (found,) = remote.look(folder, **options)
    return found


def test_a_folder_is_written_to_and_left_as_it_was(folder, tmp_path):
    configure(folder, f"['remote \"there\"']\n    url = {tmp_path / 'store' / 'deep'}\n")
    found = look(folder)
    assert (found.state, found.text) == ("ok", "DVC's remote 'there' can be written to")
    assert found.detail == "../store/deep"
    assert not (tmp_path / "store").exists()
    (tmp_path / "store" / "deep").mkdir(parents=True)
    (tmp_path / "store" / "deep" / "kept").touch()
    assert look(folder).state == "ok"
    assert [path.name for path in (tmp_path / "store" / "deep").iterdir()] == ["kept"]


def test_a_folder_that_cannot_be_written_to(folder, tmp_path):
    (tmp_path / "file").touch()
    configure(folder, f"['remote \"there\"']\n    url = {tmp_path / 'file' / 'store'}\n")
    found = look(folder)
    assert (found.state, "cannot be written to" in found.text, "right to write" in found.way_out) == (
        "error",
        True,
        True,
    )


@pytest.mark.parametrize(
    ("address", "package"),
    [
        ("gs://bucket/x", "dvc-gs"),
        ("azure://jane:secret@box/x", "dvc-azure"),
    ],
)
def test_a_package_that_is_not_installed(folder, address, package):
    if importlib.util.find_spec(package.replace("-", "_")) is not None:
        pytest.skip(f"{package} is installed here")
    configure(folder, f"['remote \"there\"']\n    url = {address}\n")
    found = look(folder)
    assert (found.state, found.way_out) == ("error", f"Run `pip install {package}`.")
    assert "secret" not in f"{found}"


def test_a_store_that_speaks_s3(folder, monkeypatch):
    import boto3

    for key, value in KEYS.items():
        monkeypatch.setenv(key, value)
    with s3_server() as address:
        configure(folder, f"['remote \"there\"']\n    url = s3://studies/x\n    endpointurl = {address}\n")
        found = look(folder)
        assert (found.state, found.detail) == ("ok", "s3://studies/x")
        assert "Contents" not in boto3.client("s3", endpoint_url=address).list_objects_v2(Bucket="studies")
        configure(folder, f"['remote \"there\"']\n    url = s3://no-bucket/x\n    endpointurl = {address}\n")
        found = look(folder)
        assert (found.state, "bucket does not exist" in found.text) == ("error", True)


def test_a_folder_behind_ssh(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("ssh")
    with ssh_server(place) as (address, key):
        configure(folder, f"['remote \"there\"']\n    url = {address}/a/b\n    keyfile = {key}\n")
        assert look(folder).state == "ok"
        assert list((place / "store").iterdir()) == []
        configure(folder, f"['remote \"there\"']\n    url = {address}\n    keyfile = {place / 'host'}\n")
        assert look(folder).state == "error"  # a key that opens nothing


def test_what_is_behind_the_network_is_left_alone_offline(folder):
    configure(folder, "['remote \"there\"']\n    url = ssh://jane:secret@host/x\n")
    found = look(folder, offline=True)
    assert (found.state, found.detail, "not tried" in found.text) == ("ok", "ssh://host/x", True)


def test_a_server_that_cannot_be_reached(folder):
    configure(folder, "['remote \"there\"']\n    url = http://127.0.0.1:9/x\n")
    found = look(folder)
    assert (found.state, found.exit_code) == ("error", 1)


def test_no_answer_in_time(folder, tmp_path):
    configure(folder, f"['remote \"there\"']\n    url = {tmp_path / 'store'}\n")
    found = look(folder, patience=0.0)
    assert (found.state, "does not answer within 0 s" in found.text) == ("error", True)


def test_a_remote_that_is_named_and_not_described(folder):
    configure(folder, "")
    found = look(folder)
    assert (found.state, "'there' is not described" in found.text) == ("error", True)


def test_no_remote_at_all(folder):
    (folder / ".dvc" / "config").write_text("[core]\n    analytics = false\n")
    found = look(folder)
    assert (found.state, "dvc remote add --default" in found.way_out) == ("warning", True)


def test_a_folder_without_dvc(tmp_path):
    run(tmp_path, "git", "init", "-q")
    found = look(tmp_path)
    assert (found.topic, found.state, "dvc init" in found.way_out) == ("DVC", "error", True)


def test_a_configuration_that_cannot_be_read(folder):
    (folder / ".dvc" / "config").write_text("[core\n")
    assert look(folder).state == "error"
