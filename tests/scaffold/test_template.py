# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is rendered: the same for the same answers, small, and in step with the reference study."""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from railcrate.scaffold.errors import AnswerError
from railcrate.scaffold.questions import questions, template_folder
from railcrate.scaffold.render import ANSWERS, PARTS, PROFILE, SCHEMA, complete, noted_answers, render, settings_of
from railcrate.scaffold.set_up import dvc_config
from railcrate.study import paths
from railcrate.study.schema import schema_text

ROOT = Path(__file__).parents[2]
STUDY = template_folder() / "{{ cookiecutter.slug }}"


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def patterns(file: Path) -> set[str]:
    return {line for line in file.read_text().splitlines() if line and not line.startswith("#")}


def test_the_same_answers_give_the_same_files(tmp_path):
    answers = {"title": "Once more", "kind": "finetune", "data": "files"}
    first, second = render(answers, tmp_path / "first"), render(answers, tmp_path / "second")
    assert files_of(first) == files_of(second)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]


def test_a_study_is_small_and_its_answers_are_noted(tmp_path):
    study = render({"orcid": "0000-0002-1825-0097"}, tmp_path / "study")
    assert set(files_of(study)) == {
        ".cruft.json", ".dvcignore", ".github/workflows/study.yml", ".gitignore", "CITATION.cff", "README.md",
        "Snakefile", *(f"badges/{name}.svg" for name in paths.BADGES), "config/.study.schema.json",
        "config/study.yaml", "profiles/default/config.yaml", "requirements.txt", "sections/notes.md",
        "steps/notices.py", "tasks/grammar/pairs.yaml", "tasks/heldout/heldout.yaml", "tests/test_own.py",
    }  # fmt: skip
    release = settings_of()["_version"]
    assert noted_answers(study) == (complete({"orcid": "0000-0002-1825-0097"}, questions()), release)
    noted = json.loads((study / ANSWERS).read_text())
    assert noted["template"] == "https://github.com/railcrate/railcrate"
    assert (noted["directory"], noted["commit"], noted["checkout"]) == ("templates/study", f"v{release}", f"v{release}")


def test_nothing_is_left_of_a_wrong_answer(tmp_path):
    with pytest.raises(AnswerError):
        render({"ci": "hudson"}, tmp_path / "study")
    assert not list(tmp_path.iterdir())


def test_an_existing_folder_is_never_written_to(tmp_path):
    (tmp_path / "study").mkdir()
    with pytest.raises(FileExistsError):
        render({}, tmp_path / "study")
    assert not list((tmp_path / "study").iterdir())


def test_each_part_comes_only_with_the_answers_that_want_it(tmp_path):
    asked = questions()
    for name, (key, wanted) in PARTS.items():
        assert (STUDY / name).exists(), name
        for answer in asked[key].choices:
            study = render({key: answer}, tmp_path / f"{key}-{answer}-{name.replace('/', '-')}")
            assert (study / name).exists() == (answer in wanted), (name, answer)


def test_editors_find_the_schema_and_it_accepts_the_configuration(tmp_path):
    study = render({}, tmp_path / "study")
    text = (study / "config" / "study.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=.study.schema.json\n")
    schema = json.loads((study / SCHEMA).read_text())
    assert schema == json.loads(schema_text())
    jsonschema.validate(yaml.safe_load(text), schema)


def test_texts_are_what_they_were(tmp_path):
    answers = {
        "title": "It's 100 % \"clean\": don't ask #1".replace('"', "'"), "author": "Ní Dhuibhne, Éilís & co.",
        "affiliation": "University of X: Dept. of <Y> | 'Z'",
    }  # fmt: skip
    study = render(answers, tmp_path / "study")
    config = yaml.safe_load((study / "config" / "study.yaml").read_text())
    citation = yaml.safe_load((study / "CITATION.cff").read_text())
    assert config["title"] == citation["title"] == answers["title"]
    assert config["creators"] == [{"name": answers["author"], "affiliation": answers["affiliation"]}]
    author = citation["authors"][0]
    assert (author["family-names"], author["given-names"]) == ("Ní Dhuibhne", "Éilís & co.")
    assert author["affiliation"] == answers["affiliation"]


def test_the_pages_that_a_study_names_are_on_the_site():
    files = [path for path in STUDY.rglob("*") if path.suffix == ".yaml"]
    named = {
        page for file in files for page in re.findall(r"(?:how-to|reference|explanation)/[a-z-]+", file.read_text())
    }
    site = (ROOT / "mkdocs.yml").read_text()
    assert "how-to/own-data" in named
    assert not [page for page in named if f": {page}.md" not in site]


# --- in step with the reference study ------------------------------------------------------


def test_the_profile_is_that_of_the_workflow(tmp_path):
    ours = yaml.safe_load((render({}, tmp_path / "study") / PROFILE).read_text())
    assert ours == yaml.safe_load((ROOT / "workflow" / PROFILE).read_text())
    assert ours == yaml.safe_load((ROOT / PROFILE).read_text())


def test_dvc_leaves_the_same_files_alone():
    assert patterns(STUDY / ".dvcignore") == patterns(ROOT / ".dvcignore")


def test_git_leaves_alone_what_the_workflow_makes():
    ours, reference = patterns(STUDY / ".gitignore"), patterns(ROOT / ".gitignore")
    tools = {".judges/", "*.egg-info/", "dist/", ".mypy_cache/", ".hypothesis/", ".import_linter_cache/", "/site/"}
    assert ours >= reference - tools
    assert ours - reference == set()


def test_dvc_is_set_up_in_the_same_way():
    ours, reference = configparser.ConfigParser(), configparser.ConfigParser()
    ours.read_string(dvc_config(complete({}, questions())).replace("    ", ""))
    reference.read_string((ROOT / ".dvc" / "config").read_text().replace("    ", ""))
    assert ours == reference


def test_the_snakefile_takes_the_workflow_as_a_module_and_nothing_else():
    lines = [line.strip() for line in (STUDY / "Snakefile").read_text().splitlines()]
    code = [line for line in lines if line and not line.startswith("#")]
    assert code == [
        "from railcrate.study.share import workflow as packaged_workflow",
        "module railcrate:", "snakefile:", "packaged_workflow()", "config:", "config",
        "use rule * from railcrate",
        "onstart:", "railcrate.onstart()", "onsuccess:", "railcrate.onsuccess()", "onerror:", "railcrate.onerror()",
    ]  # fmt: skip
    for other in (ROOT / "examples").glob("*/Snakefile"):
        theirs = [line.strip() for line in other.read_text().splitlines()]
        assert [line for line in theirs if line and not line.startswith("#")] == code, other
