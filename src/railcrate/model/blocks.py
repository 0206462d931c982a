# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A variant's documents as blocks of tokens, all of one length."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from railcrate.model.base import base_files
from railcrate.model.errors import EmptyTextError
from railcrate.model.tokenizer import bounds, load_tokenizer, read_texts
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import replacing, write_json
from railcrate.study.grid import base_of, tokenizer_corpus, training_of
from railcrate.study.miniature import is_miniature
from railcrate.study.models import ScratchModel
from railcrate.study.records import job_record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SMALL = 65535  # the largest vocabulary whose ids are kept in 16 bits


def pack_blocks(folder: Path, study: Study, model: str, variant: str) -> None:
    """Tokenize a variant for a model and write its blocks and their counts.

    The documents follow one another as one stream, each between its bounds, and the stream
    is cut into blocks; a rest shorter than a block is left out and counted.

    Args:
        folder: the study's folder.
        study: the configuration.
        model: name of the model.
        variant: name of the variant.

    Raises:
        EmptyTextError: when the variant does not fill one block; in a miniature it is repeated until it does.
        BaseError: when the model's base is not there.
    """
    length = training_of(study, model).block_length
    with job_record(folder, "tokenize", f"{model}.{variant}") as record:
        tokenizer = load_tokenizer(tokenizer_files(folder, study, model, variant), **_trust(study, model))
        counts = _write_blocks(folder, model, variant, tokenizer, length)
        write_json(folder / paths.blocks_report(model, variant), {"model": model, "variant": variant, **counts})
        record["tokens"] = counts["tokens"]


def tokenizer_files(folder: Path, study: Study, model: str, variant: str) -> Path:
    """Give the folder that holds a model's tokenizer: its own, or that of its base.

    Args:
        folder: the study's folder.
        study: the configuration.
        model: name of the model.
        variant: the variant it is trained on.

    Returns:
        The folder.

    Raises:
        BaseError: when the model's base is not there.
    """
    corpus = tokenizer_corpus(study, model, variant)
    chosen = study.models[model]
    if corpus is None or not isinstance(chosen, ScratchModel):
        return base_files(folder, model)
    return folder / paths.tokenizer_folder(chosen.tokenizer, corpus)


def load_blocks(path: Path) -> NDArray[np.integer[Any]]:
    """Open blocks without reading them into memory.

    Args:
        path: the file.

    Returns:
        An array of token ids of shape (blocks, block_length).
    """
    import numpy as np

    return np.load(path, mmap_mode="r", allow_pickle=False)


def _write_blocks(folder: Path, model: str, variant: str, tokenizer: Any, length: int) -> dict[str, int]:
    import numpy as np

    kind = np.dtype("<u2" if len(tokenizer) <= SMALL else "<i4")
    counts = {"documents": 0, "tokens": 0, "blocks": 0, "block_length": length, "bytes": 0, "dropped_tokens": 0}
    rest = np.empty(0, kind)
    path = folder / paths.blocks(model, variant)
    with replacing(path) as temporary, temporary.open("wb") as output:
        start = _write_header(output, (0, length), kind)
        for tokens in _token_stream(folder / paths.variant_text(variant), tokenizer, kind, counts):
            counts["tokens"] += tokens.size
            joined = np.concatenate((rest, tokens))
            whole = joined.size // length
            output.write(joined[: whole * length].tobytes())
            counts["blocks"] += whole
            rest = joined[whole * length :]
        if counts["blocks"] == 0 and is_miniature(folder):  # the study itself may well have enough
            print(f"'{variant}' has {rest.size} tokens, fewer than one block: they are repeated", file=sys.stderr)
            output.write(np.resize(rest, length).tobytes())
            counts["blocks"], rest = 1, rest[:0]
        if counts["blocks"] == 0:
            raise EmptyTextError(
                f"the variant '{variant}' has {counts['documents']} documents with {counts['tokens']} tokens for "
                f"'{model}': fewer than one block of {length}",
                "Give the recipe more text, or set a smaller training.block_length.",
            )
        output.seek(0)
        if _write_header(output, (counts["blocks"], length), kind) != start:
            raise ValueError("the header of the array has outgrown its place")
    return {**counts, "dropped_tokens": int(rest.size), "vocab_size": len(tokenizer)}


def _write_header(output: IO[bytes], shape: tuple[int, int], kind: np.dtype[Any]) -> int:
    """Write a .npy header. NumPy leaves room in it for the first axis to grow, so it can be written again."""
    from numpy.lib import format as npy

    npy.write_array_header_1_0(output, {"descr": npy.dtype_to_descr(kind), "fortran_order": False, "shape": shape})
    return output.tell()


def _token_stream(
    path: Path, tokenizer: Any, kind: np.dtype[Any], counts: dict[str, int]
) -> Iterator[NDArray[np.integer[Any]]]:
    """Give the stream of token ids in pieces, and count documents and bytes on the way."""
    import numpy as np

    around = bounds(tokenizer)
    one = around.start == around.end  # the end of a document is the start of the next one
    for texts in read_texts(path):
        encoded = tokenizer(
            texts,
            add_special_tokens=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )["input_ids"]
        counts["documents"] += len(texts)
        counts["bytes"] += sum(len(text.encode()) for text in texts)
        ends = [] if one else [around.end]
        yield np.fromiter((id for document in encoded for id in [around.start, *document, *ends]), kind)
    if one and counts["documents"]:
        yield np.array([around.end], kind)


def _trust(study: Study, model: str) -> dict[str, bool]:
    base = base_of(study, model)
    return {"trust_remote_code": base is not None and base.trust_remote_code}
