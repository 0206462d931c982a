# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A smaller model of the same architecture, for a miniature of a study.

What is scaled is what costs time: width, depth, and the width between. The number of
attention heads, and everything else, stays as it is, so that the same code runs. Only
decoders are scaled whose sizes are known to stay in step with one another when these
change; a test builds each of them. Any other model is taken as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeGuard

DEPTH = 2  # layers of a scaled model
HEAD = 16  # width of each attention head of it


@dataclass(frozen=True)
class Sizes:
    """The keys of a transformers configuration that hold its sizes.

    Attributes:
        width: width of the residual stream.
        depth: number of layers.
        heads: number of attention heads.
        inner: width between, in the feed-forward part.
        usual: width, depth and heads where a configuration does not state them.
    """

    width: str = "hidden_size"
    depth: str = "num_hidden_layers"
    heads: str = "num_attention_heads"
    inner: str = "intermediate_size"
    usual: tuple[int | None, int | None, int | None] = (None, None, None)


_OTHERS = ("gpt_neox", "gemma", "gemma2", "llama", "mistral", "olmo", "olmo2", "phi", "qwen2", "qwen3")
_KNOWN = {
    "gpt2": Sizes("n_embd", "n_layer", "n_head", "n_inner", usual=(768, 12, 12)),
    **dict.fromkeys(_OTHERS, Sizes()),
}
KNOWN = tuple(_KNOWN)


def scaled(architecture: dict[str, Any], vocabulary: int, most: int) -> dict[str, Any]:
    """Make an architecture smaller where it has too many weights.

    Args:
        architecture: `model_type` and keys of that transformers configuration.
        vocabulary: tokens that it knows.
        most: weights that it may have; a scaled one may have more where its heads are many.

    Returns:
        The architecture, scaled; the same where it is small enough, or its sizes are not known, or
        its kind is none of `KNOWN`.
    """
    keys = _KNOWN.get(str(architecture.get("model_type")))
    if keys is None:
        return architecture
    stated = zip((keys.width, keys.depth, keys.heads), keys.usual, strict=True)
    sizes = [architecture.get(key, usual) for key, usual in stated]
    known = [size for size in (*sizes, architecture.get(keys.inner) or 4 * (sizes[0] or 0)) if _is_size(size)]
    if len(known) < 4:
        return architecture
    width, depth, heads, inner = known
    if width % heads or weights(width, depth, inner, vocabulary) <= most:
        return architecture  # one that cannot be built is to fail, as it does in the study
    smaller = dict(architecture)
    smaller[keys.width] = min(width, heads * HEAD)
    if not any(isinstance(value, list) for value in architecture.values()):  # a list may name every layer
        smaller[keys.depth] = min(depth, DEPTH)
    if architecture.get(keys.inner):
        smaller[keys.inner] = max(8, inner * smaller[keys.width] // width // 8 * 8)
    if isinstance(architecture.get("head_dim"), int):
        smaller["head_dim"] = min(architecture["head_dim"], HEAD)
    return smaller


def _is_size(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and value > 0


def weights(width: int, depth: int, inner: int, vocabulary: int) -> int:
    """Estimate how many weights a decoder has: attention, a gated feed-forward part, and one table of tokens."""
    return depth * (4 * width**2 + 3 * width * inner) + vocabulary * width
