# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a study has to publish, and what is refused: unfinished, unrecorded, uncommitted, missing, against a license."""

import contextlib
import json
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime

import pytest
import yaml
from bundle_kit import WEIGHTS, refused
from study_kit import commit, edit, run

from railcrate.bundle import git
from railcrate.bundle.components import component_of, role_of
from railcrate.bundle.errors import BundleConfigError, CodeError, NotPublishableError, UnfinishedError
from railcrate.bundle.inventory import external_files, take
from railcrate.ledger.errors import DataMissingError
from railcrate.study.load import load_study


def taken(folder):
    with contextlib.chdir(folder):
        return take(folder, load_study(folder))


def ledgers(folder):
    """Every file that the ledger names, by its md5, as `dvc list` tells it."""
    files = {}
    for entry in json.loads(run(folder, "dvc", "list", "--recursive", "--dvc-only", "--json", ".")):
        files[entry["path"]] = (folder / entry["path"]).stat().st_size
    return files


@pytest.mark.parametrize(
    ("path", "component", "role"),
    [
        ("data/raw/english/text.jsonl", "sources.english", "data"),
        ("data/raw/english/deep/er/text.jsonl", "sources.english", "data"),
        ("data/raw/english.json", "sources.english", "data"),
        ("data/raw/english.LICENSE", "sources.english", "data"),
        ("data/variants/raw/text.parquet", "variants.raw", "data"),
        ("data/blocks/tiny/raw-two.npy", "variants.raw-two", "data"),
        ("data/tokenizers/shared/raw/tokenizer.json", "variants.raw", "data"),
        ("data/REUSE.toml", "documentation", "data"),
        ("models/weights/tiny.raw.seed-1/model.safetensors", "weights.tiny.raw", "weights"),
        ("models/weights/tiny.raw.LICENSE", "weights.tiny.raw", "weights"),
        ("models/bases/small/model.safetensors", "bases.small", "weights"),
        ("models/bases/small.json", "documentation", "weights"),
        ("results/evaluations/tiny.raw.seed0/pairs.json", "documentation", "results"),
        ("records/train/tiny.raw.seed0.json", "documentation", "records"),
    ],
)
def test_each_file_belongs_to_a_component(path, component, role):
    assert (component_of(path), role_of(path)) == (component, role)


def test_everything_that_the_ledger_names_is_there(finished_study):
    inventory = taken(finished_study)
    files = {kept.path: kept.size for kept in inventory.kept if not kept.path.startswith(".dvc/")}
    assert files == ledgers(finished_study)
    listings = [kept for kept in inventory.kept if kept.path.startswith(".dvc/cache/files/md5/")]
    assert len(listings) == 5  # four sets of weights, and the records
    assert all((finished_study / kept.path).read_bytes() == kept.stored.read_bytes() for kept in listings)
    licenses = {kept.component: kept.license for kept in inventory.kept}
    assert licenses["sources.notes"] == "CC0-1.0"
    assert licenses["weights.tiny.raw"] == "Apache-2.0"
    assert inventory.withheld == inventory.external == ()
    assert inventory.code.commit == run(finished_study, "git", "rev-parse", "HEAD").strip()
    assert {"corpus/notes.txt", "steps/own.py", "Snakefile", "dvc.lock", "NOTICE"} <= inventory.read


def test_what_is_withheld_and_what_stays_elsewhere(peoples_study):
    inventory = taken(peoples_study)
    reasons = {entry.path: (entry.component, entry.reason) for entry in inventory.withheld}
    own = ("variants.raw", "the study withholds variants.raw")
    assert reasons["data/variants/raw/text.parquet"] == reasons["data/blocks/tiny/raw.npy"] == own
    assert reasons["data/tokenizers/shared/raw/tokenizer.json"] == own
    assert reasons["corpus/notes.txt"] == ("sources.notes", "the study withholds sources.notes")
    # What tells only how it was made, and its terms, is published; so is what is made from it.
    published = {kept.path for kept in inventory.kept}
    assert {"data/raw/notes.json", "data/blocks/tiny/raw.json", "data/variants/raw/LICENSE"} <= published
    assert "data/variants/clean/text.parquet" in published
    assert "models/weights/tiny.raw.seed0/model.safetensors" in published
    [(external, stored)] = inventory.external
    assert (external.path, external.size) == (WEIGHTS, stored.stat().st_size)
    assert not published & {*reasons, WEIGHTS}
    every = published | set(reasons) | {WEIGHTS}
    assert ledgers(peoples_study).keys() <= every


def test_what_quotes_withheld_data_is_withheld_with_it(peoples_study):
    """The steps of `raw` changed nothing, so nothing of it is quoted; those of `clean` quote `english`."""
    steps = json.loads((peoples_study / "data/variants/clean/steps.json").read_bytes())
    assert any(step["examples"] for step in steps["steps"])
    inventory = taken(peoples_study)
    assert inventory.quotes.files == {}
    study = load_study(peoples_study)
    licenses = study.licenses.model_copy(update={"withhold": ["sources.english"]})
    with contextlib.chdir(peoples_study):
        from railcrate.bundle.components import Publishing
        from railcrate.bundle.quotes import find_quotes, quoted_in, without_quotes
        from railcrate.licensing.resolve import resolve

        closed = study.model_copy(update={"licenses": licenses})
        stored = {kept.path: kept.stored for kept in inventory.kept}
        quotes = find_quotes(closed, Publishing(closed, resolve(peoples_study, closed)), stored)
    assert quotes.files["data/variants/clean/steps.json"] == "sources.english"
    assert quotes.files["results/report.html"] == "sources.english"
    report = stored["results/report.html"].read_bytes()
    assert quoted_in(report.decode(), quotes.passages) == "sources.english"
    assert quoted_in(without_quotes("results/report.html", report).decode(), quotes.passages) is None
    told = json.loads(
        without_quotes("data/variants/clean/steps.json", stored["data/variants/clean/steps.json"].read_bytes())
    )
    assert [step["step"] for step in told["steps"]] == [step["step"] for step in steps["steps"]]
    assert not any(step["examples"] for step in told["steps"])


# --- refused -----------------------------------------------------------------------------


def test_an_unfinished_study_is_refused(study, tmp_path):
    (study / "results/comparisons.json").unlink()
    commit(study)
    message = refused(study, tmp_path / "bundle", UnfinishedError)
    assert "compare: results/results.json is to be made anew" in message
    assert "Run snakemake" in message


def test_a_changed_step_is_noticed_though_dvc_has_its_outputs(study, tmp_path):
    edit(study / "steps/own.py", ">= 4", ">= 5")
    commit(study)
    assert "curate-clean: data/variants/clean/text.parquet is to be made anew" in refused(
        study, tmp_path / "bundle", UnfinishedError
    )


def test_what_is_finished_but_not_recorded_is_refused(study, tmp_path):
    lock = yaml.safe_load((study / "dvc.lock").read_text())
    del lock["stages"]["compare"]
    (study / "dvc.lock").write_text(yaml.safe_dump(lock, sort_keys=False))
    commit(study)
    assert "compare: it is finished, but not in dvc.lock" in refused(study, tmp_path / "bundle", UnfinishedError)


def test_a_lock_that_tells_of_something_else_is_refused(study, tmp_path):
    lock = (study / "dvc.lock").read_text()
    md5 = yaml.safe_load(lock)["stages"]["compare"]["outs"][0]["md5"]
    (study / "dvc.lock").write_text(lock.replace(md5, "a" * 32))
    commit(study)
    message = refused(study, tmp_path / "bundle", UnfinishedError)
    assert "is not as it was when it was recorded" in message


def test_uncommitted_changes_are_refused_by_name(study, tmp_path):
    (study / "steps/own.py").write_text((study / "steps/own.py").read_text() + "# more\n")
    run(study, "git", "rm", "-q", "--cached", "REUSE.toml")
    message = refused(study, tmp_path / "bundle", CodeError)
    assert message.startswith("these are not as they were committed:\n  REUSE.toml\n  steps/own.py\n")
    assert "git commit" in message


def test_a_file_that_the_study_reads_must_be_in_git(study, tmp_path):
    run(study, "git", "rm", "-q", "--cached", "tasks/heldout/hold.py", "LICENSES/CC0-1.0.txt")
    (study / ".git/info/exclude").write_text("hold.py\n")
    run(study, "git", "commit", "-qm", "without them")
    message = refused(study, tmp_path / "bundle", CodeError)
    assert "neither git nor DVC has them:\n  LICENSES/CC0-1.0.txt\n  tasks/heldout/hold.py\n" in message


def test_a_file_that_is_not_exported_is_missed(study, tmp_path):
    (study / ".gitattributes").write_text("Snakefile export-ignore\nREUSE.toml export-ignore\n")
    commit(study)
    assert "`git archive` leaves them out:\n  Snakefile\n" in refused(study, tmp_path / "bundle", CodeError)


def test_what_the_cache_lacks_is_named(study, tmp_path):
    stored = next(kept.stored for kept in taken(study).kept if kept.path == "data/variants/clean/text.parquet")
    stored.unlink()
    message = refused(study, tmp_path / "bundle", DataMissingError)
    assert "DVC's cache lacks what the ledger names:\n  data/variants/clean/text.parquet\n" in message
    assert "railcrate restore" in message


def test_a_license_conflict_is_refused_with_its_ways_out(study, tmp_path):
    edit(study / "config/study.yaml", "license: CC0-1.0", "license: CC-BY-NC-4.0")
    message = refused(study, tmp_path / "bundle", NotPublishableError)
    assert "variants.raw" in message
    assert "non-commercial" in message
    assert "\n    - " in message


def test_an_external_file_must_be_one_of_the_study_and_the_same(peoples_study):
    study, inventory = load_study(peoples_study), taken(peoples_study)
    [entry] = study.release.external.values()
    [(found, stored)] = inventory.external
    kept = {file.path: file for file in inventory.kept}
    kept[WEIGHTS] = replace(inventory.kept[0], path=WEIGHTS, size=found.size, md5=found.md5, stored=stored)

    def refusal(**external):
        release = study.release.model_copy(update={"external": external})
        with pytest.raises(BundleConfigError) as caught:
            external_files(study.model_copy(update={"release": release}), kept, inventory.withheld)
        return str(caught.value)

    assert "Did you mean 'data/raw/english.json'?" in refusal(**{"data/raw/english.jsn": entry})
    wrong = entry.model_copy(update={"size": found.size + 1})
    assert f"the file has {found.size} bytes; {found.size + 1} are stated" in refusal(**{WEIGHTS: wrong})
    kept["data/variants/raw/text.parquet"] = replace(kept[WEIGHTS], path="data/variants/raw/text.parquet")
    assert "here it is withheld" in refusal(**{"data/variants/raw/text.parquet": entry})


def test_code_and_documents_cannot_be_withheld(study):
    configured = load_study(study)
    licenses = configured.licenses.model_copy(update={"withhold": ["code"]})
    with contextlib.chdir(study), pytest.raises(BundleConfigError, match="licenses.withhold names code"):
        take(study, configured.model_copy(update={"licenses": licenses}))


def test_names_that_cannot_be_had_everywhere_are_refused(study, tmp_path):
    (study / "a\\b.txt").write_text("x")
    (study / "c\nd.txt").write_text("x")
    commit(study)
    message = refused(study, tmp_path / "bundle", CodeError)
    assert "cannot be had everywhere:\n  'a\\\\b.txt'\n  'c\\nd.txt'\n" in message


def test_a_folder_without_git_is_told(study, tmp_path):
    shutil.rmtree(study / ".git")
    run(study, "dvc", "config", "core.no_scm", "true")
    assert "has no commit of git" in refused(study, tmp_path / "bundle", CodeError)


# --- git ---------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path):
    """A repository whose study is in a folder of it."""
    folder = tmp_path / "repository" / "studies" / "one"
    folder.mkdir(parents=True)
    for words in (["init", "-q"], ["config", "user.name", "x"], ["config", "user.email", "x@example.org"]):
        subprocess.run(["git", *words], cwd=tmp_path / "repository", check=True)
    (tmp_path / "repository" / "above.txt").write_text("above\n")
    (folder / "own.txt").write_text("own\n")
    (folder / "README.md").write_text(f"# It\n\n{git.BADGE_BEGIN}\nold\n{git.BADGE_END}\n\ntext\n")
    (folder / "link").symlink_to("own.txt")
    commit(tmp_path / "repository")
    return folder


def test_a_study_in_a_folder_of_a_repository(repository):
    code = git.head(repository)
    assert set(code.blobs) == {"own.txt", "README.md", "link"}
    assert git.content(repository, code.blobs["own.txt"]) == b"own\n"
    exported = {file.path: file.target or file.content.read() for file in git.export(repository, code)}
    assert exported == {"own.txt": b"own\n", "README.md": (repository / "README.md").read_bytes(), "link": "own.txt"}
    assert abs((datetime.now(code.committed.tzinfo) - code.committed).total_seconds()) < 600
    (repository / "own.txt").write_text("other\n")
    (repository.parent.parent / "above.txt").write_text("other\n")
    assert git.changes(repository, code) == ["own.txt"]


def test_what_a_release_writes_is_no_change(repository):
    code = git.head(repository)
    readme = repository / "README.md"
    readme.write_text(readme.read_text().replace("old", "[![DOI](https://x)](https://y)"))
    assert git.changes(repository, code) == []
    readme.write_text(readme.read_text().replace("text", "another text"))
    assert git.changes(repository, code) == ["README.md"]
    run(repository, "git", "checkout", "-q", "README.md")
    (repository / "own.txt").rename(repository / "new.txt")
    run(repository, "git", "add", "-A")
    assert git.changes(repository, code) == ["new.txt", "own.txt"]


def test_a_badge_where_there_was_none_is_no_change(repository):
    readme = repository / "README.md"
    readme.write_text("# It\n\ntext\n")
    commit(repository)
    readme.write_text(f"# It\n\n{git.BADGE_BEGIN}\nnew\n{git.BADGE_END}\n\ntext\n")
    assert git.changes(repository, git.head(repository)) == []


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r"),
        ("https://me:secret@gitlab.uni.org:8443/o/r", "https://gitlab.uni.org:8443/o/r"),
        ("git@github.com:o/r.git", "https://github.com/o/r"),
        ("ssh://git@host.org:2222/o/r.git", "https://host.org/o/r"),
        ("ssh://git@host.org/o/r", "https://host.org/o/r"),
        ("/srv/git/r.git", None),
        ("../r", None),
        ("file:///srv/r", None),
        ("", None),
    ],
)
def test_the_address_of_a_repository_has_no_credentials(remote, address):
    assert git.web_address(remote) == address
