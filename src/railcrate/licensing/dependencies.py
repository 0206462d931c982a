# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The packages that a study's own code imports, with the licenses that they state."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from railcrate.licensing.errors import LicenseError
from railcrate.licensing.expression import parse
from railcrate.study.config import Study
from railcrate.study.sources import SyntheticSource

# Trove classifiers that name one license (https://pypi.org/classifiers/). Those that stand
# for several versions, such as "BSD License", name the one that asks most.
CLASSIFIERS = {
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "European Union Public Licence 1.2 (EUPL 1.2)": "EUPL-1.2",
    "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0",
    "zlib/libpng License": "Zlib",
}
# What packages write into the old field `License` where they mean one license.
SHORT = {
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "mit license": "MIT",
}
UNKNOWN = "LicenseRef-unknown"
RAILCRATE = "railcrate"


@dataclass(frozen=True)
class Package:
    """A package that the study's code imports.

    Attributes:
        name: its name at the package index.
        license: an SPDX expression; `LicenseRef-unknown` where it states none that railcrate knows.
        url: its home page.
        stated: what it states, where that is not known.
    """

    name: str
    license: str
    url: str | None = None
    stated: str = ""


def packages_of(folder: Path, study: Study) -> list[Package]:
    """List the packages that a study's code imports, railcrate first.

    Every study rests on railcrate, whose workflow its Snakefile includes.

    Args:
        folder: the study's folder.
        study: the configuration; it names the study's own steps and generators.

    Returns:
        Each package once, by name. What is not installed is left out: the study could not
        run with it.
    """
    modules = imported_modules(folder, study)
    names = {RAILCRATE: None}
    if modules:
        known = metadata.packages_distributions()
        names |= dict.fromkeys(sorted({name for module in modules for name in known.get(module, [])}))
    return [_package(name) for name in names]


def imported_modules(folder: Path, study: Study) -> list[str]:
    """Name the modules, but for Python's own and railcrate, that a study's code imports.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        Their top-level names, sorted.
    """
    return sorted({module for file in own_files(folder, study) for module in _imports(file)} - {RAILCRATE})


def own_files(folder: Path, study: Study) -> list[Path]:
    """List the Python files that a study brings: of its steps, its generators and its tasks.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        The files that are there, sorted.
    """
    steps = [
        entry if isinstance(entry, str) else next(iter(entry), "") for r in study.recipes.values() for entry in r.steps
    ]
    generators = [source.generator for source in study.sources.values() if isinstance(source, SyntheticSource)]
    named = {folder / name.split(":")[0] for name in (*steps, *generators) if ".py:" in name}
    near = {file for path in named for file in path.parent.glob("*.py")}
    tasks = {file for b in study.benchmarks.values() if b.path for file in (folder / b.path).rglob("*.py")}
    return sorted(file for file in named | near | tasks if file.is_file())


def _imports(file: Path) -> Iterator[str]:
    """The top-level modules, not of Python's own library, that a file imports."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except SyntaxError:
        return  # the step itself tells what is wrong with it, when the recipe is checked
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        for name in names:
            top = name.split(".")[0]
            if top not in sys.stdlib_module_names:
                yield top


def _package(name: str) -> Package:
    about = metadata.metadata(name)
    urls = dict(entry.split(", ", 1) for entry in about.get_all("Project-URL") or [] if ", " in entry)
    url = _first(about, "Home-page") or next(iter(urls.values()), None)
    stated = " ".join(_stated(about).split())
    known = SHORT.get(stated.casefold(), stated)
    try:
        return Package(name, str(parse(known)), url)
    except LicenseError:  # a study cannot help what a package states, so it is no mistake of the study's
        return Package(name, UNKNOWN, url, stated[:80])


def _first(about: metadata.PackageMetadata, key: str) -> str | None:
    return next(iter(about.get_all(key) or []), None)


def _stated(about: metadata.PackageMetadata) -> str:
    """The license that a package's metadata state: as an expression (PEP 639), by classifiers, or in short."""
    if expression := _first(about, "License-Expression"):
        return str(expression)
    classifiers = [
        entry.rsplit(" :: ", 1)[-1] for entry in about.get_all("Classifier") or [] if entry.startswith("License ::")
    ]
    known = list(dict.fromkeys(CLASSIFIERS[entry] for entry in classifiers if entry in CLASSIFIERS))
    return " OR ".join(known) if known else (_first(about, "License") or "")
