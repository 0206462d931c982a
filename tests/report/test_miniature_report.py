# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report of a miniature says what it is before it says anything else; that of a study does not."""

from railcrate.report.page import write_report
from railcrate.study import paths
from railcrate.study.files import read_json, write_json

WORDS = "This is a miniature of the study: its figures mean nothing."


def test_the_head_says_that_figures_mean_nothing(finished):
    folder, study = finished
    write_report(folder, study)
    assert WORDS not in (folder / paths.REPORT).read_text()

    write_json(folder / paths.MINIATURE_MARK, {"miniature_of": study.title, "note": "It has at most 200 rows <each>."})
    report = read_json(folder / paths.variant_report("filtered"))
    report["steps"][0]["details"]["passed_over"] = "'decontaminate' leaves nothing of 4 rows"
    write_json(folder / paths.variant_report("filtered"), report)
    write_report(folder, study)
    page = (folder / paths.REPORT).read_text()
    assert page.index(WORDS) < page.index("The question") < page.index("The answer")
    assert "It has at most 200 rows &lt;each&gt;." in page
    assert "the step <code>exact_duplicates</code> was passed over" in page
    assert "leaves nothing of 4 rows" in page


def test_a_damaged_mark_is_still_one(finished):
    folder, study = finished
    (folder / paths.MINIATURE_MARK).write_text("{")
    write_report(folder, study)
    assert WORDS in (folder / paths.REPORT).read_text()
