# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""When two bundles publish the same, and when not."""

import contextlib
import shutil
from dataclasses import replace

import pytest
from study_kit import commit

from railcrate.bundle import git
from railcrate.bundle.identity import identity
from railcrate.bundle.inventory import take
from railcrate.study.load import load_study


@pytest.fixture(scope="module")
def copied(finished_study, tmp_path_factory):
    """A copy of the study, its configuration, and what it publishes."""
    folder = shutil.copytree(finished_study, tmp_path_factory.mktemp("identity") / "study", symlinks=True)
    (folder / "README.md").write_text("# It\n\ntext\n")
    commit(folder)
    study = load_study(folder)
    with contextlib.chdir(folder):
        return folder, study, take(folder, study)


def committed(folder, inventory):
    commit(folder)
    return replace(inventory, code=git.head(folder))


def test_what_a_release_writes_changes_nothing(copied):
    folder, study, inventory = copied
    before = identity(folder, study, inventory)
    (folder / "README.md").write_text(f"# It\n\n{git.BADGE_BEGIN}\n[![DOI](x)](y)\n{git.BADGE_END}\n\ntext\n")
    (folder / "releases.yaml").write_text("- {version: 1.0.0}\n")
    (folder / "CITATION.cff").write_text("cff-version: 1.2.0\n")
    inventory = committed(folder, inventory)
    release = study.release.model_copy(update={"version": "9.9.9", "target": "zenodo"})
    assert identity(folder, study.model_copy(update={"release": release}), inventory) == before


def test_a_report_that_was_written_again_changes_nothing(copied):
    folder, study, inventory = copied
    kept = tuple(
        replace(file, md5="0" * 32) if file.path in ("results/report.html", "records/report/all.json") else file
        for file in inventory.kept
    )
    assert identity(folder, study, replace(inventory, kept=kept)) == identity(folder, study, inventory)


def test_everything_else_changes_it(copied):
    folder, study, inventory = copied
    found = [identity(folder, study, inventory)]
    first = inventory.kept[-1]
    found.append(identity(folder, study, replace(inventory, kept=(*inventory.kept[:-1], replace(first, md5="0" * 32)))))
    found.append(identity(folder, study, replace(inventory, kept=inventory.kept[:-1])))
    found.append(identity(folder, study.model_copy(update={"title": "Another"}), inventory))
    release = study.release.model_copy(update={"communities": ["one"]})
    found.append(identity(folder, study.model_copy(update={"release": release}), inventory))
    (folder / "README.md").write_text((folder / "README.md").read_text().replace("text", "another text"))
    inventory = committed(folder, inventory)
    found.append(identity(folder, study, inventory))
    (folder / "more.py").write_text("x = 1\n")
    found.append(identity(folder, study, committed(folder, inventory)))
    assert len(set(found)) == len(found)
