# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a base's license obliges a fine-tune to, before there is a study: by the judge who judges studies."""

from __future__ import annotations

from dataclasses import dataclass

from railcrate.licensing.catalogue import find
from railcrate.licensing.chain import Component, Upstream
from railcrate.licensing.judge import Judge
from railcrate.licensing.own import Finder
from railcrate.licensing.words import duty_words, forbids

# Licenses for weights that most authors know, among which the judge looks for those that a fine-tune may carry.
USUAL = ("Apache-2.0", "MIT", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0")


@dataclass(frozen=True)
class PassedOn:
    """What reaches weights that are fine-tuned from a base.

    Attributes:
        must: phrases that complete "You must …" when they are handed on.
        must_not: phrases that complete "You must not …"; they bind whoever uses the weights.
        may_carry: the usual licenses that they may carry without a conflict.
        notes: what is not confirmed or not settled.
    """

    must: tuple[str, ...]
    must_not: tuple[str, ...]
    may_carry: tuple[str, ...]
    notes: tuple[str, ...]


def passed_on(license: str, title: str) -> PassedOn:
    """Judge weights that are fine-tuned from a base, and carry its license.

    Args:
        license: the base's license: an id of the catalogue.
        title: the base's title.

    Returns:
        What reaches them, by the strict policy.

    Raises:
        LicenseError: when nobody knows the license.
    """
    here = "weights.tuned"
    upstream = Upstream(title, license, (("fine-tuned", here),), title)
    weights = Component(here, "weights", license, "licenses.weights", (upstream,))
    judge = Judge(Finder({}), "strict")
    verdict = judge.judge(weights)
    must = dict.fromkeys(duty_words(duty) for duty in verdict.duties)
    usual = judge.may_carry(weights, map(find, USUAL))
    doubts = tuple(note for note in verdict.notes if note.startswith(("Of ", "It is unsettled")))
    return PassedOn(tuple(must), tuple(forbids(find(license))), tuple(entry.id for entry in usual), doubts)
