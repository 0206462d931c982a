# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Studies for looks at them, and commands as one types them."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

from study_kit import environment

from railcrate.preflight.check import Checked, Options, check
from railcrate.preflight.findings import Finding
from railcrate.study.config import Study

LLAMA = {
    "model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
    "num_attention_heads": 4, "tie_word_embeddings": True,
}  # fmt: skip
PLAIN: dict[str, Any] = {
    "title": "A study",
    "abstract": "For looks at it.",
    "creators": [{"name": "Doe, Jane"}],
    "sources": {"text": {"type": "local", "path": "text.txt", "license": "CC0-1.0", "citation": "Doe 2026"}},
    "recipes": {"raw": {"from": ["text"], "steps": ["normalize"]}},
    "tokenizers": {"own": {"kind": "bpe", "vocab_size": 512}},
    "models": {"small": {"kind": "scratch", "tokenizer": "own", "architecture": LLAMA}},
    "training": {"tokens": 8192, "block_length": 32, "batch_size": 4},
    "benchmarks": {"pairs": {"path": "tasks", "tasks": ["*"]}},
}


def study(**parts: Any) -> Study:
    """The plain study, with other parts."""
    return Study.model_validate({**copy.deepcopy(PLAIN), **parts})


def railcrate(folder: Path, *words: str, code: int | None = 0, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command; `code` None accepts any."""
    done = subprocess.run(
        [sys.executable, "-m", "railcrate.cli", *words],
        cwd=folder, env=environment(**more), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert code is None or done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def look(folder: Path, **options: Any) -> Checked:
    """Check a study, whose folder is the current one, in this process: without the network, and untimed."""
    return check(folder, Options(**{"timing": False, "offline": True, **options}))


def of(found: Checked, topic: str) -> list[Finding]:
    """The findings of one topic."""
    return [finding for finding in found.findings if finding.topic == topic]
