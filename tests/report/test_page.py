# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report as a file: what it says, what it escapes, what it never refers to."""

import re

import pytest

from railcrate.report.page import write_report
from railcrate.study import paths
from railcrate.study.errors import DataError


def test_says_the_verdict_and_its_interval_in_words(page):
    assert "The figures do not show it, nor do they show the opposite." in page
    assert "+10.0 points in accuracy (95 % interval −2.0 points to +22.0 points)" in page
    assert "gates failed: tie_rate" in page


def test_escapes_what_the_study_says(page):
    assert "<b>a lot</b>" not in page
    assert "&lt;b&gt;a lot" in page


def test_refers_to_nothing_outside_itself(page):
    assert not re.findall(r'src="(?!data:)[^"]+"', page)
    # A link is followed by those who want to; nothing else has an address.
    assert not re.findall(r'<(?!a )[^>]* href="(?!#|data:)[^"]+"', page)
    assert "@import" not in page
    assert not re.findall(r"url\((?!#)", page)
    assert "<script" not in page


def test_no_two_drawings_share_an_id(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    drawn = {name for name in ids if "-" in name}
    assert drawn
    assert len(ids) == len(set(ids))


def test_names_the_missing_file(finished):
    folder, study = finished
    (folder / paths.COMPARISONS).unlink()
    with pytest.raises(DataError, match=r"results/comparisons\.json is missing"):
        write_report(folder, study)
    assert not (folder / paths.REPORT).exists()


def test_energy_is_given_only_where_every_job_has_it(finished):
    folder, study = finished
    write_report(folder, study)
    page = (folder / paths.REPORT).read_text()
    assert "0.0040 kWh" in page
    assert "0.0024 to 0.0056 kWh" in page  # with how far off it may be
    assert "Not measured: no meter gives it" in page  # water
    record = folder / paths.record("train", "tiny.raw.seed1")
    record.write_text(record.read_text().replace('"footprint"', '"other"'))
    write_report(folder, study)
    page = (folder / paths.REPORT).read_text()
    assert "kWh</td>" not in page
    assert "Not known: not every job has a figure" in page
