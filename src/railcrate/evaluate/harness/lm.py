# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A decoder for lm-eval that gives the numbers of lm-eval's own, sooner.

It differs from `HFLM` in four ways, none of which changes a log-likelihood by more than
floating-point noise. Texts are tokenized in batches. Equal requests are scored once.
Batches hold sequences of nearly one length, so that little is spent on padding; padding
stands on the right, where a causal model cannot see it. And the vocabulary's logits are
computed only where a continuation is scored.
"""

from __future__ import annotations

import inspect
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from lm_eval.models.utils import has_bos_prefix
from lm_eval.utils import get_rolling_token_windows, make_disjoint_window
from torch.nn import functional
from tqdm import tqdm

from railcrate.evaluate.errors import ItemError
from railcrate.model.kinds import DECODER
from railcrate.model.tokenizer import bounds

LOGITS_BYTES = 1 << 28  # the largest block of logits that one forward pass may make
SECONDS_BETWEEN_LINES = 30  # of progress, where there is no terminal

Pair = tuple[str, str]  # context, continuation
Encoded = tuple[list[int], list[int]]  # the same as token ids


class BatchedLM(HFLM):
    """lm-eval's interface to a causal model that is already in memory; `EncoderDecoderLM` builds on it.

    Args:
        model: a causal language model of transformers, or a peft model around one.
        tokenizer: its tokenizer.
        batch_size: sequences in a batch, at most.
        max_length: tokens that the model reads, at most; None for the model's own limit.

    Attributes:
        truncated: for each task, how many requests lost the beginning of their context.
        continuation_tokens: for each pair of context and continuation that was scored, how
            many tokens the continuation has.
    """

    kind = DECODER

    def __init__(self, model: Any, tokenizer: Any, *, batch_size: int, max_length: int | None = None) -> None:
        """Wrap the model; nothing is computed yet."""
        self._bounds = bounds(tokenizer)  # of documents: lm-eval's own choice, and one where it has none
        super().__init__(
            pretrained=model,
            tokenizer=tokenizer,
            backend=self.kind.backend,
            batch_size=batch_size,
            max_length=max_length,
            prefix_token_id=self._bounds.start,
        )
        self._longest = self.max_length  # looked up once: lm-eval searches the configuration every time
        self.truncated: Counter[str] = Counter()
        self.continuation_tokens: dict[Pair, int] = {}
        inner = model.get_base_model() if hasattr(model, "get_base_model") else model
        accepted = inspect.signature(inner.forward).parameters
        self._skips_logits = "logits_to_keep" in accepted
        self._options = {"use_cache": False} if "use_cache" in accepted else {}

    @property
    def eot_token_id(self) -> int:
        """The token that ends a text."""
        return self._bounds.end

    def loglikelihood(self, requests: list[Instance], disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        """Score continuations given contexts.

        Args:
            requests: instances whose `args` are (context, continuation).
            disable_tqdm: show no progress.

        Returns:
            For each request its log-likelihood in nats, and whether greedy decoding gives it.

        Raises:
            ItemError: when a continuation has no tokens, or more than the model reads.
        """
        pairs: list[Pair] = [request.args[:2] for request in requests]
        owner = dict(zip(reversed(pairs), reversed(requests), strict=True))  # the first request of each pair
        unique = list(dict.fromkeys(pairs))
        encoded = self._encode_pairs(unique)
        for pair, (_, continuation) in zip(unique, encoded, strict=True):
            self._check(continuation, owner[pair])
            self.continuation_tokens[pair] = len(continuation)
        cut = {pair for pair, ids in zip(unique, encoded, strict=True) if self._fitted(ids) != ids}
        if cut:
            self.truncated.update(request.task_name for request in requests if request.args[:2] in cut)
        scores = dict(zip(unique, self._score(encoded, quiet=disable_tqdm), strict=True))
        return [scores[pair] for pair in pairs]

    def loglikelihood_rolling(self, requests: list[Instance], disable_tqdm: bool = False) -> list[float]:
        """Score whole texts, window by window where they are longer than the model reads.

        Args:
            requests: instances whose `args` are (text,).
            disable_tqdm: show no progress.

        Returns:
            For each text its log-likelihood in nats.
        """
        texts = [request.args[0] for request in requests]
        windows: list[Encoded] = []
        counts: list[int] = []
        for ids in self._encode_texts(texts):
            own = [
                make_disjoint_window(window)
                for window in get_rolling_token_windows(
                    token_list=ids, prefix_token=self.prefix_token_id, max_seq_len=self._longest, context_len=1
                )
            ]
            windows += own
            counts.append(len(own))
        scores = iter(self._score(windows, quiet=disable_tqdm))
        return [sum(next(scores)[0] for _ in range(count)) for count in counts]

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """Generate greedily, as lm-eval's own model does; with a bar only where somebody watches."""
        generated: list[str] = super().generate_until(requests, disable_tqdm=disable_tqdm or not sys.stderr.isatty())
        return generated

    # --- text to tokens --------------------------------------------------------------

    def _encode_pairs(self, pairs: Sequence[Pair]) -> list[Encoded]:
        """Tokenize as `TemplateLM.loglikelihood` does, all texts of a kind at once."""
        alone = [continuation for context, continuation in pairs if not context]
        alone_ids = iter(self._tokenize(alone, special=False))
        # A space at the end of the context belongs to the token that follows it.
        stems = [context.rstrip() if context else "" for context, _ in pairs]
        wholes = iter(self._encode_texts([context + text for context, text in pairs if context]))
        contexts = list(dict.fromkeys(stem for stem, (context, _) in zip(stems, pairs, strict=True) if context))
        context_ids = dict(zip(contexts, self._encode_texts(contexts), strict=True))
        encoded: list[Encoded] = []
        for (context, _), stem in zip(pairs, stems, strict=True):
            if context:
                before = context_ids[stem]
                encoded.append((before, next(wholes)[len(before) :]))
                continue
            ids = next(alone_ids)
            prefix = self.prefix_token_id
            encoded.append((ids[:1], ids[1:]) if ids and ids[0] == prefix else ([prefix], ids))
        return encoded

    def _encode_texts(self, texts: list[str]) -> list[list[int]]:
        """Tokenize as `tok_encode` does: special tokens unless a text begins with one."""
        prefix = self.tokenizer.decode(self.prefix_token_id)
        begins = [has_bos_prefix(text, prefix) for text in texts]
        with_prefix = iter(self._tokenize([t for t, b in zip(texts, begins, strict=True) if b], special=False))
        without = iter(self._tokenize([t for t, b in zip(texts, begins, strict=True) if not b], special=True))
        return [next(with_prefix) if b else next(without) for b in begins]

    def _tokenize(self, texts: list[str], *, special: bool) -> list[list[int]]:
        if not texts:
            return []
        encoding = self.tokenizer(
            texts, add_special_tokens=special, return_attention_mask=False, return_token_type_ids=False, verbose=False
        )
        ids: list[list[int]] = encoding["input_ids"]
        return ids

    def _check(self, continuation: list[int], request: Instance) -> None:
        if continuation and len(continuation) <= self._longest:
            return
        found = f"{len(continuation)} tokens" if continuation else "no tokens"
        text = request.args[1]
        shown = text if len(text) <= 60 else text[:60] + "…"
        raise ItemError(
            f"item {request.doc_id} of task '{request.task_name}' cannot be scored: {shown!r} has {found}, "
            f"and the model reads 1 to {self._longest}",
            "Mend or leave out the item, or raise `evaluation.max_length` if the model allows it.",
        )

    # --- tokens to log-likelihoods ---------------------------------------------------

    def _score(self, sequences: Sequence[Encoded], *, quiet: bool) -> list[tuple[float, bool]]:
        """Score the continuation of each sequence.

        Args:
            sequences: context and continuation as token ids, both not empty.
            quiet: show no progress.

        Returns:
            Log-likelihood in nats and greediness, in the order of `sequences`.
        """
        pairs = [self._fitted(ids) for ids in sequences]
        tokens = [context + text for context, text in pairs]
        order = sorted(range(len(tokens)), key=lambda i: (-len(tokens[i]), tokens[i]))
        answers: list[tuple[float, bool]] = [(0.0, False)] * len(tokens)
        done = 0
        with _progress(len(tokens), quiet) as progress:
            for batch in self._batches(order, pairs):
                results = self._score_batch([pairs[i] for i in batch])
                for i, result in zip(batch, results, strict=True):
                    answers[i] = result
                done += len(batch)
                progress.to(done)
        return answers

    def _fitted(self, ids: Encoded) -> Encoded:
        """Give the part of a context and a continuation that the model reads: what is too long loses its beginning."""
        context, text = ids
        over = len(context) + len(text) - (self._longest + 1)  # the last token is predicted but never read
        return (context[over:], text) if over > 0 else ids

    def _columns(self, longest: int, ids: Encoded) -> int:
        """How many columns of logits a sequence needs in a batch whose longest has that many tokens."""
        return longest - len(ids[0])

    def _batches(self, order: list[int], pairs: list[Encoded]) -> Iterator[list[int]]:
        """Cut the sequences, longest first, into batches with little padding and bounded logits."""
        limit = LOGITS_BYTES // (4 * max(1, self.model.config.get_text_config().vocab_size))
        batch: list[int] = []
        longest = kept = 0
        for i in order:
            length = len(pairs[i][0]) + len(pairs[i][1])
            longest = longest if batch else length
            columns = max(kept, self._columns(longest, pairs[i]))
            full = len(batch) >= self.batch_size or (len(batch) + 1) * columns > limit
            if batch and (full or 8 * length < 7 * longest):
                yield batch
                batch, longest, columns = [], length, self._columns(length, pairs[i])
            batch.append(i)
            kept = columns
        if batch:
            yield batch

    def _score_batch(self, pairs: list[Encoded]) -> list[tuple[float, bool]]:
        lengths = np.array([len(context) + len(text) - 1 for context, text in pairs])[:, None]
        begins = lengths - np.array([len(text) for _, text in pairs])[:, None]
        first = int(begins.min())  # the first column that any row is scored at
        inputs = self._padded([context + text for context, text in pairs])
        columns = np.arange(first, inputs.shape[1] - 1)[None, :]
        wanted = torch.from_numpy((columns >= begins) & (columns < lengths)).to(self.device)
        with torch.inference_mode():
            logits = self._logits(inputs[:, :-1], inputs.shape[1] - 1 - first)
            return summed(logits, inputs[:, first + 1 :], wanted)

    def _padded(self, rows: list[list[int]]) -> torch.Tensor:
        """Set rows of tokens under one another, with zeros on the right of those that are shorter."""
        block = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        for row, ids in enumerate(rows):
            block[row, : len(ids)] = ids
        return torch.from_numpy(block).to(self.device)

    def _logits(self, inputs: torch.Tensor, keep: int) -> torch.Tensor:
        """Give the logits of the last `keep` positions: (batch, keep, vocabulary)."""
        options: dict[str, Any] = {**self._options, "logits_to_keep": keep} if self._skips_logits else self._options
        logits: torch.Tensor = self.model(input_ids=inputs, **options).logits
        return logits[:, -keep:]


def summed(logits: torch.Tensor, targets: torch.Tensor, wanted: torch.Tensor) -> list[tuple[float, bool]]:
    """Add up each row's log-likelihoods of the wanted targets, and tell whether all of these are the likeliest."""
    greedy = (logits.argmax(dim=-1) == targets) | ~wanted
    logprobs = functional.log_softmax(logits, dim=-1, dtype=torch.float32)
    chosen = logprobs.gather(2, targets.unsqueeze(-1)).squeeze(-1).double()
    sums = torch.where(wanted, chosen, 0.0).sum(dim=1)
    return list(zip(sums.tolist(), greedy.all(dim=1).tolist(), strict=True))


class _progress:  # noqa: N801  (used as a function)
    """A bar in a terminal; elsewhere a line now and then, and none for what is soon done."""

    def __init__(self, total: int, quiet: bool) -> None:
        self._total = total
        self._bar = None if quiet or not sys.stderr.isatty() else tqdm(total=total, desc="scoring", unit="req")
        self._lines = not quiet and self._bar is None
        self._last = time.monotonic()

    def __enter__(self) -> _progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def to(self, done: int) -> None:
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif self._lines and time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            print(f"scored {done} of {self._total} requests", file=sys.stderr, flush=True)
