# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Lists of ids that Zenodo knows, as far as releases of studies use them, and how they come back.

An id that is not in its list is answered with 400, without an `errors` list. Licenses that are
not listed go as free text.
"""

from __future__ import annotations

from typing import Any

RESOURCE_TYPES = {
    "dataset": "Dataset",
    "software": "Software",
    "software-computationalnotebook": "Computational notebook",
    "model": "Model",
    "workflow": "Workflow",
    "lesson": "Lesson",
    "image": "Image",
    "image-figure": "Figure",
    "video": "Video/Audio",
    "poster": "Poster",
    "presentation": "Presentation",
    "event": "Event",
    "physicalobject": "Physical object",
    "other": "Other",
    "publication": "Publication",
    "publication-annotationcollection": "Annotation collection",
    "publication-article": "Journal article",
    "publication-book": "Book",
    "publication-conferencepaper": "Conference paper",
    "publication-datamanagementplan": "Data management plan",
    "publication-datapaper": "Data paper",
    "publication-other": "Other",
    "publication-preprint": "Preprint",
    "publication-report": "Report",
    "publication-softwaredocumentation": "Software documentation",
    "publication-technicalnote": "Technical note",
    "publication-thesis": "Thesis",
    "publication-workingpaper": "Working paper",
}

RELATION_TYPES = {
    "cites": "Cites",
    "compiles": "Compiles",
    "continues": "Continues",
    "describes": "Describes",
    "documents": "Documents",
    "hasmetadata": "Has metadata",
    "haspart": "Has part",
    "hasversion": "Has version",
    "iscitedby": "Is cited by",
    "iscompiledby": "Is compiled by",
    "iscontinuedby": "Is continued by",
    "isderivedfrom": "Is derived from",
    "isdescribedby": "Is described by",
    "isdocumentedby": "Is documented by",
    "isidenticalto": "Is identical to",
    "ismetadatafor": "Is metadata for",
    "isnewversionof": "Is new version of",
    "isobsoletedby": "Is obsoleted by",
    "isoriginalformof": "Is original form of",
    "ispartof": "Is part of",
    "ispreviousversionof": "Is previous version of",
    "ispublishedin": "Is published in",
    "isreferencedby": "Is referenced by",
    "isrequiredby": "Is required by",
    "isreviewedby": "Is reviewed by",
    "issourceof": "Is source of",
    "issupplementedby": "Is supplemented by",
    "issupplementto": "Is supplement to",
    "isvariantformof": "Is variant form of",
    "isversionof": "Is version of",
    "obsoletes": "Obsoletes",
    "references": "References",
    "requires": "Requires",
    "reviews": "Reviews",
}

ROLES = {
    "contactperson": "Contact person",
    "datacollector": "Data collector",
    "datacurator": "Data curator",
    "datamanager": "Data manager",
    "distributor": "Distributor",
    "editor": "Editor",
    "hostinginstitution": "Hosting institution",
    "other": "Other",
    "producer": "Producer",
    "projectleader": "Project leader",
    "projectmanager": "Project manager",
    "projectmember": "Project member",
    "registrationagency": "Registration agency",
    "registrationauthority": "Registration authority",
    "relatedperson": "Related person",
    "researcher": "Researcher",
    "researchgroup": "Research group",
    "rightsholder": "Rights holder",
    "sponsor": "Sponsor",
    "supervisor": "Supervisor",
    "workpackageleader": "Work package leader",
}

DESCRIPTION_TYPES = {
    "abstract": "Abstract",
    "methods": "Methods",
    "notes": "Notes",
    "other": "Other",
    "series-information": "Series information",
    "table-of-contents": "Table of contents",
    "technical-info": "Technical info",
}

TITLE_TYPES = {
    "alternative-title": "Alternative title",
    "other": "Other",
    "subtitle": "Subtitle",
    "translated-title": "Translated title",
}

DATE_TYPES = {
    "accepted": "Accepted",
    "available": "Available",
    "collected": "Collected",
    "copyrighted": "Copyrighted",
    "created": "Created",
    "issued": "Issued",
    "other": "Other",
    "submitted": "Submitted",
    "updated": "Updated",
    "valid": "Valid",
    "withdrawn": "Withdrawn",
}

LANGUAGES = {
    "ara": "Arabic",
    "ces": "Czech",
    "dan": "Danish",
    "deu": "German",
    "ell": "Greek",
    "eng": "English",
    "fin": "Finnish",
    "fra": "French",
    "hin": "Hindi",
    "ita": "Italian",
    "jpn": "Japanese",
    "kor": "Korean",
    "nld": "Dutch",
    "pol": "Polish",
    "por": "Portuguese",
    "rus": "Russian",
    "spa": "Spanish",
    "swe": "Swedish",
    "tur": "Turkish",
    "ukr": "Ukrainian",
    "zho": "Chinese",
}

LICENSES = {
    "afl-3.0": "Academic Free License v3.0",
    "agpl-3.0-only": "GNU Affero General Public License v3.0 only",
    "agpl-3.0-or-later": "GNU Affero General Public License v3.0 or later",
    "apache-2.0": "Apache License 2.0",
    "artistic-2.0": "Artistic License 2.0",
    "bsd-2-clause": 'BSD 2-Clause "Simplified" License',
    "bsd-3-clause": 'BSD 3-Clause "New" or "Revised" License',
    "bsl-1.0": "Boost Software License 1.0",
    "cc-by-3.0": "Creative Commons Attribution 3.0 Unported",
    "cc-by-4.0": "Creative Commons Attribution 4.0 International",
    "cc-by-nc-4.0": "Creative Commons Attribution Non Commercial 4.0 International",
    "cc-by-nc-nd-4.0": "Creative Commons Attribution Non Commercial No Derivatives 4.0 International",
    "cc-by-nc-sa-4.0": "Creative Commons Attribution Non Commercial Share Alike 4.0 International",
    "cc-by-nd-4.0": "Creative Commons Attribution No Derivatives 4.0 International",
    "cc-by-sa-3.0": "Creative Commons Attribution Share Alike 3.0 Unported",
    "cc-by-sa-4.0": "Creative Commons Attribution Share Alike 4.0 International",
    "cc0-1.0": "Creative Commons Zero v1.0 Universal",
    "ecl-2.0": "Educational Community License v2.0",
    "epl-2.0": "Eclipse Public License 2.0",
    "eupl-1.2": "European Union Public License 1.2",
    "gpl-2.0-only": "GNU General Public License v2.0 only",
    "gpl-2.0-or-later": "GNU General Public License v2.0 or later",
    "gpl-3.0-only": "GNU General Public License v3.0 only",
    "gpl-3.0-or-later": "GNU General Public License v3.0 or later",
    "isc": "ISC License",
    "lgpl-2.1-only": "GNU Lesser General Public License v2.1 only",
    "lgpl-2.1-or-later": "GNU Lesser General Public License v2.1 or later",
    "lgpl-3.0-only": "GNU Lesser General Public License v3.0 only",
    "lgpl-3.0-or-later": "GNU Lesser General Public License v3.0 or later",
    "mit": "MIT License",
    "mit-0": "MIT No Attribution",
    "mpl-2.0": "Mozilla Public License 2.0",
    "ncsa": "University of Illinois/NCSA Open Source License",
    "odbl-1.0": "Open Data Commons Open Database License v1.0",
    "odc-by-1.0": "Open Data Commons Attribution License v1.0",
    "pddl-1.0": "Open Data Commons Public Domain Dedication & License 1.0",
    "postgresql": "PostgreSQL License",
    "unlicense": "The Unlicense",
    "upl-1.0": "Universal Permissive License v1.0",
    "wtfpl": "Do What The F*ck You Want To Public License",
    "zlib": "zlib License",
}

# What the legacy view calls them.
LEGACY_LICENSES = {
    "agpl-3.0-only": "agpl-3.0",
    "cc0-1.0": "cc-zero",
    "gpl-2.0-only": "gpl-2.0",
    "gpl-3.0-only": "gpl-3.0",
    "lgpl-2.1-only": "lgpl-2.1",
    "lgpl-3.0-only": "lgpl-3.0",
    "mit": "mit-license",
}

# Where in the metadata an id of which list stands; "*" is every entry of a list.
PLACES: dict[str, dict[str, str]] = {
    "resource_type": RESOURCE_TYPES,
    "related_identifiers.*.relation_type": RELATION_TYPES,
    "related_identifiers.*.resource_type": RESOURCE_TYPES,
    "creators.*.role": ROLES,
    "contributors.*.role": ROLES,
    "additional_descriptions.*.type": DESCRIPTION_TYPES,
    "additional_titles.*.type": TITLE_TYPES,
    "dates.*.type": DATE_TYPES,
    "languages.*": LANGUAGES,
    "rights.*": LICENSES,
}


def entries(metadata: dict[str, Any], place: str) -> list[tuple[str, dict[str, Any]]]:
    """Find what stands at a place of the metadata.

    Args:
        metadata: a record's metadata.
        place: a path such as "creators.*.role".

    Returns:
        For each object that is there: its path with numbers for "*", and the object.
    """
    found: list[tuple[str, Any]] = [("", metadata)]
    for step in place.split("."):
        if step == "*":
            found = [
                (f"{path}{i}.", entry)
                for path, value in found
                if isinstance(value, list)
                for i, entry in enumerate(value)
            ]
        else:
            found = [(f"{path}{step}.", value.get(step)) for path, value in found if isinstance(value, dict)]
    return [(path.rstrip("."), value) for path, value in found if isinstance(value, dict)]
