# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Bundles for double-blind review: nothing tells whose they are, and the study in them still runs."""

import gzip
import io
import json
import re
import shutil
import tarfile
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from bundle_kit import NAMES, WEIGHTS, check_bundle, digests, made, manifest, refused, restored, unpacked
from study_kit import commit, run, snakemake
from typer.testing import CliRunner

from railcrate.bundle import build
from railcrate.bundle.anonymity.matching import Matcher, Tally
from railcrate.bundle.anonymity.names import Identity, Name
from railcrate.bundle.anonymity.rewriting import is_data
from railcrate.bundle.anonymity.search import search
from railcrate.bundle.errors import NotPublishableError
from railcrate.cli import app
from railcrate.study import load
from railcrate.study.load import load_study


@pytest.fixture(scope="module")
def anonymous(peoples_study, tmp_path_factory):
    """An anonymous bundle of the study of people, and what was told of it."""
    folder = tmp_path_factory.mktemp("anonymous") / "bundle"
    return folder, made(peoples_study, folder, anonymous=True)


def texts_in(folder):
    """The content of every file, and of what is packed in it, in small letters."""
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        yield path.name, path.name.lower()
        if path.suffix == ".parquet":
            yield path.name, str(pq.read_table(path).to_pydict()).lower()
        elif path.suffixes[-2:] == [".tar", ".gz"]:
            with tarfile.open(path) as archive:
                for member in archive:
                    yield f"{path.name}!{member.name}", archive.extractfile(member).read().decode().lower()
        else:
            yield path.name, content.decode("utf-8", errors="replace").lower()


def test_no_name_is_left(peoples_study, anonymous, tmp_path):
    bundle, _ = anonymous
    check_bundle(bundle)
    commits = run(peoples_study, "git", "rev-list", "--all").split()
    assert len(commits) >= 3
    sought = [
        re.compile(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z])")
        for name in (*NAMES, *commits, *(c[:10] for c in commits))
    ]
    found = [
        (name, pattern.pattern, text[match.start() - 60 : match.end() + 20])
        for name, text in texts_in(unpacked(bundle, tmp_path / "all"))
        for pattern in sought
        for match in pattern.finditer(text)
    ]
    # What stays is told: by whom data is described is somebody else's name.
    assert {(name, context.split("described in ")[-1][:6]) for name, _, context in found} == {("README.md", "doe, x")}
    with zipfile.ZipFile(bundle / "code.zip") as archive:
        assert archive.comment == b""
        assert not {"CITATION.cff", "releases.yaml"} & set(archive.namelist())
    assert manifest(bundle)["commit"] is None


def test_it_says_what_was_done(anonymous):
    _, result = anonymous
    told = result.hiding
    assert told.searched_for["name"] > 5
    assert {"name", "family name", "ORCID", "affiliation", "e-mail", "repository", "grant", "link", "commit"} <= set(
        told.searched_for
    )
    assert {"name", "ORCID", "affiliation", "e-mail", "repository", "commit"} <= set(told.replaced)
    assert told.left_out == ("CITATION.cff",)
    assert told.others == ("README.md:8: ata is described in Doe, X. 2018. C",)
    assert told.went_through > 250


def test_the_command_tells_it(anonymous, monkeypatch):
    bundle, result = anonymous
    monkeypatch.setattr(build, "make", lambda *words, **options: result if options["anonymous"] else None)
    monkeypatch.setattr(load, "load_study", lambda folder: None)
    words = ["bundle", "--anonymous", "--output", str(bundle)]
    shown = " ".join(CliRunner().invoke(app, words).stdout.split())
    assert "anonymous: searched for 1 ORCID, " in shown
    assert "left out: CITATION.cff " in shown
    assert "taken for somebody else, please look: README.md:8: ata is described in Doe, X. 2018" in shown
    assert "archives included: no name is left" in shown
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert told["commit"] is None
    assert told["anonymity"]["replaced"]["name"] > 10
    assert {entry["path"] for entry in told["files"]} == digests(bundle).keys() - {"manifest.json"}
    assert [entry["file"] for entry in told["accepted"]] == ["scripts/plot.py"]


def test_the_texts_speak_of_nobody(anonymous):
    bundle, _ = anonymous
    with zipfile.ZipFile(bundle / "code.zip") as archive:
        readme = archive.read("README.md").decode()
        script = archive.read("scripts/plot.py").decode()
        config = yaml.safe_load(archive.read("config/study.yaml"))
    assert readme == (
        "# Tiny\n\n\n\n\n\nBy Anonymous (anonymous@example.org) and Anonymous; see Anonymous and Anonymous (2026), "
        "and, by others, Peter Quill 2019.\nThe data is described in Doe, X. 2018. Code: https://example.org/anonymous\n"
    )
    assert 'AUTHOR = "Anonymous"  # Anonymous' in script
    first = {"name": "Anonymous", "orcid": "0000-0000-0000-0001", "affiliation": "Anonymous institution"}
    assert config["creators"] == [first, {"name": "Anonymous"}]
    assert config["release"]["external"][WEIGHTS]["url"] == "https://example.org/anonymous"
    assert manifest(bundle)["external"][0]["url"] == "https://example.org/anonymous"
    citation = yaml.safe_load((bundle / "CITATION.cff").read_text())
    assert [author["name"] for author in citation["authors"]] == ["Anonymous"]
    crate = json.loads((bundle / "ro-crate-metadata.json").read_text())
    assert not any("orcid.org" in entity["@id"] for entity in crate["@graph"])


def test_what_is_still_a_study_restores_and_has_nothing_to_be_done(finished_study, tmp_path):
    """Files without names have other checksums; every ledger and record of them was mended."""
    made(finished_study, tmp_path / "bundle", anonymous=True)
    folder = restored(tmp_path / "bundle", tmp_path / "restored")
    assert "Railcrate contributors" not in (folder / "data/REUSE.toml").read_text()
    assert "Nothing to be done" in snakemake(folder, "--dry-run")
    assert "up to date" in run(folder, "dvc", "status")
    load_study(folder)


def test_the_same_bytes_and_the_same_study(peoples_study, anonymous, tmp_path):
    bundle, result = anonymous
    again = made(peoples_study, tmp_path / "again", anonymous=True)
    assert digests(tmp_path / "again") == digests(bundle)
    named = made(peoples_study, tmp_path / "named")
    assert named.manifest.identity == result.manifest.identity == again.manifest.identity
    data = {entry.path: entry.sha256 for entry in named.manifest.files}
    assert data["code.zip"] != {entry.path: entry.sha256 for entry in result.manifest.files}["code.zip"]


def test_a_name_that_cannot_be_taken_out_stops_it(people, tmp_path):
    """In a file's name, in code that would break, in a file that is no text."""
    (people / "scripts/jane_doe.py").write_text("x = 1\n")
    commit(people)
    message = refused(people, tmp_path / "bundle", NotPublishableError, anonymous=True)
    assert message.startswith("the names of these files tell whose the study is:\n  scripts/jane_doe.py\n")
    run(people, "git", "mv", "scripts/jane_doe.py", "scripts/more.py")
    (people / "scripts/more.py").write_text("def janedoe():\n    return 'janedoe'\n")
    (people / "picture.png").write_bytes(b"\x89PNG\0\0\1Author\0Jane Doe\0")
    (people / "notes.txt.gz").write_bytes(gzip.compress(b"1\nby Jane Doe\n", mtime=0))
    commit(people)
    message = refused(people, tmp_path / "bundle", NotPublishableError, anonymous=True)
    assert message.splitlines()[1:4] == [
        "  notes.txt.gz:2: name: name 'Jane Doe'",
        "  picture.png:1: name: name 'Jane Doe'",
        "  scripts/more.py:1: name: name 'janedoe'",
    ]
    assert not (tmp_path / "bundle").exists()


def test_names_of_software_stay_and_are_told(finished_study, tmp_path):
    """The reference study's repository is called as the package that its code imports."""
    folder = shutil.copytree(finished_study, tmp_path / "study", symlinks=True)
    run(folder, "git", "remote", "add", "origin", "https://github.com/railcrate/railcrate.git")
    (folder / "README.md").write_text("Run with railcrate. git clone https://github.com/railcrate/railcrate\n")
    (folder / "more.py").write_text("from railcrate.study import paths  # of railcrate/railcrate\n")
    commit(folder)
    told = made(folder, tmp_path / "bundle", anonymous=True).hiding
    with zipfile.ZipFile(tmp_path / "bundle/code.zip") as archive:
        assert archive.read("README.md").decode() == "Run with railcrate. git clone https://example.org/anonymous\n"
        assert archive.read("more.py").decode() == "from railcrate.study import paths  # of anonymous/repository\n"
    assert told.kept == {"railcrate": "repository; also the name of software that the code needs: what runs the study"}


# --- names -------------------------------------------------------------------------------


def of(*names, given=(), commits=()):
    return Matcher(
        Identity(tuple(sorted(names, key=lambda n: -len(n.text))), frozenset(given), tuple(sorted(commits)), {})
    )


def name(text, kind="name", put="Anonymous", any_case=False, alone=False):
    return Name(text, kind, put, any_case, alone)


PEOPLE = of(
    name("Jürgen Müller"), name("Müller, Jürgen"), name("O'Brien, Pat"), name("Müller", "family name", alone=True),
    name("jmueller", "user", "anonymous", any_case=True, alone=True),
    name("jane@uni.de", "e-mail", "anonymous@example.org", any_case=True),
    given=("Jürgen", "J"), commits=("deadbeef" * 5, "0123456789" * 4),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Jürgen Müller wrote", "Anonymous wrote"),
        ("Jürgen\nMüller", "Anonymous"),
        ("Ju\u0308rgen Mu\u0308ller", "Anonymous"),
        (r'"J\u00fcrgen M\u00fcller"', '"Anonymous"'),
        (r"'J\\u00fcrgen M\\u00fcller'", "'Anonymous'"),
        ("J&uuml;rgen M&#252;ller", "Anonymous"),
        ("Juergen Mueller, Jurgen Muller", "Anonymous, Anonymous"),
        ("O&#39;Brien, Pat; O\\'Brien, Pat; O’Brien, Pat", "Anonymous; Anonymous; Anonymous"),
        (r'"x\nJürgen Müller"', r'"x\nAnonymous"'),
        ("(Müller 2026) by Müller", "(Anonymous 2026) by Anonymous"),
        ("Prof. Müller, J. Müller", "Prof. Anonymous, J. Anonymous"),
        ("Peter Müller 2019; Müller, K. 2018; K. Müller", "Peter Müller 2019; Müller, K. 2018; K. Müller"),
        ("Müllers Müllerin xMüller", "Müllers Müllerin xMüller"),
        ("JMueller, jmueller2, /home/jmueller/x", "anonymous, jmueller2, /home/anonymous/x"),
        ("Jane@Uni.de", "anonymous@example.org"),
        ("at deadbeefdeadbeef", "at 0000000000000000"),
        ("deadbeef" * 5 + "+", "0" * 40 + "+"),
        ("deadbeef00 0123456 0123456789a", "deadbeef00 0123456 0123456789a"),
    ],
)
def test_names_are_found_as_they_are_written(text, hidden):
    assert PEOPLE.rewrite(text, "a.md", Tally()) == hidden
    long = "x y z\n" * 1000
    assert PEOPLE.rewrite(long + text, "a.md", Tally()) == long + hidden


def test_what_is_found_in_a_text_is_a_candidate_of_it():
    import pyarrow.compute as pc

    for data in (False, True):
        pattern = PEOPLE.candidates(data=data)
        for text in ("Jürgen Müller", r"J\u00fcrgen M\u00fcller", "JANE@uni.de", "O&#39;Brien, Pat"):
            assert PEOPLE.find(text, data=data)
            assert pc.match_substring_regex(pa.array([text]), pattern).to_pylist() == [True]
    assert PEOPLE.find("by Müller, jmueller, at deadbeefdeadbeef", data=True) == []


def test_identifiers_of_code_are_not_renamed():
    code = "import mark\n\nmark.run('mark')  # by mark\nx = f'mark {mark}'\n"
    matcher = of(name("mark", "user", "anonymous", any_case=True, alone=True))
    hidden = matcher.rewrite(code, "a.py", Tally())
    assert hidden.startswith("import mark\n\nmark.run('anonymous')  # by anonymous\n")
    compile(hidden, "a.py", "exec")
    assert matcher.rewrite("def mark(:\n", "a.py", Tally()) == "def mark(:\n"  # no Python: nothing is touched
    assert matcher.rewrite("by mark\n", "a.md", Tally()) == "by anonymous\n"


def test_owner_and_repository_are_not_the_end_of_a_path():
    matcher = of(name("tool/tool", "repository", "anonymous/repository", any_case=True))
    assert matcher.rewrite("src/tool/tool.py, tool/tool", "a.md", Tally()) == "src/tool/tool.py, anonymous/repository"


def test_others_are_told():
    tally = Tally()
    PEOPLE.rewrite("one\nsee Peter Müller 2019\n", "a.md", tally)
    assert tally.others == ["a.md:2: see Peter Müller 2019"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("data/raw/english/text.jsonl", True),
        ("data/raw/english.json", False),
        ("data/variants/raw/text.parquet", True),
        ("data/variants/raw/steps.json", False),
        ("data/tokenizers/shared/raw/tokenizer.json", True),
        ("models/weights/a.raw.seed0/tokenizer.json", True),
        ("models/weights/a.raw.seed0/training.json", False),
        ("results/results.json", False),
        ("README.md", False),
    ],
)
def test_data_is_not_rewritten(path, data):
    assert is_data(path) is data


def test_a_finished_bundle_is_searched_to_its_depths(tmp_path):
    """In names of members, comments and fields of archives, tables, packed files; in data for whole names alone."""
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    table = io.BytesIO()
    pq.write_table(pa.table({"text": ["a", "by Jürgen Müller", "by Müller"]}), table)
    with zipfile.ZipFile(bundle / "data.zip", "w") as archive:
        archive.comment = b"made by jmueller"
        archive.writestr("data/variants/raw/text.parquet", table.getvalue())
        archive.writestr("data/jmueller.txt", "x")
        member = zipfile.ZipInfo("a.txt")
        member.comment = b"jane@uni.de"
        archive.writestr(member, "x")
        archive.writestr("b.gz", gzip.compress("1\n2\nMüller".encode()))
    (bundle / "README.md").write_text("x\nat deadbeefdeadbeef")
    searched = search(bundle, PEOPLE)
    assert [str(finding) for finding in searched.findings] == [
        "README.md:2: name: commit 'deadbeefdeadbeef'",
        "a.txt: name: e-mail 'jane@uni.de'",
        "b.gz:3: name: family name 'Müller'",
        "data.zip: name: user 'jmueller'",
        "data/jmueller.txt: name: user 'jmueller'",
        "data/variants/raw/text.parquet:2: name: name 'Jürgen Müller'",
    ]
    assert searched.files == 6
