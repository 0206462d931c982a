# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Does what was published fit together? Figures and weights name each other by checksum.

A bundle whose checksums are all right may still hold other weights than those that its
figures were made with: the evaluation names the sha256 of the weights, the tokenizer, the
tasks and the data, and the training summary that of the weights and the seed. Nothing is
run to find that out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

from railcrate.reproduce.facts import Facts
from railcrate.reproduce.metrics import Evaluation, Results, model_variant_seed
from railcrate.reproduce.stores import Store, UnreadableError, json_of
from railcrate.study import paths

# As `railcrate.evaluate.results` has them, which imports lm-eval: seconds that checking files should not take.
WEIGHTS = ("*.safetensors", "config.json", "adapter_config.json")
TOKENIZER = (
    "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "*.model", "special_tokens_map.json",
)  # fmt: skip


@dataclass(frozen=True)
class Mismatch:
    """Two things that were published and do not fit together.

    Attributes:
        kind: weights, tokenizer, tasks, data, seeds or figures.
        where: the experiment, or the experiment and the benchmark.
        message: what does not fit, in words.
        stated: what the one says.
        found: what the other is.
    """

    kind: str
    where: str
    message: str
    stated: str
    found: str


def mismatches(results: Results, facts: Facts) -> list[Mismatch]:
    """Look for published things that do not fit together.

    Args:
        results: the published figures.
        facts: the published records.

    Returns:
        What does not fit, each once. What is not published cannot be judged, and is left out.

    Raises:
        UnreadableError: when a file is damaged.
    """
    store = results.store
    if store is None:
        return []
    found = [*_trainings(store, facts)]
    for evaluation in results.evaluations.values():
        found += _inputs(store, evaluation)
        found += _figures(store, evaluation)
    found += _table(store, results)
    return list(dict.fromkeys(found))


def _trainings(store: Store, facts: Facts) -> Iterator[Mismatch]:
    for experiment, summary in facts.trainings.items():
        _, _, seed = model_variant_seed(experiment)
        stated = summary.get("seed")
        if seed is not None and stated is not None and stated != seed:
            message = f"its training summary says seed {stated}, its name seed {seed}"
            yield Mismatch("seeds", experiment, message, str(stated), str(seed))
        expected = (summary.get("hashes") or {}).get("weights")
        folder = paths.weights_folder(experiment)
        for name in ("adapter_model.safetensors", "model.safetensors"):
            actual = store.sha256(f"{folder}/{name}")
            if actual is not None:
                if expected is not None and expected != actual:
                    message = f"{name} is not the file that its training wrote"
                    yield Mismatch("weights", experiment, message, str(expected), actual)
                break


def _inputs(store: Store, evaluation: Evaluation) -> Iterator[Mismatch]:
    """The files that an evaluation names, against those that are there."""
    where = " on ".join(evaluation.name)
    hashes = evaluation.hashes
    for kind in ("tasks", "data"):
        for name, stated in (hashes.get(kind) or {}).items():
            actual = store.sha256(name)
            if actual is not None and actual != stated:
                yield Mismatch(kind, where, f"its figures were made with another {name}", str(stated), actual)
    stated_weights, digest = hashes.get("weights"), weights_digest(store, evaluation.experiment, WEIGHTS)
    if stated_weights is not None and digest is not None and stated_weights != digest:
        yield Mismatch("weights", where, "its figures were made with other weights", str(stated_weights), digest)
    stated_tokenizer, digest = hashes.get("tokenizer"), _digest(store, _tokenizer_files(store, evaluation, TOKENIZER))
    if stated_tokenizer is not None and digest is not None and stated_tokenizer != digest:
        yield Mismatch(
            "tokenizer", where, "its figures were made with another tokenizer", str(stated_tokenizer), digest
        )


def weights_digest(store: Store, experiment: str, patterns: Sequence[str]) -> str | None:
    """Hash an experiment's weights as its evaluations do; None where they are not published.

    Args:
        store: the study's files.
        experiment: the experiment's id.
        patterns: of the files that hold weights and their configuration.
    """
    model, variant, _ = model_variant_seed(experiment)
    model = model.removesuffix(".pretrained")
    base = _matching(store, paths.base_folder(model), patterns)
    own = base if variant is None else _matching(store, paths.weights_folder(experiment), patterns)
    adapter = any(name.endswith("adapter_config.json") for name in own)
    return _digest(store, own + base if adapter and variant is not None else own)


def _tokenizer_files(store: Store, evaluation: Evaluation, patterns: Sequence[str]) -> list[str]:
    model, variant, _ = model_variant_seed(evaluation.experiment)
    own = [] if variant is None else _matching(store, paths.weights_folder(evaluation.experiment), patterns)
    return own or _matching(store, paths.base_folder(model.removesuffix(".pretrained")), patterns)


def _matching(store: Store, folder: str, patterns: Sequence[str]) -> list[str]:
    """The files in a folder, not below it, whose names match; sorted."""
    return [
        name
        for name in store.names(f"{folder}/")
        if "/" not in name.removeprefix(f"{folder}/")
        and any(fnmatch(PurePosixPath(name).name, pattern) for pattern in patterns)
    ]


def _digest(store: Store, names: Sequence[str]) -> str | None:
    """One checksum for several files, as `railcrate.evaluate.results` makes it."""
    hashes = {name: store.sha256(name) for name in names}
    if not hashes or None in hashes.values():
        return None
    if len(hashes) == 1:
        return next(iter(hashes.values()))
    lines = "".join(f"{PurePosixPath(name).name} {digest}\n" for name, digest in hashes.items())
    return hashlib.sha256(lines.encode()).hexdigest()


def _figures(store: Store, evaluation: Evaluation) -> Iterator[Mismatch]:
    """The evaluation against the file of its figures alone."""
    file = paths.metrics(*evaluation.name)
    if not store.has(file):
        return
    alone: Any = json_of(store, file)
    if not isinstance(alone, dict):
        raise UnreadableError(f"{file} of {store.place} holds no figures", "Fetch it again.")
    for figure in evaluation.figures:
        if figure.task is None and alone.get(figure.metric) != figure.value:
            message = f"{figure.metric} is not the same in {paths.evaluation(*evaluation.name)} and in {file}"
            yield Mismatch(
                "figures", " on ".join(evaluation.name), message, str(figure.value), str(alone.get(figure.metric))
            )


def _table(store: Store, results: Results) -> Iterator[Mismatch]:
    """The table of all results against the evaluations that it was gathered from."""
    if not store.has(paths.RESULTS_JSON):
        return
    rows: Any = json_of(store, paths.RESULTS_JSON).get("rows", [])
    figures = {(*e.name, f.task, f.metric): f.value for e in results.evaluations.values() for f in e.figures}
    for row in rows:
        key = (row["experiment"], row["benchmark"], row["task"], row["metric"])
        if (row["task"] is not None or row["group"] is None) and key in figures and figures[key] != row["value"]:
            message = f"{row['task'] or 'the whole'}/{row['metric']} is not the same in {paths.RESULTS_JSON}"
            yield Mismatch("figures", f"{key[0]} on {key[1]}", message, str(row["value"]), str(figures[key]))
