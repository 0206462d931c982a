# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How a study is cited: CITATION.cff, a sentence, and BibTeX.

Format: Citation File Format 1.2.0, https://doi.org/10.5281/zenodo.5171937.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from railcrate.bundle.people import Maker, makers, names, publisher
from railcrate.bundle.plain import one_line
from railcrate.bundle.stamp import Stamp
from railcrate.study.config import Study

# SPDX ids that came after the list of version 1.2.0 of the format was closed.
_LATER = {"CC-PDM-1.0", "CDLA-Permissive-2.0", "DL-DE-BY-2.0", "DL-DE-ZERO-2.0", "OpenMDW-1.0"}
# BibTeX's special signs (LaTeX Companion, section 3.1).
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
        "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    }
)  # fmt: skip


def citation_cff(study: Study, stamp: Stamp, licenses: Mapping[str, Any], repository: str | None = None) -> str:
    """Write CITATION.cff of a study.

    Args:
        study: the configuration.
        stamp: version, date and DOIs.
        licenses: the content of `results/licenses.json`.
        repository: the repository's address; None where there is none, or it may not be told.

    Returns:
        The file's content.

    Raises:
        BundleConfigError: when an ORCID is wrong.
    """
    content: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this study, its data or its weights, please cite it as below.",
        "type": "dataset",
        "title": one_line(study.title),
        "abstract": one_line(study.abstract),
        "authors": [_author(maker) for maker in makers(study)],
        "version": one_line(stamp.version),
        "date-released": stamp.date.isoformat(),
    }
    if stamp.doi:
        content["doi"] = stamp.doi
    if stamp.concept_doi:
        content["identifiers"] = [{"type": "doi", "value": stamp.concept_doi, "description": "stands for all versions"}]
    if stamp.url:
        content["url"] = stamp.url
    if repository:
        content["repository-code"] = repository
    content |= _license(licenses)
    keywords = list(dict.fromkeys(word for word in map(one_line, study.keywords) if word))
    if keywords:
        content["keywords"] = keywords
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)


def _author(maker: Maker) -> dict[str, str]:
    if not maker.is_person:
        return {"name": maker.name}
    author = {"family-names": maker.family or maker.name}
    if maker.given:
        author["given-names"] = maker.given
    if maker.orcid:
        author["orcid"] = maker.orcid
    if maker.affiliation:
        author["affiliation"] = maker.affiliation
    return author


def _license(licenses: Mapping[str, Any]) -> dict[str, Any]:
    """The license, where all parts carry the same one.

    A list of several would read as a choice among them (the format's guide, key `license`),
    while each stands for its own parts: then README.md tells of them.
    """
    found = [part for part in licenses["components"].values() if part["published"]]
    if len({part["license"] for part in found}) != 1:
        return {"message": "If you use this study, its data or its weights, please cite it as below. Its parts carry "
                "licenses of their own: see README.md."}  # fmt: skip
    keys = dict(found[0]["citation"])
    if keys.get("license") in _LATER:
        return {"license-url": f"https://spdx.org/licenses/{keys['license']}.html"}
    return keys if isinstance(keys.get("license", ""), str) else {}


def sentence(study: Study, stamp: Stamp) -> str:
    """Cite a study in one sentence, in the order that DataCite recommends.

    Args:
        study: the configuration.
        stamp: version, date and DOIs.

    Returns:
        Creators (year). Title (version). Publisher. Address.
    """
    people = makers(study)
    parts = [f"{names(people)} ({stamp.date.year}). {one_line(study.title)} (version {one_line(stamp.version)})."]
    if stamp.server is not None:
        parts.append(f"{publisher(stamp, people)[0]}.")
    address = stamp.doi_url or stamp.url
    if address:
        parts.append(address)
    return " ".join(parts)


def bibtex(study: Study, stamp: Stamp) -> str:
    """Cite a study in BibTeX.

    Args:
        study: the configuration.
        stamp: version, date and DOIs.

    Returns:
        One entry of the type `misc`, which every style knows.
    """
    people = makers(study)
    first = people[0]
    key = re.sub(r"[^a-z0-9]", "", (first.family or first.name).split()[0].lower()) or "study"
    # Braces keep a group's name whole.
    authors = " and ".join(_tex(maker.name) if maker.family else "{" + _tex(maker.name) + "}" for maker in people)
    fields = {
        "author": authors,
        "title": "{" + _tex(one_line(study.title)) + "}",
        "year": str(stamp.date.year),
        "version": _tex(one_line(stamp.version)),
    }
    if stamp.server is not None:
        fields["publisher"] = _tex(publisher(stamp, people)[0])
    if stamp.doi:
        fields["doi"] = stamp.doi
    if stamp.doi_url or stamp.url:
        fields["url"] = str(stamp.doi_url or stamp.url)
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{key}{stamp.date.year},", *lines, "}"])


def _tex(text: str) -> str:
    return text.translate(_TEX)
