# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a curation step is, and the registry of all steps.

A step is a function with typed parameters:

    class Parameters(StepParameters):
        minimum: int = Field(1, description="shortest row that is kept, in characters")

    @step("length")
    def filter_length(rows: Dataset, parameters: Parameters, context: StepContext) -> StepResult:
        "Keep rows of the right length."

Rows are a `datasets.Dataset` with the columns id, text and source: Arrow files that are
mapped, not loaded, so that memory stays bounded however many rows there are. This module
imports nothing heavy, because the workflow reads it on every call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from railcrate.study.config import Study
from railcrate.study.parts import Part

if TYPE_CHECKING:
    from datasets import Dataset

EXAMPLES = 10  # how many of the rows that it touched a step shows
EXAMPLE_LENGTH = 300  # characters of an example; the rest is left out
BATCH_BYTES = 1 << 24  # of a batch of long rows


class StepParameters(Part):
    """Base of every step's parameters."""


@dataclass(frozen=True)
class StepContext:
    """What a step may use beside its rows.

    Attributes:
        folder: the study's folder.
        study: the configuration.
        variant: the variant that is being made.
        position: the step's place in the recipe, from 0.
        scratch: a folder for temporary files on the disk of the study; removed when the recipe has ended.
    """

    folder: Path
    study: Study
    variant: str
    position: int
    scratch: Path

    @property
    def where(self) -> str:
        """The step's key in the configuration, for messages."""
        return f"recipes.{self.variant}.steps[{self.position}]"


@dataclass
class StepResult:
    """What a step gives back.

    Attributes:
        rows: the rows that go on to the next step.
        changed: how many rows have another text than before.
        removed: how many rows are gone.
        added: how many rows are new.
        details: further figures of the step, of any JSON type.
        examples: up to `EXAMPLES` rows that it touched; see `example`.
    """

    rows: Dataset
    changed: int = 0
    removed: int = 0
    added: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    examples: list[dict[str, Any]] = field(default_factory=list)


StepFunction = Callable[..., StepResult]
F = TypeVar("F", bound=StepFunction)


@dataclass(frozen=True)
class Step:
    """A registered step.

    Attributes:
        name: its name in recipes.
        function: what does it.
        parameters: the type of its parameters.
        reads_benchmarks: whether it reads the data of the study's benchmarks.
    """

    name: str
    function: StepFunction
    parameters: type[StepParameters]
    reads_benchmarks: bool = False

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").split("\n")[0]


STEPS: dict[str, Step] = {}


def step(name: str, *, reads_benchmarks: bool = False) -> Callable[[F], F]:
    """Register a function as a step of recipes.

    Args:
        name: its name in recipes.
        reads_benchmarks: whether it reads the data of the study's benchmarks, so that it
            runs again when they change.

    Returns:
        The decorator.

    Raises:
        TypeError: when the function has no docstring, or its second argument is not
            annotated with a subclass of `StepParameters`.
        ValueError: when the name is taken.
    """

    def register(function: F) -> F:
        if name in STEPS:
            raise ValueError(f"there is already a step '{name}'")
        STEPS[name] = make_step(name, function, reads_benchmarks=reads_benchmarks)
        return function

    return register


def make_step(name: str, function: StepFunction, *, reads_benchmarks: bool = False) -> Step:
    """Read a step's parameters from the annotation of its second argument.

    Raises:
        TypeError: when the function has no docstring, or that annotation is missing or
            no subclass of `StepParameters`.
    """
    if not inspect.getdoc(function):
        raise TypeError(f"the step '{name}' has no docstring")
    arguments = list(inspect.signature(function).parameters)
    hints = {key: value for key, value in _hints(function).items() if key in arguments}
    kind = hints.get(arguments[1]) if len(arguments) > 1 else None
    if not (isinstance(kind, type) and issubclass(kind, StepParameters)):
        raise TypeError(f"the second argument of the step '{name}' must be annotated with a subclass of StepParameters")
    return Step(name, function, kind, reads_benchmarks)


def _hints(function: StepFunction) -> dict[str, Any]:
    """Annotations of a function, without importing what only type checkers need."""
    names = {**function.__globals__, "Dataset": Any, "StepContext": StepContext, "StepResult": StepResult}
    return get_type_hints(function, globalns=names)


def example(identifier: str, before: str | None, after: str | None, reason: str) -> dict[str, Any]:
    """Describe one row that a step touched.

    Args:
        identifier: the row's id.
        before: its text before; None for a row that was added.
        after: its text after; None for a row that was removed.
        reason: why, in words.

    Returns:
        The example, with long texts cut.
    """
    return {"id": identifier, "before": _cut(before), "after": _cut(after), "reason": reason}


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= EXAMPLE_LENGTH:
        return text
    return text[:EXAMPLE_LENGTH] + " …"


def texts_of(rows: Dataset, *, size: int = 1000) -> Iterator[dict[str, list[str]]]:
    """Give the rows in batches, as lists by column, in order.

    Args:
        rows: the rows.
        size: rows in a batch at most; fewer where they are long, so that a batch has about `BATCH_BYTES`.
    """
    yield from rows.iter(batch_size=batch_size(rows, size))


def batch_size(rows: Dataset, most: int = 1000) -> int:
    """Say how many rows have about `BATCH_BYTES` together; 1 at least and `most` at most."""
    table = rows.data
    return max(1, min(most, BATCH_BYTES * table.num_rows // max(1, table.nbytes)))
