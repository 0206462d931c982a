# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The Python packages that are installed, against what railcrate needs and what its release was tested with."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from railcrate.preflight.findings import Finding, error, listed, ok, warning
from railcrate.study.share import PACKAGE

CONSTRAINTS = "constraints.txt"
# Those whose versions change figures or bytes, or decide how the workflow runs.
IMPORTANT = ("torch", "transformers", "tokenizers", "datasets", "lm-eval", "numpy", "snakemake", "dvc")
# What some studies need, by the module that shows that it is there.
OPTIONAL = {
    "dvc-s3": ("dvc_s3", "DVC remotes on S3"),
    "dvc-ssh": ("dvc_ssh", "DVC remotes behind SSH"),
    "snakemake-executor-plugin-slurm": ("snakemake_executor_plugin_slurm", "SLURM"),
    "mkdocs-material": ("material", "railcrate's own documentation"),
}


@dataclass(frozen=True)
class Packages:
    """What is installed, compared.

    Attributes:
        count: packages that railcrate needs, itself and by what it needs.
        missing: those of them that are not installed, each with who asks for it.
        wrong: those whose version is not one that is asked for: name, version, what asks for which.
        other: those whose version is another one than was tested: name to (found, tested).
    """

    count: int
    missing: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, tuple[str, str]] = field(default_factory=dict)
    other: dict[str, tuple[str, str]] = field(default_factory=dict)


def constraints_file() -> Path | None:
    """Find the list of the versions that this release was tested with: in the package, or in the checkout."""
    places = (PACKAGE / "_share" / CONSTRAINTS, PACKAGE.parents[1] / CONSTRAINTS)
    return next((path for path in places if path.is_file()), None)


def read_constraints(path: Path) -> dict[str, str]:
    """Read a file of pip's constraints that pins each version: name to version."""
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        pinned = re.fullmatch(r"\s*([\w.-]+)\s*==\s*([^\s;#]+)\s*(?:[;#].*)?", line)
        if pinned:
            found[canonicalize_name(pinned[1])] = pinned[2]
    return found


def compare(tested: dict[str, str], package: str = "railcrate") -> Packages:
    """Follow what a package needs, and compare it with what is installed and with what was tested.

    Args:
        tested: the versions that were tested, by name.
        package: where to begin.

    Returns:
        What differs. A version with a local part, as in 2.13.0+cpu, is the one without it.
    """
    found: dict[str, str] = {}
    missing: dict[str, str] = {}
    wrong: dict[str, tuple[str, str]] = {}
    open_: list[tuple[Requirement, str]] = [(requirement, package) for requirement in _needs(package, ())]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while open_:
        requirement, asker = open_.pop()
        name = canonicalize_name(requirement.name)
        installed = _version(name)
        if installed is None:
            missing.setdefault(name, asker)
            continue
        found[name] = installed
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.setdefault(name, (installed, f"{asker} asks for {requirement.specifier}"))
        extras = tuple(sorted(requirement.extras))
        if (name, extras) not in seen:
            seen.add((name, extras))
            open_ += [(further, name) for further in _needs(name, extras)]
    other = {
        name: (installed, tested[name])
        for name, installed in sorted(found.items())
        if name in tested and _public(installed) != _public(tested[name])
    }
    return Packages(len(found), dict(sorted(missing.items())), dict(sorted(wrong.items())), other)


def look(packages: Packages, tested: dict[str, str]) -> list[Finding]:
    """Tell what was found."""
    topic, install = "packages", "pip install --upgrade"
    found = [
        error(topic, f"{name} is not installed, and {asker} needs it", f"Run `{install} {name}`.")
        for name, asker in packages.missing.items()
    ]
    found += [
        error(topic, f"{name} {installed} is installed, and {why}", f"Run `{install} railcrate {name}`.")
        for name, (installed, why) in packages.wrong.items()
    ]
    if not tested:
        found.append(
            warning(
                topic, "the list of tested versions did not come with this installation",
                "Install railcrate again: `pip install --force-reinstall --no-deps railcrate`.",
            )
        )  # fmt: skip
        return found
    important = {name: pair for name, pair in packages.other.items() if name in IMPORTANT}
    if important:
        told = "; ".join(f"{name} {installed} (tested: {known})" for name, (installed, known) in important.items())
        pins = " ".join(f"{name}=={known}" for name, (_, known) in important.items())
        found.append(
            warning(
                topic, f"other versions than railcrate was tested with: {told}",
                f"They may do as well, with figures a little different. The tested ones: `pip install {pins}`",
                other=important,
            )
        )  # fmt: skip
    others = {name: pair for name, pair in packages.other.items() if name not in IMPORTANT}
    if not found or others:
        same = packages.count - len(packages.other)
        text = f"{same} of {packages.count} are of the version that railcrate was tested with"
        named = listed((f"{name} {pair[0]} ({pair[1]})" for name, pair in others.items()), 4)
        found.append(ok(topic, text + (f"; others, tested version behind: {named}" if named else ""), other=others))
    return found


def look_at_python(wanted: str | None = None) -> Finding:
    """Tell which Python runs, and whether railcrate may be run by it.

    Args:
        wanted: the versions that it may be run by; what the installed package says by default.
    """
    own = ".".join(map(str, sys.version_info[:3]))
    wanted = wanted or metadata("railcrate")["Requires-Python"] or ""
    inside = sys.prefix != sys.base_prefix
    detail = sys.prefix if inside else ""
    if not SpecifierSet(wanted).contains(own, prereleases=True):
        return error(
            "Python", f"Python {own} is too old: railcrate needs {wanted}",
            "Install a newer one (https://www.python.org, or `uv python install`), make a new virtual environment "
            "with it, and install railcrate there.",
        )  # fmt: skip
    place = "in a virtual environment" if inside else "not in a virtual environment"
    return ok("Python", f"{own}, {place}; railcrate {version('railcrate')}", detail=detail, version=own)


def look_at_optional() -> list[Finding]:
    """Tell which packages for single tasks are installed."""
    found = {name: find_spec(module) is not None for name, (module, _) in OPTIONAL.items()}
    there = [OPTIONAL[name][1] for name, is_there in found.items() if is_there]
    missing = [f"{OPTIONAL[name][1]} ({name})" for name, is_there in found.items() if not is_there]
    told = [f"{', '.join(there)}"] * bool(there) + [f"not installed: {', '.join(missing)}"] * bool(missing)
    return [ok("packages", f"for special tasks: {'; '.join(told)}", optional=found)]


@cache
def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _needs(name: str, extras: tuple[str, ...]) -> list[Requirement]:
    """The requirements of a package that hold here."""
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return []
    needed = [Requirement(line) for line in lines]
    return [
        requirement
        for requirement in needed
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]


def _public(text: str) -> str:
    """A version without its local part."""
    try:
        return Version(text).public
    except InvalidVersion:
        return text
