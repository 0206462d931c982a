# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The sources of the training data, by the categories of the AI Office's template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from railcrate.openness.seen import Seen
from railcrate.study import paths
from railcrate.study.grid import sources_of
from railcrate.study.sources import DoiSource, HubSource, LocalSource, Source, SyntheticSource, UrlSource
from railcrate.study.units import count, size

Category = Literal["public", "private", "synthetic", "other"]


@dataclass(frozen=True)
class Used:
    """A source that weights were trained on.

    Attributes:
        name: its name in the study.
        title: its title; the name where it has none.
        category: where the template lists it. `public` has an address; `private` has none, and is withheld;
            `other` has none, but comes with the study; `synthetic` was made by a generator or a model.
        kind: the kind of source, as the configuration has it.
        where: where it can be had.
        license: its license.
        citation: whom to cite.
        files: how many files; None where they were not fetched yet.
        bytes: their bytes; None as above.
        limit: rows that recipes read of it; None for all.
        published: whether it is part of the bundle.
        used_in: the variants that are trained on and hold it.
        model: the model that wrote it, where one did.
        model_license: that model's license.
        model_url: where that model can be found.
    """

    name: str
    title: str
    category: Category
    kind: str
    where: str
    license: str
    citation: str
    files: int | None
    bytes: int | None
    limit: int | None
    published: bool
    used_in: tuple[str, ...]
    model: str | None = None
    model_license: str | None = None
    model_url: str | None = None

    def sentence(self) -> str:
        """Say what it is, in a line."""
        amount = [f"{count(self.files, 'file')}, {size(self.bytes)}"] if self.files and self.bytes is not None else []
        limit = [f"of which the first {self.limit:,} rows are read"] if self.limit is not None else []
        facts = ", ".join([self.where, *amount, *limit, self.license, f"in {', '.join(self.used_in)}"])
        return f"{self.title}: {facts}. {self.citation.rstrip('.')}"


def sources_used(seen: Seen) -> Iterator[Used]:
    """List the sources of the training data, in the order of the configuration.

    Args:
        seen: the study.

    Yields:
        Each source that comes into what is trained on.
    """
    study = seen.study
    holds = {variant: sources_of(study, variant) for variant in seen.trained_on}
    for name, source in study.sources.items():
        if name not in seen.training_sources:
            continue
        record = seen.read(paths.raw_record(name))
        files = record["files"] if record is not None else None
        published = seen.components[f"sources.{name}"].published
        made = source.generated_by
        yield Used(
            name=name,
            title=source.title or name,
            category=_category(source, published=published),
            kind=source.type,
            where=_where(source),
            license=source.license,
            citation=source.citation,
            files=len(files) if files is not None else None,
            bytes=sum(int(file["bytes"]) for file in files) if files is not None else None,
            limit=source.limit,
            published=published,
            used_in=tuple(variant for variant, names in holds.items() if name in names),
            model=made.model if made is not None else None,
            model_license=made.license if made is not None else None,
            model_url=made.url if made is not None else None,
        )


def _category(source: Source, *, published: bool) -> Category:
    if isinstance(source, SyntheticSource) or source.generated_by is not None:
        return "synthetic"
    if not isinstance(source, LocalSource) or source.url is not None:
        return "public"
    return "other" if published else "private"


def _where(source: Source) -> str:
    if isinstance(source, HubSource):
        part = f", configuration {source.config}" if source.config else ""
        address = f"https://huggingface.co/datasets/{source.dataset}"
        return f"{address} at commit {source.revision}{part}, split {source.split}"
    if isinstance(source, DoiSource):
        return f"https://doi.org/{source.doi}"
    if isinstance(source, UrlSource):
        more = f" and {len(source.files) - 1} more" if len(source.files) > 1 else ""
        return f"{source.url or source.files[0].url}{more if source.url is None else ''}"
    if isinstance(source, SyntheticSource):
        return f"the generator {source.generator}, seed {source.seed}"
    return source.url or "files that lie in the study"
