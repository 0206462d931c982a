# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Running a study again, in a folder of its own: the one that is verified stays as it is.

At the depth `evaluate` the folder gets code, data and weights, and Snakemake may use the
rules `evaluate` and `compare` alone, so that nothing is trained anew. At the depth `train` it
gets the code alone. What was broken off goes on: jobs that have ended are not done again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from railcrate.bundle.workshop import link
from railcrate.ledger.record import RECORDS_DVC, REPORT_DVC
from railcrate.ledger.repository import LOCK_FILE
from railcrate.reproduce.metrics import Name, Results, model_variant_seed
from railcrate.reproduce.origin import Origin
from railcrate.reproduce.restore import CONFIG, configure
from railcrate.study import paths
from railcrate.study.errors import RailcrateError
from railcrate.study.files import read_json, sha256_file, write_json
from railcrate.study.records import machine, versions

STATE = "state.json"
PATIENCE = 5.0  # seconds for Snakemake to end by itself
_LEFT = ("DVC_ROOT", "DVC_STAGE", "RAILCRATE_WARM")  # of a run that may have called us


class RunFailedError(RailcrateError):
    """The study could not be run again."""

    exit_code = 2


@dataclass(frozen=True)
class Rerun:
    """A study that was run again.

    Attributes:
        folder: where.
        skipped: evaluations that could not be run, each with the reason.
    """

    folder: Path
    skipped: Mapping[Name, str]


def rerun(
    origin: Origin,
    published: Results,
    work: Path,
    *,
    depth: Literal["evaluate", "train"],
    cores: str = "all",
    say: Callable[[str], None] = lambda _: None,
) -> Rerun:
    """Run a study again.

    Args:
        origin: the study.
        published: its figures, which say what is to be evaluated.
        work: the folder for it; one in which the same was broken off is gone on with.
        depth: how much.
        cores: cores for Snakemake; a number or `all`.
        say: is told what happens.

    Returns:
        Where it ran, and what could not be run.

    Raises:
        RunFailedError: when Snakemake fails, or nothing can be run.
        ChangedError: when a fetched study was changed.
        NothingToRunError: when it cannot be told what the code is.
        DiskFullError: when there is no room.
    """
    study = work / "study"
    code = list(origin.code())
    identity = _identity(code, published)
    if _goes_on(work, identity):
        say(f"going on in {study}")
    else:
        shutil.rmtree(work, ignore_errors=True)
        _lay_down(study, code, origin.inputs() if depth == "evaluate" else ())
        if depth == "train":
            for name in (LOCK_FILE, RECORDS_DVC, REPORT_DVC):
                (study / name).unlink(missing_ok=True)
        (study / CONFIG).parent.mkdir(exist_ok=True)
        (study / CONFIG).touch()
        configure(study)
        write_json(work / STATE, {"identity": identity, "finished": False})
    if depth == "evaluate":
        _accept_weights(study)
    skipped = dict(_not_there(study, published)) if depth == "evaluate" else {}
    _run(study, _words(depth, published, skipped), cores)
    write_json(work / STATE, {"identity": identity, "finished": True})
    return Rerun(study, skipped)


def _identity(code: Sequence[tuple[str, Path]], published: Results) -> dict[str, Any]:
    """What a run that was broken off must share to be gone on with: code, figures, machine and versions."""
    files = {name: sha256_file(path) if not path.is_symlink() else str(path.readlink()) for name, path in code}
    hashes = {"/".join(name): evaluation.hashes.get("weights") for name, evaluation in published.evaluations.items()}
    return {"code": files, "weights": hashes, "machine": machine(), "versions": versions()}


def _goes_on(work: Path, identity: Mapping[str, Any]) -> bool:
    try:
        state = read_json(work / STATE)
    except (OSError, ValueError):
        return False
    return bool(state.get("identity") == identity and not state.get("finished"))


def _lay_down(study: Path, code: Iterable[tuple[str, Path]], inputs: Iterable[tuple[str, Path]]) -> None:
    """Bring the code by copying, and what nobody writes to without, where the disk can."""
    study.mkdir(parents=True)
    for name, path in code:
        target = study / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            target.symlink_to(path.readlink())
        else:
            shutil.copy2(path, target)
    for name, path in inputs:
        if not (study / name).exists():
            link(path, study / name)


def _accept_weights(study: Path) -> None:
    """Let weights be evaluated that are not those of their training summary.

    An evaluation would refuse them. That they are others is told in any case; here it is
    to be seen what that does to the figures.
    """
    for summary in sorted(study.glob("models/weights/*/training.json")):
        content = read_json(summary)
        for name in ("adapter_model.safetensors", "model.safetensors"):
            weights = summary.with_name(name)
            if weights.is_file():
                actual = sha256_file(weights)
                if (content.get("hashes") or {}).get("weights", actual) != actual:
                    content["hashes"]["weights"] = actual
                    write_json(summary, content)  # a file of its own: the other name of it stays as it is
                break


def _not_there(study: Path, published: Results) -> Iterable[tuple[Name, str]]:
    """Evaluations whose weights or data were not published, or did not come."""
    for name, evaluation in published.evaluations.items():
        model, variant, _ = model_variant_seed(evaluation.experiment)
        bases = paths.base_folder(model.removesuffix(".pretrained"))
        weights = study / (bases if variant is None else paths.weights_folder(evaluation.experiment))
        missing = [file for file in evaluation.hashes.get("data") or {} if not (study / file).is_file()]
        if not any(weights.glob("*.safetensors")):
            yield name, "its weights are not here"
        elif missing:
            yield name, f"{missing[0]} is not here"


def _words(depth: str, published: Results, skipped: Mapping[Name, str]) -> list[str]:
    """What Snakemake is asked for."""
    if depth == "train":
        return []
    wanted = [name for name in published.evaluations if name not in skipped]
    if not wanted:
        reason = next(iter(skipped.values()), "it has no figures")
        raise RunFailedError(f"nothing can be evaluated: {reason}", "Fetch the whole study, without `--only`.")
    targets = [paths.evaluation(*name) for name in wanted]
    if not skipped:
        targets += [paths.RESULTS_JSON, paths.COMPARISONS]
    return ["--allowed-rules", "evaluate", "compare", "--", *targets]


def _run(study: Path, words: Sequence[str], cores: str) -> None:
    """Run Snakemake to its end; what it prints goes to standard error."""
    bin_ = Path(sys.executable).parent
    environment = {name: value for name, value in os.environ.items() if name not in _LEFT}
    environment["RAILCRATE_VERIFYING"] = "1"  # what fails is told here, and recorded nowhere
    environment["PATH"] = f"{bin_}{os.pathsep}{environment.get('PATH', '')}"
    command = [sys.executable, "-m", "snakemake", "--cores", cores, *words]
    with subprocess.Popen(command, cwd=study, env=environment, stdout=sys.stderr.fileno()) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            _end(process)
            raise
    if code != 0:
        raise RunFailedError(
            f"the study could not be run again: Snakemake ended with {code} (see above)",
            f"The logs are in {study / paths.LOGS}. When the cause is mended, give the same command again: "
            "it goes on with what is missing.",
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let Snakemake end in order: from a terminal it was interrupted with us; if not, it is told."""
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        process.wait()
