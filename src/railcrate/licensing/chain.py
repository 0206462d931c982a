# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a study is made of, and what each part is made from: the chain that terms flow down.

sources → variants → weights        base → weights        packages → code
a model → its output → variants     everything → bundle
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from railcrate.licensing.dependencies import Package, packages_of
from railcrate.licensing.entry import Kind
from railcrate.study.config import Study
from railcrate.study.grid import base_of, variants_of
from railcrate.study.models import ScratchModel

How = Literal["as-is", "adapted", "trained", "fine-tuned", "output", "imported"]

# How one gets from one part to the next, in the words of a message.
SAYS: dict[How, str] = {
    "as-is": "published as",
    "adapted": "curated into",
    "trained": "trained into",
    "fine-tuned": "fine-tuned into",
    "output": "whose output is",
    "imported": "imported by",
}


@dataclass(frozen=True)
class Upstream:
    """Something a component is made from, on somebody's terms.

    Attributes:
        origin: what it is, such as `sources.speeches`, `bases.small`, `packages.numpy`.
        license: the SPDX expression that its source states.
        via: how it got here: pairs of how and the part it became, the last of which is the component.
        credit: how it is cited.
        url: where it can be found.
    """

    origin: str
    license: str
    via: tuple[tuple[How, str], ...]
    credit: str = ""
    url: str | None = None

    @property
    def path(self) -> str:
        """The way it came, in words."""
        return self.origin + "".join(f" → {SAYS[how]} {part}" for how, part in self.via)


@dataclass(frozen=True)
class Component:
    """A part of the study that carries a license of its own.

    Attributes:
        id: `code`, `documentation`, `sources.NAME`, `variants.NAME`, `weights.MODEL.VARIANT`, …
        kind: what kind of thing it is.
        license: the SPDX expression that it is to carry.
        key: the key of the configuration that says so.
        upstream: what it is made from.
        published: whether it is part of the bundle.
        made_here: whether the study makes it, and so chooses its license.
        title: the name it goes by, for duties on names.
    """

    id: str
    kind: Kind
    license: str
    key: str
    upstream: tuple[Upstream, ...] = ()
    published: bool = True
    made_here: bool = True
    title: str = ""


def components(folder: Path, study: Study) -> list[Component]:
    """List the components of a study, each with all that it is made from.

    Args:
        folder: the study's folder; its own code is read for what it imports.
        study: the configuration.

    Returns:
        Code, sources, variants, weights, documentation, in the order of the configuration.
    """
    found = [_code(folder, study), *_sources(study), *_variants(study), *_weights(study)]
    found.append(Component("documentation", "documents", study.licenses.documentation, "licenses.documentation"))
    own = study.licenses.components
    chosen = [
        replace(part, license=own[name], key=f"licenses.components.{name}")
        if part.made_here and (name := _longest(part.id, own))
        else part
        for part in found
    ]
    return [
        replace(part, published=part.published and not _longest(part.id, study.licenses.withhold)) for part in chosen
    ]


def _longest(component: str, names: dict[str, str] | list[str]) -> str | None:
    """The name among `names` that means a component: its own, or that of the group it is in."""
    parts = component.split(".")
    ahead = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in ahead if name in names), None)


def _code(folder: Path, study: Study) -> Component:
    packages = tuple(
        Upstream(f"packages.{package.name}", package.license, (("imported", "code"),), _stated(package), package.url)
        for package in packages_of(folder, study)
    )
    return Component("code", "code", study.licenses.code, "licenses.code", packages)


def _stated(package: Package) -> str:
    return f"{package.name} (states: {package.stated})" if package.stated else package.name


def _sources(study: Study) -> Iterator[Component]:
    for name, source in study.sources.items():
        here = f"sources.{name}"
        found = [Upstream(here, source.license, (("as-is", here),), source.citation, source.url)]
        if source.generated_by is not None:
            model = source.generated_by
            found.append(Upstream(f"outputs.{name}", model.license, (("output", here),), model.model, model.url))
        yield Component(
            here,
            "data",
            source.license,
            f"sources.{name}.license",
            tuple(found),
            made_here=False,
            title=source.title or name,
        )


def _variants(study: Study) -> Iterator[Component]:
    for name, recipe in study.recipes.items():
        yield Component(
            f"variants.{name}", "data", study.licenses.data, "licenses.data", tuple(_into_variant(study, name)),
            title=recipe.title or name,
        )  # fmt: skip


def _into_variant(study: Study, variant: str) -> list[Upstream]:
    """All that a variant is made from, each origin once, by the shortest way."""

    @cache
    def into(name: str) -> tuple[Upstream, ...]:
        here = f"variants.{name}"
        found: dict[str, Upstream] = {}
        for entry in study.recipes[name].inputs:
            for upstream in _from_source(study, entry) if entry in study.sources else into(entry):
                new = replace(upstream, via=(*upstream.via, ("adapted", here)))
                if upstream.origin not in found or len(new.via) < len(found[upstream.origin].via):
                    found[upstream.origin] = new
        return tuple(found.values())

    return list(into(variant))


def _from_source(study: Study, name: str) -> Iterator[Upstream]:
    source = study.sources[name]
    yield Upstream(f"sources.{name}", source.license, (), source.citation, source.url)
    if source.generated_by is not None:
        model = source.generated_by
        yield Upstream(f"outputs.{name}", model.license, (("output", f"sources.{name}"),), model.model, model.url)


def _weights(study: Study) -> Iterator[Component]:
    for name, model in study.models.items():
        base = base_of(study, name)
        title = getattr(model, "title", None) or name
        if not variants_of(study, name):
            assert base is not None  # only a pretrained model has no variants
            here = f"weights.{name}"
            upstream = Upstream(
                f"bases.{name}", base.license, (("as-is", here),), base.citation or _named(base.repository, name)
            )
            yield Component(
                here, "weights", base.license, f"models.{name}.base.license", (upstream,),
                published=False, made_here=False, title=title,
            )  # fmt: skip
            continue
        for variant in variants_of(study, name):
            here = f"weights.{name}.{variant}"
            found = {entry.origin: _trained(entry, here) for entry in _into_variant(study, variant)}
            corpus = study.tokenizers[model.tokenizer].train_on if isinstance(model, ScratchModel) else None
            for entry in _into_variant(study, corpus) if corpus else ():
                found.setdefault(entry.origin, _trained(entry, here))
            upstreams = list(found.values())
            if base is not None:
                credit = base.citation or _named(base.repository, name)
                upstreams.insert(0, Upstream(f"bases.{name}", base.license, (("fine-tuned", here),), credit))
            yield Component(here, "weights", study.licenses.weights, "licenses.weights", tuple(upstreams), title=title)


def _trained(upstream: Upstream, here: str) -> Upstream:
    return replace(upstream, via=(*upstream.via, ("trained", here)))


def _named(repository: str | None, name: str) -> str:
    return repository or name
