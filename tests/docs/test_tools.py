# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A page that says what is not so is found out."""

import tempfile
import textwrap
from pathlib import Path

import pytest
from doc_pages import compare, words
from doc_pages.blocks import PageError, read_page
from doc_pages.prose import missing_key, problems_in_prose, slug
from doc_pages.run import go_through
from doc_pages.states import StateError
from doc_pages.write import with_outputs
from hooks import on_page_markdown


@pytest.fixture
def page(tmp_path):
    """Write a page, and read it."""

    def write(text):
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / "page.md").write_text(textwrap.dedent(text))
        return read_page(tmp_path / "docs" / "page.md", tmp_path)

    return write


@pytest.fixture
def findings(page, states, tmp_path):
    """Go through a page; gives what was found, as text."""

    def go(text):
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        return [f"{found.line}: {found.message}" for found in go_through(page(text), states, folder).findings]

    return go


def test_what_is_so_passes(findings):
    assert (
        findings("""
        <!-- test: file notes/a.txt -->
        ```
        one
        two
        ```

        ```bash
        cd notes
        export NAME=a
        ```

        It prints:

        ```bash
        cat $NAME.txt
        pwd
        echo "took 3.2 s on 2026-01-02 for 4 kB at $HOME"
        ```

        ```text
        one
        …
        ~/notes
        took 12 min 1 s on 2027-03-04 for 17.5 MB at ~
        ```

        <!-- test: exit 3 -->
        ```console
        $ echo told; exit 3
        told
        ```
    """)
        == []
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```bash\necho one\n```\n\n```text\ntwo\n```\n", "not what is printed"),
        ("```bash\nfalse\n```\n", "it ended with 1, not with 0"),
        ("```console\n$ echo one\ntwo\n```\n", "not what is printed"),
        ("```text\none\n```\n", "a block that was not run"),
        ("<!-- test: parse, no network -->\n```bash\nrailcrate relaese --to zenodo\n```\n", "no command 'relaese'"),
        ("<!-- test: parse, no network -->\n```bash\nrailcrate release --too zenodo\n```\n", "No such option"),
        ("<!-- test: parse, no network -->\n```bash\nsnakemake --coers 2\n```\n", "unrecognized arguments"),
        ("<!-- test: parse, no network -->\n```bash\nmake reprodce\n```\n", "the Makefile has no"),
        ("```yaml\nseeds: [0, 0]\n```\n", "seeds[1]"),
        ("```yaml\nrecipes:\n  b: {from: [corpus], steps: [deduplicated]}\n```\n", "Did you mean 'deduplicate'?"),
        ("```yaml\nname: a workflow\n```\n", "neither a study nor a part of one"),
        ("```yaml\n[a: b\n```\n", "no YAML"),
        ("```python\ndef f(:\n```\n", "no python"),
        ("<!-- test: file steps/a.py -->\n```python\ndef f(rows, parameters, context):\n    pass\n```\n", "docstring"),
        ("```json\n{'a': 1}\n```\n", "no json"),
        ("<!-- test: run false -->\n", "hidden preparation"),
    ],
)  # fmt: skip
def test_what_is_not_so_is_found(findings, text, said):
    (found,) = findings(text)
    assert said in found


def test_after_a_command_that_failed_nothing_more_is_tried(findings):
    assert len(findings("```bash\nfalse\n```\n\n```bash\nfalse\n```\n")) == 1


def test_parts_of_a_study_add_up_unless_they_stand_apart(findings):
    part = "```yaml\nrecipes:\n  second: {from: [first]}\n```\n"
    first = "```yaml\nrecipes:\n  first: {from: [corpus]}\n```\n\n"
    assert findings(first + part) == []
    (found,) = findings(f"{first}<!-- test: apart -->\n{part}")
    assert "recipes.second.from[0]" in found


def test_what_is_merged_into_a_study_keeps_its_comments(findings, tmp_path):
    assert (
        findings("""
        <!-- test: file a.yaml -->
        ```
        # why
        seeds: [0]  # one
        training: {tokens: 1}
        ```

        <!-- test: merge a.yaml -->
        ```yaml
        training: {threads: 2}
        ```

        ```bash
        cat a.yaml
        ```

        ```text
        # why
        seeds: [0]  # one
        training: {tokens: 1, threads: 2}
        ```
    """)
        == []
    )


def test_a_server_stands_in_for_zenodo(findings):
    assert (
        findings("""
        <!-- test: start empty, zenodo -->
        ```bash
        echo --to zenodo
        curl --silent --fail $(echo --to zenodo | cut -d' ' -f2)/api/records | head -c 2
        ```

        ```text
        --to https://zenodo.org
        {"
        ```
    """)
        == []
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!-- test: strat empty -->\n```bash\n```\n", "no marker is called 'strat'"),
        ("<!-- test: parse -->\n```bash\n```\n", "needs something after it"),
        ("<!-- test: exit 3 -->\n\nA text.\n\n```bash\n```\n", "right before a block"),
        ("<!-- test: exit 3 -->\n", "before no block"),
    ],
)
def test_markers_that_mean_nothing_are_refused(page, text, said):
    with pytest.raises(PageError, match=said):
        page(text)


def test_states_that_there_are_not_are_refused(findings):
    with pytest.raises(StateError, match="'finishd' is no state"):
        findings("<!-- test: start finishd -->\n")


def test_an_ellipsis_stands_for_anything():
    assert compare.same("a\n…\nd\n", "a\nb\nc\nd\n")
    assert compare.same("a\n…\nd\n", "a\nd\n")
    assert compare.same("a … c\n", "a b c\n")
    assert not compare.same("a\n…\nd\n", "a\nb\nc\n")
    assert not compare.same("a … c\n", "a b d\n")
    assert not compare.same("a\n", "a\nb\n")
    assert compare.same("at 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12", "at deadbee1")
    assert not compare.same("3 of 18", "4 of 18")
    assert not compare.same("version 1.2.0", "version 1.3.0")


def test_real_output_is_written_into_a_page(page):
    text = "- item\n\n    ```bash\n    ls\n    ```\n\n    ```text\n    old\n    ```\n\n```text\nkept …\n```\n"
    found = page(text)
    assert with_outputs(found, {7: "new\n\nmore\n", 11: "kept as it was\n"}) == text.replace(
        "    old\n", "    new\n\n    more\n"
    )


def test_what_stands_between_blocks_is_looked_at(page, tmp_path):
    (tmp_path / "README.md").write_text("# A title: with `code`!\n\n<a id='own'></a>\n")
    found = problems_in_prose(page("""
        [right](../README.md#a-title-with-code), [right](../README.md#own), [out](https://example.org/x),
        [wrong](../README.md#nowhere) and [wrong](nothing.md).

        `railcrate check`, `railcrate steps NAME`, `railcrate chek`, `railcrate check --depp`
        `release.accepted.reason`, `release.acepted`, `sources.mine.url`, `results.csv`
    """), tmp_path)  # fmt: skip
    said = [
        (3, "the link ../README.md#nowhere leads to no heading"),
        (3, "the link nothing.md leads to nothing"),
        (5, "`railcrate chek`: there is no command"),
        (5, "`railcrate check --depp`: No such option"),
        (6, "`release.acepted`: the configuration has no key 'acepted'"),
    ]
    assert len(found) == len(said)
    for finding, (line, start) in zip(found, said, strict=True):
        assert (finding.line, finding.message.startswith(start)) == (line, True), finding


def test_keys_are_followed_through_names_lists_and_kinds():
    for key in ("sources.mine.files.sha256", "models.small.base.revision", "licenses.own", "recipes.raw.from"):
        assert missing_key(key) is None, key
    assert missing_key("models.small.base.rivision") == "rivision"


def test_anchors_are_named_as_code_hosts_do():
    assert slug("What `release` in study.yaml may hold?") == "what-release-in-studyyaml-may-hold"


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("A=1 railcrate check && railcrate steps | head -3", 0),
        ("railcrate verify", 1),
        ("railcrate verify DOI --depth deep", 1),
        ("railcrate --quiet check\nrailcrate check --quiet", 0),
        ("git clone … && cd … && railcrate restore  # --remote FOLDER", 0),
        ("cat > a <<'EOF'\nrailcrate nothing\nEOF\nrailcrate nothing", 1),
        ("snakemake --cores 2 \\\n  --config miniature=true", 0),
        ("echo 'railcrate nothing", 1),
        ("railcrate steps > steps.txt 2>&1\nrailcrate check 2> /dev/null | cat", 0),
        ("railcrate steps > steps.txt || railcrate nothing", 1),
        ("snakemake --cores 2 > log", 0),
    ],
)
def test_words_of_commands_must_exist(script, count):
    assert len(words.problems(script)) == count


def test_links_out_of_docs_lead_to_the_repository_on_the_site():
    class File:
        src_uri = "how-to/page.md"

    class Page:
        file = File

    class Config:
        repo_url = "https://example.org/repository"

    marker = "<!-- test: start new -->\n"
    text = "[a](../../README.md#more) [b](../tutorial.md) [c](../../examples)\n\n```\n[d](../../x)\n```\n"
    assert on_page_markdown(marker + text, page=Page, config=Config, files=None) == (
        "[a](https://example.org/repository/blob/main/README.md#more) [b](../tutorial.md) "
        "[c](https://example.org/repository/tree/main/examples)\n\n```\n[d](../../x)\n```\n"
    )
