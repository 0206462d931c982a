# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A model for lm-eval that gives the numbers of lm-eval's own, sooner.

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

LOGITS_BYTES = 1 << 28  # the largest block of logits that one forward pass may make
SECONDS_BETWEEN_LINES = 30  # of progress, where there is no terminal

Pair = tuple[str, str]  # context, continuation
Encoded = tuple[list[int], list[int]]  # the same as token ids


class BatchedLM(HFLM):
    """lm-eval's interface to a causal model that is already in memory.

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

    def __init__(self, model: Any, tokenizer: Any, *, batch_size: int, max_length: int | None = None) -> None:
        """Wrap the model; nothing is computed yet."""
        super().__init__(
            pretrained=model, tokenizer=tokenizer, backend="causal", batch_size=batch_size, max_length=max_length
        )
        self._longest = self.max_length  # looked up once: lm-eval searches the configuration every time
        self.truncated: Counter[str] = Counter()
        self.continuation_tokens: dict[Pair, int] = {}
        inner = model.get_base_model() if hasattr(model, "get_base_model") else model
        accepted = inspect.signature(inner.forward).parameters
        self._skips_logits = "logits_to_keep" in accepted
        self._options = {"use_cache": False} if "use_cache" in accepted else {}

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
        cut = {pair for pair, ids in zip(unique, encoded, strict=True) if len(ids[0]) + len(ids[1]) > self._longest + 1}
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
        # The last token is predicted but never read; what is too long loses its beginning.
        tokens = [(context + text)[-(self._longest + 1) :] for context, text in sequences]
        scored = [len(text) for _, text in sequences]
        order = sorted(range(len(tokens)), key=lambda i: (-len(tokens[i]), tokens[i]))
        answers: list[tuple[float, bool]] = [(0.0, False)] * len(tokens)
        done = 0
        with _progress(len(tokens), quiet) as progress:
            for batch in self._batches(order, tokens, scored):
                results = self._score_batch([tokens[i] for i in batch], [scored[i] for i in batch])
                for i, result in zip(batch, results, strict=True):
                    answers[i] = result
                done += len(batch)
                progress.to(done)
        return answers

    def _batches(self, order: list[int], tokens: list[list[int]], scored: list[int]) -> Iterator[list[int]]:
        """Cut the sequences, longest first, into batches with little padding and bounded logits."""
        limit = LOGITS_BYTES // (4 * max(1, self.model.config.get_text_config().vocab_size))
        batch: list[int] = []
        kept = 0
        for i in order:
            longest = len(tokens[batch[0]]) if batch else len(tokens[i])
            columns = max(kept, longest - len(tokens[i]) + scored[i])
            full = len(batch) >= self.batch_size or (len(batch) + 1) * columns > limit
            if batch and (full or 8 * len(tokens[i]) < 7 * longest):
                yield batch
                batch, columns = [], scored[i]
            batch.append(i)
            kept = columns
        if batch:
            yield batch

    def _score_batch(self, tokens: list[list[int]], scored: list[int]) -> list[tuple[float, bool]]:
        longest = len(tokens[0])
        block = np.zeros((len(tokens), longest), dtype=np.int64)
        for row, ids in enumerate(tokens):
            block[row, : len(ids)] = ids
        lengths = np.array([len(ids) - 1 for ids in tokens])[:, None]
        begins = lengths - np.array(scored)[:, None]
        first = int(begins.min())  # the first column that any row is scored at
        columns = np.arange(first, longest - 1)[None, :]
        wanted = torch.from_numpy((columns >= begins) & (columns < lengths)).to(self.device)
        inputs = torch.from_numpy(block).to(self.device)
        targets = inputs[:, first + 1 :]
        with torch.inference_mode():
            logits = self._logits(inputs[:, :-1], longest - 1 - first)
            greedy = (logits.argmax(dim=-1) == targets) | ~wanted
            logprobs = functional.log_softmax(logits, dim=-1, dtype=torch.float32)
            chosen = logprobs.gather(2, targets.unsqueeze(-1)).squeeze(-1).double()
            sums = torch.where(wanted, chosen, 0.0).sum(dim=1)
            return list(zip(sums.tolist(), greedy.all(dim=1).tolist(), strict=True))

    def _logits(self, inputs: torch.Tensor, keep: int) -> torch.Tensor:
        """Give the logits of the last `keep` positions: (batch, keep, vocabulary)."""
        options: dict[str, Any] = {**self._options, "logits_to_keep": keep} if self._skips_logits else self._options
        logits: torch.Tensor = self.model(input_ids=inputs, **options).logits
        return logits[:, -keep:]


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
