# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study as a subject: everything that its files, its licenses, its records and its author say."""

from __future__ import annotations

from pathlib import Path

from railcrate.openness import of_code, of_data, of_documents, of_licenses
from railcrate.openness.answers import answered, with_answers
from railcrate.openness.facts import Subject, definitions
from railcrate.openness.seen import Seen
from railcrate.study.config import Study


def subject_of(folder: Path, study: Study) -> Subject:
    """Gather the facts of a study.

    Args:
        folder: the study's folder, in which the workflow has run, or not yet.
        study: the configuration.

    Returns:
        The subject. What no file shows and nobody answered is not among its facts.

    Raises:
        DataError: when a file of results is damaged.
        LicenseError: when a license of the study's own is damaged.
    """
    return subject_from(Seen(folder, study))


def subject_from(seen: Seen) -> Subject:
    """Gather the facts of a study that is being looked at; see `subject_of`.

    Args:
        seen: the study.

    Returns:
        The subject.
    """
    shown = {
        **of_licenses.facts(seen),
        **of_data.facts(seen),
        **of_code.facts(seen),
        **of_documents.facts(seen),
    }
    unknown = shown.keys() - definitions().keys()
    assert not unknown, f"facts that openness/facts.yaml does not define: {sorted(unknown)}"
    return Subject(
        name="study",
        title=seen.study.title,
        facts=with_answers(shown, answered(seen.study)),
    )
