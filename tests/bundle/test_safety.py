# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What must not leave the house is found, in whatever it is packed; what only looks like it is not.

Secrets are put together here piece by piece: this file itself is published, too.
"""

import bz2
import gzip
import io
import json
import pickle
import random
import string
import tarfile
import uuid
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import save

from railcrate.bundle.errors import NotPublishableError
from railcrate.bundle.safety import credentials
from railcrate.bundle.safety.accepting import refuse, sift
from railcrate.bundle.safety.patterns import PrivatePaths, addresses, named_addresses
from railcrate.bundle.safety.scan import ENOUGH, Scanner, Subject, outside_links
from railcrate.study.release import Accepted

OWN = "/scratch/quill/tiny-study"
RANDOM = random.Random(7)
LETTERS = string.ascii_letters + string.digits


def drawn(count, letters=LETTERS):
    return "".join(RANDOM.choices(letters, k=count))


TOKENS = {
    "GitHub Token": "ghp_" + drawn(36),
    "GitLab Token": "glpat-" + drawn(20),
    "AWS Access Key": "AK" + "IA" + drawn(16, string.ascii_uppercase + string.digits),
    "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "Slack Token": "xoxb-" + drawn(12, string.digits) + "-" + drawn(24, string.ascii_lowercase),
    "Stripe Access Key": "sk_" + "live_" + drawn(24),
    "Access Token": "hf_" + drawn(34, string.ascii_letters),
}


@pytest.fixture
def scanner(tmp_path):
    return Scanner(tmp_path, PrivatePaths([Path(OWN)]), frozenset({"jane@nowhere.edu"}))


@pytest.fixture
def found(scanner):
    """Look through content: `found("a.txt", b"...")` gives what was found as `file:line kind what`."""

    def look(file, content, level="code"):
        content = content.encode() if isinstance(content, str) else content
        return [
            f"{f.file}:{f.line} {f.kind} {f.what}"
            for f in scanner.scan(Subject(file, lambda: io.BytesIO(content), level))
        ]

    return look


def names(value):
    """The name of a test: of its files; what is packed holds the time."""
    return value if isinstance(value, str) else ""


def zipped(**members):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def tarred(name, content):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def table(**columns):
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


# --- secrets -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize("level", ["code", "text", "data"])
def test_tokens_of_providers_are_found_everywhere(found, kind, level):
    text = f"one line\nand {TOKENS[kind]} in another\n"
    assert f"a.txt:2 secret {kind}" in found("a.txt", text, level)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("a.py", f'password = "{drawn(9)}!{drawn(4)}7"'),
        ("a.yaml", f"password: {drawn(9)}!{drawn(4)}7"),
        (".dvc/config", f"    secret_access_key = {drawn(40)}1"),
        (".env", f"ZENODO_API_TOKEN={drawn(58)}1b"),
        ("a.py", f'KEY = "{drawn(38)}9zA"'),
        ("run.sh", f"curl https://me:{drawn(9)}1x@host.org/x"),
    ],
)
def test_what_is_named_or_looks_like_a_secret_is_found_in_code(found, file, line):
    assert [entry.split()[1] for entry in found(file, f"\n{line}\n")][:1] == ["secret"]
    assert found(file, line)[0].startswith(f"{file}:1 ")


def test_no_finding_tells_the_secret(found):
    for token in TOKENS.values():
        assert not any(token in entry for entry in found("a.txt", token))


INNOCENT = {
    "a.py": [
        'sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
        'MD5 = "d41d8cd98f00b204e9800998ecf8427e"',
        'token = os.environ["ZENODO_API_TOKEN"]',
        "def password(user: str) -> str:",
        'password = "your-password-here"',
        'key = "AKIAIOSFODNN7EXAMPLE"',
        'secret = "data/raw/english/text.jsonl"',
        f'ID = "{uuid.UUID(int=5)}"',
        'BASE = "LicenseRef-creativeml-openrail-plus-plus-m"',
        'x = "abcdefghijklmnopqrstuvwxyz0123456789"',
        'hash = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="',
    ],
    "poetry.lock": [f'hash = "{drawn(44)}"', f'password = "{drawn(20)}"'],
    "dvc.lock": ["      md5: aec6f5e459c9e17ea2970854287a82e8"],
    "study.yaml": ["tokenizer: shared", "revision: 32f1ecd990cebcf2a0af34d4790c1a16ea2ea4a7", "train_tokens: 1000000"],
}


@pytest.mark.parametrize("file", INNOCENT)
def test_what_only_looks_like_a_secret_is_none(found, file):
    assert found(file, "\n".join(INNOCENT[file])) == []


def test_a_vocabulary_is_no_secret(found):
    vocabulary = {"model": {"vocab": {drawn(12): n for n in range(3000)}, "merges": [drawn(30) for _ in range(3000)]}}
    for level in ("text", "data"):
        assert found("tokenizer.json", json.dumps(vocabulary, indent=1), level) == []


def test_a_secret_of_this_machine_is_found_by_its_value(monkeypatch, tmp_path):
    value = drawn(24) + "-" + drawn(10)
    monkeypatch.setenv("MY_SERVICE_API_KEY", value)
    credentials.own_values.cache_clear()
    try:
        scanner = Scanner(tmp_path, PrivatePaths([Path(OWN)]), frozenset())
        for content in (f"a\nb {value}", b"\0\1\2" + value.encode() + b"\0"):
            raw = content.encode() if isinstance(content, str) else content
            [one] = scanner.scan(Subject("a.bin", lambda raw=raw: io.BytesIO(raw), "data"))
            assert (one.kind, one.what) == ("secret", "a secret of this machine's environment")
    finally:
        credentials.own_values.cache_clear()


def test_a_line_may_be_allowed_as_the_scanner_allows_it(found):
    line = f'password = "{drawn(9)}!{drawn(4)}7"'
    assert found("a.py", f"{line}  # pragma: allowlist secret") == []


# --- paths -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["open('/home/quill/x')", '"/Users/quill/x"', "C:\\Users\\quill\\x", "C:\\\\Users\\\\quill", "file:///home/quill/x",
     "PATH=/home/quill", f"at {OWN}/data", f"file://{OWN}"],
)  # fmt: skip
def test_private_paths_are_found(found, text):
    assert [entry.split()[1] for entry in found("a.py", f"# {text}\n")] == ["path"]


@pytest.mark.parametrize(
    "text",
    ["https://x.org/home/quill", "/home/user/x", "/home/runner/work", "config/home/x", "#!/usr/bin/env python", "~/x",
     "/homework/quill", f"{OWN}-two", f"x{OWN}", "/tmp/x", "$HOME/x"],
)  # fmt: skip
def test_paths_of_nobody_are_none(found, text):
    assert found("a.py", f"{text}\n") == []


def test_in_data_only_the_paths_of_this_machine_count(found):
    assert found("a.jsonl", f"/home/quill/x\n{OWN}/y\n", "data") == [f"a.jsonl:2 path {OWN}"]


def test_a_folder_at_the_top_tells_nothing():
    assert PrivatePaths([Path("/app"), Path("/")]).folders == ()


# --- addresses ---------------------------------------------------------------------------


def test_addresses_that_the_study_does_not_name_are_found(found):
    text = "write to jane@nowhere.edu\nor Peter.Quill+x@Dept.Uni-Nowhere.de.\n"
    assert found("a.md", text) == ["a.md:2 e-mail Peter.Quill+x@Dept.Uni-Nowhere.de"]


@pytest.mark.parametrize(
    "text",
    ["a@example.org", "a@b.example.com", "git@github.com:x/y", "q@k.weight", "x@self.proj", "v = a@b.T",
     "1234+x@users.noreply.github.com", "actions/checkout@v4", "noreply@x.org", "me@host.local", "@handle.of.some",
     "you@uni.edu"],
)  # fmt: skip
def test_what_is_no_address_of_a_person(text):
    assert list(addresses(text)) == []


def test_copyright_lines_and_licenses_may_name_people(found):
    assert found("a.py", "# Copyright 2020 Peter Quill <quill@uni.de>\n") == []
    assert found("LICENSES/X.txt", "write to quill@uni.de\n") == []
    assert found("data/raw/x.LICENSE", "write to quill@uni.de\n") == []
    assert found("a.py", "# write to quill@uni.de\n") != []


def test_named_addresses():
    assert named_addresses(["authors: [{email: Jane@Nowhere.edu}]", "x"]) == {"jane@nowhere.edu"}


def test_findings_in_data_are_told_once_with_their_number(scanner):
    text = "".join(f"row {n} quill{n}@uni.de\n" for n in range(500))
    [one] = scanner.scan(Subject("a.txt", lambda: io.BytesIO(text.encode()), "data"))
    assert str(one) == "a.txt:1: e-mail: quill0@uni.de (and 499 more in this file)"
    each = scanner.scan(Subject("a.txt", lambda: io.BytesIO(text[:200].encode()), "text"))
    assert [f.count for f in each] == [1] * len(each)


def test_a_file_full_of_addresses_is_read_on_for_secrets(scanner):
    text = "".join(f"quill{n}@uni.de\n" for n in range(ENOUGH + 100)) + TOKENS["GitHub Token"] + "\n"
    kinds = {f.kind: f for f in scanner.scan(Subject("a.txt", lambda: io.BytesIO(text.encode()), "data"))}
    assert kinds["e-mail"].count == ENOUGH
    assert kinds["secret"].line == ENOUGH + 101


# --- formats -----------------------------------------------------------------------------

SECRET = f"x {TOKENS['GitHub Token']} y"


@pytest.mark.parametrize(
    ("file", "content", "where"),
    [
        ("a.txt.gz", gzip.compress(f"1\n{SECRET}".encode()), "a.txt.gz:2"),
        ("a.bz2", bz2.compress(SECRET.encode()), "a.bz2:1"),
        ("a.zip", zipped(**{"in/b.txt": f"1\n2\n{SECRET}"}), "a.zip!in/b.txt:3"),
        ("a.tar", tarred("b.txt", SECRET.encode()), "a.tar!b.txt:1"),
        ("a.tar.gz", gzip.compress(tarred("b.txt", SECRET.encode())), "a.tar.gz!b.txt:1"),
        ("a.zip", zipped(**{"b.zip": zipped(**{"c.gz": gzip.compress(SECRET.encode())})}), "a.zip!b.zip!c.gz:1"),
        ("a.parquet", table(text=["a", "b", SECRET], n=[1, 2, 3]), "a.parquet:3"),
        ("a.parquet", table(deep=[{"list": ["a", SECRET]}]), "a.parquet:2"),
        ("a.parquet", table(text=pa.array(["a", SECRET]).dictionary_encode()), "a.parquet:2"),
        ("a.zip", zipped(**{"b.parquet": table(text=[SECRET])}), "a.zip!b.parquet:1"),
        ("a.txt", f"1\n{SECRET}".encode("utf-16"), "a.txt:2"),
        ("a.safetensors", save({"w": np.zeros(3, np.float32)}, {"note": SECRET}), "a.safetensors:1"),
        ("a.json", ("[" + "0," * 3_000_000 + f'"{SECRET}"]').encode(), "a.json:1"),
    ],
    ids=names,
)
def test_secrets_are_found_in_whatever_they_are_packed(found, file, content, where):
    assert found(file, content, "data") == [f"{where} secret GitHub Token"]


def test_weights_themselves_are_not_searched(found):
    weights = save({"w": np.frombuffer((SECRET * 100).encode().ljust(8000, b" "), np.float32)})
    assert found("a.safetensors", weights, "data") == []


def test_a_path_in_a_binary_file_is_found(found):
    assert found("a.bin", b"\0\1" + OWN.encode() + b"/x\0" * 9, "text") == [f"a.bin:0 path {OWN}"]


def test_a_file_that_only_begins_like_an_archive_is_searched_as_it_is(found):
    for magic in (b"PK\3\4", b"\x1f\x8b", b"PAR1", b"BZh"):
        assert found("a", magic + b"\0broken " + OWN.encode() + b"/x", "text") == [f"a:0 path {OWN}"]


# --- pickles -----------------------------------------------------------------------------


class Torch:
    """What torch's own format looks like: a zip with a pickle in it."""

    content = zipped(**{"archive/data.pkl": pickle.dumps({"w": 1}), "archive/data/0": b"\0" * 8})


@pytest.mark.parametrize(
    ("file", "content"),
    [
        *((f"p{protocol}.bin", pickle.dumps({"a": [1, 2, "x" * 9000]}, protocol)) for protocol in (2, 3, 4, 5)),
        ("model.bin", Torch.content),
        ("old.pkl", pickle.dumps({"a": np.float64}, 0)),
        ("a.gz", gzip.compress(pickle.dumps([1, 2, 3]))),
        ("a.tar.gz", gzip.compress(tarred("x.joblib", pickle.dumps([1, 2, 3])))),
    ],
    ids=names,
)
def test_pickles_are_known_by_their_content(found, file, content):
    assert [entry.split()[1] for entry in found(file, content, "data")] == ["pickle"]


def test_an_array_of_objects_is_a_pickle(found):
    target = io.BytesIO()
    np.save(target, np.array([{"a": 1}], dtype=object))
    assert found("a.npy", target.getvalue(), "data") == ["a.npy:0 pickle a pickle, which runs code when it is loaded"]


def test_what_is_no_pickle(found):
    numbers = io.BytesIO()
    np.save(numbers, np.arange(1000))
    assert found("a.npy", numbers.getvalue(), "data") == []
    assert found("model.bin", b"\x80\x04" + bytes(range(255, 0, -1)), "data") == []
    assert found("a.pkl.md", b"about pickles\n") == []


# --- links, and letting pass -------------------------------------------------------------


def test_links_that_lead_outside():
    links = {
        "a/b": "../c",
        "a/c": "../../etc/passwd",
        "d": "/etc/passwd",
        "profiles": "workflow/profiles",
        "x/y/z": "../../w",
    }
    found = {finding.file: str(finding) for finding in outside_links(links.items())}
    assert found.keys() == {"a/c", "d"}
    assert found["d"] == "d: link: a link that leads out of the study, to /etc/passwd"


def test_findings_are_let_pass_by_file_and_kind(scanner):
    text = f"{OWN}\nquill@uni.de\n"
    findings = [
        f
        for name in ("docs/a.md", "b.md")
        for f in scanner.scan(Subject(name, lambda: io.BytesIO(text.encode()), "code"))
    ]
    accepted = [
        Accepted(file="docs/*", finding="path", reason="an example in the manual"),
        Accepted(file="b.md", finding="secret", reason="there is no secret there"),
    ]
    sifted = sift(findings, accepted)
    assert [(f.file, f.kind) for f, _ in sifted.passed] == [("docs/a.md", "path")]
    assert sifted.used == {accepted[0]}
    with pytest.raises(NotPublishableError) as caught:
        refuse(sifted.open, "these:")
    assert caught.value.message.splitlines() == [
        "these:", "  b.md:1: path: /scratch/quill/tiny-study", "  b.md:2: e-mail: quill@uni.de",
        "  docs/a.md:2: e-mail: quill@uni.de",
    ]  # fmt: skip
    assert 'accepted: [{file: "b.md", finding: path' in caught.value.hint


def test_a_member_is_let_pass_with_its_archive(scanner):
    [one] = scanner.scan(Subject("a.zip", lambda: io.BytesIO(zipped(b=SECRET)), "data"))
    for glob in ("a.zip", "a.zip!b", "*.zip"):
        assert sift([one], [Accepted(file=glob, finding="secret", reason="made up for this")]).open == ()


def test_a_link_cannot_be_let_pass():
    with pytest.raises(ValueError, match="Input should be"):
        Accepted(file="*", finding="link", reason="it leads nowhere else")


# --- memory ------------------------------------------------------------------------------


def test_what_was_looked_through_is_not_looked_through_again(tmp_path, scanner):
    def closed():
        raise AssertionError("it was opened again")

    content = f"1\n{OWN}\n{TOKENS['GitHub Token']}".encode()
    first = scanner.scan_all([Subject("a.txt", lambda: io.BytesIO(content), "code", "0" * 32)])
    again = Scanner(tmp_path, PrivatePaths([Path(OWN)]), frozenset({"jane@nowhere.edu"}))
    assert again.scan_all([Subject("a.txt", closed, "code", "0" * 32)]) == first
    assert len(first) == 2
    remembered = (tmp_path / ".railcrate/scanned.json").read_text()
    assert TOKENS["GitHub Token"] not in remembered
    other = Scanner(tmp_path, PrivatePaths([Path(OWN)]), frozenset())  # it looks for something else
    with pytest.raises(AssertionError, match="opened again"):
        other.scan_all([Subject("a.txt", closed, "code", "0" * 32)])
