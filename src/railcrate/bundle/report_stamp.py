# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report's copy in a bundle, with version, DOI and how to cite it under its title."""

from __future__ import annotations

from railcrate.bundle.citation import sentence
from railcrate.bundle.pages import render
from railcrate.bundle.stamp import Stamp
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import DataError

# The report has one header, which the template writes; in what people wrote a `<` is quoted.
END_OF_HEADER = "</header>"


def stamp_report(report: str, study: Study, stamp: Stamp) -> str:
    """Put the marks of a release into a report.

    Args:
        report: the study's report.
        study: the configuration.
        stamp: version, date and DOIs.

    Returns:
        The report with them at the end of its header.

    Raises:
        DataError: when it is no report of railcrate.
    """
    before, end, after = report.partition(END_OF_HEADER)
    if not end:
        raise DataError(
            f"{paths.REPORT} has no header, so it is not what railcrate writes",
            "Delete it and run `snakemake`: it is made anew.",
        )
    marks = render("report_stamp.html", stamp=stamp, cite=sentence(study, stamp))
    return f"{before}{marks}{end}{after}"
