# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate bundle` and the rule `bundle`, as a person meets them."""

import zipfile

from bundle_kit import check_bundle, digests
from study_kit import commit, edit, run, snakemake


def test_it_says_what_is_in_it(people):
    shown = run(people, "railcrate", "bundle")
    check_bundle(people / "bundle")
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    code = run(people, "git", "rev-parse", "--short=12", "HEAD").strip()
    for start in (
        "file size what it is", "README.md", "cards/", "croissant/", "LICENSES/", "data.zip", "weights.zip",
        "bundle: ", "licenses: CC-BY-4.0, Apache-2.0, CC0-1.0",
        "stays elsewhere: models/weights/tiny.clean.seed0/model.safetensors",
        "withheld: corpus/notes.txt: the study withholds sources.notes",
        "accepted: scripts/plot.py:3: path: /home/quill (a folder of the manual's example)",
        "warning: release.accepted lets nothing pass in nothing/* (secret); take it out",
        "next: `railcrate release --dry-run`",
    ):  # fmt: skip
        assert any(line.startswith(start) for line in lines), (start, shown)
    assert any(f"files of code, commit {code}" in line for line in lines)
    assert "version 2.0.0" in shown


def test_what_stands_in_the_way_is_told_without_a_traceback(people):
    edit(people / "README.md", "# Tiny", "# Tiny\n\nask quill@uni-nowhere.de")
    shown = run(people, "railcrate", "bundle", code=1)
    assert "error: these are not as they were committed:\n  README.md\n" in shown
    commit(people)
    shown = run(people, "railcrate", "bundle", code=1)
    assert "  README.md:3: e-mail: quill@uni-nowhere.de\n" in shown
    assert not (people / "bundle").exists()


def test_the_rule(study):
    """Made anew when something was committed; the old one stays when the new one fails."""
    snakemake(study, "bundle")
    check_bundle(study / "bundle")
    (study / "more.md").write_text("more\n")
    commit(study)
    snakemake(study, "bundle/manifest.json")
    with zipfile.ZipFile(study / "bundle/code.zip") as archive:
        assert "more.md" in archive.namelist()
    before = digests(study / "bundle")
    (study / "more.md").write_text("ask quill@uni-nowhere.de\n")
    commit(study)
    assert "more.md:1: e-mail" in snakemake(study, "bundle", code=None)
    assert digests(study / "bundle") == before
    assert run(study, "git", "status", "--short") == ""
