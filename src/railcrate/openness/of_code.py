# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Facts about code and weights: what is there to train, test, run and study the model with."""

from __future__ import annotations

from railcrate.openness.facts import Fact, Pointer, Status
from railcrate.openness.known import base_fact
from railcrate.openness.seen import Seen, config, met, not_met, shares
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.environment import FOLDER as ENVIRONMENTS
from railcrate.study.grid import base_of
from railcrate.study.models import ScratchModel

_FREE_CODE = "railcrate, which every study names with its version"


def facts(seen: Seen) -> dict[str, Fact]:
    """Judge code and weights.

    Args:
        seen: the study.

    Returns:
        The facts `code.*` and `weights.*` but for their terms.
    """
    study, own = seen.study, Pointer("the study's code", "Snakefile")
    readme = seen.made(["README.md"], "the study's README says what it is and how it is run")
    return {
        "code.published": met("the bundle holds the study's code as it was committed", own),
        "code.data-processing": met(
            f"recipes name every step; the steps' code is the study's own or {_FREE_CODE}", config("recipes")
        ),
        "code.training": _training(seen),
        "code.evaluation": met(
            f"benchmarks name every task, run by lm-eval; their code is the study's own, lm-eval's, or {_FREE_CODE}",
            config("benchmarks"),
        ),
        "code.support": _environment(seen, "every package is recorded with its version"),
        "code.environment": _environment(seen, "every package is recorded with its version and a hash"),
        "code.inference": _inference(seen),
        "code.architecture": _architecture(seen),
        "code.documented": readme,
        "code.package": met("the study is run by a package that pip installs, and brings its own Snakefile", own),
        "weights.base-open": base_openness(study),
        "weights.size": seen.made(
            [paths.training_summary(cell.id) for cell in seen.trained], "the parameters of every model are counted"
        ),
        "weights.checkpoints": not_met(
            f"training keeps {study.training.checkpoints} checkpoints until it has ended; they are not published",
            config("training.checkpoints"),
        ),
        "weights.optimizer-state": not_met("the optimizer's state is not kept once training has ended"),
    }


def _training(seen: Seen) -> Fact:
    if not seen.trained:
        return Fact(Status.NOT_APPLICABLE, "the study trains nothing")
    return met(f"all settings of the training are stated; the code is {_FREE_CODE}", config("training"))


def _environment(seen: Seen, yes: str) -> Fact:
    if not any((seen.folder / ENVIRONMENTS).glob("*.json")):
        return Fact(Status.NOT_SHOWN, "no run has recorded its packages yet")
    return met(yes, Pointer("the packages of every run", ENVIRONMENTS))


def _inference(seen: Seen) -> Fact:
    remote = [name for name in seen.study.models if (base := base_of(seen.study, name)) and base.trust_remote_code]
    plain = [name for name in seen.study.models if name not in remote]
    return shares(
        plain, remote, "transformers loads and runs the weights (safetensors), without code of their own",
        "needs code that its repository brings", config("models"),
    )  # fmt: skip


def _architecture(seen: Seen) -> Fact:
    if any(isinstance(model, ScratchModel) for model in seen.study.models.values()):
        return met("the architecture is stated in full, and lies beside the weights", config("models"))
    return met("the architecture is that of the base, whose configuration lies beside the weights", config("models"))


def base_openness(study: Study) -> Fact:
    """Tell how open the bases of a study are: as the least open of them, where the catalogue knows them all.

    Args:
        study: the configuration.
    """
    bases = {name: base for name in study.models if (base := base_of(study, name)) is not None}
    if not bases:
        return Fact(Status.NOT_APPLICABLE, "nothing is fine-tuned: every model starts from random weights")
    found = [
        base_fact(base.catalogue)
        if base.catalogue is not None
        else Fact(Status.NOT_SHOWN, f"nothing shows how open the base of {name} is")
        for name, base in bases.items()
    ]
    return min(found, key=lambda fact: (Status.NOT_MET, Status.NOT_SHOWN, Status.MET).index(fact.status))
