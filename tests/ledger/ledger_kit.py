# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study as small as can be, run by Snakemake for real: the workflow's graph, with jobs that take no time."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from railcrate.ledger.record import record_study
from railcrate.study.load import load_study

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
IGNORED = ["/data/", "/models/", "/results/", "/records/", "/logs/", "/.snakemake/", "/.railcrate/", "/.dvc-storage/"]


def make_study(folder: Path, *, git: bool = True, dvc: bool = True) -> Path:
    """Lay down the study's files, as a person would commit them."""
    shutil.copytree(HERE / "mini", folder, dirs_exist_ok=True)
    for name, text in {
        "corpus/letters.txt": "a b c\n",
        "generators/words.py": "def make(): ...\n",
        "tasks/pairs/pairs.yaml": "task: pairs\n",
        "tasks/pairs.jsonl": "{}\n",
        "tasks/letters/letters.yaml": "task: letters\n",
        ".gitignore": "\n".join([*IGNORED, "/jobs.txt", "/slow/", "/broken/"]) + "\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "config").mkdir()
    (folder / "study.yaml").rename(folder / "config" / "study.yaml")
    profile = folder / "profiles" / "default"
    profile.mkdir(parents=True)
    shutil.copy(ROOT / "workflow" / "profiles" / "default" / "config.yaml", profile)
    if git:
        shell(folder, "git", "init", "-q")
        shell(folder, "git", "config", "user.email", "jane@example.org")
        shell(folder, "git", "config", "user.name", "Jane")
    if dvc:
        shell(folder, "dvc", "init", "-q", *([] if git else ["--no-scm"]))
        shutil.copy(ROOT / ".dvc" / "config", folder / ".dvc" / "config")
        shutil.copy(ROOT / ".dvcignore", folder / ".dvcignore")
        if not git:
            shell(folder, "dvc", "config", "core.no_scm", "true")
    if git:
        commit(folder)
    return folder


def shell(folder, *words, check=True, **kwargs):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, **kwargs)
    if check:
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done


def commit(folder):
    shell(folder, "git", "add", "-A")
    shell(folder, "git", "commit", "-qm", "A step", "--allow-empty")


def snakemake(folder, *words, check=True):
    return shell(folder, sys.executable, "-m", "snakemake", "--cores", "2", *words, check=check)


def run_again(folder) -> list[str]:
    """Run the study and name the jobs that ran."""
    (folder / "jobs.txt").unlink(missing_ok=True)
    snakemake(folder)
    jobs = folder / "jobs.txt"
    return sorted(jobs.read_text().splitlines()) if jobs.exists() else []


def nothing_to_do(folder) -> bool:
    done = snakemake(folder, "-n")
    return "Nothing to be done" in done.stdout + done.stderr


def record(folder, **options):
    return record_study(folder, load_study(folder), **options)


def lock(folder):
    return yaml.safe_load((folder / "dvc.lock").read_text())["stages"]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def rewrite_keeping_date(path: Path, text: str) -> None:
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def contents(*folders) -> dict[str, bytes]:
    """Every content that was ever seen, by its md5: DVC's caches, and the files of git."""
    found = {}
    for folder in folders:
        files = [*(folder / ".dvc/cache/files/md5").rglob("*")]
        files += [folder / name for name in shell(folder, "git", "ls-files").stdout.splitlines()]
        for file in files:
            if file.is_file():
                content = file.read_bytes()
                found[hashlib.md5(content).hexdigest()] = content
    return found


def assert_true(folder, *folders) -> None:
    """Check every entry of the lock: do its outputs come from the inputs that it names?

    A job writes the hash of what it read into what it makes, so this can be computed.
    """
    known = contents(folder, *folders)
    entries = lock(folder)
    assert entries
    for name, entry in entries.items():
        read = {item["path"]: known[item["md5"]] for item in entry.get("deps", ())}
        for item in entry["outs"]:
            made = [item["md5"]]
            if item["md5"].endswith(".dir"):
                listing = folder / ".dvc/cache/files/md5" / item["md5"][:2] / item["md5"][2:]
                files = yaml.safe_load(listing.read_text())
                made = [file["md5"] for file in files if not file["relpath"].endswith("curve.csv")]
            inputs = read
            if name.startswith("evaluate-"):
                benchmark = Path(item["path"]).name.split(".")[0]
                inputs = {key: value for key, value in read.items() if f"tasks/{benchmark}" in key or "models" in key}
            hashes = sorted(hashlib.sha256(value).hexdigest() for value in inputs.values())
            expected = hashlib.sha256("".join(f"{value}\n" for value in hashes).encode()).hexdigest()
            for md5 in made:
                assert expected.encode() in known[md5], f"{name}: {item['path']} was not made from what the lock says"
