# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Which terms of a license still hold for what is made from the work, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from railcrate.licensing.chain import Upstream
from railcrate.licensing.entry import License

Policy = Literal["strict", "permissive"]
Find = Callable[[str], License]
UNKNOWN = "LicenseRef-unknown"


@dataclass(frozen=True)
class Terms:
    """What one license asks of one component.

    Attributes:
        license: the license.
        upstream: what stands under it, and how it got into the component.
        adapted: whether the component is derived from it, not a copy.
        holds: `all` its terms hold, only its duties on `naming`, or `none`.
        unsettled: what is unsettled and the policy has decided, in words; empty where nothing is.
        freed: why its terms do not hold any more, in words; empty where they do.
        barred: why its terms do not allow what was done at all; empty where they do.
    """

    license: License
    upstream: Upstream
    adapted: bool
    holds: Literal["all", "naming", "none"] = "all"
    unsettled: str = ""
    freed: str = ""
    barred: str = ""


def terms_of(license: License, upstream: Upstream, policy: Policy) -> Terms:
    """Follow a license's terms down the way by which something got into a component.

    Args:
        license: the license of what is upstream.
        upstream: what it is, and its way.
        policy: what to take for true where neither the text nor the law decides.

    Returns:
        What is left of the terms at the end of the way.
    """
    holds: Literal["all", "naming", "none"] = "all"
    unsettled, freed, barred, adapted = "", "", "", False
    for how, part in upstream.via:
        adapted = adapted or how != "as-is"
        if holds == "none":
            break
        if how == "output" and license.id == UNKNOWN:
            unsettled = "whether terms that nobody states reach the output of a model"
            if policy == "permissive":
                holds, freed = "none", "the study's policy is permissive"
        elif how == "output" and license.output == "free":
            holds, freed = "none", f"{license.id} claims nothing of what is made of the model's output"
        elif how == "output" and "trained" not in (step for step, _ in upstream.via):
            # The text that a model writes is free; what some licenses reach is models that learn from it.
            holds, freed = "none", f"{license.id} claims nothing of the output itself, only of models trained on it"
        elif how == "output" and license.output == "barred":
            barred = f"{license.id} does not let its output train other models, and {part} is its output"
        elif how == "output" and license.output == "named":
            holds = "naming"
        elif how == "trained" and _silent(license):
            if license.training == "free":
                holds, freed = "none", f"by its text {license.id} does not reach what is learned from the data"
            elif license.training == "unsettled" and holds == "all":
                unsettled = f"whether {license.id} on data reaches weights trained on them"
                if policy == "permissive":
                    holds, freed = "none", "the study's policy is permissive"
        elif how == "imported" and license.id == UNKNOWN:
            holds, freed = "none", "what it states is not known, but code that only imports it is not derived from it"
        elif how == "imported" and license.reach in ("none", "file", "library"):
            holds, freed = "none", f"{license.id} asks nothing of code that imports it"
        elif how == "imported":
            unsettled = f"whether code that imports a package under {license.id} is derived from it"
            if policy == "permissive":
                holds, freed = "none", "the study's policy is permissive"
    return Terms(license, upstream, adapted, holds, unsettled, freed, barred)


def _silent(license: License) -> bool:
    """Whether a license says nothing of training by way of a rule for models' output."""
    return license.output != "derived"


def burdens(license: License) -> bool:
    """Tell whether a license asks anything of anybody: a dedication to the public domain does not."""
    return bool(license.requires or license.purpose or license.restricts_use) or len(license.permits) < 4
