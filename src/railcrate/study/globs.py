# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Globs of benchmark data: which files they mean, before the files are there."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.sources import LocalSource


def made_files(study: Study) -> list[str]:
    """List the files that fetching the study's sources makes, in the order of the configuration."""
    return [
        file
        for name, source in study.sources.items()
        if not isinstance(source, LocalSource)
        for file in paths.raw_files(name, source)
    ]


def matching(folder: Path, study: Study, pattern: str) -> list[str]:
    """List the files that an entry of a benchmark's `data` means.

    Args:
        folder: the study's folder.
        study: the configuration.
        pattern: a path or a glob, from the study's folder.

    Returns:
        Files that a source makes, or else files that are there; in sorted order.
    """
    made = [file for file in made_files(study) if fnmatchcase(file, pattern)]
    there = [path.relative_to(folder) for path in folder.glob(pattern) if path.is_file()]
    return sorted(made or (path.as_posix() for path in there if not paths.in_miniature(path)))


def resolve(folder: Path, study: Study) -> Study:
    """Put the files that they mean in the place of the globs in every benchmark's `data`.

    Args:
        folder: the study's folder.
        study: the configuration, whose globs all match something.

    Returns:
        The configuration with files only.
    """
    benchmarks = {}
    for name, benchmark in study.benchmarks.items():
        files = dict.fromkeys(file for pattern in benchmark.data for file in matching(folder, study, pattern))
        benchmarks[name] = benchmark.model_copy(update={"data": list(files)})
    return study.model_copy(update={"benchmarks": benchmarks})
