# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The texts that go along with a study: NOTICE, and the LICENSE beside each component."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from railcrate.licensing.chain import Upstream
from railcrate.licensing.entry import License
from railcrate.licensing.judge import Verdict
from railcrate.licensing.resolve import DISCLAIMER, Resolution
from railcrate.licensing.words import forbids, inherited, permits, requires
from railcrate.study.config import Study

WIDTH = 80
# In two, or they would be taken for this file's own.
TAG = "SPDX-License" + "-Identifier"
COPYRIGHT = "SPDX-FileCopyright" + "Text"
CREDITED = {"attribution", "notice"}


def notice(study: Study, resolution: Resolution, base_notices: Mapping[str, str]) -> str:
    """Write NOTICE: who made the study, what it is made from, and the lines that licenses want shown.

    Args:
        study: the configuration.
        resolution: the resolution.
        base_notices: the NOTICE that came with the base of a model, by model.

    Returns:
        The file's content; the same study gives the same bytes.
    """
    authors = "; ".join(_one_line(creator.name) for creator in study.creators)
    parts = [_one_line(study.title), f"Made by {authors}"]
    shown = list(dict.fromkeys(_shown(resolution)))
    if shown:
        parts.append("\n".join(shown))
    parts.append("\n".join(_parts(resolution)))
    for origin, part, uses in _credits(resolution):
        lines = [_one_line(part.credit) or origin]
        if part.url:
            lines.append(_one_line(part.url))
        lines += _wording(resolution, part)
        lines.append(f"License: {_license_line(resolution, part.license)}")
        changed = "" if uses == [origin] else "; changed by the steps of the recipes"
        lines.append(f"Used in: {_briefly(uses)}{changed}")
        parts.append("\n".join(lines))
    for model, words in base_notices.items():
        parts.append(f"NOTICE of the base of {model}:\n\n{words}")
    for waiver in study.licenses.waivers:
        parts.append(f"Permission for {waiver.component} ({waiver.conflict}): {_one_line(waiver.reason)}")
    parts.append(f"{COPYRIGHT}: {authors}\n{TAG}: {study.licenses.documentation}")
    return "\n\n".join(parts) + "\n"


def license_file(
    verdict: Verdict,
    resolution: Resolution,
    texts: Iterable[tuple[str, str]],
    others: Iterable[tuple[str, str]] = (),
) -> str:
    """Write the LICENSE beside a component: its license, what one may do, and the texts.

    Args:
        verdict: the verdict on the component.
        resolution: the resolution.
        texts: id and text of each license that it carries.
        others: the same of the licenses of what it is made from, where those want their texts handed on.

    Returns:
        The file's content.
    """
    part = verdict.component
    lines = [f"{part.title or part.id}", f"{TAG}: {part.license}", ""]
    for licenses in resolution.judge.choices(part.license)[:1]:
        for heading, words in (("You may", permits), ("You must", requires), ("You must not", forbids)):
            found = list(dict.fromkeys(text for license in licenses for text in words(license)))
            if words is requires:
                found += inherited(verdict.duties, [license.id for license in licenses])
            if found:
                lines += [f"{heading}:", *(f"  - {text}" for text in found), ""]
    credits = [entry for entry in part.upstream if entry.credit and entry.origin != part.id]
    if credits:
        lines += ["Made from:"]
        lines += [f"  - {_one_line(entry.credit)} ({entry.license})" for entry in credits]
        lines.append("")
    for conflict in verdict.conflicts:
        if conflict.waived:
            lines += [f"Permission ({conflict.code}, {conflict.license}): {_one_line(conflict.waived)}", ""]
    lines += ["The license itself follows, and it alone counts. " + DISCLAIMER, ""]
    lines += [line for name, text in texts for line in _framed(name, text)]
    made_from = [line for name, text in others for line in _framed(f"{name}, of what it is made from", text)]
    return "\n".join([*lines, *made_from])


def _framed(title: str, text: str) -> list[str]:
    return ["=" * WIDTH, title, "=" * WIDTH, "", text.rstrip("\n"), ""]


def _parts(resolution: Resolution) -> Iterator[str]:
    """The licenses of the parts, in words that tools read as well: what DVC keeps, git does not show them."""
    groups: dict[tuple[str, str], list[str]] = {}
    for verdict in resolution.published:
        part = verdict.component
        groups.setdefault((part.id.split(".", maxsplit=1)[0], part.license), []).append(part.id)
    yield "Its parts are under these licenses, whose texts are in LICENSES:"
    for (_, license), names in groups.items():
        yield f"{_briefly(names)}\n{TAG}: {license}"


def _wording(resolution: Resolution, part: Upstream) -> list[str]:
    """The attribution in the words that the text of its license gives."""
    work = _one_line(part.credit) or part.origin
    named = [license for licenses in resolution.judge.choices(part.license) for license in licenses]
    return [
        license.attribution.replace("{work}", work)
        for license in {license.id: license for license in named}.values()
        if license.attribution is not None
    ]


def _shown(resolution: Resolution) -> Iterator[str]:
    """The lines that licenses want shown wherever the work is."""
    for verdict in resolution.published:
        for duty in verdict.duties:
            license = resolution.judge.find(duty.license)
            if duty.kind == "naming" and license.shown:
                yield license.shown
            if duty.kind in ("notice", "naming") and license.notice_line:
                yield license.notice_line


def _credits(resolution: Resolution) -> Iterator[tuple[str, Upstream, list[str]]]:
    """Each thing upstream whose license wants it named, with the components that it is in."""
    found: dict[str, tuple[Upstream, list[str]]] = {}
    for verdict in resolution.published:
        wanted = {origin for duty in verdict.duties if duty.kind in CREDITED for origin in duty.origins}
        for entry in verdict.component.upstream:
            # A source in the public domain is named, too: that is good practice, and asks for nothing.
            if entry.origin in wanted or entry.origin.startswith("sources."):
                found.setdefault(entry.origin, (entry, []))[1].append(verdict.component.id)
    for origin, (entry, uses) in found.items():
        yield origin, entry, uses


def _briefly(uses: Iterable[str]) -> str:
    """Name components; many of one group by their number."""
    groups: dict[str, list[str]] = {}
    for name in uses:
        groups.setdefault(name.split(".", maxsplit=1)[0], []).append(name)
    words = {"weights": "sets of weights"}
    return ", ".join(
        f"{len(names)} {words.get(group, group)}" if len(names) > 3 else ", ".join(names)
        for group, names in groups.items()
    )


def _license_line(resolution: Resolution, expression: str) -> str:
    named: list[License] = [license for licenses in resolution.judge.choices(expression) for license in licenses]
    urls = [license.url or license.upstream or "" for license in named]
    return f"{expression} {' '.join(f'<{url}>' for url in dict.fromkeys(urls) if url.startswith('http'))}".strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())
