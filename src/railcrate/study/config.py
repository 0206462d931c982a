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
    orcid: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$")] | None = Field(
        None, description="the person's number at https://orcid.org; its check digit is checked"
    )
    affiliation: str | None = Field(None, description="where the person works")


class Funding(Part):
    """A grant that paid for the study."""

    funder: str = Field(description="who paid")
    award: str | None = Field(None, description="the grant's number")
    url: str | None = Field(None, description="a page about the grant")


class OwnTerms(Part):
    """The terms of a LicenseRef-… that the catalogue does not know, as the author has read them."""

    name: str = Field(min_length=1, description="the license's name, as people call it")
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

    code: str = Field("Apache-2.0", description="license of the study's configuration, steps, tasks and other code")
    data: str = Field("CC-BY-4.0", description="license of the variants, and of the tokenizers trained on them")
    weights: str = Field("Apache-2.0", description="license of the trained weights")
    documentation: str = Field("CC-BY-4.0", description="license of the results, the report, the README and the cards")
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
    waivers: list[Waiver] = Field(
        default_factory=list, description="permissions that you were given, each of which lifts one conflict"
    )
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

    inputs: list[Name] = Field(
        alias="from", min_length=1, description="sources or other recipes, read one after another"
    )
    steps: list[str | dict[str, dict[str, Any] | None]] = Field(
        default_factory=list,
        description="what is done to the rows, in this order; each a step's name, or `name: {parameter: value}`",
    )
    title: str | None = Field(None, description="how the report names the variant")
    description: str | None = Field(None, description="what the variant is, for its data card and the report")


# --- evaluation --------------------------------------------------------------------------


class Benchmark(Part):
    """A set of lm-eval tasks with a shot count."""

    tasks: list[str] = Field(min_length=1, description="task names, or globs of task names where `path` is set")
    path: RelativePath | None = Field(
        None, description="folder with the study's own task files; lm-eval's own tasks without it"
    )
    shots: int = Field(0, ge=0, description="solved examples that are shown before each question")
    limit: int | None = Field(None, ge=1, description="items of each task, the first ones; all by default")
    data: list[RelativePath] = Field(
        default_factory=list,
        description="files, or globs of files, that the tasks read: fetched first, and a change in them is noticed",
    )
    title: str | None = Field(None, description="how the report names the benchmark")
    published: RelativePath | None = Field(
        None, description="CSV of others' published figures, shown beside the study's: model,task,metric,value,source"
    )


class Evaluation(Part):
    """What is fixed for every benchmark, so that numbers can be compared."""

    batch_size: int = Field(64, ge=1, description="sequences in a batch")
    max_length: int | None = Field(None, ge=8, description="tokens; the model's own limit by default")
    device: Literal["cpu", "cuda"] = Field("cpu", description="what evaluates: the processor, or an Nvidia GPU")
    precision: Literal["float32", "bfloat16"] = Field("float32", description="the numbers that it is computed with")
    threads: int = Field(1, ge=1, description="CPU threads of one evaluation; part of what makes it reproducible")


class Comparison(Part):
    """A claim: each variant of the family against the baseline, on one metric."""

    claim: str = Field(min_length=1, description="the sentence that the figures support or not")
    metric: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*/[a-z_]+$")] = Field(
        description="benchmark/metric, such as grammar/accuracy"
    )
    baseline: Name = Field(description="the variant that the others are compared with")
    variants: list[Name] = Field(min_length=1, description="the variants that are claimed to differ from it")
    model: Name | None = Field(None, description="the model that is held fixed; needed where the study trains several")
    expect: Literal["higher", "lower", "any"] = Field("any", description="the direction that the claim asserts")


class Footprint(Part):
    """What the energy and water figures rest on."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = Field(
        None, description="ISO 3166-1 alpha-3 code of the country whose electricity is used"
    )
    water_per_kwh: float | None = Field(None, ge=0, description="litres of water for one kWh")
    water_source: str | None = Field(None, description="where that factor is from")


class Answer(Part):
    """What the author says to a question of the openness assessments that no file answers."""

    status: Literal["met", "partly", "not met", "not applicable"] = Field("met", description="the answer itself")
    because: str = Field(min_length=10, description="the answer in a sentence, for readers")
    see: str | None = Field(
        None, min_length=1, description="where it can be seen: a path from the study's folder, or an https:// address"
    )


class Study(Part):
    """A whole study, as `config/study.yaml` states it."""

    title: str = Field(min_length=1, description="the question, or the answer, in one line")
    abstract: str = Field(min_length=1, description="the question, in a few sentences")
    creators: list[Creator] = Field(min_length=1, description="who made the study, in the order of the citation")
    keywords: list[str] = Field(default_factory=list, description="words by which others search for it")
    funding: list[Funding] = Field(default_factory=list, description="grants that paid for it")
    licenses: Licenses = Field(Licenses(), description="the terms of what the study makes")
    sources: dict[Name, Source] = Field(min_length=1, description="raw data as they were found, each by a name")
    recipes: dict[Name, Recipe] = Field(
        min_length=1, description="chains of curation steps; each makes a variant of its name"
    )
    tokenizers: dict[Name, Tokenizer] = Field(default_factory=dict, description="tokenizers that the study trains")
    models: dict[Name, Model] = Field(min_length=1, description="what is trained or evaluated")
    training: Training = Field(Training(), description="how the weights are trained")
    seeds: list[int] = Field(
        default=[0], min_length=1, description="each model is trained on each variant once with each of these"
    )
    evaluation: Evaluation = Field(Evaluation(), description="what is fixed for every benchmark")
    benchmarks: dict[Name, Benchmark] = Field(min_length=1, description="what the models are tested on")
    comparisons: dict[Name, Comparison] = Field(default_factory=dict, description="what the study claims")
    footprint: Footprint = Field(Footprint(), description="what the energy and water figures rest on")
    answers: dict[str, Answer] = Field(
        default_factory=dict,
        description="what no file can show, for the openness assessments, by the name of the fact or criterion",
    )
    release: Release = Field(Release(), description="how the study is published")
