# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report's page on openness: verdicts in words, and every line with its reasons and its evidence.

Everything is read from `results/openness.json`. Each framework is one part of the page that a
click opens; what shows a line is a click further: a file of the study, a place in this page, or
an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from railcrate.openness import words
from railcrate.openness.framework import frameworks
from railcrate.report.comparison import compare
from railcrate.report.configuration import Configuration
from railcrate.report.content import Content
from railcrate.report.places import Place, place
from railcrate.study import paths

Entry = Mapping[str, Any]

# A sign for each status, beside its word: nobody has to tell colors apart.
MARKS = {"met": "✓", "partly": "~", "not met": "✗", "not shown": "?", "not applicable": "–"}
COMPONENTS = {
    "code": "Code", "data": "Data", "weights": "Weights", "documentation": "Texts", "use": "Use",
    "organisation": "People and organization",
}  # fmt: skip
EFFORTS = {
    1: "a line to write",
    2: "a text to write",
    3: "a choice to make",
    4: "new work",
    5: "out of a study's reach",
}
_ORDER = ("verdict", "classes", "score", "checklist")
_FINE = ("met", "not applicable")
_NAMED = 3  # of what is missing, in a sentence
_FIRST = 8  # things to do that are shown at once
_RAIL = "a RAIL is not open source"  # as the facts on terms put it


def view(content: Content, configuration: Configuration) -> dict[str, Any]:
    """Arrange the assessment for the page.

    Args:
        content: what the report shows.
        configuration: the study's configuration as the page shows it, to which evidence leads.

    Returns:
        What the template shows: `entries`, one for each framework; `rail`, the license that restricts
        use, if there is one, and `reached`, what is met all the same; `main` and `chart`, the framework
        whose comparison with known models is drawn, and the drawing; `first` and `later`, what to do
        next; `summary`, where the summary of the training data is.
    """
    told = content.openness
    titles = {
        f"{name}.{line['id']}": line["title"]
        for name, entry in told["frameworks"].items()
        for group in entry["groups"]
        for line in group["criteria"]
    }
    entries = [_entry(name, entry, titles, configuration) for name, entry in told["frameworks"].items()]
    entries.sort(key=lambda entry: _ORDER.index(entry["kind"]))
    tables = [entry for entry in entries if entry["table"] is not None]
    main = tables[0] if tables else None
    todo = _next(told["frameworks"], titles, configuration)
    summary = place("the summary of the training data", paths.TRAINING_SUMMARY, configuration)
    return {
        "entries": entries,
        "rail": restriction(told),
        "reached": [_reached(entry) for entry in entries],
        "chart": main["table"].drawn() if main else None,
        "main": main["id"] if main else None,
        "first": todo[:_FIRST],
        "later": todo[_FIRST:],
        "summary": summary if told.get("training_data") else None,
        "marks": MARKS,
        "efforts": EFFORTS,
    }


def _entry(name: str, entry: Entry, titles: Mapping[str, str], configuration: Configuration) -> dict[str, Any]:
    """One framework: its result, what keeps it from more, and its lines in groups."""
    known = frameworks().get(name)
    doubts = {line.id: line.unconfirmed for line in known.criteria()} if known else {}
    lines = [
        {
            **line,
            "id": f"{name}.{line['id']}",
            "where": [place(pointer["text"], pointer["to"], configuration) for pointer in line["evidence"]],
            "doubt": doubts.get(line["id"]),
            "belongs": f"class {line['level']}" if line["level"] else group["title"],
        }
        for group in entry["groups"]
        for line in group["criteria"]
    ]
    by_component = entry["kind"] in ("verdict", "classes")
    sources = {line["source"] for line in lines}
    return {
        **entry,
        "id": name,
        "verdict": words.verdict(entry),
        "good": _good(entry),
        "keeps": keeps(entry),
        "parts": _by_component(lines) if by_component else _by_group(entry, lines),
        "by_component": by_component,
        "table": compare(known, entry) if known and known.kind == "score" and known.published else None,
        "source": sources.pop() if len(sources) == 1 else None,
        "next": [_step({name: step}, titles, configuration) for step in entry["next"]] if by_component else [],
    }


def _good(entry: Entry) -> str:
    """The status whose color the verdict takes; counts have none."""
    result = entry["result"]
    if "verdict" in result:
        return "met" if result["verdict"] else "partly" if result["within_reach"] else "not met"
    if "class" in result:
        return "met" if result["class"] else "not met"
    return ""


def _by_group(entry: Entry, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found = iter(lines)
    return [
        _part(group["title"], group["about"], [next(found) for _ in group["criteria"]], words.count(group))
        for group in entry["groups"]
    ]


def _by_component(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    parts = []
    for component, title in COMPONENTS.items():
        own = [line for line in lines if line["component"] == component]
        counted = [line for line in own if line["status"] != "not applicable"]
        if own:
            count = {"met": sum(line["status"] == "met" for line in counted), "of": len(counted)}
            parts.append(_part(title, None, own, words.count(count)))
    return parts


def _part(title: str, about: str | None, lines: list[dict[str, Any]], count: str) -> dict[str, Any]:
    """Lines under one heading; a reason why none of them applies is told once."""
    reasons = {tuple(line["because"]) for line in lines}
    spared = len(reasons) == 1 and all(line["status"] == "not applicable" for line in lines)
    why = words.together(reasons.pop()) if spared else None
    lines = [{**line, "why": words.together(line["because"])} for line in lines]
    return {"title": title, "about": about, "lines": lines, "count": None if spared else count, "spared": why}


# --- sentences -----------------------------------------------------------------------------


def keeps(entry: Entry) -> str:
    """Say in a sentence what keeps a framework's result from being better.

    Args:
        entry: its assessment, as `results/openness.json` holds it.

    Returns:
        The sentence.
    """
    lines = [line for group in entry["groups"] for line in group["criteria"]]
    if entry["kind"] == "verdict":
        missing = [line for line in lines if line["required"] and line["status"] not in _FINE]
        return f"What is missing: {_titles(missing)}." if missing else "Nothing that it asks for is missing."
    if entry["kind"] == "classes":
        following = _next_class(entry)
        if following is None:
            return "There is no better class."
        missing = [
            line
            for line in lines
            if line["required"] and line["level"] == following and line["status"] not in _FINE
        ]  # fmt: skip
        return f"Class {following} also asks for: {_titles(missing)}."
    spared = [line for line in lines if line["status"] == "not applicable"]
    reasons = list(dict.fromkeys(words.together(line["because"]) for line in spared))
    why = f": {'; '.join(reasons)}" if len(reasons) <= _NAMED else ""
    said = [f"{len(spared)} of {len(lines)} lines are not asked of it{why}".rstrip(".?") + "."] if spared else []
    lacking = sorted((group for group in entry["groups"] if group["met"] < group["of"]), key=_lack, reverse=True)
    if entry["kind"] == "score" and lacking:
        named = [f"{group['title']} ({words.count(group)})" for group in lacking[:_NAMED]]
        said.append(f"Most is missing in {_listed(named)}.")
    if entry["kind"] == "checklist":
        missing = [line for line in lines if line["status"] not in _FINE]
        said.append(f"What is missing: {_titles(missing)}." if missing else "Nothing that applies is missing.")
    return " ".join(said) or "Nothing is missing."


def _lack(group: Entry) -> float:
    return float(group["of"] - group["met"])


def _next_class(entry: Entry) -> str | None:
    names = [level["id"] for level in reversed(entry["levels"])]
    reached = entry["result"]["class"]
    following = names[0 if reached is None else names.index(reached) + 1 :]
    return str(following[0]) if following else None


def _titles(lines: Sequence[Entry]) -> str:
    named = [f"{line['title'][:1].lower()}{line['title'][1:]} ({line['status']})" for line in lines[:_NAMED]]
    more = len(lines) - len(named)
    return _listed([*named, f"{more} more"] if more else named)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def restriction(told: Entry) -> str | None:
    """Say which license on use keeps a study from being open source, whatever else it shows.

    Args:
        told: `results/openness.json`.

    Returns:
        The reason; None where no license restricts use, or another may be chosen.
    """
    closed = [
        fact["because"]
        for name in ("weights.license.free", "code.license.osi")
        if (fact := told["facts"].get(name)) and fact["status"] != "met"
    ]
    reasons = [because for because in closed if _RAIL in because]
    rails = [name for name in told["weights"]["licenses"] if "rail" in name.lower() and " OR " not in name]
    if closed and rails and not reasons:  # something else was named first
        reasons = [f"weights are under {_listed(rails)}, which restricts what they may be used for"]
    return "; ".join(reasons) or None


def _reached(entry: Entry) -> str:
    """What a study does meet of a framework."""
    verdict = f"{entry['verdict']} " if entry["kind"] == "classes" else ""
    return f"{entry['title']} {entry['version']}: {verdict}{words.count(entry['result'])} lines."


# --- what to do next -----------------------------------------------------------------------


def _next(told: Mapping[str, Entry], titles: Mapping[str, str], configuration: Configuration) -> list[dict[str, Any]]:
    """What would raise any result: each thing once, the least effort and the most use first."""
    steps: dict[str, dict[str, Entry]] = {}
    for name, entry in told.items():
        for step in entry["next"]:
            steps.setdefault(step["key"], {})[name] = step
    found = [_step(same, titles, configuration) for same in steps.values()]
    return sorted(found, key=lambda step: (step["effort"], -len(step["helps"]), step["key"]))


def _step(same: Mapping[str, Entry], titles: Mapping[str, str], configuration: Configuration) -> dict[str, Any]:
    """One thing to do, by the frameworks that ask for it."""
    first = next(iter(same.values()))
    where = first["where"] + (f".{first['key']}" if first["where"].endswith(": answers") else "")
    key = where.partition(f"{configuration.path}: ")[2]
    lines = [f"{name}.{line}" for name, step in same.items() for line in step["serves"]]
    return {
        "do": first["do"],
        "effort": first["effort"],
        "key": first["key"],
        "where": Place(where, f"#{quote(configuration.anchor(key))}" if key and configuration.shows(key) else None),
        "helps": [{"id": line, "title": titles[line]} for line in lines],
    }
