# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How files are laid out, linked, cut and packed; what is checked on the way, and how much memory it takes."""

import hashlib
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from railcrate.bundle import layout
from railcrate.bundle.archives import Payload
from railcrate.bundle.checksums import Checksums
from railcrate.bundle.errors import BundleConfigError, TooLargeError
from railcrate.bundle.git import Blob
from railcrate.bundle.inventory import Kept
from railcrate.bundle.layout import check_limits, expression, lay_out, refuse_twins
from railcrate.bundle.manifest import Manifest
from railcrate.ledger.errors import DataDamagedError
from railcrate.study.release import Release

MEMORY = 300_000  # kB that a bundle may take, whatever its size


def kept_in(folder: Path, path: str, content: bytes, role="data", component="sources.x") -> Kept:
    """A file as DVC keeps it."""
    md5 = hashlib.md5(content).hexdigest()
    stored = folder / "cache" / md5[:2] / md5[2:]
    stored.parent.mkdir(parents=True, exist_ok=True)
    stored.write_bytes(content)
    stored.chmod(0o444)
    return Kept(path, len(content), md5, stored, role, component, "CC0-1.0")


def inventory_of(*kept, code=0):
    verdicts = SimpleNamespace(published=[])
    blobs = SimpleNamespace(blobs={"a.py": Blob("0" * 40, code, 0o100644)})
    return SimpleNamespace(kept=tuple(sorted(kept, key=lambda k: k.path)), resolution=verdicts, code=blobs)


def study_of(gigabytes=5.0):
    return SimpleNamespace(release=Release(part_gigabytes=gigabytes))


def claimed(kept: Kept, size: int) -> Kept:
    """A file that says it is larger than it is."""
    return replace(kept, size=size)


def put(folder: Path, plan, earlier=()):
    bundle = folder / f"bundle{len(list(folder.glob('bundle*')))}"
    bundle.mkdir()
    checksums = Checksums(folder)
    told = []
    with checksums.kept():
        entries = Payload(bundle, checksums, earlier, told.append).put(plan)
    return bundle, entries, told


def manifest_of(entries) -> Manifest:
    return Manifest(title="t", version="1", commit=None, railcrate="0", identity="0" * 64, files=tuple(entries))


# --- layout ------------------------------------------------------------------------------


def test_each_part_of_the_study_has_its_archive(tmp_path):
    kept = [kept_in(tmp_path, f"{role}/a.txt", role.encode(), role) for role in ("results", "data", "records")]
    plan = lay_out(inventory_of(*kept), study_of())
    assert {name: [k.path for k in members] for name, members in plan.archives.items()} == {
        "data.zip": ["data/a.txt"], "results.zip": ["results/a.txt"], "records.zip": ["records/a.txt"],
    }  # fmt: skip


def test_an_archive_that_would_be_too_large_is_split(tmp_path):
    small = kept_in(tmp_path, "data/x", b"x")
    kept = [claimed(replace(small, path=f"data/{n}.npy"), 200_000_000) for n in range(9)]
    plan = lay_out(inventory_of(*kept), study_of(0.5))
    assert [(name, len(members)) for name, members in plan.archives.items()] == [
        (f"data-{number}.zip", count) for number, count in enumerate([2, 2, 2, 2, 1], start=1)
    ]
    assert sorted(k.path for members in plan.archives.values() for k in members) == [k.path for k in kept]


def test_large_files_stay_plain_and_larger_ones_are_cut(tmp_path):
    small = kept_in(tmp_path, "data/x", b"x")
    plain = claimed(replace(small, path="models/weights/a/model.safetensors"), layout.LARGE)
    cut = claimed(replace(small, path="models/weights/b/model.safetensors"), 1_100_000_000)
    plan = lay_out(inventory_of(plain, cut), study_of(0.5))
    assert (plan.plain, plan.cut, plan.archives) == ((plain,), ((cut, 3),), {})


def test_too_many_bytes_are_refused_with_what_takes_the_room(tmp_path):
    small = kept_in(tmp_path, "data/x", b"x")
    kept = [
        claimed(
            replace(small, path="models/weights/a/model.safetensors", component="weights.large.raw"), 40_000_000_000
        ),
        claimed(replace(small, path="data/raw/x/a.parquet"), 11_000_000_000),
    ]
    inventory = inventory_of(*kept)
    with pytest.raises(TooLargeError) as caught:
        check_limits(inventory, lay_out(inventory, study_of(50)), 3)
    assert "about 51.0 GB; a record takes 50.0 GB" in caught.value.message
    lines = caught.value.message.splitlines()
    assert lines[1] == ("  weights.large.raw: 40.0 GB (the largest file: models/weights/a/model.safetensors, 40.0 GB)")
    assert "release.external" in caught.value.hint


@pytest.mark.parametrize("twin", ["data/A.txt", "A.py", "data/caf\u0065\u0301"])
def test_names_that_are_one_where_case_does_not_count_are_refused(tmp_path, twin):
    names = ["data/a.txt", "data/b.txt", "data/caf\u00e9"]
    kept = [kept_in(tmp_path, name, b"x") for name in names]
    refuse_twins(inventory_of(*kept))
    with pytest.raises(BundleConfigError, match="the same name") as caught:
        refuse_twins(inventory_of(*kept, replace(kept[0], path=twin)))
    assert twin in caught.value.message


def test_too_many_files_are_refused(tmp_path):
    small = kept_in(tmp_path, "data/x", b"x")
    kept = [claimed(replace(small, path=f"data/{n:03d}.npy"), layout.LARGE) for n in range(95)]
    inventory = inventory_of(*kept)
    with pytest.raises(TooLargeError, match="would have 1.. files; a record takes 100: 95 of them large"):
        check_limits(inventory, lay_out(inventory, study_of()), 3)
    fewer = inventory_of(*kept[:80])
    check_limits(fewer, lay_out(fewer, study_of()), 3)


def test_text_that_packs_well_is_counted_as_packed(tmp_path):
    """60 GB of the same line are no 60 GB in an archive."""
    text = kept_in(tmp_path, "data/raw/x/a.jsonl", b"")
    text.stored.chmod(0o644)
    os.truncate(text.stored, 200_000_000)  # zeros, which take no room on the disk
    kept = [claimed(replace(text, path=f"data/raw/x/{n}.jsonl"), 200_000_000) for n in range(300)]
    inventory = inventory_of(*kept)
    assert sum(k.size for k in kept) > layout.MOST_BYTES
    check_limits(inventory, lay_out(inventory, study_of(50)), 3)


def test_code_that_is_too_large_is_refused(tmp_path):
    inventory = inventory_of(code=5_000_000_000)
    with pytest.raises(TooLargeError, match=r"git has 5\.0 GB of code"):
        check_limits(inventory, lay_out(inventory, study_of()), 3)


def test_licenses_of_several_parts():
    assert expression(["CC0-1.0", "MIT OR Apache-2.0", "CC0-1.0"]) == "CC0-1.0 AND (MIT OR Apache-2.0)"
    assert expression(["MIT OR Apache-2.0"]) == "MIT OR Apache-2.0"


# --- files -------------------------------------------------------------------------------


def test_a_large_file_is_linked_not_copied(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "LARGE", 1000)
    kept = kept_in(tmp_path, "models/weights/a/model.safetensors", os.urandom(5000), "weights")
    bundle, [entry], _ = put(tmp_path, lay_out(inventory_of(kept), study_of()))
    there = bundle / kept.path
    assert there.read_bytes() == kept.stored.read_bytes()
    shares_blocks = there.stat().st_ino != kept.stored.stat().st_ino  # a reflink, where the disk can
    assert shares_blocks or there.stat().st_nlink == 2
    assert (entry.path, entry.study_path, entry.md5, entry.members) == (kept.path, kept.path, kept.md5, ())


def test_the_parts_of_a_file_are_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "LARGE", 1000)
    content = os.urandom(2500)
    kept = kept_in(tmp_path, "models/weights/a/model.safetensors", content, "weights")
    bundle, entries, _ = put(tmp_path, lay_out(inventory_of(kept), study_of(1e-6)))
    assert [entry.path for entry in entries] == [f"{kept.path}.part-00{n}" for n in (1, 2, 3)]
    parts = [(bundle / entry.path).read_bytes() for entry in entries]
    assert b"".join(parts) == content
    for number, (entry, part) in enumerate(zip(entries, parts, strict=True), start=1):
        assert (entry.size, entry.sha256) == (len(part), hashlib.sha256(part).hexdigest())
        assert (entry.cut.index, entry.cut.count, entry.cut.md5) == (number, 3, kept.md5)
        assert entry.cut.sha256 == hashlib.sha256(content).hexdigest()


def test_what_is_damaged_in_the_cache_is_found_and_named(tmp_path):
    kept = kept_in(tmp_path, "data/a.parquet", b"right")
    kept.stored.chmod(0o644)
    kept.stored.write_bytes(b"wrong")
    with pytest.raises(DataDamagedError, match="data/a.parquet is damaged in DVC's cache"):
        put(tmp_path, lay_out(inventory_of(kept), study_of()))


def test_checksums_are_remembered_until_the_file_is_another(tmp_path):
    kept = kept_in(tmp_path, "data/a.parquet", b"right")
    put(tmp_path, lay_out(inventory_of(kept), study_of()))
    known = json.loads((tmp_path / ".railcrate/checksums.json").read_text())["contents"]
    assert known[kept.md5][3] == hashlib.sha256(b"right").hexdigest()
    date = kept.stored.stat().st_mtime_ns
    kept.stored.chmod(0o644)
    kept.stored.write_bytes(b"wrong")
    with pytest.raises(DataDamagedError):
        Checksums(tmp_path).of(kept.stored, kept.md5, "it")
    os.utime(kept.stored, ns=(date, date))  # as it was, for all that can be seen without reading it
    assert Checksums(tmp_path).of(kept.stored, kept.md5, "it").sha256 == hashlib.sha256(b"right").hexdigest()


def test_a_damaged_memory_is_computed_anew(tmp_path):
    kept = kept_in(tmp_path, "data/a.parquet", b"right")
    (tmp_path / ".railcrate").mkdir()
    (tmp_path / ".railcrate/checksums.json").write_text('{"contents": [')
    assert Checksums(tmp_path).of(kept.stored, kept.md5, "it").size == 5


def test_archives_are_taken_over_while_they_are_right(tmp_path):
    plan = lay_out(inventory_of(kept_in(tmp_path, "data/a.txt", b"a")), study_of())
    first, entries, _ = put(tmp_path, plan)
    second, again, told = put(tmp_path, plan, [(first, manifest_of(entries))])
    assert again == entries
    assert told == ["taking over data.zip"]
    assert (second / "data.zip").read_bytes() == (first / "data.zip").read_bytes()
    # One flipped byte, the same length: it is written anew.
    content = bytearray((first / "data.zip").read_bytes())
    content[40] ^= 1
    (first / "data.zip").unlink()
    (first / "data.zip").write_bytes(content)
    third, mended, told = put(tmp_path, plan, [(first, manifest_of(entries))])
    assert mended == entries
    assert told == ["writing data.zip"]
    assert (third / "data.zip").read_bytes() == (second / "data.zip").read_bytes()
    # Another member: it is another archive.
    other = lay_out(inventory_of(kept_in(tmp_path, "data/a.txt", b"b")), study_of())
    assert put(tmp_path, other, [(second, manifest_of(entries))])[2] == ["writing data.zip"]


def test_memory_stays_flat(tmp_path):
    """1.2 GB: a large text, a large binary file, and an archive of dense ones; looked through, hashed and packed."""
    script = textwrap.dedent("""
        import hashlib, sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[2])
        from test_archives import inventory_of, study_of
        from railcrate.bundle.archives import Payload
        from railcrate.bundle.checksums import Checksums
        from railcrate.bundle.inventory import Kept
        from railcrate.bundle.layout import lay_out
        from railcrate.bundle.safety.patterns import PrivatePaths
        from railcrate.bundle.safety.scan import Scanner, Subject

        folder = Path(sys.argv[1])
        line = b"words of a text that is long and has nothing in it " * 20 + b"\\n"
        def content(name):
            for _ in range(300 if name.startswith("large") else 100):
                yield (line * 1100)[: 1 << 20] if name.endswith(".txt") else bytes(1 << 20)
        kept = []
        for name in ("large.txt", "large.safetensors", *(f"{n}.npy" for n in range(6))):
            digest = hashlib.md5()
            with (folder / name).open("wb") as file:
                for piece in content(name):
                    file.write(piece) if any(piece[:64]) else file.seek(len(piece), 1)
                    digest.update(piece)
                file.truncate()
            size = (folder / name).stat().st_size
            kept.append(Kept(f"data/{name}", size, digest.hexdigest(), folder / name, "data", "x", "CC0-1.0"))
        scanner = Scanner(folder, PrivatePaths([folder]), frozenset())
        assert scanner.scan_all([Subject.on_disk(k.path, k.stored, "data") for k in kept]) == []
        bundle = folder / "bundle"
        bundle.mkdir()
        entries = Payload(bundle, Checksums(folder), (), print).put(lay_out(inventory_of(*kept), study_of()))
        assert sum(entry.size for entry in entries) > 1_200_000_000, entries
        # Not ru_maxrss, which a process inherits from the one that started it.
        status = Path("/proc/self/status").read_text()
        print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))
    """)
    words = [sys.executable, "-c", script, str(tmp_path), str(Path(__file__).parent)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) < MEMORY
