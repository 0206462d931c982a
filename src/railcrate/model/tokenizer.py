# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Tokenizers that a study trains on its own text, and what marks a document's bounds."""

from __future__ import annotations

import io
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from railcrate.model.errors import BaseError, EmptyTextError
from railcrate.study import paths
from railcrate.study.config import Study
from railcrate.study.files import replacing, sha256_file
from railcrate.study.models import Tokenizer as TokenizerSettings
from railcrate.study.records import job_record

BOUNDARY = "<|endoftext|>"
PADDING = "<|pad|>"
UNKNOWN = "<|unk|>"
SPECIAL = (BOUNDARY, PADDING, UNKNOWN)
FILES = ("tokenizer.json", "tokenizer_config.json")
# What holds the vocabulary of a tokenizer that somebody else made: the first that is there is the one that counts.
VOCABULARIES = (
    "tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "vocab.txt",
    "tokenizer_config.json",
)  # fmt: skip
# How the names of all its files begin.
TOKENIZER_FILES = (
    "tokenizer", "vocab", "merges", "special_tokens", "added_tokens", "chat_template", "spiece", "sentencepiece",
)  # fmt: skip
ROWS = 1024  # documents held in memory at a time


@dataclass(frozen=True)
class Bounds:
    """The tokens around a document.

    Attributes:
        start: the token before its first one.
        end: the token after its last one; the same as `start` where one token does both.
    """

    start: int
    end: int


def train_tokenizer(folder: Path, study: Study, tokenizer: str, corpus: str) -> None:
    """Train a tokenizer on a variant and write `tokenizer.json` and `tokenizer_config.json`.

    All kinds work on bytes (the byte-level alphabet of GPT-2), so that any text can be
    represented and no character is ever unknown.

    Args:
        folder: the study's folder.
        study: the configuration.
        tokenizer: name of the tokenizer.
        corpus: the variant that it is trained on.

    Raises:
        EmptyTextError: when the variant has no text.
    """
    settings = study.tokenizers[tokenizer]
    target = folder / paths.tokenizer_folder(tokenizer, corpus)
    with job_record(folder, "tokenizer", f"{tokenizer}.{corpus}") as record:
        trained = build_tokenizer(settings, _texts(folder, corpus))
        _save(trained, target)
        record["vocab_size"] = len(trained)
        record["sha256"] = {name: sha256_file(target / name) for name in FILES}


def build_tokenizer(settings: TokenizerSettings, texts: Iterator[str]) -> Any:
    """Train a tokenizer on texts.

    Args:
        settings: kind and vocabulary size. A byte tokenizer has 256 tokens and the special
            ones, whatever the size.
        texts: the corpus, read once.

    Returns:
        A `PreTrainedTokenizerFast`.

    Raises:
        EmptyTextError: when there is no text.
    """
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one thread: nothing is summed in an order that varies
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    model = Tokenizer(_MODELS[settings.kind](settings.vocab_size, _not_empty(texts)))
    model.add_special_tokens(list(SPECIAL))
    model.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    model.decoder = decoders.ByteLevel()
    # One token is both the beginning and the end, as in GPT-2: documents here are often one
    # sentence long, and two boundary tokens a document would eat a tenth of the budget.
    # A document that spells the token out must not end there: special tokens in text are split.
    return PreTrainedTokenizerFast(
        tokenizer_object=model,
        bos_token=BOUNDARY,
        eos_token=BOUNDARY,
        pad_token=PADDING,
        unk_token=UNKNOWN,
        split_special_tokens=True,
        clean_up_tokenization_spaces=False,
    )


def _byte(vocab_size: int, texts: Iterator[str]) -> Any:
    """Make a model with one token for each byte; the texts decide nothing."""
    from tokenizers import models

    next(texts)
    return models.BPE(vocab={token: number for number, token in enumerate([*SPECIAL, *_alphabet()])}, merges=[])


def _bpe(vocab_size: int, texts: Iterator[str]) -> Any:
    """Train byte pairs (Sennrich et al. 2016, arXiv:1508.07909)."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    model = Tokenizer(models.BPE(unk_token=UNKNOWN))
    model.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=list(SPECIAL), initial_alphabet=_alphabet(), show_progress=False
    )
    model.train_from_iterator(texts, trainer)
    return model.model


def _unigram(vocab_size: int, texts: Iterator[str]) -> Any:
    """Train a unigram model (Kudo 2018, arXiv:1804.10959) with sentencepiece.

    The trainer of `tokenizers` sums floats in the order of a randomly seeded hash map: its
    vocabulary differs from run to run. That of sentencepiece, on words in sorted order and
    one thread, does not.
    """
    import sentencepiece
    from tokenizers import models, pre_tokenizers

    split = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words = Counter(word for text in texts for word, _ in split.pre_tokenize_str(text))
    seen = set().union(*words)
    unseen = [byte for byte in _alphabet() if byte not in seen]
    size = max(vocab_size - len(SPECIAL) - len(unseen), len(seen))
    proto = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".tsv") as table:
        table.writelines(f"{word}\t{count}\n" for word, count in sorted(words.items()))
        table.flush()
        sentencepiece.SentencePieceTrainer.train(
            input=table.name,
            input_format="tsv",
            model_writer=proto,
            model_type="unigram",
            vocab_size=size + 1,  # and its own unknown
            hard_vocab_limit=False,  # a small corpus may have fewer pieces
            character_coverage=1.0,
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            max_sentence_length=1 << 24,
            num_threads=1,
            bos_id=-1,
            eos_id=-1,
            minloglevel=2,
        )
    trained = sentencepiece.SentencePieceProcessor(model_proto=proto.getvalue())
    pieces = [(trained.id_to_piece(i), trained.get_score(i)) for i in range(len(trained)) if not trained.is_unknown(i)]
    lowest = min(score for _, score in pieces) - 10.0  # sentencepiece's own distance for what it has not seen
    vocab = [(token, 0.0) for token in SPECIAL] + pieces + [(byte, lowest) for byte in unseen]
    return models.Unigram(vocab, unk_id=SPECIAL.index(UNKNOWN), byte_fallback=False)


_MODELS: dict[str, Callable[[int, Iterator[str]], Any]] = {"bpe": _bpe, "unigram": _unigram, "byte": _byte}


def _alphabet() -> list[str]:
    """List the 256 characters that stand for bytes, sorted."""
    from tokenizers import pre_tokenizers

    return sorted(pre_tokenizers.ByteLevel.alphabet())


def load_tokenizer(folder: Path, *, trust_remote_code: bool = False) -> Any:
    """Load a tokenizer from a folder, with nothing asked of the network.

    Args:
        folder: a folder with a tokenizer's files.
        trust_remote_code: whether to run code that the folder brings.

    Returns:
        A transformers tokenizer.

    Raises:
        BaseError: when transformers cannot load it.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=trust_remote_code)
    except (OSError, ValueError, RuntimeError, LookupError, ImportError, AttributeError, TypeError) as error:
        raise BaseError(
            f"the tokenizer in {folder.parent.name}/{folder.name} cannot be loaded: {' '.join(str(error).split())}",
            "With tokenizer.json beside it, transformers needs nothing else; to make one from a sentencepiece model "
            "alone (*.model) it needs the package protobuf: pip install protobuf.",
        ) from error


def bounds(tokenizer: Any) -> Bounds:
    """Tell which tokens a document stands between.

    Scoring a text without context needs a token before the first one; lm-eval takes the
    tokenizer's BOS or, where there is none, its EOS (`HFLM.prefix_token_id`). Training
    documents begin with the same token, or every first word would be scored in a context
    that the model has never seen. A tokenizer with neither, such as GPT-1's, has its token for
    the unknown stand there: text in its own alphabet never has it inside.

    Args:
        tokenizer: a transformers tokenizer.

    Returns:
        The ids.

    Raises:
        EmptyTextError: when the tokenizer has none of the three.
    """
    start, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    if start is None and end is None:
        start = tokenizer.unk_token_id
    if start is None and end is None:
        raise EmptyTextError(
            "the tokenizer has neither a BOS nor an EOS nor an UNK token, so documents cannot be kept apart",
            "Add bos_token or eos_token to the base's tokenizer_config.json.",
        )
    return Bounds(start=end if start is None else start, end=start if end is None else end)


def read_texts(path: Path) -> Iterator[list[str]]:
    """Read a variant's texts in groups, in bounded memory.

    Args:
        path: the variant's Parquet file.

    Yields:
        At most `ROWS` texts at a time.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=ROWS, columns=["text"], use_threads=False):
            yield batch.column(0).to_pylist()


def _texts(folder: Path, corpus: str) -> Iterator[str]:
    for group in read_texts(folder / paths.variant_text(corpus)):
        yield from group


def _not_empty(texts: Iterator[str]) -> Iterator[str]:
    """Pass on the texts that are not empty, of which there must be one."""
    texts = filter(None, texts)
    first = next(texts, None)
    if first is None:
        raise EmptyTextError("the corpus of the tokenizer has no text", "Look at what its recipe removed (steps.json).")
    return chain([first], texts)


def _save(tokenizer: Any, target: Path) -> None:
    """Write both files whole or not at all."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as scratch:
        tokenizer.save_pretrained(scratch)
        for name in FILES:
            with replacing(target / name) as temporary:
                (Path(scratch) / name).replace(temporary)
