# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""cruft brings a study from one version of the template to another, too, with own work kept."""

from __future__ import annotations

import json
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from update_kit import (
    NEWER,
    SETTINGS,
    commit,
    edit,
    is_clean,
    other_template,
    railcrate,
    release_of,
    run,
)  # fmt: skip

from railcrate.scaffold.questions import template_folder
from railcrate.scaffold.render import REPOSITORY

NOW = version("railcrate")


def change(study: Path) -> None:
    """What the newer template does otherwise."""
    edit(study / "Snakefile", lambda text: "# How this study runs.\n" + text)
    (study / "tests" / "test_own.py").unlink()


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Railcrate's repository with its present template, and a newer one after it; each has its tag."""
    folder = tmp_path_factory.mktemp("world") / "railcrate"
    place = folder / "templates" / "study"
    shutil.copytree(template_folder(), place, ignore=shutil.ignore_patterns("__pycache__"))
    settings = folder.with_name("gitconfig")
    settings.write_text(f'{SETTINGS}[url "file://{folder}"]\n\tinsteadOf = {REPOSITORY}\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        run(folder, "git", "init", "--quiet")
        commit(folder, "The present template")
        run(folder, "git", "tag", f"v{NOW}")
        yield folder


def release_newer(repository: Path, scratch: Path) -> None:
    """Put the newer template into the repository, where it is not there yet."""
    if run(repository, "git", "tag", "--list", f"v{NEWER}"):
        return
    newer = other_template(scratch / "newer", NEWER, change)
    shutil.rmtree(repository / "templates" / "study")
    shutil.copytree(newer, repository / "templates" / "study")
    commit(repository, "A newer template")
    run(repository, "git", "tag", f"v{NEWER}")
    # The newer template refuses an older railcrate; the version that it names is not what is tested here.
    edit(repository / "templates" / "study" / "cookiecutter.json", lambda text: text.replace(NEWER, NOW))
    commit(repository, "The same, for the version that is installed")


def own_work(study: Path) -> None:
    edit(study / "config" / "study.yaml", lambda text: text.replace("seeds:", "# Mine.\nseeds:"))
    (study / "steps" / "own.py").write_text("# A step.\n")
    commit(study)


def assert_updated(study: Path) -> None:
    assert (study / "Snakefile").read_text().startswith("# How this study runs.\n")
    assert not (study / "tests" / "test_own.py").exists()
    assert "# Mine.\nseeds:" in (study / "config" / "study.yaml").read_text()
    assert (study / "steps" / "own.py").exists()


def test_cruft_update_of_a_study_that_cruft_made(repository, tmp_path):
    run(repository, "git", "checkout", "--quiet", f"v{NOW}")
    run(
        tmp_path, "cruft", "create", f"file://{repository}", "--directory", "templates/study", "--no-input",
        "--extra-context", json.dumps({"title": "By cruft"}),
    )  # fmt: skip
    run(repository, "git", "checkout", "--quiet", "main")
    study = tmp_path / "by-cruft"
    assert not (study / ".git").exists()
    run(study, "git", "init", "--quiet")
    own_work(study)
    told = railcrate(study, "update", "--set", "ci=none", code=2)
    assert "cruft update" in told
    release_newer(repository, tmp_path)
    run(study, "cruft", "update", "--skip-apply-ask")
    assert_updated(study)
    commit(study)
    assert "up to date" in run(study, "cruft", "check")


def test_cruft_update_of_a_study_that_railcrate_made(repository, tmp_path):
    railcrate(tmp_path, "new", "study", "--no-input")
    study = tmp_path / "study"
    own_work(study)
    release_newer(repository, tmp_path)
    run(study, "cruft", "update", "--skip-apply-ask")
    assert_updated(study)
    commit(study)
    assert (release_of(study), is_clean(study)) == (NOW, True)
    # Railcrate's own update goes on from there.
    railcrate(study, "update", "--set", "cluster=slurm")
    assert (study / "profiles" / "slurm" / "config.yaml").is_file()
    assert "# Mine.\nseeds:" in (study / "config" / "study.yaml").read_text()
