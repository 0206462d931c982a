# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The whole reference study through Snakemake, against a plain script with the same training and scoring.

The script is what one would write without a workflow: two processes that import everything
once and share the experiments, each trained by transformers' Trainer and scored by lm-eval,
on variants that are there already. It records nothing, resumes nothing, and compares nothing.

    python benchmarks/study.py [FOLDER OF A FINISHED STUDY] [TOKENS]

TOKENS is a smaller budget, for a shorter measurement.
"""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import tempfile
import time
from pathlib import Path

from common import BIN, copy_study, finished_study, ratio, run


def set_budget(study: Path, tokens: str | None) -> None:
    """Give the study a smaller budget."""
    if tokens is None:
        return
    config = study / "config" / "study.yaml"
    lines = config.read_text().splitlines()
    changed = [f"  tokens: {tokens}" if line.startswith("  tokens:") else line for line in lines]
    config.write_text("\n".join(changed) + "\n")


def plain(folder: Path, part: int) -> None:
    """Train and score every second experiment."""
    import os

    os.chdir(folder)
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  (until the process ends)
    import numpy as np
    import torch
    from lm_eval import evaluator
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PrinterCallback, Trainer, set_seed

    from railcrate.evaluate.harness.lm import BatchedLM
    from railcrate.evaluate.tasks import load_tasks
    from railcrate.model.schedule import BlockOrder, Schedule, arguments
    from railcrate.study.grid import experiments, training_of
    from railcrate.study.load import load_study

    torch.set_num_threads(1)
    study = load_study(folder)
    settings = training_of(study, "llama-1m")
    schedule = Schedule.of(settings)
    tokenizer = AutoTokenizer.from_pretrained("data/tokenizers/shared/raw")
    shape = dict(study.models["llama-1m"].architecture)
    kind = shape.pop("model_type")
    for cell in experiments(study)[part::2]:
        set_seed(cell.seed)
        config = AutoConfig.for_model(kind, vocab_size=len(tokenizer), **shape)
        model = AutoModelForCausalLM.from_config(config)
        blocks = np.load(f"data/blocks/llama-1m/{cell.variant}.npy")
        options = arguments(settings, schedule, cell.seed, folder / f"plain{part}")
        options.save_strategy = "no"
        data = BlockOrder(blocks, schedule, cell.seed)
        trainer = Trainer(model=model, args=options, train_dataset=data, data_collator=_stack)
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        lm = BatchedLM(model.eval(), tokenizer, batch_size=study.evaluation.batch_size)
        for name, benchmark in study.benchmarks.items():
            tasks = {loaded.name: loaded.task for loaded in load_tasks(benchmark, name)}
            evaluator.evaluate(lm, {"tasks": tasks}, bootstrap_iters=0, log_samples=True)


def _stack(blocks):
    import torch

    tokens = torch.stack(blocks)
    return {"input_ids": tokens, "labels": tokens.clone()}


def main() -> None:
    """Measure and print."""
    finished = finished_study(sys.argv[1] if len(sys.argv) > 1 else None)
    tokens = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as scratch:
        study = copy_study(finished, Path(scratch))
        set_budget(study, tokens)
        run(["git", "init", "--quiet"], study)
        run([str(BIN / "dvc"), "init", "--quiet"], study)
        shutil.copyfile(finished / ".dvc" / "config", study / ".dvc" / "config")
        ours = run([str(BIN / "snakemake"), "--cores", "2"], study)
        clock = time.monotonic()
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=plain, args=(study, part)) for part in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
            if worker.exitcode:
                sys.exit("the plain script failed")
        theirs = time.monotonic() - clock
    ratio(
        "the reference study through snakemake --cores 2 against a plain script in two warm processes",
        ours.seconds,
        theirs,
        1.3,
    )


if __name__ == "__main__":
    main()
