# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A base that is named by the catalogue: its repository, its license, and the commit that it is locked to."""

from __future__ import annotations

import json

import pytest
import yaml

from railcrate.ledger.plan import Plan
from railcrate.licensing.resolve import check_licenses, resolve
from railcrate.model.base import fetch_base
from railcrate.model.errors import HubError
from railcrate.study import paths
from railcrate.study.bases import keep_locks, lock_files, locks
from railcrate.study.errors import ConfigError
from railcrate.study.files import read_json
from railcrate.study.load import load_study
from railcrate.study.problems import StudyError
from tests.servers.hub import hub_server

from .conftest import study

FIRST, LATER = "a" * 40, "b" * 40
NAME = "EleutherAI/pythia-70m"


@pytest.fixture
def hub(monkeypatch):
    from safetensors.numpy import save
    from torch import zeros

    files = {"model.safetensors": save({"w": zeros(4).numpy()}), "config.json": b"{}", "tokenizer.json": b"{}"}
    with hub_server() as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        for revision in (FIRST, LATER, "main"):
            served.add(NAME, revision, files)
        served.heads["main"] = FIRST
        yield served


def written(folder, **base):
    """Write a study with two models on a base of the catalogue, and read it as every command does."""
    base = {"catalogue": "pythia-70m", **base}
    models = {"as-it-is": {"kind": "pretrained", "base": base}, "tuned": {"kind": "finetune", "base": base}}
    content = study(models=models, tokenizers={}).model_dump(mode="json", by_alias=True, exclude_unset=True)
    (folder / "words.txt").write_text("a word\n")
    (folder / "tasks").mkdir(exist_ok=True)
    (folder / "config").mkdir(exist_ok=True)
    (folder / paths.CONFIG).write_text(yaml.safe_dump(content, sort_keys=False))
    return read(folder)


def read(folder):
    return load_study(folder, extra_checks=[check_licenses])


def test_the_name_brings_repository_and_license_and_a_stated_license_holds(tmp_path):
    base = written(tmp_path).models["tuned"].base
    assert (base.repository, base.license, base.revision) == (NAME, "Apache-2.0", None)
    assert written(tmp_path, license="MIT").models["tuned"].base.license == "MIT"


def test_the_license_reaches_what_is_fine_tuned(tmp_path):
    found = resolve(tmp_path, written(tmp_path, catalogue="bloom-560m"))
    duties = {duty.license for verdict in found.verdicts for duty in verdict.duties}
    assert "LicenseRef-bigscience-bloom-rail-1.0" in duties


def test_the_first_fetch_locks_the_commit_and_later_ones_take_it(tmp_path, hub):
    fetch_base(tmp_path, written(tmp_path), "tuned")
    lock = yaml.safe_load((tmp_path / paths.BASES_LOCK).read_text())
    assert lock == {"pythia-70m": {"repository": NAME, "revision": FIRST}}
    record = read_json(tmp_path / paths.base_record("tuned"))
    assert (record["catalogue"], record["repository"], record["revision"]) == ("pythia-70m", NAME, FIRST)
    hub.heads["main"] = LATER
    again = read(tmp_path)
    assert again.models["as-it-is"].base.revision == FIRST
    fetch_base(tmp_path, again, "as-it-is")
    assert read_json(tmp_path / paths.base_record("as-it-is"))["revision"] == FIRST
    assert paths.BASES_LOCK in paths.LAID_DOWN


def test_two_that_did_not_know_of_a_lock_get_the_same_commit(tmp_path, hub):
    before = written(tmp_path)
    fetch_base(tmp_path, before, "tuned")
    hub.heads["main"] = LATER
    fetch_base(tmp_path, before, "as-it-is")
    assert read_json(tmp_path / paths.base_record("as-it-is"))["revision"] == FIRST


def test_a_lock_makes_nothing_anew(tmp_path, hub, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = Plan(written(tmp_path))
    fetch_base(tmp_path, before.study, "tuned")
    after = Plan(read(tmp_path))
    assert after.study.models["tuned"].base.revision == FIRST
    for rule, name in (("base", "tuned"), ("train", "tuned"), ("license", ""), ("report", "")):
        assert before.settings(rule, name) == after.settings(rule, name)


def test_a_stated_commit_needs_no_lock(tmp_path, hub):
    fetch_base(tmp_path, written(tmp_path, revision=LATER), "tuned")
    assert read_json(tmp_path / paths.base_record("tuned"))["revision"] == LATER
    assert not (tmp_path / paths.BASES_LOCK).exists()


def test_the_record_speaks_where_the_lock_is_gone(tmp_path, hub):
    fetch_base(tmp_path, written(tmp_path), "tuned")
    (tmp_path / paths.BASES_LOCK).unlink()
    found = read(tmp_path)
    assert found.models["tuned"].base.revision == FIRST
    assert found.models["as-it-is"].base.revision is None
    keep_locks(tmp_path, found)
    assert locks(tmp_path)["pythia-70m"].revision == FIRST
    assert read(tmp_path).models["as-it-is"].base.revision == FIRST


def test_what_else_says_which_base_is_meant(tmp_path):
    assert lock_files(written(tmp_path)) == [paths.BASES_LOCK]
    assert lock_files(written(tmp_path, revision=FIRST)) == []
    assert lock_files(study()) == []


def test_the_miniature_and_the_study_take_the_same_commit(tmp_path, hub):
    from railcrate.study.files import write_json
    from railcrate.study.miniature import HOME, config_text, mark, shrink

    whole = written(tmp_path)
    small = tmp_path / paths.MINIATURE
    (small / "config").mkdir(parents=True)
    (small / "words.txt").write_text("a word\n")
    (small / "tasks").mkdir()
    mark(small, whole, shrink(whole))
    write_json(small / HOME, {"study": str(tmp_path)})
    (small / paths.CONFIG).write_text(config_text(shrink(whole)))
    assert yaml.safe_load((small / paths.CONFIG).read_text())["models"]["tuned"]["base"] == {"catalogue": "pythia-70m"}
    fetch_base(small, read(small), "tuned")
    hub.heads["main"] = LATER
    asked = len(hub.downloaded())
    fetch_base(tmp_path, read(tmp_path), "tuned")
    assert locks(tmp_path) == locks(small)
    assert read_json(tmp_path / paths.base_record("tuned"))["revision"] == FIRST
    assert len(hub.downloaded()) == asked, "what the miniature has fetched is taken from there"


def test_without_network_it_says_what_is_missing(tmp_path, hub, monkeypatch):
    found = written(tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match=f"the commit of {NAME} \\('pythia-70m' of the catalogue\\)"):
        fetch_base(tmp_path, found, "tuned")
    assert not (tmp_path / paths.BASES_LOCK).exists()
    locked(tmp_path, FIRST)
    hub.down = True
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    with pytest.raises(HubError, match=f"{NAME} at {FIRST} could not be downloaded"):
        fetch_base(tmp_path, read(tmp_path), "tuned")


def locked(folder, revision, repository=NAME):
    entry = {"pythia-70m": {"repository": repository, "revision": revision}}
    (folder / paths.BASES_LOCK).write_text(yaml.safe_dump(entry))


def test_a_lock_that_contradicts_the_configuration(tmp_path):
    written(tmp_path, revision=LATER)
    locked(tmp_path, FIRST)
    with pytest.raises(StudyError, match=f"revision\n +found {LATER}; expected {FIRST}, to which config/bases.lock"):
        read(tmp_path)
    written_again = {"revision": FIRST}
    assert written(tmp_path, **written_again).models["tuned"].base.revision == FIRST
    locked(tmp_path, FIRST, repository="somebody/else")
    with pytest.raises(StudyError, match="locked in somebody/else"):
        read(tmp_path)


def test_a_lock_that_contradicts_what_was_fetched(tmp_path, hub):
    fetch_base(tmp_path, written(tmp_path), "tuned")
    locked(tmp_path, LATER)
    with pytest.raises(StudyError, match=f"fetched at {FIRST}") as caught:
        read(tmp_path)
    assert f"Delete {paths.base_record('tuned')}" in str(caught.value)
    (tmp_path / paths.base_record("tuned")).unlink()
    fetch_base(tmp_path, read(tmp_path), "tuned")
    assert read_json(tmp_path / paths.base_record("tuned"))["revision"] == LATER


@pytest.mark.parametrize("text", ["- a list", "pythia-70m: {revision: main}", "a: b: c", "pythia-70m: text"])
def test_a_lock_that_is_none(tmp_path, text):
    written(tmp_path)
    (tmp_path / paths.BASES_LOCK).write_text(text)
    with pytest.raises(ConfigError, match=r"config/bases\.lock\.yaml cannot be read"):
        read(tmp_path)


def test_a_name_that_is_not_in_the_catalogue_is_told_with_its_line(tmp_path):
    with pytest.raises(StudyError) as caught:
        written(tmp_path, catalogue="pythia-71m")
    assert len(caught.value.problems) == 2  # one for each model, and nothing else beside
    lines = (tmp_path / paths.CONFIG).read_text().splitlines()
    number = next(place for place, line in enumerate(lines, 1) if "catalogue" in line)
    assert f"config/study.yaml:{number}  models.as-it-is.base.catalogue" in str(caught.value)
    assert "Did you mean 'pythia-70m'?" in str(caught.value)


def test_an_encoder_decoder_may_be_a_base(tmp_path):
    assert written(tmp_path, catalogue="t5-small").models["tuned"].base.repository == "google-t5/t5-small"


@pytest.mark.parametrize(
    ("base", "found"),
    [
        ({"repository": "a/b", "revision": FIRST}, "'repository' and 'catalogue'"),
        ({"path": "tasks"}, "'path' and 'catalogue'"),
    ],
)
def test_a_base_is_named_in_one_way(tmp_path, base, found):
    with pytest.raises(StudyError) as caught:
        written(tmp_path, **base)
    assert {problem.found for problem in caught.value.problems} == {found}


def test_a_base_without_a_license(tmp_path):
    written(tmp_path)
    content = yaml.safe_load((tmp_path / paths.CONFIG).read_text())
    content["models"] = {"b": {"kind": "pretrained", "base": {"path": "tasks"}}}
    (tmp_path / paths.CONFIG).write_text(json.dumps(content))
    with pytest.raises(StudyError) as caught:
        read(tmp_path)
    assert [(problem.key, problem.found) for problem in caught.value.problems] == [
        (("models", "b", "base"), "no 'license'")
    ]
