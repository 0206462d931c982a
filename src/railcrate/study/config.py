# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The study's configuration: one pydantic model for each part of `config/study.yaml`.

These classes are the only description of the file: the JSON Schema that editors and
Snakemake use is generated from them. They hold what can be judged from one key at a
time; what needs two keys at once (a comparison that names a variant no recipe makes)
is judged in `railcrate.study.check`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"),
    Field(description="lower-case letters, digits, '-' and '_', at most 40"),
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Revision = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]


def _inside(path: str) -> str:
    """Accept a path that cannot leave the study's folder."""
    if path.startswith("/") or ".." in path.split("/") or "\\" in path:
        raise ValueError("a path from the study's folder, with '/' and without '..'")
    return path


RelativePath = Annotated[str, StringConstraints(min_length=1), AfterValidator(_inside)]


class Part(BaseModel):
    """Base of every part: unknown keys are errors, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class Generated(Part):
    """The model that wrote a source, whose license may reach what is trained on its output."""

    model: str = Field(min_length=1, description="the model's name")
    license: str = Field(min_length=1, description="the license of that model")
    url: str | None = None


# --- sources -----------------------------------------------------------------------------


class SourceBase(Part):
    """What every source states: its terms and whom to cite."""

    license: str = Field(min_length=1, description="SPDX expression, or LicenseRef-…")
    citation: str = Field(min_length=1)
    title: str | None = None
    url: str | None = Field(None, description="where it can be found, for the attribution")
    generated_by: Generated | None = Field(None, description="the model that wrote it, where one did")
    text: RelativePath | None = Field(
        None,
        description="glob that picks the text among the source's files (and inside archives); all files by default",
    )
    field: str = Field("text", description="the field of JSON Lines, CSV and Parquet rows that holds the text")
    rows: Literal["lines", "paragraphs", "files"] = Field(
        "paragraphs", description="what a row is in plain text: a line, a paragraph, or a whole file"
    )
    encoding: str = Field("utf-8", description="character encoding of plain text")


class LocalSource(SourceBase):
    """Files that lie in the study's folder."""

    type: Literal["local"]
    path: RelativePath = Field(description="a file, or a glob of files, from the study's folder")


class UrlFile(Part):
    """One file at an address."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://.+")]
    sha256: Sha256
    name: RelativePath | None = Field(
        None, description="file name to keep it under; the address's last part by default"
    )

    @property
    def filename(self) -> str:
        """Name under `data/raw/<source>/`."""
        return self.name or self.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]


class UrlSource(SourceBase):
    """Files on the web, each with its sha256. Archives (zip, tar, gz) are kept as they are and read in place."""

    type: Literal["url"]
    files: list[UrlFile] = Field(min_length=1)


class HubSource(SourceBase):
    """A data set on the Hugging Face hub at a pinned revision."""

    type: Literal["hub"]
    dataset: str = Field(description="owner/name")
    revision: Revision = Field(description="the full commit hash")
    config: str | None = Field(None, description="the data set's configuration, where it has several")
    split: str = "train"


class SyntheticSource(SourceBase):
    """A generator and a seed."""

    type: Literal["synthetic"]
    generator: str = Field(description="a generator of railcrate ('grammar'), or 'generators/mine.py:function'")
    seed: int = 0
    outputs: list[RelativePath] = Field(min_length=1, description="the files that the generator writes")
    parameters: dict[str, Any] = Field(default_factory=dict)


class DoiSource(SourceBase):
    """Files of a Zenodo record, each with its sha256."""

    type: Literal["doi"]
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/.+$")]
    files: list[UrlFile] = Field(min_length=1)


Source = Annotated[LocalSource | UrlSource | HubSource | SyntheticSource | DoiSource, Field(discriminator="type")]

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


# --- models ------------------------------------------------------------------------------


class Tokenizer(Part):
    """A tokenizer that the study trains."""

    kind: Literal["bpe", "unigram", "byte"] = "bpe"
    vocab_size: int = Field(1024, ge=257, le=262144)
    train_on: Name | None = Field(
        None, description="the recipe whose variant it is trained on; each experiment's own variant by default"
    )


class Training(Part):
    """How the weights are trained. A model's own `training` overrides the study's, key by key."""

    tokens: int = Field(1_000_000, ge=1, description="budget: tokens seen in training, the same for every variant")
    block_length: int = Field(128, ge=8, description="tokens in a packed block")
    batch_size: int = Field(16, ge=1, description="blocks in a step")
    learning_rate: float = Field(1e-3, gt=0)
    schedule: Literal["constant", "linear", "cosine"] = "cosine"
    warmup: float = Field(0.05, ge=0, lt=1, description="share of the steps")
    weight_decay: float = Field(0.1, ge=0)
    gradient_clip: float = Field(1.0, gt=0)
    checkpoints: int = Field(4, ge=1, le=100, description="how many checkpoints, at even distances")
    log_every: int = Field(10, ge=1, description="steps between two points of the training curve")
    device: Literal["cpu", "cuda"] = "cpu"
    precision: Literal["float32", "bfloat16"] = "float32"
    threads: int = Field(1, ge=1, description="CPU threads of one training run; part of what makes it reproducible")


class TrainingOverride(Part):
    """The keys of `training` that one model sets otherwise."""

    tokens: int | None = Field(None, ge=1)
    block_length: int | None = Field(None, ge=8)
    batch_size: int | None = Field(None, ge=1)
    learning_rate: float | None = Field(None, gt=0)
    schedule: Literal["constant", "linear", "cosine"] | None = None
    warmup: float | None = Field(None, ge=0, lt=1)
    weight_decay: float | None = Field(None, ge=0)
    gradient_clip: float | None = Field(None, gt=0)
    checkpoints: int | None = Field(None, ge=1, le=100)
    log_every: int | None = Field(None, ge=1)
    device: Literal["cpu", "cuda"] | None = None
    precision: Literal["float32", "bfloat16"] | None = None
    threads: int | None = Field(None, ge=1)


class ModelBase(Part):
    """What every model may say."""

    title: str | None = None
    variants: list[Name] | None = Field(None, description="the variants it is trained on; every recipe by default")
    seeds: list[int] | None = Field(None, description="its seeds; the study's by default")
    training: TrainingOverride | None = None


class ScratchModel(ModelBase):
    """A causal language model that starts from random weights."""

    kind: Literal["scratch"]
    tokenizer: Name
    architecture: dict[str, Any] = Field(
        description="model_type and the keys of that transformers configuration (hidden_size, num_hidden_layers, …)"
    )


class Base(Part):
    """Weights that somebody trained before: a folder, or a hub repository at a pinned revision."""

    path: RelativePath | None = Field(None, description="a folder with safetensors weights, config and tokenizer")
    repository: str | None = Field(None, description="owner/name at the Hugging Face hub")
    revision: Revision | None = Field(None, description="the full commit hash; required with repository")
    license: str = Field(min_length=1)
    citation: str | None = None
    trust_remote_code: bool = Field(False, description="run code that the repository brings; read it first")


class Lora(Part):
    """Low-rank adaptation (Hu et al. 2021, arXiv:2106.09685), as peft does it."""

    rank: int = Field(8, ge=1)
    alpha: float = Field(16, gt=0)
    dropout: float = Field(0.0, ge=0, lt=1)
    target_modules: list[str] | Literal["all-linear"] = "all-linear"


class FinetuneModel(ModelBase):
    """A base that is trained further, in full or by LoRA."""

    kind: Literal["finetune"]
    base: Base
    lora: Lora | None = Field(None, description="train an adapter; without it all weights are trained")


class PretrainedModel(Part):
    """A base that is evaluated as it is."""

    kind: Literal["pretrained"]
    base: Base
    title: str | None = None


Model = Annotated[ScratchModel | FinetuneModel | PretrainedModel, Field(discriminator="kind")]

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


class Related(Part):
    """Something that the release stands in a relation to: a paper, a repository, another record."""

    identifier: str = Field(min_length=1, description="a DOI, or an address that begins with https://")
    relation: Literal[
        "cites", "isdocumentedby", "isdescribedby", "issupplementto", "issupplementedby", "isderivedfrom",
        "isnewversionof", "isvariantformof", "references", "requires", "ispartof",
    ] = Field(description="what the release does to it, in DataCite's words")  # fmt: skip
    resource_type: str | None = Field(None, description="what it is, such as publication-article, dataset, software")


class External(Part):
    """A file that is too large for the record and stays elsewhere."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://.+")] = Field(
        description="where it is for good: Hugging Face at a commit, or another record"
    )
    size: int = Field(ge=0, description="its bytes")
    sha256: Sha256


class Accepted(Part):
    """A finding of the check before publishing that the author has looked at and lets pass."""

    file: str = Field(min_length=1, description="the file, or a glob of files, as the finding names it")
    finding: Literal["secret", "path", "e-mail", "pickle", "name"]
    reason: str = Field(min_length=10, description="why it may be published")


class Release(Part):
    """How the study is published."""

    target: Annotated[str, StringConstraints(pattern=r"^(folder|zenodo|sandbox|https?://.+)$")] = Field(
        "folder", description="folder, zenodo, sandbox, or the address of another InvenioRDM server"
    )
    version: str = Field("1.0.0", min_length=1)
    resource_type: str = Field("dataset", description="what the record is, in Zenodo's vocabulary")
    communities: list[str] = Field(default_factory=list)
    related: list[Related] = Field(default_factory=list)
    access: Literal["open", "restricted"] = Field("open", description="whether everyone may read the files")
    embargo: date | None = Field(None, description="the day on which restricted files become open")
    external: dict[RelativePath, External] = Field(
        default_factory=dict, description="files of the study that stay elsewhere, by their path"
    )
    part_gigabytes: float = Field(5, gt=0, le=50, description="larger files are cut into parts of this size")
    accepted: list[Accepted] = Field(default_factory=list)


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
