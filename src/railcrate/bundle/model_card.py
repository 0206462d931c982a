# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The card of a set of weights, in Hugging Face's format.

Format: https://huggingface.co/docs/hub/model-cards; the metadata are written by huggingface_hub.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from railcrate.bundle.citation import bibtex, sentence
from railcrate.bundle.environment import machine_in_words
from railcrate.bundle.material import Material, Place, distinct, total
from railcrate.bundle.pages import render
from railcrate.bundle.plain import deep, one_line
from railcrate.model.kinds import ENCODER_DECODER, Kind, kind_of_weights
from railcrate.report import words
from railcrate.report.cards import terms
from railcrate.study import paths
from railcrate.study.grid import Experiment, base_of, is_adapter, sources_of, training_of
from railcrate.study.models import FinetuneModel, ScratchModel

Record = dict[str, Any]
COLUMNS = 6  # seeds that have a column each; of more each has a line


def model_card(material: Material, model: str, variant: str) -> str:
    """Write the card of a set of weights: one model, trained on one variant, with every seed.

    Args:
        material: what there is to tell.
        model: the model's name.
        variant: the variant's name.

    Returns:
        Front matter and Markdown.

    Raises:
        DataError: when a file of the study that it tells of is missing.
    """
    facts = material.facts
    study = facts.study
    cells = material.trained[model, variant]
    part = facts.licenses["components"][f"weights.{model}.{variant}"]
    jobs = [job for job in material.jobs if job.rule == "train" and job.experiment in cells]
    summaries = [material.training(cell.id) for cell in cells]
    data = material.card(variant)
    prints = [record.get("footprint") or {} for job in jobs for record in job.records]
    title = f"{words.model_title(study, model)}, trained on {words.variant_title(study, variant)}"
    return render(
        "model_card.md",
        front=_front(material, model, variant, title, cells),
        study=study,
        stamp=facts.stamp,
        title=title,
        introduction=_introduction(material, model, cells[0], summaries[0]),
        files=list(_files(material, cells)),
        unpack=_unpack(material, cells),
        load=_load(material, model, cells[0]),
        variant=variant,
        variant_title=words.variant_title(study, variant),
        data=data,
        chained=any(name in study.recipes for name in study.recipes[variant].inputs),
        steps=list(_steps(material, variant)),
        how=_how(material, model, cells[0], summaries[0]),
        settings=summaries[0]["settings"],
        seeds=[cell.seed for cell in cells],
        levels=list(_levels(material, model, variant, cells)),
        in_columns=len(cells) <= COLUMNS,
        method=facts.comparisons["method"],
        gates=list(_gates(material, cells)),
        size=_size(material, model, summaries[0]),
        overlaps=[words.overlap(study, name, found) for name, found in data["overlap"]["benchmarks"].items()],
        seconds=total(jobs, "seconds"),
        energy=total(jobs, "energy_kwh"),
        emissions=total(jobs, "emissions_kg"),
        water=total(jobs, "water_l"),
        country=study.footprint.country,
        notes=list(dict.fromkeys(entry["power_note"] for entry in prints if entry.get("power_note"))),
        machines=[machine_in_words(machine) for machine in distinct(jobs, "machine")],
        terms=terms(deep(part) | {"license": part["license"]}, facts.licenses["disclaimer"]),
        cite=sentence(study, facts.stamp),
        bibtex=bibtex(study, facts.stamp),
    )


def _front(material: Material, model: str, variant: str, title: str, cells: list[Experiment]) -> str:
    """The metadata, as huggingface_hub writes them."""
    from huggingface_hub import ModelCardData

    study = material.facts.study
    part = material.facts.licenses["components"][f"weights.{model}.{variant}"]
    base = base_of(study, model)
    more: Record = dict(part["hugging_face"])
    if base is not None and base.repository:
        more["base_model"] = base.repository
        more["base_model_relation"] = "adapter" if is_adapter(study, model) else "finetune"
    hub = [study.sources[name] for name in sources_of(study, variant)]
    datasets = list(dict.fromkeys(source.dataset for source in hub if source.type == "hub"))
    if datasets:
        more["datasets"] = datasets
    jobs = [job for job in material.jobs if job.rule == "train" and job.experiment in cells]
    emissions = total(jobs, "emissions_kg")
    if emissions is not None:
        more["co2_eq_emissions"] = {
            "emissions": round(1000 * emissions, 6),  # grams, as the hub asks
            "source": "codecarbon",
            "training_type": "pre-training" if base is None else "fine-tuning",
            "geographical_location": study.footprint.country or "",
            "hardware_used": "; ".join(map(machine_in_words, distinct(jobs, "machine"))),
        }
    keywords = [one_line(word).lower().replace(" ", "-") for word in study.keywords]
    data = ModelCardData(
        language=material.card(variant)["language"],
        library_name="peft" if is_adapter(study, model) else "transformers",
        pipeline_tag="text-generation",
        tags=list(dict.fromkeys(["railcrate", *(word for word in keywords if word)])),
        model_name=one_line(title),
        eval_results=list(_evaluations(material, model, variant, cells)) or None,
        **more,
    )
    return data.to_yaml(line_break="\n") + "\n"


def _evaluations(material: Material, model: str, variant: str, cells: list[Experiment]) -> Iterator[Any]:
    """The model-index: for each metric of each benchmark the mean over the seeds, then each seed."""
    from huggingface_hub import EvalResult

    study = material.facts.study

    def result(row: Record, value: float, name: str) -> Any:
        return EvalResult(
            task_type="text-generation",
            dataset_type=row["benchmark"],
            dataset_name=one_line(words.benchmark_title(study, row["benchmark"])),
            metric_type=row["metric"],
            metric_value=round(float(value), 6),
            metric_name=f"{words.metric_title(row['metric']).split(' (')[0]}, {name}",
        )

    for level in material.levels(model, variant):
        yield result(level, level["mean"], f"mean over {level['seeds']} seed{'' if level['seeds'] == 1 else 's'}")
        for cell in cells:
            for row in material.figures(cell.id):
                if row["benchmark"] == level["benchmark"] and row["metric"] == level["metric"]:
                    yield result(row, row["value"], f"seed {cell.seed}")


def _kind(material: Material, cell: Experiment) -> Kind:
    return kind_of_weights(material.facts.folder / paths.weights_folder(cell.id))


def _introduction(material: Material, model: str, cell: Experiment, summary: Record) -> str:
    chosen = material.facts.study.models[model]
    amount = f"{summary['parameters']:,} parameters"
    if isinstance(chosen, ScratchModel):
        kind = chosen.architecture.get("model_type", "transformers")
        return f"A causal language model of {amount} ({kind}), trained from random weights."
    base = base_of(material.facts.study, model)
    of = (base.repository or base.citation or model) if base is not None else model
    if is_adapter(material.facts.study, model):
        trained = f"{summary['trainable_parameters']:,} trained"
        return f"A LoRA adapter for {of} ({amount}, {trained})."
    return f"{_kind(material, cell).title.capitalize()} of {amount}, fine-tuned in full from {of}."


def _files(material: Material, cells: list[Experiment]) -> Iterator[Record]:
    adapter = is_adapter(material.facts.study, cells[0].model)
    for cell in cells:
        path = paths.weights_files(cell.id, adapter=adapter)[0]
        row = {"seed": cell.seed, "folder": paths.weights_folder(cell.id)}
        place = material.places.get(path)
        external = next((file for file in material.facts.external if file.path == path), None)
        if place is not None:
            yield {**row, "where": _where(place), "size": place.size, "sha256": place.sha256}
        elif external is not None:
            yield {**row, "where": external.url, "size": external.size, "sha256": external.sha256}


def _where(place: Place) -> str:
    if place.parts:
        return f"{place.parts[0].path} and {len(place.parts) - 1} more parts"
    return f"in {place.entry.path}" if place.in_archive else place.entry.path


def _unpack(material: Material, cells: list[Experiment]) -> str:
    """Where the files have to lie, in words."""
    prefixes = tuple(f"{paths.weights_folder(cell.id)}/" for cell in cells)
    archives = {place.entry.path for path, place in material.places.items() if path.startswith(prefixes)}
    zips = sorted(name for name in archives if name.endswith(".zip"))
    whole = "" if len(zips) == len(archives) else " What lies beside them under models/ belongs into the same folder."
    if not zips:
        return "Keep the folders as they are in the bundle."
    return f"Unpack {', '.join(zips)} into one folder.{whole}"


def _load(material: Material, model: str, cell: Experiment) -> str:
    """A few lines of Python; the base of an adapter is named as the study has it."""
    folder, loader = json.dumps(paths.weights_folder(cell.id)), _kind(material, cell).loader
    base = base_of(material.facts.study, model)
    more = ", trust_remote_code=True" if base is not None and base.trust_remote_code else ""
    if not is_adapter(material.facts.study, model):
        return (
            f"from transformers import {loader}, AutoTokenizer\n\n"
            f"folder = {folder}\n"
            f"model = {loader}.from_pretrained(folder{more})\n"
            f"tokenizer = AutoTokenizer.from_pretrained(folder{more})"
        )
    of = json.dumps(paths.base_folder(model))
    if base is not None and base.repository:
        of, more = json.dumps(base.repository), f", revision={json.dumps(base.revision)}{more}"
    return (
        f"from peft import PeftModel\nfrom transformers import {loader}, AutoTokenizer\n\n"
        f"base = {loader}.from_pretrained({of}{more})\n"
        f"model = PeftModel.from_pretrained(base, {folder})\n"
        f"tokenizer = AutoTokenizer.from_pretrained({of}{more})"
    )


def _steps(material: Material, variant: str) -> Iterator[str]:
    """The steps of a recipe, after those of the recipes that it begins with."""
    study = material.facts.study
    for name in study.recipes[variant].inputs:
        if name in study.recipes:
            yield from _steps(material, name)
    yield from material.card(variant)["steps"]


def _how(material: Material, model: str, cell: Experiment, summary: Record) -> str:
    study = material.facts.study
    chosen, training = study.models[model], training_of(study, model)
    start = "from random weights" if isinstance(chosen, ScratchModel) else "from its base"
    text = (
        f"With transformers' Trainer, {start}: {summary['tokens']:,} tokens in {summary['steps']:,} steps, which is "
        f"{summary['epochs']:.2f} passes over the data, on {training.device} in {training.precision}."
    )
    if _kind(material, cell) is ENCODER_DECODER:
        text += (
            " By prefix language modelling: the encoder read the first part of a block, and the decoder learned to "
            "predict the rest (Raffel et al. 2020, arXiv:1910.10683)."
        )
    if isinstance(chosen, FinetuneModel) and chosen.lora is not None:
        text += f" LoRA of rank {chosen.lora.rank}, alpha {chosen.lora.alpha:g}, dropout {chosen.lora.dropout:g}."
    if isinstance(chosen, ScratchModel):
        tokenizer = study.tokenizers[chosen.tokenizer]
        text += f" The tokenizer is the study's own ({tokenizer.kind}, {tokenizer.vocab_size:,} entries)."
    return text


def _levels(material: Material, model: str, variant: str, cells: list[Experiment]) -> Iterator[Record]:
    study = material.facts.study
    by_seed = {cell.id: material.figures(cell.id) for cell in cells}
    for level in material.levels(model, variant):
        metric = level["metric"]
        low, high = level["ci_low"], level["ci_high"]
        yield {
            "title": words.benchmark_title(study, level["benchmark"]),
            "metric_title": words.metric_title(metric),
            "mean": words.number(metric, level["mean"]),
            "interval": "—" if low is None else f"{words.number(metric, low)} to {words.number(metric, high)}",
            "items": level["items"],
            "seeds": [_seed(rows, level) for rows in by_seed.values()],
        }


def _seed(rows: list[Record], level: Record) -> str:
    for row in rows:
        if row["benchmark"] == level["benchmark"] and row["metric"] == level["metric"]:
            error = row["stderr"]
            return words.number(row["metric"], row["value"]) + (
                "" if error is None else f" ± {words.number(row['metric'], error)}"
            )
    return "—"


def _gates(material: Material, cells: list[Experiment]) -> Iterator[str]:
    """The gates that did not pass for any of the seeds, by benchmark."""
    study = material.facts.study
    found: dict[str, list[str]] = {}
    for cell in cells:
        for row in material.figures(cell.id):
            names = found.setdefault(row["benchmark"], [])
            names += [gate for gate in row["gates_failed"] if gate not in names]
    for benchmark, names in found.items():
        if names:
            yield f"{words.benchmark_title(study, benchmark)} ({', '.join(name.replace('_', ' ') for name in names)})"


def _size(material: Material, model: str, summary: Record) -> str:
    """How little they have seen."""
    text = f"They have {summary['parameters']:,} parameters and saw {summary['tokens']:,} tokens in this study."
    if base_of(material.facts.study, model) is not None:
        text += " What their base had learned before is not examined here."
    return text
