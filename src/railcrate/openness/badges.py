# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Badges of an assessment: small pictures for a README, made here, without any server.

A badge bears a result and no more. That it is a self-assessment stands in its title, which a
browser shows under the mouse and a screen reader reads out.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from railcrate.openness import words
from railcrate.study import paths
from railcrate.study.files import write_text

# The frameworks that have one, with what stands on its left side.
_FRAMEWORKS = {"osaid": ("osaid-1.0", "OSAID 1.0"), "mof": ("mof-1.0", "MOF 1.0"), "fmti": ("fmti-1.1", "FMTI 1.1")}
# White on each of these has a contrast of 4.5 and more (WCAG 2.2, 1.4.3).
_GREEN, _AMBER, _BLUE, _GREY = "#2e7d32", "#8f5902", "#1f6feb", "#5f6368"
_COLORS = {"met": _GREEN, "within reach": _AMBER, "not met": _GREY, "no class": _GREY}
_NOT_YET = "not assessed yet"
_LONGEST = 40  # characters of a license's name
_SELF = "A self-assessment by Railcrate, from the study's files and its authors' answers."
# The names in double braces are anybadge's.
_TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{{ badge width }}" height="20" role="img" aria-label="TITLE">
<title>TITLE</title>
<clipPath id="ID"><rect width="{{ badge width }}" height="20" rx="3"/></clipPath>
<g clip-path="url(#ID)">
<path fill="#444" d="M0 0h{{ color split x }}v20H0z"/>
<path fill="{{ color }}" d="M{{ color split x }} 0h{{ value width }}v20H{{ color split x }}z"/>
</g>
<g fill="#fff" text-anchor="middle" font-family="DejaVu Sans,Verdana,Geneva,sans-serif" font-size="11">
<text x="{{ label anchor }}" y="14">{{ label }}</text>
<text x="{{ value anchor }}" y="14">{{ value }}</text>
</g>
</svg>
"""


def write_badges(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the badges of a study; where it has a folder `badges/`, git gets a copy there.

    Args:
        folder: the study's folder.
        content: the assessment, as `results/openness.json` holds it.
    """
    shown = folder / paths.SHOWN_BADGES
    for name, picture in badges(content).items():
        write_text(folder / paths.badge(name), picture)
        if shown.is_dir():
            write_text(shown / f"{name}.svg", picture)


def badges(content: Mapping[str, Any] | None) -> dict[str, str]:
    """Draw the badges.

    Args:
        content: the assessment; None where there is none yet.

    Returns:
        Each picture (SVG) by its name, in the order of `paths.BADGES`; the same for the same assessment.
    """
    found = {}
    for name, (framework, label) in _FRAMEWORKS.items():
        if content is None:
            found[name] = _draw(name, label, _NOT_YET, _GREY, f"{label}: {_NOT_YET}")
            continue
        entry = content["frameworks"][framework]
        value = words.short(entry)
        said = f"{entry['title']} {entry['version']}: {words.verdict(entry)} {_SELF}"
        found[name] = _draw(name, label, value, _COLORS.get(value, _BLUE), said)
    return {**found, "license": _of_weights(content["weights"] if content is not None else None)}


def _of_weights(weights: Mapping[str, Any] | None) -> str:
    """The license of the published weights; of several, how many there are."""
    if weights is None:
        return _draw("license", "weights", _NOT_YET, _GREY, f"License of the weights: {_NOT_YET}")
    licenses = weights["licenses"]
    if not licenses:
        value = "not published" if weights["made"] else "none of its own"
        return _draw("license", "weights", value, _GREY, f"Weights: {value}")
    together = ", ".join(licenses)
    value = together if len(together) <= _LONGEST else f"{len(licenses)} licenses" if licenses[1:] else "own license"
    return _draw("license", "weights", value, _BLUE, f"License of the weights: {together}")


def _draw(name: str, label: str, value: str, color: str, title: str) -> str:
    import anybadge

    # The title last: it may hold the other word, as OSAID does.
    template = _TEMPLATE.replace("ID", f"badge-{name}").replace("TITLE", escape(title))
    return str(anybadge.Badge(label, value, default_color=color, template=template).badge_svg_text)
