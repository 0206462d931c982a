# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is known of the causes by which figures differ, in words, and in which order they are likely.

The measurements were made with models of about one million parameters on CPUs.
"""

from __future__ import annotations

TITLES = {
    "models": "These are figures of different models",
    "figures": "Published files contradict each other",
    "weights": "The weights are not those that the published figures were made with",
    "seeds": "A seed differs",
    "data": "The data of a benchmark differ",
    "tasks": "The questions differ",
    "tokenizer": "The tokenizer differs",
    "sources": "A source, or a base, is not what it was",
    "step": "A step on the way from the sources made something else of the same input",
    "configuration": "The configuration differs",
    "commit": "The published jobs ran with files that were not committed",
    "code": "Another version of railcrate's own code computed the figures",
    "precision": "The arithmetic has another precision",
    "length": "The model read texts to another length",
    "versions": "Packages have other versions",
    "packages": "Other packages have other versions",
    "device": "The device differs, or is a GPU",
    "hardware": "The processor differs",
    "threads": "The number of threads differs",
    "batch": "The size of the batches differs",
    "system": "The operating system differs",
    "training": "Training came out with other weights",
    "unrecorded": "Too little is recorded to tell why",
    "unexplained": "Nothing that is recorded differs: this is unexplained",
    "unexplained weights": "Nothing that is recorded accounts for other weights: this is unexplained",
}

KNOWN = {
    "models": "That they differ is what one would expect.",
    "figures": "One of the files was changed after the study ran, or is of another run.",
    "weights": "Their checksum is not the one that the evaluation, or the training, wrote down. Every figure of that "
    "experiment is of other weights. They were exchanged, changed or damaged after the study ran.",
    "seeds": "Another seed gives other initial weights and another order of the data: figures then differ as much as "
    "between two seeds of the study.",
    "data": "Items were added, removed or changed, so the figures are not of the same questions.",
    "tasks": "Another version of a task, other prompts, another number of examples or of items: the figures are not of "
    "the same questions.",
    "tokenizer": "Other tokens change every log-likelihood, and favour choices with fewer tokens.",
    "sources": "What is at the source's address may have changed. A source with a sha256 cannot change unnoticed; a "
    "generator can, with its version.",
    "step": "The code of the step, a package behind it, or the order in which it reads changed. All that follows "
    "from it is another experiment.",
    "configuration": "Another architecture, budget, recipe or setting is another experiment.",
    "commit": "A commit that ends with “+” had changed files beside it. What was in them is not published.",
    "code": "The fingerprint leaves comments out, so something that computes was changed.",
    "precision": "bfloat16 keeps 8 bits of a number, float32 24: log-likelihoods differ in the third digit, and close "
    "choices flip.",
    "length": "Longer texts lose their beginning, which changes perplexities and prompts with many examples.",
    "versions": "Results of lm-eval move between its versions; torch and transformers change the order of sums, and "
    "thereby last digits; tokenizers and datasets can change what is read.",
    "packages": "They are not known to change figures, but may be needed by those that do.",
    "device": "A GPU sums in another order than a CPU, and not always in the same order twice; last digits differ.",
    "hardware": "Another instruction set (AVX2, AVX-512) or vendor sums in another order: with AVX2 for "
    "AVX-512 weights differed by up to 1.3e-7 in our measurements. Longer training amplifies that; an evaluation shows "
    "it in last digits.",
    "threads": "Sums are split among threads. In our measurements 1, 2 and 4 threads gave the same bytes, and 3 "
    "gave others.",
    "batch": "Log-likelihoods were the same across repeats and threads at one size of batches, and differed in the "
    "last digits at another.",
    "system": "It brings other libraries of mathematics with it; last digits may differ.",
    "training": "The published weights and those of this run are not the same bytes. The causes of that stand above, "
    "as far as they are recorded. Trained again, a model may differ as much as two seeds do; where there are seeds "
    "enough to know how much that is, its figures were allowed it.",
    "unrecorded": "The jobs' records (machine, versions, threads) are not there on both sides.",
    "unexplained": "Versions, machine, threads, batches, data and weights are recorded as equal, and evaluation is the "
    "same, bit for bit, under these conditions in our measurements. Try: verify again on this machine (is it stable "
    "from run to run?), verify on another machine, and ask the authors whether the figures were made with files that "
    "are not published.",
    "unexplained weights": "Versions, machine, threads, data and configuration are recorded as equal, and training is "
    "the same, bit for bit, under these conditions in our measurements. Most likely the published weights come from "
    "another seed, other data or other code than stated; less likely from a processor that differs in something that "
    "is not recorded. Try: verify again on this machine (is it stable from run to run?), train with neighbouring "
    "seeds, and ask the authors.",
}

SUBSTANCE = frozenset(
    {"figures", "weights", "seeds", "data", "tasks", "tokenizer", "sources", "step", "configuration", "commit"}
)

# The most likely first, where log-likelihoods moved by more than rounding can do …
LARGE = (
    "figures", "weights", "seeds", "data", "tasks", "tokenizer", "configuration", "sources", "step", "commit", "code",
    "length", "precision", "unexplained weights", "unexplained", "versions", "device", "hardware", "threads", "batch",
    "system", "packages", "unrecorded", "training",
)  # fmt: skip
# … and where they did not.
ROUNDING = (
    "figures", "weights", "batch", "device", "hardware", "versions", "threads", "precision", "code", "system",
    "packages", "length", "unexplained", "unexplained weights", "tokenizer", "tasks", "data", "seeds",
    "configuration", "sources", "step", "commit", "unrecorded", "training",
)  # fmt: skip
