# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What each rule of the workflow calls, and what a warm process imports for it ahead."""

from __future__ import annotations

import contextlib
import importlib
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcrate.study.config import Study
from railcrate.study.disk import full_disk_told
from railcrate.study.errors import EXIT_FAILURE, EXIT_OK, RailcrateError
from railcrate.study.grid import Experiment, experiments
from railcrate.study.load import load_study


@dataclass(frozen=True)
class Work:
    """One rule's work.

    Attributes:
        function: `module:function` that does it; called with the folder, the study and `arguments`.
        arguments: names of the rule's wildcards and parameters that it takes, in order.
        preload: what a warm process does before it forks the first such job: modules that it
            imports, and functions (`module:function`) that it calls.
    """

    function: str
    arguments: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()


FOOTPRINT = "railcrate.model.footprint:warm_up"

WORK = {
    "fetch": Work("railcrate.data.fetch:fetch_source", ("source",)),
    "curate": Work("railcrate.data.curate:curate", ("variant",), ("datasets",)),
    "card": Work("railcrate.data.card:write_card", ("variant",), ("pyarrow.parquet",)),
    "license": Work("railcrate.licensing.lay_down:lay_down"),
    "cards": Work("railcrate.report.cards:write_cards"),
    "tokenizer": Work("railcrate.model.tokenizer:train_tokenizer", ("tokenizer", "corpus"), ("transformers",)),
    "base": Work("railcrate.model.base:fetch_base", ("model",)),
    "tokenize": Work("railcrate.model.blocks:pack_blocks", ("model", "variant"), ("transformers",)),
    "train": Work("railcrate.model.train:train", ("experiment",), ("railcrate.model.train", FOOTPRINT)),
    "evaluate": Work(
        "railcrate.evaluate.run:evaluate", ("experiment", "benchmark"), ("railcrate.evaluate.run", FOOTPRINT)
    ),
    "compare": Work("railcrate.evaluate.compare:compare"),
    "assess": Work("railcrate.openness.write:write_assessment"),
    "report": Work("railcrate.report.page:write_report"),
}


def do_job(rule: str, values: dict[str, str], folder: Path) -> int:
    """Do one job in this process.

    Args:
        rule: a key of `WORK`.
        values: the values of its arguments, by name.
        folder: the study's folder.

    Returns:
        The exit code: 0, or that of the error, which is printed to stderr; for a mistake
        or a misfortune of the user's without a traceback.
    """
    try:
        study = load_study(folder)
        work = WORK[rule]
        module, name = work.function.split(":")
        function = getattr(importlib.import_module(module), name)
        with full_disk_told(f"the job '{' '.join([rule, *values.values()])}'"):
            function(folder, study, *(_argument(study, key, values[key]) for key in work.arguments))
    except RailcrateError as error:
        _tell(f"error: {error}\n")
        return error.exit_code
    except Exception:  # noqa: BLE001  the boundary of the job: whatever went wrong belongs in its log
        _tell(traceback.format_exc())
        return EXIT_FAILURE
    return EXIT_OK


def _tell(message: str) -> None:
    """Write to the log; where even that has no room, the client tells it."""
    with contextlib.suppress(OSError):
        sys.stderr.write(message)
        sys.stderr.flush()


def _argument(study: Study, key: str, value: str) -> Any:
    return experiment_of(study, value) if key == "experiment" else value


def experiment_of(study: Study, identifier: str) -> Experiment:
    """Find an experiment of the grid by its id."""
    return next(cell for cell in experiments(study) if cell.id == identifier)
