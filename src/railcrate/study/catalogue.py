# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue of known models: what they are, on which terms, and what of them is open.

One file for a family in `openness/models/`. Each fact names its source; what was not confirmed
from one is marked. No verdict is written there: `railcrate.openness` draws it from the facts.
A study names a base by its name here, so the catalogue belongs to what a study is written in.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from railcrate.study.errors import ConfigError
from railcrate.study.parts import Revision
from railcrate.study.problems import nearest
from railcrate.study.share import read_shared, shared

Known = Literal["met", "partly", "not met", "not applicable", "not shown"]


class UnknownModelError(ConfigError):
    """A name is not in the catalogue of models."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KnownFact(_Part):
    """Something that is known of a model.

    Attributes:
        status: how it stands.
        because: the sentence that says why.
        see: where that can be seen.
        unconfirmed: it was not confirmed from a source.
    """

    status: Known
    because: str
    see: str | None = None
    unconfirmed: bool = False


class Openness(_Part):
    """What is open of a model, part by part; each stands for several facts of the assessments.

    Attributes:
        weights: whether the weights can be had.
        data_information: whether it is told what the training data are, how they were chosen and changed.
        data: whether the training data themselves can be had.
        data_license: the terms of the published data (a license id), where there are.
        training_code: whether the training code is published, with its settings.
        data_code: whether the code that made the data is published.
        evaluation_code: whether the code that tested it is published.
        code_license: the license of the published code (a license id).
        checkpoints: whether checkpoints of the training are published.
        data_card: whether there is a data card of the training data.
        paper: whether a paper or a technical report tells of it.
        results: whether the results of its evaluation are published.
        evaluation_data: whether the data of its evaluation are published, and under open terms.
        texts: whether its papers, cards and results are under open terms.
        information_terms: whether what is told of the training data is; as `texts` where it is left out.
        facts: single facts that stand otherwise than these parts say, by the names of `openness/facts.yaml`.
    """

    weights: KnownFact
    data_information: KnownFact
    data: KnownFact
    data_license: str | None = None
    training_code: KnownFact
    data_code: KnownFact
    evaluation_code: KnownFact
    code_license: str | None = None
    checkpoints: KnownFact
    data_card: KnownFact
    paper: KnownFact
    results: KnownFact
    evaluation_data: KnownFact = KnownFact(
        status="not shown", because="its data of the evaluation were not looked into"
    )
    texts: KnownFact
    information_terms: KnownFact | None = None
    facts: dict[str, KnownFact] = Field(default_factory=dict)


class KnownModel(_Part):
    """A model of the catalogue.

    Attributes:
        name: its name here.
        title: its own name.
        family: the family that it belongs to.
        producer: who made it.
        repository: owner/name at the Hugging Face hub.
        revision: the commit that was looked at; None where none was.
        parameters: how many it has.
        architecture: its `model_type` in transformers.
        loader: what loads it: transformers alone; code of its repository, which a study must trust; or neither.
        kind: what sort of transformer it is.
        layers: how many.
        hidden: width of a layer.
        vocabulary: tokens that it knows.
        context: tokens that it reads at once.
        license: its license, by the id of the license catalogue.
        base: the model that it was made from, by name here or as its own authors call it.
        gated: whether the hub hands it out only to those who accept its terms.
        openness: what is open of it.
        unconfirmed: fields that were not confirmed from a source.
        source: where the facts are from.
        note: what else one should know.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    title: str
    family: str
    producer: str
    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    revision: Revision | None = None
    parameters: int = Field(gt=0)
    architecture: str
    loader: Literal["transformers", "repository", "none"] = "transformers"
    kind: Literal["decoder", "encoder-decoder", "mixture of experts"]
    layers: int = Field(gt=0)
    hidden: int = Field(gt=0)
    vocabulary: int = Field(gt=0)
    context: int = Field(gt=0)
    license: str
    base: str | None = None
    gated: bool = False
    openness: Openness
    unconfirmed: tuple[str, ...] = ()
    source: str
    note: str | None = None


@cache
def catalogue() -> Mapping[str, KnownModel]:
    """Read the catalogue.

    Returns:
        The models by name, family by family.
    """
    found: dict[str, KnownModel] = {}
    for path in sorted((shared("openness") / "models").glob("*.yaml")):
        content = read_shared("openness", f"models/{path.name}")
        family = {key: content[key] for key in ("family", "producer")}
        for entry in content["models"]:
            openness = {**content["openness"], **entry.pop("openness", {})}
            model = KnownModel.model_validate({**family, **entry, "openness": openness})
            found[model.name] = model
    return found


def find(name: str) -> KnownModel:
    """Find a model.

    Args:
        name: its name in the catalogue.

    Returns:
        The model.

    Raises:
        UnknownModelError: when there is none of that name.
    """
    if name not in catalogue():
        raise UnknownModelError(
            f"no model is called '{name}' in the catalogue",
            f"{nearest(name, catalogue())} `railcrate models` lists them all.",
        )
    return catalogue()[name]
