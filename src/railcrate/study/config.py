# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The study's configuration: one pydantic model for each part of `config/study.yaml`.

These classes are the only description of the file: the JSON Schema that editors and
Snakemake use is generated from them. They hold what can be judged from one key at a
time; what needs two keys at once (a comparison that names a variant no recipe makes)
is judged in `railcrate.study.check`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from railcrate.study.models import Model, Tokenizer, Training
from railcrate.study.parts import Name, Part, RelativePath
from railcrate.study.release import Release
from railcrate.study.sources import Source


class Creator(Part):
    """A person who made the study."""

    name: str = Field(min_length=1, description="family name, given names")
    orcid: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$")] | None = None
    affiliation: str | None = None


class Funding(Part):
    """A grant that paid for the study."""

    funder: str
    award: str | None = None
    url: str | None = None


class OwnTerms(Part):
    """The terms of a LicenseRef-… that the catalogue does not know, as the author has read them."""

    name: str = Field(min_length=1)
    text: RelativePath | None = Field(None, description="file with its text; config/licenses/<id>.txt by default")
    url: str | None = Field(None, description="where its text can be read")
    permits: list[Literal["use", "share", "adapt", "commercial"]] = Field(
        description="what it allows; without 'share' nothing under it may be published"
    )
    requires: list[Literal["attribution", "notice", "text", "state-changes", "same-license"]] = Field(
        default_factory=list, description="the duties of whoever hands it on"
    )
    restrictions: list[str] = Field(
        default_factory=list,
        description="the restrictions on use that it wants passed on, by the ids of `railcrate license list --clauses`",
    )


class Waiver(Part):
    """A permission that lifts one conflict; it shows wherever the component's license does."""

    component: str = Field(min_length=1, description="the component as `railcrate license check` names it")
    conflict: str = Field(min_length=1, description="the conflict's name, such as no-derivatives")
    origin: str | None = Field(
        None,
        description="what the permission is for, such as sources.speeches; without it, all that it is made from",
    )
    reason: str = Field(min_length=10, description="who permitted what, when, and where that is written")


class Licenses(Part):
    """The license (an SPDX expression) of each component that the study makes."""

    code: str = "Apache-2.0"
    data: str = "CC-BY-4.0"
    weights: str = "Apache-2.0"
    documentation: str = "CC-BY-4.0"
    components: dict[str, str] = Field(
        default_factory=dict, description="the license of single components, such as variants.raw or weights.small"
    )
    withhold: list[str] = Field(
        default_factory=list, description="components that are not published: only how they were made, and checksums"
    )
    policy: Literal["strict", "permissive"] = Field(
        "strict",
        description="where the law is unsettled, such as whether a license on data reaches weights trained on it: "
        "strict takes it that it does, permissive that it does not",
    )
    waivers: list[Waiver] = Field(default_factory=list)
    own: dict[Annotated[str, StringConstraints(pattern=r"^LicenseRef-[A-Za-z0-9.-]+$")], OwnTerms] = Field(
        default_factory=dict, description="licenses that railcrate's catalogue does not know"
    )


# --- recipes -----------------------------------------------------------------------------


class Recipe(Part):
    """A named chain of steps. Its result, the variant, has the recipe's name.

    `from` names sources or other recipes, read one after another. A step is written as its
    name, or as `name: {parameter: value}`; the parameters are checked by the step itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    inputs: list[Name] = Field(alias="from", min_length=1)
    steps: list[str | dict[str, dict[str, Any] | None]] = Field(default_factory=list)
    title: str | None = Field(None, description="how the report names the variant")
    description: str | None = None


# --- evaluation --------------------------------------------------------------------------


class Benchmark(Part):
    """A set of lm-eval tasks with a shot count."""

    tasks: list[str] = Field(min_length=1, description="task names, or globs of task names where `path` is set")
    path: RelativePath | None = Field(
        None, description="folder with the study's own task files; lm-eval's own tasks without it"
    )
    shots: int = Field(0, ge=0)
    limit: int | None = Field(None, ge=1, description="items of each task, the first ones; all by default")
    data: list[RelativePath] = Field(
        default_factory=list,
        description="files, or globs of files, that the tasks read: fetched first, and a change in them is noticed",
    )
    title: str | None = None
    published: RelativePath | None = Field(
        None, description="CSV of others' published figures, shown beside the study's: model,task,metric,value,source"
    )


class Evaluation(Part):
    """What is fixed for every benchmark, so that numbers can be compared."""

    batch_size: int = Field(64, ge=1, description="sequences in a batch")
    max_length: int | None = Field(None, ge=8, description="tokens; the model's own limit by default")
    device: Literal["cpu", "cuda"] = "cpu"
    precision: Literal["float32", "bfloat16"] = "float32"
    threads: int = Field(1, ge=1)


class Comparison(Part):
    """A claim: each variant of the family against the baseline, on one metric."""

    claim: str = Field(min_length=1, description="the sentence that the figures support or not")
    metric: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*/[a-z_]+$")] = Field(
        description="benchmark/metric, such as grammar/accuracy"
    )
    baseline: Name
    variants: list[Name] = Field(min_length=1)
    model: Name | None = Field(None, description="the model that is held fixed; needed where the study trains several")
    expect: Literal["higher", "lower", "any"] = Field("any", description="the direction that the claim asserts")


class Footprint(Part):
    """What the energy and water figures rest on."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = Field(
        None, description="ISO 3166-1 alpha-3 code of the country whose electricity is used"
    )
    water_per_kwh: float | None = Field(None, ge=0, description="litres of water for one kWh")
    water_source: str | None = Field(None, description="where that factor is from")


class Study(Part):
    """A whole study, as `config/study.yaml` states it."""

    title: str = Field(min_length=1)
    abstract: str = Field(min_length=1, description="the question, in a few sentences")
    creators: list[Creator] = Field(min_length=1)
    keywords: list[str] = Field(default_factory=list)
    funding: list[Funding] = Field(default_factory=list)
    licenses: Licenses = Licenses()
    sources: dict[Name, Source] = Field(min_length=1)
    recipes: dict[Name, Recipe] = Field(min_length=1)
    tokenizers: dict[Name, Tokenizer] = Field(default_factory=dict)
    models: dict[Name, Model] = Field(min_length=1)
    training: Training = Training()
    seeds: list[int] = Field(default=[0], min_length=1)
    evaluation: Evaluation = Evaluation()
    benchmarks: dict[Name, Benchmark] = Field(min_length=1)
    comparisons: dict[Name, Comparison] = Field(default_factory=dict)
    footprint: Footprint = Footprint()
    answers: dict[str, str] = Field(
        default_factory=dict, description="what no file can show, for the openness assessments"
    )
    release: Release = Release()
