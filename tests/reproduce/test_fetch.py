# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Fetching a bundle: all of it or a part, from a record or a folder, and going on after whatever happened."""

import json
import os
import stat
import subprocess
import sys
import time

import pytest
from reproduce_kit import (
    CODE,
    DATA,
    MARKER,
    RESULTS,
    STUDY,
    TITLE,
    WEIGHTS,
    Bundle,
    Packed,
    archive,
    code_members,
    kill_at_events,
    listed,
    publish,
    railcrate,
    small_bundle,
    spoil,
    start,
    tree,
    wait_for,
)
from tests.servers.files import Trouble, file_server

from railcrate.bundle.manifest import MANIFEST
from railcrate.reproduce.errors import (
    DamagedError,
    FolderError,
    RestrictedError,
    ServerError,
    UnsafeError,
    WrongReferenceError,
)
from railcrate.reproduce.fetch import fetch, slug
from railcrate.reproduce.web import Patience
from railcrate.study.disk import DiskFullError
from railcrate.study.errors import EXIT_DATA, EXIT_FAILURE, EXIT_USAGE
from railcrate.testing.zenodo import Fault

WEIGHT = next(iter(WEIGHTS))
DOWNLOAD = "record.file.download"
QUICK = Patience(connect=2, answer=2, stall=0.5, attempts=2)


def downloads(server):
    return [request.path for request in server.requests if request.path.endswith("/content")]


# --- all of it --------------------------------------------------------------------------------


def test_from_a_record(server, bundle, tmp_path):
    fetched = fetch(publish(server, bundle).doi, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY
    assert (tmp_path / "study/profiles/study.yaml").read_bytes() == CODE["config/study.yaml"]
    assert (fetched.brought, fetched.there, fetched.unavailable, fetched.notes) == (7, 0, (), ())
    assert (fetched.folder, fetched.manifest.title) == (tmp_path / "study", TITLE)
    assert {p.name for p in fetched.bundle.iterdir()} >= {"README.md", "code.zip", MANIFEST}
    assert not list((tmp_path / "study").rglob("*.part"))
    assert len(downloads(server)) == 8


def test_from_a_folder(bundle, tmp_path):
    fetch(bundle, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY
    kept = tmp_path / "study/.railcrate/bundle" / WEIGHT
    assert not kept.samefile(bundle / WEIGHT)  # small, so a copy: a change of one is not a change of both


def test_a_large_file_is_not_copied(tmp_path, monkeypatch):
    """From a bundle on the same disk it gets a second name, or shares its blocks."""
    monkeypatch.setattr("railcrate.reproduce.gather.LARGE", 100_000)
    folder = small_bundle().write(tmp_path / "bundle")
    fetched = fetch(folder, tmp_path / "study")
    kept, stored = fetched.bundle / WEIGHT, next((tmp_path / "study/.dvc/cache").rglob("??/*"))
    assert kept.samefile(folder / WEIGHT) or kept.stat().st_nlink == 1  # blocks are shared where the disk can
    assert stored.stat().st_ino in {p.stat().st_ino for p in fetched.bundle.rglob("*")} or stored.stat().st_nlink == 1
    assert not (tmp_path / "study" / WEIGHT).samefile(kept)  # what one works with is never the bundle itself


def test_nothing_is_run(server, bundle, tmp_path):
    folder = tmp_path / "study"
    railcrate("fetch", publish(server, bundle).doi, str(folder), folder=tmp_path)
    assert (folder / "steps/own.py").exists()
    assert not list(tmp_path.rglob(MARKER))
    assert stat.S_IMODE((folder / "scripts/run.sh").stat().st_mode) == 0o755
    assert not (folder / "steps/own.py").stat().st_mode & 0o111
    assert not list(folder.rglob("__pycache__"))


def test_again(server, bundle, tmp_path):
    """Nothing is downloaded twice, and nothing changes."""
    doi = publish(server, bundle).doi
    fetch(doi, tmp_path / "study")
    server.requests.clear()
    fetched = fetch(doi, tmp_path / "study")
    assert (fetched.brought, fetched.there) == (0, 7)
    assert downloads(server) == []
    assert tree(tmp_path / "study") == STUDY


def test_a_file_in_parts(server, tmp_path):
    whole = os.urandom(100_000)
    folder = small_bundle().cut("models/weights/big.safetensors", whole, 30_000).write(tmp_path / "bundle")
    fetch(publish(server, folder).doi, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY | {"models/weights/big.safetensors": whole}
    parts = [f"models/weights/big.safetensors.part-00{number}" for number in (1, 2)]
    fetched = fetch(folder, tmp_path / "some", names=parts)
    assert "was cut into 4 parts, of which not all were fetched" in fetched.notes[0]


def test_a_fetched_study_can_be_fetched_from(bundle, tmp_path):
    fetch(bundle, tmp_path / "study")
    fetch(tmp_path / "study", tmp_path / "again")
    assert tree(tmp_path / "again") == STUDY


# --- a part of it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "expected"),
    [("data", DATA), ("weights", WEIGHTS), ("results", RESULTS), ("code", CODE), ("metadata", {})],
)
def test_one_part(server, bundle, tmp_path, part, expected):
    """The texts that describe the bundle come along, for they say what one may do with it."""
    fetched = fetch(publish(server, bundle).doi, tmp_path / "study", parts=[part])
    found = tree(tmp_path / "study")
    if part != "code":
        texts = {
            name: (bundle / name).read_bytes() for name in ("README.md", "CITATION.cff", "LICENSES/Apache-2.0.txt")
        }
        assert found == expected | texts
    else:
        assert found == expected
    asked = dict(fetched.unavailable)
    assert set(asked) == {path for path in STUDY if path not in expected} | ({"profiles"} if part != "code" else set())
    assert all("not asked for" in why for why in asked.values())


def test_one_part_after_another(server, bundle, tmp_path):
    """Each brings what is missing; with the code it becomes the study."""
    doi = publish(server, bundle).doi
    for part in ("data", "weights"):
        fetch(doi, tmp_path / "study", parts=[part])
    fetched = fetch(doi, tmp_path / "study")
    assert (fetched.brought, fetched.there) == (2, 5)
    found = tree(tmp_path / "study")
    assert found == STUDY | {name: (bundle / name).read_bytes() for name in ("CITATION.cff", "LICENSES/Apache-2.0.txt")}
    assert found["README.md"] == CODE["README.md"]


def test_single_files(server, bundle, tmp_path):
    fetched = fetch(publish(server, bundle).doi, tmp_path / "study", names=["results.zip"])
    assert tree(tmp_path / "study") == RESULTS
    assert fetched.brought == 1


def test_what_there_is_not(bundle, tmp_path):
    with pytest.raises(WrongReferenceError, match="there is no part 'wheights'") as error:
        fetch(bundle, tmp_path / "study", parts=["wheights"])
    assert "metadata, code, data, weights, results" in error.value.hint
    with pytest.raises(WrongReferenceError, match=r"no file dataa\.zip") as error:
        fetch(bundle, tmp_path / "study", names=["dataa.zip"])
    assert "Did you mean data.zip" in error.value.hint


# --- the folder -------------------------------------------------------------------------------


def test_a_folder_with_something_in_it(bundle, tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study/thesis.tex").write_text("years of work")
    with pytest.raises(FolderError, match="is not empty"):
        fetch(bundle, tmp_path / "study")
    assert [path.name for path in (tmp_path / "study").iterdir()] == ["thesis.tex"]
    with pytest.raises(FolderError, match="is a file"):
        fetch(bundle, tmp_path / "study/thesis.tex")


def test_a_folder_with_another_study(bundle, tmp_path):
    fetch(bundle, tmp_path / "study")
    other = small_bundle(version="2.0.0").write(tmp_path / "other")
    with pytest.raises(FolderError, match="belongs to another bundle"):
        fetch(other, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY


def test_what_was_changed_is_not_overwritten(bundle, tmp_path):
    fetch(bundle, tmp_path / "study")
    (tmp_path / "study/steps/own.py").write_text("an improvement")
    with pytest.raises(FolderError, match=r"steps/own\.py is there already"):
        fetch(bundle, tmp_path / "study")
    assert (tmp_path / "study/steps/own.py").read_text() == "an improvement"


def test_two_at_once(server, bundle, tmp_path):
    doi = publish(server, bundle).doi
    server.faults.append(Fault("drip", route=DOWNLOAD, rate=20_000, times=0))
    first = start("fetch", doi, "study", folder=tmp_path)
    wait_for(lambda: list((tmp_path / "study").rglob("*.part")))
    with pytest.raises(FolderError, match="another fetch is at work"):
        fetch(doi, tmp_path / "study")
    server.faults.clear()
    first.kill()
    first.communicate()
    fetch(doi, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY


@pytest.mark.parametrize(
    ("title", "name"),
    [
        (TITLE, "does-a-cleaner-corpus-help"), ("Größer & besser: ÆØ", "groer-besser"), ("../../etc", "etc"),
        ("語", "study"), ("word " * 30, "-".join(["word"] * 12)), ("", "study"),
    ],
)  # fmt: skip
def test_the_folder_is_named_by_the_title(title, name):
    assert slug(title) == name


# --- what is wrong with a bundle --------------------------------------------------------------


def test_damaged_and_missing_files_are_named(bundle, tmp_path):
    spoil(bundle / WEIGHT)
    (bundle / "results.zip").unlink()
    with pytest.raises(DamagedError, match="2 of the 7 files of") as error:
        fetch(bundle, tmp_path / "study")
    assert f"{WEIGHT} is damaged: its sha256 is" in error.value.message
    assert "results.zip is missing" in error.value.message
    assert tree(tmp_path / "study") == {}
    spoil(bundle / WEIGHT)
    (bundle / "results.zip").write_bytes(small_bundle().contents["results.zip"])
    fetch(bundle, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY


def test_a_strangers_file_is_left_and_told(server, bundle, tmp_path):
    (bundle / "virus.exe").write_bytes(b"MZ")
    fetched = fetch(publish(server, bundle).doi, tmp_path / "study")
    assert "the manifest does not know; they were left: virus.exe" in fetched.notes[0]
    assert not list((tmp_path / "study").rglob("virus.exe"))


def test_an_archive_that_deceives(tmp_path):
    """Everything agrees with everything, but the archive holds one file more."""
    members = code_members()
    content = archive([*members, Packed("../outside.py", b"")])
    bundle = small_bundle().plain("code.zip", content, "code", members=listed(members))
    with pytest.raises(UnsafeError, match=r"holds '\.\./outside\.py', which leads out of its folder"):
        fetch(bundle.write(tmp_path / "bundle"), tmp_path / "study")
    assert not (tmp_path / "outside.py").exists()
    assert tree(tmp_path / "study") == {}


def test_a_bundle_of_another_version(bundle, tmp_path):
    content = json.loads((bundle / MANIFEST).read_text())
    (bundle / MANIFEST).write_text(json.dumps({**content, "railcrate": "9.9.9"}))
    assert "it was made with railcrate 9.9.9" in fetch(bundle, tmp_path / "study").notes[0]
    (bundle / MANIFEST).write_text(json.dumps({**content, "railcrate": "9.9.9", "format": "railcrate-bundle/9"}))
    told = railcrate("fetch", str(bundle), "other", folder=tmp_path, code=EXIT_DATA)
    assert "made by railcrate '9.9.9' in the format 'railcrate-bundle/9'" in told
    assert "Install the version that made it" in told


def test_an_anonymous_bundle(tmp_path):
    folder = small_bundle(anonymous=True, commit=None).write(tmp_path / "bundle")
    fetched = fetch(folder, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY
    assert fetched.notes == ("it is anonymous: made for review, without names",)


def test_a_manifest_that_is_too_long(server, bundle, tmp_path):
    with (bundle / MANIFEST).open("ab") as file:
        file.truncate(65 << 20)
    with pytest.raises(UnsafeError, match="at most 67,108,864 are read"):
        fetch(bundle, tmp_path / "study")


# --- files that stay elsewhere, or are withheld -----------------------------------------------


@pytest.mark.parametrize("md5", [True, False])
def test_a_file_that_stays_elsewhere(tmp_path, monkeypatch, md5):
    content = os.urandom(50_000)
    path = "models/weights/huge/model.safetensors"
    with file_server() as files:
        files.files["/huge"] = content
        bundle = small_bundle().external(path, content, files.url("/huge"), md5=md5).write(tmp_path / "bundle")
        files.troubles[:] = [Trouble(cut=20_000)]
        fetch(bundle, tmp_path / "study")
        assert tree(tmp_path / "study") == STUDY | {path: content}
        assert not (tmp_path / "study/.railcrate/external").exists() or not list(
            (tmp_path / "study/.railcrate/external").iterdir()
        )
        asked = len(files.requests)
        (tmp_path / "mirror").mkdir()
        (tmp_path / "mirror/any-name").write_bytes(content)
        monkeypatch.setenv("RAILCRATE_MIRROR", str(tmp_path / "mirror"))
        fetch(bundle, tmp_path / "mirrored")
        assert tree(tmp_path / "mirrored") == STUDY | {path: content}
        assert len(files.requests) == asked


def test_a_file_that_cannot_be_had_elsewhere(tmp_path):
    path = "models/weights/huge/model.safetensors"
    with file_server() as files:
        files.files["/huge"] = b"another"
        bundle = small_bundle().external(path, b"the file", files.url("/huge"))
        bundle.external("models/weights/gone.bin", b"gone", files.url("/gone"))
        bundle.withhold("data/raw/secret.txt", b"secret")
        fetched = fetch(bundle.write(tmp_path / "bundle"), tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY
    reasons = dict(fetched.unavailable)
    assert "it stays elsewhere and could not be had" in reasons[path]
    assert "404" in reasons["models/weights/gone.bin"]
    assert reasons["data/raw/secret.txt"] == "withheld (sources.notes): not to be shared"
    fetched = fetch(tmp_path / "bundle", tmp_path / "data", parts=["data"])
    assert dict(fetched.unavailable)[path] == "not asked for: it stays elsewhere"


# --- servers and networks on bad days ---------------------------------------------------------


def test_a_connection_that_breaks_is_taken_up_again(server, bundle, tmp_path):
    doi = publish(server, bundle).doi
    server.faults.append(Fault("cut", route="model.safetensors/content", at=100_000, times=2))
    fetch(doi, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY
    ranges = [
        request.headers.get("Range")
        for request in server.requests
        if request.path.endswith("model.safetensors/content")
    ]
    assert ranges[0] is None
    assert ranges[1] == "bytes=100000-"
    assert len(ranges) == 3


def test_a_byte_spoilt_on_the_way(server, bundle, tmp_path):
    doi = publish(server, bundle).doi
    server.faults.append(Fault("corrupt", route="model.safetensors/content", at=1000))
    fetch(doi, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY


def test_a_server_that_always_spoils_a_file(server, bundle, tmp_path):
    doi = publish(server, bundle).doi
    server.faults.append(Fault("corrupt", route="model.safetensors/content", at=1000, times=0))
    with pytest.raises(DamagedError, match=f"(?s)1 of the 7 files of .*{WEIGHT} is damaged"):
        fetch(doi, tmp_path / "study")
    server.faults.clear()
    fetched = fetch(doi, tmp_path / "study")
    assert (fetched.brought, fetched.there) == (1, 6)
    assert tree(tmp_path / "study") == STUDY


def test_a_server_that_sends_a_part_as_if_it_were_all(server, bundle, tmp_path):
    doi = publish(server, bundle).doi
    server.faults.append(Fault("truncate", route="model.safetensors/content", at=1000, times=0))
    with pytest.raises(ServerError, match="the server sends 1,000 bytes, the file has 300,000"):
        fetch(doi, tmp_path / "study", patience=QUICK)


@pytest.mark.parametrize(("status", "kind"), [(200, ServerError), (404, DamagedError), (403, RestrictedError)])
def test_a_web_page_in_a_files_place(server, bundle, tmp_path, status, kind):
    doi = publish(server, bundle).doi
    server.faults.append(Fault("status", route="model.safetensors/content", status=status, times=0))
    with pytest.raises(kind, match=r"model\.safetensors"):
        fetch(doi, tmp_path / "study")
    assert tree(tmp_path / "study") == {}


@pytest.mark.parametrize(("kind", "more"), [("hang", {}), ("drip", {"rate": 40})])
def test_for_ever_slowly(server, bundle, tmp_path, kind, more):
    """A byte now and then is no progress; it ends, and what has arrived is kept."""
    doi = publish(server, bundle).doi
    server.faults.append(Fault(kind, route="model.safetensors/content", times=0, **more))
    begin = time.monotonic()
    with pytest.raises(ServerError, match="which counts as stalled"):
        fetch(doi, tmp_path / "study", patience=QUICK)
    assert time.monotonic() - begin < 8
    server.faults.clear()
    fetched = fetch(doi, tmp_path / "study")
    assert fetched.there == 6
    assert tree(tmp_path / "study") == STUDY


def test_slow_but_sure(server, bundle, tmp_path):
    """What is slow and moves is waited for."""
    doi = publish(server, bundle).doi
    server.faults.append(Fault("drip", route="model.safetensors/content", rate=200_000))
    fetch(doi, tmp_path / "study", patience=QUICK)
    assert tree(tmp_path / "study") == STUDY


# --- killed -----------------------------------------------------------------------------------


def test_killed_at_any_moment(server, bundle, tmp_path):
    """At each of many steps that change something on the disk; then the same again."""
    doi = publish(server, bundle).doi
    killed = kill_at_events(doi, tmp_path / "studies", moments=12)
    assert killed == 12
    for folder in sorted((tmp_path / "studies").iterdir()):
        assert tree(folder) == STUDY, folder
        assert not [path for path in folder.rglob("*") if path.name.endswith(".part") or path.name == "unpacking"]


def test_killed_while_it_downloads(server, bundle, tmp_path):
    """What has arrived is taken up where it ended."""
    doi = publish(server, bundle).doi
    server.faults.append(Fault("drip", route="model.safetensors/content", rate=100_000))
    process = start("fetch", doi, "study", folder=tmp_path)
    part = tmp_path / "study/.railcrate/bundle" / WEIGHT
    part = part.with_name(f".{part.name}.part")
    wait_for(lambda: part.exists() and part.stat().st_size > 20_000)
    process.kill()
    process.communicate()
    size = part.stat().st_size
    server.requests.clear()
    fetch(doi, tmp_path / "study")
    assert tree(tmp_path / "study") == STUDY
    ranges = [
        request.headers.get("Range")
        for request in server.requests
        if request.path.endswith("model.safetensors/content")
    ]
    assert ranges == [f"bytes={size}-"]


# --- a full disk, and room in memory ----------------------------------------------------------


@pytest.fixture
def small_disk(disk_of):
    return disk_of("2m")


def test_a_full_disk(small_disk, server, bundle):
    """Refused before it begins where that can be known; else it ends with a clear message, and goes on later."""
    doi = publish(server, bundle).doi
    filler = small_disk / "filler"
    told = []
    for room in (4_000, 200_000, 500_000, 700_000, 900_000, 1_100_000):
        free = os.statvfs(small_disk).f_bavail * 4096
        filler.write_bytes(bytes(max(0, free - room)))
        try:
            fetch(doi, small_disk / "study")
        except DiskFullError as error:
            told.append(error.message)
        else:
            break
        finally:
            filler.unlink()
    assert any("GB more" in message for message in told)
    assert any("the disk is full: what is fetched has no room" in message for message in told)
    fetch(doi, small_disk / "study")
    assert tree(small_disk / "study") == STUDY


def test_room_in_memory_does_not_grow_with_the_bundle(tmp_path):
    """Fifty megabytes in an archive, and as many plain: far less in memory."""
    block = os.urandom(1 << 20)
    big = b"".join(block[number:] + block[:number] for number in range(48))
    bundle = Bundle().archive("code.zip", "code", CODE).archive("data.zip", "data", {"data/big.npy": big})
    bundle.plain("models/big.safetensors", big, "weights", study_path="models/big.safetensors")
    folder = bundle.write(tmp_path / "bundle")
    del bundle, big
    code = (
        "import sys; from pathlib import Path; from railcrate.reproduce.fetch import fetch; import dvc.repo\n"
        "from railcrate.reproduce.files import check_files\n"
        # Not ru_maxrss, which a process inherits from the one that started it.
        "def peak():\n"
        "    lines = Path('/proc/self/status').read_text().splitlines()\n"
        "    return next(int(line.split()[1]) for line in lines if line.startswith('VmHWM:'))\n"
        "before = peak()\n"
        "fetched = fetch(Path(sys.argv[1]), Path(sys.argv[2])); assert check_files(fetched.bundle).holds\n"
        "print(peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, folder, tmp_path / "study"], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 25_000  # kB
    assert (tmp_path / "study/data/big.npy").stat().st_size == 48 << 20


# --- the command ------------------------------------------------------------------------------


def test_the_command(server, bundle, tmp_path):
    record = publish(server, bundle)
    told = railcrate("fetch", record.doi, folder=tmp_path)
    assert tree(tmp_path / "does-a-cleaner-corpus-help") == STUDY
    for words in (
        TITLE, "by Doe, Jane", f"version 1.0.0, https://doi.org/{record.doi}", "code, weights: Apache-2.0",
        "data, results: CC-BY-4.0", "you must name the authors", "7 files, 0 were there already", "next:",
    ):  # fmt: skip
        assert words in told
    content = json.loads(
        railcrate("fetch", record.doi, "some", "--only", "data", "--json", folder=tmp_path).split("\n", 2)[2]
    )
    assert (content["title"], content["creators"], content["doi"]) == (TITLE, ["Doe, Jane"], record.doi)
    assert content["licenses"]["data"] == ["CC-BY-4.0"]
    assert set(tree(tmp_path / "some")) == set(DATA) | {"README.md", "CITATION.cff", "LICENSES/Apache-2.0.txt"}
    railcrate("fetch", record.doi, "files", "--files", "README.md, results.zip", folder=tmp_path)
    assert set(tree(tmp_path / "files")) == {"README.md", *RESULTS}


def test_what_the_command_refuses(bundle, tmp_path):
    assert "there is no part 'nothing'" in railcrate(
        "fetch", str(bundle), "a", "--only", "nothing", folder=tmp_path, code=EXIT_USAGE
    )
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").touch()
    assert "is not empty" in railcrate("fetch", str(bundle), "full", folder=tmp_path, code=EXIT_FAILURE)
    spoil(bundle / "data.zip")
    assert "data.zip is damaged" in railcrate("fetch", str(bundle), "b", folder=tmp_path, code=EXIT_DATA)


def test_a_title_cannot_play_with_the_terminal(tmp_path):
    folder = small_bundle(title="\x1b[2Jclean\u202e").write(tmp_path / "bundle")
    told = railcrate("fetch", str(folder), "study", folder=tmp_path)
    assert "clean" in told
    assert not {"\x1b", "\u202e"} & set(told)
