# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the Snakemake workflow catalogue asks of a workflow of standardized usage, and the checks that it runs.

Its rules: https://github.com/snakemake/snakemake-workflow-catalog (README, "Workflows").
"""

from __future__ import annotations

import re

import yaml
from deploy_kit import ROOT, TAG, VERSION, run, shell

from railcrate.study.config import Study

PAGE = (ROOT / "config" / "README.md").read_text()


def test_the_repository_has_what_the_catalogue_looks_for():
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme
    assert "workflow" in readme
    assert (ROOT / "workflow" / "Snakefile").is_file()
    assert list((ROOT / "workflow" / "rules").glob("*.smk"))
    assert PAGE.startswith("# Configuration\n")


def test_its_settings_are_of_the_form_that_the_catalogue_reads():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert usage["mandatory-flags"]["flags"] == []
    assert isinstance(usage["mandatory-flags"]["desc"], str)
    kinds = usage["software-stack-deployment"]
    assert set(kinds) == {"conda", "apptainer", "apptainer+conda"}
    assert all(isinstance(value, bool) for value in [*kinds.values(), usage["report"]])


def test_lint_and_format_as_the_catalogue_runs_them():
    rules = sorted(str(path) for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    run(ROOT, shell(), "snakemake", "--lint")
    run(ROOT, shell(), "snakefmt", "--check", "-v", str(ROOT / "workflow" / "Snakefile"), *rules)


def test_the_page_names_this_version_and_every_key_of_the_configuration():
    assert f'"railcrate=={VERSION}"' in PAGE
    assert f"--tag {TAG}\n" in PAGE
    table = PAGE.split("| key | what it says |")[1].split("\n\n")[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {key for cell in cells for key in re.findall(r"`([a-z]+)`", cell)}
    assert named == set(Study.model_fields)


def test_the_license_that_is_deployed_is_that_of_the_code():
    # snakedeploy copies the first match of license*, License*, LICENSE*, and fails where that is a folder.
    assert (ROOT / "license.txt").read_bytes() == (ROOT / "LICENSES" / "Apache-2.0.txt").read_bytes()
