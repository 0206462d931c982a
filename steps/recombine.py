# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A step of this study: synthetic documents, made of the corpus's own sentences."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

from pydantic import Field

from railcrate.data.steps.registry import EXAMPLES, StepContext, StepParameters, StepResult, example, texts_of

if TYPE_CHECKING:
    from datasets import Dataset

VERBS = "knows?|remembers?|forgets?|learns?|explains?|understands?|guess(?:es)?|reveals?"
EMBEDDING = re.compile(rf"^(.*?\b(?:{VERBS}) that) (.+)$")
NAMES = re.compile(
    r"^(Adam|Boris|Carlo|David|Emil|Felix|Gustav|Henry|Ivan|Jonas|Karim|Leo|Anna|Bella|Clara|Diana|Elena|Fatima|Greta|Helen|Irene|Julia|Karin|Laura)\b"
)


class Parameters(StepParameters):
    """Parameters of `recombine`."""

    share: float = Field(0.5, gt=0, description="synthetic documents, for each document that is there")
    seed: int = Field(0, description="seed of the draw")


def recombine(rows: Dataset, parameters: Parameters, context: StepContext) -> StepResult:
    """Add documents of new sentences: what somebody knows or remembers is exchanged between sentences."""
    draw = Random(parameters.seed)
    openings: list[str] = []
    clauses: list[str] = []
    lengths: list[int] = []
    for batch in texts_of(rows):
        for text in batch["text"]:
            lines = re.split(r"(?<=\.)\s+", text)
            lengths.append(len(lines))
            for line in lines:
                found = EMBEDDING.match(line)
                if found:
                    openings.append(found[1])
                    clauses.append(found[2])
                else:
                    clauses.append(line if NAMES.match(line) else line[:1].lower() + line[1:])
    added = []
    for number in range(round(len(rows) * parameters.share) if openings else 0):
        lines = [f"{draw.choice(openings)} {draw.choice(clauses)}" for _ in range(draw.choice(lengths))]
        added.append({"id": f"recombined/{number}", "text": " ".join(lines), "source": "recombined"})
    from datasets import Dataset, concatenate_datasets

    new = Dataset.from_list(added, features=rows.features) if added else rows.select([])
    examples = [example(row["id"], None, row["text"], "made of two sentences each") for row in added[:EXAMPLES]]
    details = {"openings": len(openings), "clauses": len(clauses)}
    return StepResult(concatenate_datasets([rows, new]), added=len(added), details=details, examples=examples)
