# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether the files of a base can be loaded: said when they are fetched, while it is known why not."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from railcrate.model.errors import BaseError
from railcrate.model.safetensors_files import check_weights
from railcrate.study.files import read_json
from railcrate.study.models import Base

TOKENIZERS = ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "spiece.model", "vocab.json")
# How names of files with weights in other formats end: pickles, and those of TensorFlow, JAX, ggml, and NumPy.
OTHER_WEIGHTS = (".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".gguf", ".ggml", ".npz", ".npy")
_SHOWN = 2  # files in a message


def where_from(base: Base) -> str:
    """Name the place of a base, for messages."""
    return f"{base.repository} at {base.revision}" if base.repository is not None else str(base.path)


def check_base(base: Base, folder: Path, others: list[str]) -> None:
    """Refuse what cannot be loaded.

    Args:
        base: the base.
        folder: its files that were fetched.
        others: all files where they come from, with those that stay behind.

    Raises:
        BaseError: when there are no safetensors weights, no configuration or no tokenizer, or when
            transformers has no such architecture, and its own code is not there or not trusted.
        WeightsError: when a weights file is cut short.
    """
    where, weights = where_from(base), sorted(folder.glob("*.safetensors"))
    if not weights:
        raise BaseError(
            f"{where} has no safetensors weights{_instead(others)}{_noted(base)}",
            "Railcrate loads no pickled weights (*.bin, *.pt), for they can run code, and none that transformers does "
            "not load. Convert them first (transformers' save_pretrained writes safetensors) and name the folder as "
            "base.path, or take another revision.",
        )
    if not (folder / "config.json").is_file():
        raise BaseError(
            f"{where} has no config.json{_noted(base)}",
            "A base needs transformers' configuration of its model: without it nothing says what the weights are of.",
        )
    if not any((folder / name).is_file() for name in TOKENIZERS):
        raise BaseError(f"{where} has no tokenizer", "A base needs tokenizer.json or tokenizer_config.json.")
    _check_code(base, folder, others)
    for path in weights:
        check_weights(path, path.name, "Fetch the base again.")


def _check_code(base: Base, folder: Path, others: list[str]) -> None:
    """Refuse an architecture that transformers does not have, unless its own code is there and may run."""
    config = read_json(folder / "config.json")
    kind, mapped = config.get("model_type"), config.get("auto_map")
    if not kind or (mapped and base.trust_remote_code and _own_code(mapped, folder)):
        return
    import transformers

    if kind in transformers.CONFIG_MAPPING:
        return
    what = f"{where_from(base)} is of the architecture '{kind}', which transformers {transformers.__version__} lacks"
    if not mapped:
        raise BaseError(
            f"{what}, and brings no code of its own{_noted(base)}",
            "Take a repository of the same model in a form that transformers has, or a later transformers.",
        )
    code = sorted(name for name in others if name.endswith(".py") and "/" not in name)
    if not base.trust_remote_code:
        page = f" at https://huggingface.co/{base.repository}/tree/{base.revision}" if base.repository else ""
        raise BaseError(
            f"{what}: it brings code of its own ({', '.join(code) or 'none of it in this place'}), "
            "which is neither fetched nor run without your word",
            f"Read that code{page}. If you trust it, set trust_remote_code: true under the model's base.",
        )
    raise BaseError(
        f"{what}, and the code that its config.json names is not there: {', '.join(sorted(_modules(mapped)))}",
        "Code of another repository is not fetched. Put all of it into one folder, and name that as base.path.",
    )


def _own_code(mapped: dict[str, Any], folder: Path) -> bool:
    return all((folder / name).is_file() for name in _modules(mapped))


def _modules(mapped: dict[str, Any]) -> set[str]:
    """The files that an `auto_map` names; those of another repository as `owner/name--file.py`."""
    named = [name for entry in mapped.values() for name in (entry if isinstance(entry, list) else [entry]) if name]
    return {f"{name.rpartition('.')[0]}.py" for name in named}


def _instead(others: list[str]) -> str:
    """What weights there are in other formats."""
    found = [name for name in others if PurePosixPath(name).suffix in OTHER_WEIGHTS]
    found = found or [name for name in others if name.endswith(".safetensors") or "/" in name]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"; it has {', '.join(found[:_SHOWN])}{more}" if found else ""


def _noted(base: Base) -> str:
    """What the catalogue of models notes of a base that is named by it."""
    if base.catalogue is None:
        return ""
    from railcrate.study.catalogue import find

    note = find(base.catalogue).note
    return f". The catalogue notes: {note.rstrip('.')}" if note else ""
