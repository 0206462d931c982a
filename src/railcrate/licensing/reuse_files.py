# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The REUSE.toml files: which license every file of a study is under.

Specification: REUSE 3.3, https://reuse.software/spec-3.3/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from railcrate.licensing.own import FOLDER
from railcrate.licensing.resolve import Resolution
from railcrate.study.config import Study
from railcrate.study.grid import experiments
from railcrate.study.sources import LocalSource

OURS = "# Written by railcrate from config/study.yaml. To keep a file of your own here, delete this line."
# What the texts of licenses themselves are under, where they lie outside of LICENSES/.
LICENSE_TEXT = "LicenseRef-License-Text"
WORDS_OF_LICENSE_TEXT = """The text of a license

A file under this reference is the text of a license, or tells machines what is in one. It belongs
to its authors, who publish it so that it can be copied and handed on, word for word, together
with the works that it covers.
"""


@dataclass(frozen=True)
class Annotation:
    """One table of a REUSE.toml: where several match, the last one counts.

    Attributes:
        globs: the files.
        copyrights: who holds the rights.
        expression: the license.
        precedence: whether a file's own header goes first (`closest`) or is not looked at (`override`).
    """

    globs: list[str]
    copyrights: list[str]
    expression: str
    precedence: str = "override"


def top_reuse_file(study: Study, files: Mapping[str, Iterable[Annotation]]) -> str:
    """Write a REUSE.toml for the whole study: code, texts for readers, local sources, and what DVC's folders say.

    In code and texts a file's own header goes first; of data nothing is read, whatever stands in them.

    Args:
        study: the configuration.
        files: what `reuse_files` gave.

    Returns:
        The file's content; its first line says whose it is.
    """
    authors = [creator.name for creator in study.creators]
    texts = ["**/*.md", "**/*.rst", "docs/**", "CITATION.cff", "NOTICE"]
    found = [
        Annotation(["**"], authors, study.licenses.code, "closest"),
        Annotation(texts, authors, study.licenses.documentation, "closest"),
    ]
    for source in study.sources.values():
        if isinstance(source, LocalSource):
            found.append(Annotation([source.path], [source.citation], source.license, "closest"))
    for top, tables in files.items():
        found += [replace(entry, globs=[f"{top}/{glob}" for glob in entry.globs]) for entry in tables]
    return OURS + "\n" + reuse_toml(found)


def reuse_files(study: Study, resolution: Resolution) -> dict[str, list[Annotation]]:
    """Say what the REUSE.toml of each folder that DVC keeps holds.

    Args:
        study: the configuration.
        resolution: the resolution.

    Returns:
        Annotations by folder: `data`, `models`, `results`, `records`, and the folder of the study's own license texts.
    """
    authors = [creator.name for creator in study.creators]
    licenses = {verdict.component.id: verdict.component.license for verdict in resolution.verdicts}
    found: dict[str, list[Annotation]] = {"data": [], "models": []}
    found["data"].append(Annotation(["*", "tokenizers/**", "blocks/**"], authors, study.licenses.data))
    for name, source in study.sources.items():
        where = [f"raw/{name}/**", f"raw/{name}.*"]
        found["data"].append(Annotation(where, [source.citation], licenses[f"sources.{name}"]))
    for name in study.recipes:
        found["data"].append(Annotation([f"variants/{name}/**"], authors, licenses[f"variants.{name}"]))
        blocks = [f"blocks/{model}/{name}.*" for model in study.models]
        tokenizers = [
            f"tokenizers/{tokenizer}/{name}/**"
            for tokenizer, about in study.tokenizers.items()
            if about.train_on in (None, name)
        ]
        found["data"].append(Annotation([*blocks, *tokenizers], authors, licenses[f"variants.{name}"]))
    found["models"].append(Annotation(["*"], authors, study.licenses.weights))
    for part, globs in _weights(study):
        found["models"].append(Annotation(globs, authors, licenses[part]))
    for name, model in study.models.items():
        if (base := getattr(model, "base", None)) is not None:
            found["models"].append(
                Annotation([f"bases/{name}/**", f"bases/{name}.*"], [base.citation or name], base.license)
            )
    for name in ("results", "records"):
        found[name] = [Annotation(["**"], authors, study.licenses.documentation)]
    found[FOLDER] = [Annotation(["**"], ["The authors of each license"], LICENSE_TEXT)]
    return found


def _weights(study: Study) -> Iterator[tuple[str, list[str]]]:
    """The globs of each set of weights, by component."""
    pairs = dict.fromkeys((cell.model, cell.variant) for cell in experiments(study) if cell.variant is not None)
    for model, variant in pairs:
        yield (
            f"weights.{model}.{variant}",
            [f"weights/{model}.{variant}.seed*/**", f"weights/{model}.{variant}.LICENSE"],
        )


def reuse_toml(annotations: Iterable[Annotation]) -> str:
    """Write a REUSE.toml. JSON's strings and lists are TOML's, too."""
    return "version = 1\n" + "".join(
        "\n[[annotations]]\n"
        f"path = {_strings(entry.globs)}\n"
        f'precedence = "{entry.precedence}"\n'
        f"SPDX-FileCopyrightText = {_strings(' '.join(text.split()) for text in entry.copyrights)}\n"
        f"SPDX-License-Identifier = {json.dumps(entry.expression)}\n"
        for entry in annotations
    )


def _strings(values: Iterable[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
