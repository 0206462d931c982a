# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where sources and bases will come from: files, DVC's cache, mirrors, servers on the loopback address."""

from __future__ import annotations

import hashlib
import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from preflight_kit import study
from study_kit import run
from tests.servers.files import Trouble, file_server, serving
from tests.servers.hub import hub_server

from railcrate.preflight import reach, sources
from railcrate.preflight.sources import summed_up

TEXT = b"The cat sleeps.\n" * 40
SHA = hashlib.sha256(TEXT).hexdigest()
COMMIT = "a" * 40


@pytest.fixture
def files():
    with file_server() as server:
        server.files["/text.txt"] = TEXT
        yield server


@pytest.fixture
def hub(monkeypatch):
    with hub_server() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def url_study(*urls, sha=SHA):
    files = [{"url": url, "sha256": sha} for url in urls]
    return study(sources={"text": {"type": "url", "files": files, "license": "CC0-1.0", "citation": "Doe"}})


def hub_study(name="jane/poems", revision=COMMIT):
    source = {"type": "hub", "dataset": name, "revision": revision, "license": "CC0-1.0", "citation": "Doe"}
    return study(sources={"text": source})


def problems(supplies):
    return [
        (finding.state, finding.text, finding.way_out) for supply in supplies.values() for finding in supply.findings
    ]


# --- files with an address -------------------------------------------------------------


def test_a_file_on_the_network_is_asked_for_and_not_downloaded(files, folder):
    supply = sources.look(folder, url_study(f"{files.address}/text.txt"))["text"]
    assert (supply.coming, supply.network, supply.place, supply.findings) == (len(TEXT), True, "from the network", [])
    assert all("bytes=0-0" in request.headers.get("Range", "bytes=0-0") for request in files.requests)
    assert not (folder / "data").exists()


def test_a_server_that_knows_no_head(files):
    assert reach.file(f"{files.address}/text.txt") == reach.Remote(len(TEXT))
    files.ranges = False
    assert reach.file(f"{files.address}/text.txt").size == len(TEXT)


def test_a_server_that_knows_head(tmp_path):
    (tmp_path / "text.txt").write_bytes(TEXT)
    with serving(partial(SimpleHTTPRequestHandler, directory=tmp_path)) as address:
        assert reach.file(f"{address}/text.txt") == reach.Remote(len(TEXT))


@pytest.mark.parametrize(
    ("path", "trouble", "state", "told"),
    [
        ("/gone.txt", None, "error", "404"),
        ("/text.txt", Trouble(status=503), "warning", "503"),
        ("/text.txt", Trouble(status=403), "error", "403"),
    ],
)
def test_a_file_that_cannot_be_had(files, folder, path, trouble, state, told):
    files.troubles += [trouble] * 3 if trouble else []
    found = problems(sources.look(folder, url_study(f"{files.address}{path}")))
    assert [found[0][0], told in found[0][1], "RAILCRATE_MIRROR" in found[0][2]] == [state, True, True]


def test_a_server_that_is_not_there(folder):
    state, text, way = problems(sources.look(folder, url_study("http://127.0.0.1:9/text.txt")))[0]
    assert (state, "does not answer" in text, "network" in way) == ("warning", True, True)


def test_offline_nobody_is_asked(files, folder):
    supply = sources.look(folder, url_study(f"{files.address}/text.txt"), offline=True)["text"]
    assert files.requests == []
    assert (supply.coming, supply.network, [finding.state for finding in supply.findings]) == (None, True, ["warning"])


def test_a_file_that_is_here_is_checked(files, folder):
    made = url_study(f"{files.address}/text.txt")
    here = folder / "data" / "raw" / "text" / "text.txt"
    here.parent.mkdir(parents=True)
    here.write_bytes(TEXT)
    supply = sources.look(folder, made)["text"]
    assert (supply.here, supply.coming, supply.network, supply.place) == (len(TEXT), 0, False, "here")
    here.write_bytes(TEXT.replace(b"cat", b"dog"))
    assert sources.look(folder, made)["text"].network


def test_a_mirror_and_the_cache_come_before_the_network(folder, monkeypatch, tmp_path_factory):
    mirror = tmp_path_factory.mktemp("mirror")
    (mirror / "any-name").write_bytes(TEXT)
    made = url_study("http://127.0.0.1:9/text.txt")
    monkeypatch.setenv("RAILCRATE_MIRROR", str(mirror))
    supply = sources.look(folder, made)["text"]
    assert (supply.place, supply.coming, supply.network) == ("from a mirror", len(TEXT), False)
    assert supply.links == {"data/raw/text/text.txt": str(mirror / "any-name")}
    monkeypatch.delenv("RAILCRATE_MIRROR")
    run(folder, "git", "init", "-q")
    run(folder, "dvc", "init", "-q")
    here = folder / "data" / "raw" / "text" / "text.txt"
    here.parent.mkdir(parents=True)
    here.write_bytes(TEXT)
    run(folder, "dvc", "add", "-q", str(here))
    here.unlink()
    assert sources.look(folder, made)["text"].place == "from DVC's cache"


# --- the hub ---------------------------------------------------------------------------


def test_a_data_set_at_its_revision(hub, folder):
    hub.add("datasets/jane/poems", COMMIT, {"a.jsonl": b"x" * 100, "b.csv": b"y" * 20, "README.md": b"-", "c.py": b"z"})
    supply = sources.look(folder, hub_study())["text"]
    assert (supply.coming, supply.network, supply.place, supply.findings) == (120, True, "from the hub", [])
    assert hub.downloaded() == set()


@pytest.mark.parametrize(
    ("name", "revision", "told"),
    [
        ("jane/poems", "b" * 40, "has no revision bbbbbbbbbbbb"),
        ("jane/prose", COMMIT, "the hub has none of that name"),
        ("jane/scripts", COMMIT, "no file that is read"),
        ("jane/closed", COMMIT, "it is gated"),
    ],
)
def test_a_data_set_that_cannot_be_had(hub, folder, name, revision, told):
    for closed in ("poems", "closed"):
        hub.add(f"datasets/jane/{closed}", COMMIT, {"a.jsonl": b"x", "README.md": b"-"})
    hub.add("datasets/jane/scripts", COMMIT, {"load.py": b"x"})
    hub.gated.add("datasets/jane/closed")
    state, text, way = problems(sources.look(folder, hub_study(name, revision)))[0]
    assert (state, told in text, way != "") == ("error", True, True), text


def test_a_hub_that_is_down(folder, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    state, text, _ = problems(sources.look(folder, hub_study()))[0]
    assert (state, "does not answer" in text) == ("warning", True)


def base_study(base):
    return study(models={"big": {"kind": "pretrained", "base": {"license": "Apache-2.0", **base}}})


def test_a_base_of_the_hub(hub, folder):
    files = {
        "config.json": b"{}",
        "tokenizer.json": b"{}",
        "model.safetensors": b"w" * 50,
        "pytorch_model.bin": b"p" * 999,
    }
    hub.add("jane/model", COMMIT, files)
    hub.add("jane/pickles", COMMIT, {"config.json": b"{}", "pytorch_model.bin": b"p"})
    found = sources.look_at_bases(folder, base_study({"repository": "jane/model", "revision": COMMIT}))
    assert (found["big"].coming, found["big"].findings) == (54, [])
    found = sources.look_at_bases(folder, base_study({"repository": "jane/pickles", "revision": COMMIT}))
    assert "no safetensors" in problems(found)[0][1]
    found = sources.look_at_bases(folder, base_study({"repository": "jane/model", "revision": COMMIT}), offline=True)
    assert (found["big"].coming, problems(found)[0][0]) == (None, "warning")


def test_a_base_in_a_folder(folder):
    (folder / "base").mkdir()
    made = base_study({"path": "base"})
    for name, lacks in (("model.safetensors", "config.json"), ("config.json", "tokenizer"), ("tokenizer.json", None)):
        (folder / "base" / name).write_bytes(b"{}")
        found = problems(sources.look_at_bases(folder, made))
        assert [text for _, text, _ in found] == ([f"models.big.base.path: base has no {lacks}"] if lacks else [])


# --- files and generators --------------------------------------------------------------


def test_files_of_the_study(folder):
    Path("text.txt").write_bytes(TEXT)
    supply = sources.look(folder, study())["text"]
    assert (supply.here, supply.coming, supply.findings) == (len(TEXT), 0, [])
    Path("text.txt").write_bytes(b"")
    assert "is empty" in problems(sources.look(folder, study()))[0][1]


def generated(generator, **parameters):
    source = {
        "type": "synthetic", "generator": generator, "outputs": ["text.jsonl"], "parameters": parameters,
        "license": "CC0-1.0", "citation": "made",
    }  # fmt: skip
    return study(sources={"text": source})


@pytest.mark.parametrize(
    ("generator", "parameters", "told"),
    [
        ("grammar", {"documents": 3}, None),
        ("grammar", {"documets": 3}, "documets"),
        ("gramar", {}, "there is no generator 'gramar'"),
        ("mine.py:make", {}, None),
        ("mine.py:mak", {}, "has no function 'mak'"),
        ("broken.py:make", {}, "broken.py cannot be imported: line 1"),
    ],
)
def test_generators(folder, generator, parameters, told):
    Path("mine.py").write_text("def make(output, *, seed):\n    pass\n")
    Path("broken.py").write_text("import nothing_like_it\n")
    found = sources.look(folder, generated(generator, **parameters))["text"]
    texts = [text for _, text, _ in problems({"text": found})]
    assert (texts == []) if told is None else (told in texts[0])
    assert all(finding.exit_code == 3 for finding in found.findings)
    assert found.coming is None


def test_all_of_them_in_a_line(files, folder):
    shutil.copy(__file__, "text.txt")
    parts = {
        "here": {"type": "local", "path": "text.txt", "license": "CC0-1.0", "citation": "x"},
        "there": {"type": "url", "files": [{"url": f"{files.address}/text.txt", "sha256": SHA}], "license": "CC0-1.0",
                  "citation": "x"},
        "made": {"type": "synthetic", "generator": "grammar", "outputs": ["a"], "license": "CC0-1.0", "citation": "x"},
    }  # fmt: skip
    found = summed_up(sources.look(folder, study(sources=parts)))
    assert [(finding.state, finding.text) for finding in found] == [
        ("ok", "here among the study's files; there from the network; made made by a generator; 640 bytes to download")
    ]
