# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The packages that a job ran with, and their hashes."""

import base64
import hashlib
import json
from importlib.metadata import PathDistribution, distribution

from railcrate.study.environment import FOLDER, _hash, describe_environment, note_environment
from railcrate.study.records import job_record

RECORD = """\
thing/__init__.py,sha256=aaaa,10
thing/part.py,sha256=bbbb,20
thing/__pycache__/part.cpython-311.pyc,,
../../../bin/thing,sha256={script},30
thing-1.0.dist-info/METADATA,sha256=cccc,40
thing-1.0.dist-info/INSTALLER,sha256=dddd,4
thing-1.0.dist-info/direct_url.json,sha256=eeee,4
thing-1.0.dist-info/RECORD,,
"""


def installed(folder, record, **files):
    """What an installer leaves of a package."""
    info = folder / "thing-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    if record is not None:
        (info / "RECORD").write_text(record)
    for name, text in files.items():
        (info / f"{name}.json").write_text(text)
    return PathDistribution(info)


def test_the_same_wheel_has_the_same_hash_wherever_it_is(tmp_path):
    here = installed(tmp_path / "a", RECORD.format(script="here"))
    lines = RECORD.format(script="there").splitlines(keepends=True)
    there = installed(tmp_path / "b", "".join(reversed(lines)))
    expected = "thing-1.0.dist-info/METADATA,sha256=cccc\nthing/__init__.py,sha256=aaaa\nthing/part.py,sha256=bbbb"
    assert _hash(here) == _hash(there) == hashlib.sha256(expected.encode()).hexdigest()


def test_another_byte_is_another_hash(tmp_path):
    one = installed(tmp_path / "a", RECORD.format(script="x"))
    other = installed(tmp_path / "b", RECORD.format(script="x").replace("aaaa", "abab"))
    assert _hash(one) != _hash(other)


def test_what_may_change_has_no_hash(tmp_path):
    assert _hash(installed(tmp_path / "a", None)) is None
    editable = json.dumps({"url": "file:///x", "dir_info": {"editable": True}})
    assert _hash(installed(tmp_path / "b", RECORD.format(script="x"), direct_url=editable)) is None
    assert _hash(installed(tmp_path / "c", RECORD.format(script="x"), direct_url="no json")) is not None


def test_a_hash_is_that_of_the_files_themselves():
    package = distribution("jinja2")
    lines = []
    for file in package.files:
        name = file.as_posix()
        notes = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json")
        if file.hash is None or name.startswith("..") or name.endswith(".pyc") or file.name in notes:
            continue
        digest = base64.urlsafe_b64encode(hashlib.sha256(file.locate().read_bytes()).digest()).decode().rstrip("=")
        lines.append(f"{name},sha256={digest}")
    expected = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    assert describe_environment()[1]["packages"]["jinja2"] == {"version": package.version, "sha256": expected}


def test_a_record_names_its_environment_which_is_kept_once(tmp_path):
    identifier = note_environment(tmp_path)
    path = tmp_path / FOLDER / f"{identifier}.json"
    written = path.stat().st_mtime_ns
    with job_record(tmp_path, "train", "x"):
        pass
    record = json.loads((tmp_path / "records" / "train" / "x.json").read_text())
    assert record["environment"] == identifier
    assert path.stat().st_mtime_ns == written
    content = json.loads(path.read_text())
    assert content["packages"]["torch"]["version"] == record["versions"]["torch"]
    assert content["packages"]["railcrate"]["version"]
    assert hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest() == identifier
