# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes of a finished study, and what Snakemake itself says of it then."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from study_kit import edit, environment

from railcrate.study import paths

CONFIG = paths.CONFIG
# Snakemake is asked about many folders by one process: most of its time goes into importing.
ASK = """\
import contextlib, io, json, os, sys
from snakemake.cli import main

told = {}
for folder in sys.argv[1:]:
    os.chdir(folder)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            main(["--summary", "--nolock", "--cores", "1"])
        except SystemExit as end:
            assert not end.code, folder
    told[folder] = said.getvalue()
print(json.dumps(told))
"""


def planned(*folders):
    """Name the files that Snakemake would make, missing ones and all, by the folder."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, *map(str, folders)], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = {}
    for folder, table in json.loads(done.stdout.splitlines()[-1]).items():
        lines = [line.split("\t") for line in table.splitlines() if "\t" in line]
        status, plan = lines[0].index("status"), lines[0].index("plan")
        found[folder] = {row[0] for row in lines[1:] if row[status] == "missing" or row[plan] != "no update"}
    return [found[str(folder)] for folder in folders]


def change(file, old, new):
    return lambda folder: edit(folder / file, old, new)


def delete(file):
    return lambda folder: (folder / file).unlink()


def touch(file):
    return lambda folder: os.utime(folder / file)


def flip(file, *, keep_date=False):
    """Change one byte."""

    def do(folder):
        path = folder / file
        before, content = path.stat(), bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
        if keep_date:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return do


WEIGHTS = "models/weights/tiny.raw.seed0/model.safetensors"
# For each change: what is done, the experiments that are done all the same, and words of the reason.
CHANGES = {
    "nothing": (lambda folder: None, 4, ""),
    "seed of a source": (change(CONFIG, "seed: 1\n", "seed: 2\n"), 0, "sources.english.seed was 1, is 2"),
    "license, title and citation of a source": (
        change(CONFIG, "CC0-1.0\n    citation: Written", "MIT\n    title: Notes\n    citation: Re-written"), 4, ""
    ),
    "one seed more": (change(CONFIG, "seeds: [0, 1]", "seeds: [0, 1, 2]"), 4, ""),
    "another seed": (change(CONFIG, "seeds: [0, 1]", "seeds: [0, 2]"), 2, ""),
    "byte of a local file": (flip("corpus/notes.txt"), 0, "corpus/notes.txt has changed"),
    "byte of fetched data": (flip("data/raw/english/text.jsonl"), 0, "text.jsonl was changed after it had been made"),
    "byte of weights": (flip(WEIGHTS), 3, "model.safetensors was changed after it had been made"),
    "byte, with an old date": (flip("corpus/notes.txt", keep_date=True), 0, "`touch corpus/notes.txt` lets Snakemake"),
    "date of a local file": (touch("corpus/notes.txt"), 4, ""),
    "code of an own step": (change("steps/own.py", '"too short"', '"so short"'), 2, "steps/own.py has changed"),
    "task file": (change("tasks/heldout/heldout.yaml", "\n", "\n# \n"), 0, "tasks/heldout/heldout.yaml has changed"),
    "limit of a benchmark": (
        change(CONFIG, "tasks: [heldout]\n", "tasks: [heldout]\n    limit: 5\n"), 0,
        "benchmarks.heldout.limit was not set, is 5",
    ),
    "one benchmark more": (
        change(CONFIG, "comparisons:", "  more: {path: tasks/heldout, tasks: [heldout]}\ncomparisons:"), 0, ""
    ),
    "batch size of evaluation": (
        change(CONFIG, "footprint:", "evaluation: {batch_size: 32}\nfootprint:"), 0,
        "evaluation.batch_size was 64, is 32",
    ),
    "learning rate": (change(CONFIG, "rate: 0.003", "rate: 0.002"), 0, "training.learning_rate was 0.003, is 0.002"),
    "block length": (change(CONFIG, "block_length: 64", "block_length: 32"), 0, "training.block_length was 64, is 32"),
    "architecture": (
        change(CONFIG, "hidden_layers: 1", "hidden_layers: 2"), 0,
        "models.tiny.architecture.num_hidden_layers was 1, is 2",
    ),
    "vocabulary": (change(CONFIG, "vocab_size: 512", "vocab_size: 400"), 0, "tokenizers.shared.vocab_size was 512"),
    "one step more": (
        change(CONFIG, "      - deduplicate\n", "      - deduplicate\n      - filter-length: {min_words: 3}\n"), 2,
        'recipes.clean.steps: filter-length {"min_words": 3} was added',
    ),
    "parameter of a step": (change(CONFIG, "{n: 8}", "{n: 7}"), 2, "{\"n\": 8} became decontaminate {\"n\": 7}"),
    "one source less": (change(CONFIG, "[english, notes]", "[english]"), 0, "recipes.raw.from: notes was taken out"),
    "one variant more": (change(CONFIG, "tokenizers:", "  third: {from: [raw]}\n\ntokenizers:"), 4, ""),
    "licenses alone": (change(CONFIG, "footprint:", "licenses: {data: CC-BY-SA-4.0}\nfootprint:"), 4, ""),
    "title": (change(CONFIG, "title: Does", "title: Did"), 4, ""),
    "claim": (change(CONFIG, "more right", "more good"), 4, ""),
    "answer on openness": (
        change(CONFIG, "footprint:", "answers: {who.contact: {because: by the address}}\nfootprint:"), 4, ""
    ),
    "comment": (change(CONFIG, "footprint:", "# \nfootprint:"), 4, ""),
    "version of the release": (change(CONFIG, "footprint:", "release: {version: 2.0.0}\nfootprint:"), 4, ""),
    "weights deleted": (delete(WEIGHTS), 3, "model.safetensors is missing"),
    "results deleted": (delete("results/evaluations/tiny.raw.seed0/pairs.json"), 3, "seed0/pairs.json is missing"),
    "raw file deleted": (delete("data/raw/english/text.jsonl"), 0, "data/raw/english/text.jsonl is missing"),
    "report deleted": (delete(paths.REPORT), 4, ""),
}  # fmt: skip
# What Snakemake does not see, and we do: so does `railcrate record`.
UNSEEN = {"byte of fetched data": 1, "byte of weights": 1, "byte, with an old date": 24}
