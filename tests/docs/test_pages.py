# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What pages say is so: their commands run, their outputs are real, their configurations load, their links lead."""

from pathlib import Path

import pytest
from doc_pages.blocks import read_page
from doc_pages.prose import problems_in_prose
from doc_pages.run import go_through

ROOT = Path(__file__).parent.parent.parent
DOCS = sorted((ROOT / "docs").rglob("*.md"))
APART = (ROOT / "docs" / "tools", ROOT / "docs" / "reference")  # for authors; written from the code
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
    if not path.is_relative_to(APART[0]) and not path.is_relative_to(APART[1])
]
TEXTS = [
    *(path.relative_to(ROOT).as_posix() for path in DOCS),
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "examples").glob("*/README.md"))),
    "README.md",
    "CONTRIBUTING.md",
]


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_says_is_so(name, states, tmp_path):
    outcome = go_through(read_page(ROOT / name, ROOT), states, tmp_path)
    assert not outcome.findings, "\n\n".join(
        f"{name}:{finding.line}: {finding.message}" for finding in outcome.findings
    )


@pytest.mark.parametrize("name", TEXTS)
def test_what_a_page_names_exists(name):
    findings = problems_in_prose(read_page(ROOT / name, ROOT), ROOT)
    assert not findings, "\n".join(f"{name}:{finding.line}: {finding.message}" for finding in findings)
