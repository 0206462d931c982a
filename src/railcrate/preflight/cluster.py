# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Profiles that hand jobs to a cluster: whether their executor is installed, and its settings are there."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from railcrate.preflight.findings import Finding, error, ok, told, warning
from railcrate.study.errors import ConfigError

PROFILES = "profiles"
DEFAULT = "default"
LOCAL = ("", "local", "dryrun", "touch")
SUBMIT = {"slurm": "sbatch", "lsf": "bsub", "htcondor": "condor_submit", "kubernetes": "kubectl"}
TOPIC = "cluster"


def look(folder: Path) -> list[Finding]:
    """Look at every profile of a study that names an executor.

    Args:
        folder: the study's folder.

    Returns:
        What was found; nothing where no profile is for a cluster. In the default profile, which
        every run uses, what is missing is an error; in others a warning.
    """
    found: list[Finding] = []
    for path in sorted((folder / PROFILES).glob("*/config.yaml")):
        name = f"{PROFILES}/{path.parent.name}"
        try:
            settings = _read(path, name)
        except ConfigError as problem:
            found.append(told(TOPIC, problem))
            continue
        executor = str(settings.get("executor") or "")
        if executor not in LOCAL:
            found += _judge(name, executor, settings, used=path.parent.name == DEFAULT)
    return found


def jobs_at_once(folder: Path) -> int | None:
    """Tell how many jobs the default profile hands to a cluster at once; None where it runs them here."""
    path = folder / PROFILES / DEFAULT / "config.yaml"
    try:
        settings = _read(path, PROFILES)
    except (ConfigError, OSError):
        return None
    jobs = settings.get("jobs")
    return jobs if str(settings.get("executor") or "") not in LOCAL and isinstance(jobs, int) else None


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ConfigError(
            f"{name}/config.yaml is not YAML: {' '.join(str(problem).split())}", "Mend the file."
        ) from None
    if not isinstance(content, dict | None):
        raise ConfigError(f"{name}/config.yaml holds no keys and values", "Mend the file.")
    return content or {}


def _judge(name: str, executor: str, settings: dict[str, Any], *, used: bool) -> list[Finding]:
    """Judge a profile; one that no run uses by itself, on a machine without the cluster's commands, is left alone."""
    make = error if used else warning
    found: list[Finding] = []
    command = SUBMIT.get(executor)
    if command is not None and shutil.which(command) is None:
        what = f"{name} is for {executor}, and `{command}` is not on the PATH of this machine"
        if not used:
            return [ok(TOPIC, f"{what}: check there once more")]
        way = "Run the study on a login node of the cluster, or load the module that brings it."
        found.append(error(TOPIC, what, way))
    plugin = f"snakemake_executor_plugin_{executor.replace('-', '_')}"
    if find_spec(plugin) is None:
        package = plugin.replace("_", "-")
        found.append(
            make(TOPIC, f"{name}: the executor '{executor}' is not installed", f"Run `pip install {package}`.")
        )
    told_of = ""
    if executor == "slurm":
        problems, told_of = _slurm(name, settings, make)
        found += problems
    return found or [ok(TOPIC, f"{name}: {executor}{told_of}")]


def _slurm(name: str, settings: dict[str, Any], make: Any) -> tuple[list[Finding], str]:
    """Look at partition and account, for both of which SLURM may have a default; gives what it takes, in words."""
    resources = _resources(settings.get("default-resources"))
    partition, account = (str(resources.get(key) or "").strip("'\"<>") for key in ("slurm_partition", "slurm_account"))
    known = _partitions()
    if partition and known and partition not in known:
        text = f"{name}: the cluster has no partition '{partition}'"
        return [make(TOPIC, text, f"Correct slurm_partition; it has: {', '.join(known)}.")], ""
    if not partition and known and not any(known.values()):
        text = f"{name}: no partition is set, and the cluster has no default one"
        way = f"Set slurm_partition under default-resources to one of: {', '.join(known)}."
        return [make(TOPIC, text, way)], ""
    return [], f"; partition {partition or 'by default'}, account {account or 'by default'}"


def _resources(value: Any) -> dict[str, Any]:
    """`default-resources` as a mapping: a profile may write it as one, or as a list of key=value."""
    if isinstance(value, dict):
        return value
    entries = value if isinstance(value, list) else []
    return dict(str(entry).split("=", 1) for entry in entries if "=" in str(entry))


def _partitions() -> dict[str, bool]:
    """The partitions of the cluster, and which of them is the default; none where SLURM does not answer."""
    if shutil.which("sinfo") is None:
        return {}
    try:
        done = subprocess.run(["sinfo", "-h", "-o", "%P"], capture_output=True, text=True, check=False, timeout=10)
    except subprocess.TimeoutExpired:
        return {}
    return {name.rstrip("*"): name.endswith("*") for name in done.stdout.split()} if done.returncode == 0 else {}
