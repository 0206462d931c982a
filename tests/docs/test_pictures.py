# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The pictures of the documentation are small, and can be taken anew."""

import re
import shutil
import struct

import pytest
from pictures import LARGEST, PICTURE, take


def size_of(picture):
    """Width and height of a PNG, as its header tells."""
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", content[16:24])


def test_pictures_are_small(root):
    for picture in (root / "docs" / "assets").iterdir():
        assert picture.stat().st_size <= LARGEST, picture


def test_pictures_are_described(root):
    for page in [root / "README.md", *(root / "docs").rglob("*.md")]:
        for found in re.finditer(r"!\[(.*?)\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert len(found[1]) > 10 or "badge" in found[2], (page, found[0])


def test_the_picture_of_the_report_can_be_taken_anew(finished_study, tmp_path):
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        pytest.skip("no browser: apt-get install chromium chromium-driver")
    take(finished_study, tmp_path / "report.png")
    assert size_of(tmp_path / "report.png") == size_of(PICTURE)
