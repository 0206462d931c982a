# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a study that no single key shows: names that nothing answers to, empty grids, missing files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from railcrate.study.bases import check_named
from railcrate.study.config import Study
from railcrate.study.globs import made_files, matching
from railcrate.study.grid import base_of, experiments, training_of, variants_of
from railcrate.study.models import Base, PretrainedModel, ScratchModel
from railcrate.study.problems import Key, Problem, nearest
from railcrate.study.sources import DoiSource, LocalSource, SyntheticSource, UrlSource


def check_study(folder: Path, study: Study) -> Iterator[Problem]:
    """Find what is wrong between the keys of a configuration, and with the files that it names.

    Args:
        folder: the study's folder.
        study: the configuration; each key by itself is right.

    Yields:
        A problem for each mistake.
    """
    yield from _creators(study)
    yield from _sources(folder, study)
    yield from _recipes(study)
    yield from _models(folder, study)
    yield from _grid(study)
    yield from _benchmarks(folder, study)
    yield from _comparisons(study)


def _creators(study: Study) -> Iterator[Problem]:
    for number, creator in enumerate(study.creators):
        if creator.orcid is not None and not orcid_is_valid(creator.orcid):
            yield Problem(
                ("creators", number, "orcid"),
                f"{creator.orcid}, whose check digit is wrong",
                "an ORCID",
                "Copy it from https://orcid.org: one digit is mistyped.",
            )


def orcid_is_valid(orcid: str) -> bool:
    """Check an ORCID's last digit (ISO 7064 MOD 11-2, as ORCID's own documentation describes it)."""
    total = 0
    for digit in orcid.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return orcid[-1] == ("X" if rest == 10 else str(rest))


def _repeated(names: Iterable[object]) -> list[int]:
    """Places of what stood in the list before."""
    seen: set[object] = set()
    return [place for place, name in enumerate(names) if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def _sources(folder: Path, study: Study) -> Iterator[Problem]:
    for name, source in study.sources.items():
        key: Key = ("sources", name)
        if isinstance(source, UrlSource | DoiSource):
            for place in _repeated(file.filename for file in source.files):
                again = source.files[place].filename
                yield Problem(
                    (*key, "files", place), f"a second file named '{again}'", "each name once", "Give it a `name`."
                )
        if isinstance(source, LocalSource) and not any(path.is_file() for path in folder.glob(source.path)):
            yield Problem(
                (*key, "path"),
                f"'{source.path}', which matches no file",
                "a file or a glob of files in the study's folder",
            )
        if isinstance(source, SyntheticSource):
            for place in _repeated(source.outputs):
                yield Problem((*key, "outputs", place), f"a second '{source.outputs[place]}'", "each file once")
            file = source.generator.split(":")[0]
            if ":" in source.generator and not (folder / file).is_file():
                yield Problem(
                    (*key, "generator"), f"'{file}', which is not there", "a Python file in the study's folder"
                )


def _recipes(study: Study) -> Iterator[Problem]:
    both = [*study.sources, *study.recipes]
    for name, recipe in study.recipes.items():
        if name in study.sources:
            yield Problem(("recipes", name), "the name of a source", "a name of its own: recipes may read both")
        for place, source in enumerate(recipe.inputs):
            if source not in both:
                yield Problem(
                    ("recipes", name, "from", place),
                    f"'{source}'",
                    "the name of a source or of another recipe",
                    nearest(source, both),
                )
        for place in _repeated(recipe.inputs):
            yield Problem(
                ("recipes", name, "from", place),
                f"'{recipe.inputs[place]}' again",
                "each once",
                "Use the step `mix` for more of one.",
            )
    for name in study.recipes:
        circle = _circle(study, name)
        if circle:
            yield Problem(("recipes", name, "from"), f"a circle: {' ← '.join(circle)}", "recipes that end at sources")


def _circle(study: Study, start: str) -> list[str]:
    """The way from a recipe back to itself, if there is one."""
    ways = [[start]]
    while ways:
        way = ways.pop()
        for name in study.recipes[way[-1]].inputs:
            if name == start:
                return [*way, start]
            if name in study.recipes and name not in way:
                ways.append([*way, name])
    return []


def _models(folder: Path, study: Study) -> Iterator[Problem]:
    recipes, tokenizers = list(study.recipes), list(study.tokenizers)
    for name, tokenizer in study.tokenizers.items():
        if tokenizer.train_on is not None and tokenizer.train_on not in recipes:
            yield Problem(
                ("tokenizers", name, "train_on"),
                f"'{tokenizer.train_on}'",
                "the name of a recipe",
                nearest(tokenizer.train_on, recipes),
            )
    for name, model in study.models.items():
        key: Key = ("models", name)
        if isinstance(model, ScratchModel):
            if model.tokenizer not in tokenizers:
                yield Problem(
                    (*key, "tokenizer"),
                    f"'{model.tokenizer}'",
                    "a name under `tokenizers`",
                    nearest(model.tokenizer, tokenizers),
                )
            if "model_type" not in model.architecture:
                yield Problem(
                    (*key, "architecture"), "no 'model_type'", "a model type of transformers, such as llama or gpt2"
                )
        base = base_of(study, name)
        if base is not None:
            yield from _base(folder, (*key, "base"), base)
        if isinstance(model, PretrainedModel):
            continue
        for place, variant in enumerate(model.variants or []):
            if variant not in recipes:
                yield Problem(
                    (*key, "variants", place),
                    f"'{variant}', a variant that no recipe makes",
                    "the name of a recipe",
                    nearest(variant, recipes),
                )
        for place in _repeated(model.variants or []):
            yield Problem((*key, "variants", place), f"'{(model.variants or [])[place]}' again", "each variant once")
        for place in _repeated(model.seeds or []):
            yield Problem((*key, "seeds", place), f"{(model.seeds or [])[place]} again", "each seed once")
        training = training_of(study, name)
        if training.tokens < training.block_length * training.batch_size:
            where: Key = (*key, "training") if model.training is not None else ("training",)
            yield Problem(
                where,
                f"a budget of {training.tokens} tokens, "
                f"less than one step ({training.batch_size} × {training.block_length})",
                "a budget of at least one step",
            )


def _base(folder: Path, key: Key, base: Base) -> Iterator[Problem]:
    named = [name for name in ("path", "repository", "catalogue") if name in base.model_fields_set]
    if len(named) != 1:
        found = " and ".join(f"'{name}'" for name in named)
        yield Problem(key, found or "neither 'path', 'repository' nor 'catalogue'", "one of them alone")
    if "license" not in base.model_fields_set and base.catalogue is None:
        yield Problem(key, "no 'license'", "the license of these weights: SPDX expression, or LicenseRef-…")
    if named == ["repository"] and base.revision is None:
        yield Problem(
            key,
            f"the repository '{base.repository}' without 'revision'",
            "the full commit hash, so that it stays what it is",
        )
    if base.catalogue is not None:
        yield from check_named(folder, key, base)
    if base.path is not None and not (folder / base.path).is_dir():
        yield Problem(
            (*key, "path"),
            f"'{base.path}', which is not there",
            "a folder with safetensors weights, config.json and a tokenizer",
        )


def _grid(study: Study) -> Iterator[Problem]:
    for place in _repeated(study.seeds):
        yield Problem(("seeds", place), f"{study.seeds[place]} again", "each seed once")
    if not experiments(study):
        yield Problem(("models",), "a grid of zero experiments", "at least one model with a variant and a seed")


def _benchmarks(folder: Path, study: Study) -> Iterator[Problem]:
    for name, benchmark in study.benchmarks.items():
        key: Key = ("benchmarks", name)
        if benchmark.path is not None and not (folder / benchmark.path).is_dir():
            yield Problem((*key, "path"), f"'{benchmark.path}', which is not there", "a folder with task files")
        for place, file in enumerate(benchmark.data):
            if not matching(folder, study, file):
                yield Problem(
                    (*key, "data", place),
                    f"'{file}', which is not there and which no source makes",
                    "a file, or a glob of files",
                    nearest(file, made_files(study)),
                )
        if benchmark.published is not None and not (folder / benchmark.published).is_file():
            yield Problem((*key, "published"), f"'{benchmark.published}', which is not there", "a CSV file")


def _comparisons(study: Study) -> Iterator[Problem]:
    recipes, benchmarks = list(study.recipes), list(study.benchmarks)
    trained = [name for name in study.models if variants_of(study, name)]
    for name, comparison in study.comparisons.items():
        key: Key = ("comparisons", name)
        benchmark = comparison.metric.split("/")[0]
        if benchmark not in benchmarks:
            yield Problem(
                (*key, "metric"),
                f"the benchmark '{benchmark}'",
                "a name under `benchmarks`",
                nearest(benchmark, benchmarks),
            )
        if comparison.model is not None and comparison.model not in trained:
            yield Problem(
                (*key, "model"),
                f"'{comparison.model}'",
                "a model that the study trains",
                nearest(comparison.model, trained),
            )
            continue
        if comparison.model is None and len(trained) != 1:
            yield Problem(
                key,
                f"no 'model', but {len(trained)} models that are trained",
                "the model that is held fixed",
                nearest("", trained),
            )
            continue
        model = comparison.model or trained[0]
        named: list[tuple[Key, str]] = [((*key, "baseline"), comparison.baseline)]
        named += [((*key, "variants", place), variant) for place, variant in enumerate(comparison.variants)]
        for where, variant in named:
            if variant not in recipes:
                yield Problem(
                    where,
                    f"'{variant}', a variant that no recipe makes",
                    "the name of a recipe",
                    nearest(variant, recipes),
                )
            elif variant not in variants_of(study, model):
                yield Problem(
                    where,
                    f"'{variant}'",
                    f"a variant that {model} is trained on",
                    nearest(variant, variants_of(study, model)),
                )
        for place in _repeated(comparison.variants):
            yield Problem((*key, "variants", place), f"'{comparison.variants[place]}' again", "each variant once")
        if comparison.baseline in comparison.variants:
            yield Problem(
                key, f"the baseline '{comparison.baseline}' among the variants", "variants other than the baseline"
            )
