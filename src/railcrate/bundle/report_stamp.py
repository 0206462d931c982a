# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report's copy in a bundle: with version, DOI and how to cite it, and links that lead somewhere there.

In its study the report's evidence is a link to a file beside it. In a bundle that file lies in an
archive, or elsewhere, or is not published: then the link leads to the archive, and words tell the
path in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import unescape
from urllib.parse import quote

from markupsafe import Markup

from railcrate.bundle.citation import sentence
from railcrate.bundle.manifest import Entry, ExternalFile, Withheld
from railcrate.bundle.pages import render
from railcrate.bundle.plain import markdown
from railcrate.bundle.stamp import Stamp
from railcrate.report.places import file_of
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.errors import DataError

# The report has one header, which the template writes; in what people wrote a `<` is quoted.
END_OF_HEADER = "</header>"
# As the report's template writes them (railcrate.report, openness.html).
_FILE = re.compile(r'<a class="file" href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_ON_LINKS = re.compile(r'<span class="on-links">.*?</span>', re.DOTALL)
_LINKS_HERE = (
    "The files lie in the archives beside this page: a link leads to the archive, and the path in it is named."
)


class Whereabouts:
    """Where the files of a study are, seen from its bundle.

    Args:
        entries: the files of the bundle.
        external: files of the study that stay elsewhere.
        withheld: files of the study that are not published.
    """

    def __init__(
        self, entries: Iterable[Entry], external: Iterable[ExternalFile], withheld: Iterable[Withheld]
    ) -> None:
        """Note where each file is."""
        self._plain: dict[str, str] = {}
        self._packed: dict[str, str] = {}
        for entry in entries:
            if entry.study_path is not None:
                self._plain[entry.study_path] = entry.path
            if entry.cut is not None:
                self._packed.setdefault(entry.cut.path, entry.path)
            self._packed.update({member.path: entry.path for member in entry.members})
        self._external = {entry.path: entry.url for entry in external}
        self._withheld = {entry.path: entry.reason for entry in withheld}

    def link(self, path: str, text: Markup) -> Markup:
        """Write a link to a file or a folder of the study.

        Args:
            path: where it is in the study.
            text: what the link says.

        Returns:
            HTML: a link to what there is, with words where it is not the file itself; words alone
            where there is nothing to lead to.
        """
        if path in self._plain:
            return Markup('<a href="{}">{}</a>').format(quote(self._plain[path]), text)
        if path in self._external:
            return Markup('<a href="{}">{}</a> ({})').format(self._external[path], text, path)
        if path in self._withheld:
            return Markup("{} ({} is not published: {})").format(text, path, self._withheld[path])
        archives = self._archives(path)
        if not archives:
            return Markup("{} ({} is no part of this bundle)").format(text, path)
        names = Markup(", ").join(archives)
        return Markup('<a href="{}">{}</a> ({} in {})').format(quote(archives[0]), text, path, names)

    def _archives(self, path: str) -> Sequence[str]:
        """The archives that hold a file, or something of a folder."""
        if path in self._packed:
            return [self._packed[path]]
        inside = (archive for name, archive in self._packed.items() if name.startswith(f"{path}/"))
        return list(dict.fromkeys(inside))


def stamp_report(report: str, study: Study, stamp: Stamp, whereabouts: Whereabouts) -> str:
    """Put the marks of a release into a report, and let its links lead to what is in the bundle.

    Args:
        report: the study's report.
        study: the configuration.
        stamp: version, date and DOIs.
        whereabouts: where the study's files are.

    Returns:
        The report with the marks at the end of its header.

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
    body = _ON_LINKS.sub(_LINKS_HERE, _FILE.sub(_moved(whereabouts), after))
    return f"{before}{marks}{end}{body}"


def stamp_summary(summary: str, study: Study, stamp: Stamp) -> str:
    """Put the marks of a release into the summary of the training data, which tells no version of its own.

    Args:
        summary: the study's summary, Markdown that begins with its title.
        study: the configuration.
        stamp: version, date and DOIs.

    Returns:
        The summary with them under its title.
    """
    title, _, rest = summary.partition("\n\n")
    doi = f", <{stamp.doi_url}>" if stamp.doi_url else ""
    marks = f"**Version {markdown(stamp.version)}**, {stamp.date.isoformat()}{doi}. Part of:"
    return f"{title}\n\n{marks} {markdown(sentence(study, stamp))}\n\n{rest}"


def _moved(whereabouts: Whereabouts) -> Callable[[re.Match[str]], str]:
    return lambda found: whereabouts.link(file_of(unescape(found[1])), Markup(found[2]))
