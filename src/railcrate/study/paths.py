# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Every path of a study, in one place, relative to the study's folder.

Snakemake's rules, DVC's stages, the bundle and the report all ask here. Paths are POSIX
strings, because they are written into metadata that travels between machines.

What is the same whenever the same study runs (data, weights, results) is kept apart from
what differs from run to run (`records/`: durations, energy, the machine).
"""

from __future__ import annotations

from pathlib import Path

from railcrate.study.sources import DoiSource, HubSource, LocalSource, SyntheticSource, UrlSource

CONFIG = "config/study.yaml"
BASES_LOCK = "config/bases.lock.yaml"  # the commits of bases that the configuration names without one
DVC_FILE = "dvc.yaml"
RECORDS = "records"
SNAKEMAKE_ARCHIVE = f"{RECORDS}/snakemake.tar.gz"
REPORT = "results/report.html"
SECTIONS = "sections"  # the study's own sections of the report, as Markdown, with the pictures that they show
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
RESULTS_JSON = "results/results.json"
RESULTS_TABLE = "results/results.parquet"
COMPARISONS = "results/comparisons.json"
OPENNESS = "results/openness.json"  # how open the study is, by every framework, with what shows it
TRAINING_SUMMARY = "results/training-data-summary.md"  # after the AI Office's template for general-purpose models
BADGES = ("osaid", "mof", "fmti", "license")  # pictures of the assessment, for the study's README
SHOWN_BADGES = "badges"  # where git has a copy of them, if the study has such a folder
LICENSES = "results/licenses.json"  # what each component carries, what that obliges to, what stands in the way
# What a run writes for git beside the ledger: it states the licenses, the commits of bases, and how open it is.
LAID_DOWN = ("LICENSES", "NOTICE", "REUSE.toml", "config/licenses", BASES_LOCK, SHOWN_BADGES)
# At the top of a study, what a run makes or lays down there: a clone or a miniature begins without some of it.
MADE_AT_TOP = ("data", "models", "results", RECORDS, *(name for name in LAID_DOWN if "/" not in name))
# For git: all of a study but the files that name what DVC keeps, which the run itself changes.
BUT_LEDGER = (".", ":!dvc.lock", ":!records.dvc", ":!report.dvc")
REUSE_FILES = ("data/REUSE.toml", "models/REUSE.toml", "results/REUSE.toml")
CHECKPOINTS = "checkpoints"
LOGS = "logs"
STATE = ".railcrate"  # what this machine remembers: never versioned, never published
RECORDED = f"{STATE}/recorded.json"
RUN_LOCK = f"{STATE}/run.lock"
MINIATURE = "miniature"  # the folder of the study's miniature: never versioned, never published
MINIATURE_MARK = "miniature.json"  # lies in a miniature, and says that it is one


def raw_files(name: str, source: LocalSource | UrlSource | HubSource | SyntheticSource | DoiSource) -> list[str]:
    """List the files of a source, under `data/raw/` but for a local one.

    A local source's files stay where they are; its glob is looked up in the current
    folder, which is the study's whenever a workflow or a command runs.
    """
    if isinstance(source, LocalSource):
        return sorted(path.as_posix() for path in Path().glob(source.path) if path.is_file() and not in_miniature(path))
    if isinstance(source, UrlSource | DoiSource):
        return [f"data/raw/{name}/{file.filename}" for file in source.files]
    if isinstance(source, HubSource):
        return [f"data/raw/{name}/{source.split}.parquet"]
    return [f"data/raw/{name}/{output}" for output in source.outputs]


def in_miniature(path: Path) -> bool:
    """Tell whether a path, from the study's folder, leads into its miniature, which no glob of the study means."""
    return path.parts[:1] == (MINIATURE,)


def section_files(folder: Path = Path()) -> list[str]:
    """List the files of the study's own sections of the report: Markdown and pictures.

    Args:
        folder: the study's folder; the current one by default.

    Returns:
        Paths from there, in sorted order.
    """
    wanted = (".md", *PICTURES)
    found = (path for path in (folder / SECTIONS).rglob("*") if path.is_file() and path.suffix.lower() in wanted)
    return sorted(path.relative_to(folder).as_posix() for path in found)


def raw_record(name: str) -> str:
    """The source's own record: each file with bytes and sha256, where it came from, its terms."""
    return f"data/raw/{name}.json"


def variant_text(variant: str) -> str:
    """The variant: Parquet with the columns id, text, source."""
    return f"data/variants/{variant}/text.parquet"


def variant_report(variant: str) -> str:
    """What each step of the recipe did."""
    return f"data/variants/{variant}/steps.json"


def license_beside(group: str, name: str) -> str:
    """The LICENSE beside a source, a variant or a set of weights.

    Args:
        group: `sources`, `variants` or `weights`.
        name: its name; of weights `model.variant`, for one license holds for all seeds.
    """
    if group == "variants":
        return f"data/variants/{name}/LICENSE"
    return f"data/raw/{name}.LICENSE" if group == "sources" else f"models/weights/{name}.LICENSE"


def card_json(variant: str) -> str:
    """The data card for machines."""
    return f"results/cards/{variant}.json"


def card_markdown(variant: str) -> str:
    """The data card for readers."""
    return f"results/cards/{variant}.md"


def badge(name: str) -> str:
    """A badge, as a picture (SVG)."""
    return f"results/badges/{name}.svg"


def tokenizer_folder(tokenizer: str, corpus: str) -> str:
    """Folder of a tokenizer that was trained on one variant."""
    return f"data/tokenizers/{tokenizer}/{corpus}"


def tokenizer_files(tokenizer: str, corpus: str) -> list[str]:
    """The files of a trained tokenizer."""
    folder = tokenizer_folder(tokenizer, corpus)
    return [f"{folder}/tokenizer.json", f"{folder}/tokenizer_config.json"]


def base_folder(model: str) -> str:
    """Folder of the base that a model starts from."""
    return f"models/bases/{model}"


def base_record(model: str) -> str:
    """The base's record: each file with bytes and sha256; it stands for the folder in the workflow."""
    return f"models/bases/{model}.json"


def blocks(model: str, variant: str) -> str:
    """Packed token blocks: a NumPy array of shape (blocks, block_length)."""
    return f"data/blocks/{model}/{variant}.npy"


def blocks_report(model: str, variant: str) -> str:
    """Counts of tokens, documents and bytes in the blocks."""
    return f"data/blocks/{model}/{variant}.json"


def weights_folder(experiment: str) -> str:
    """Folder of an experiment's weights, configuration, tokenizer and training curve."""
    return f"models/weights/{experiment}"


def weights_files(experiment: str, *, adapter: bool) -> list[str]:
    """The files of the weights folder that the workflow names."""
    names = ["adapter_model.safetensors", "adapter_config.json"] if adapter else ["model.safetensors", "config.json"]
    return [f"{weights_folder(experiment)}/{name}" for name in names]


def training_summary(experiment: str) -> str:
    """Steps, tokens, final loss, hashes: a DVC metric."""
    return f"{weights_folder(experiment)}/training.json"


def training_curve(experiment: str) -> str:
    """The training curve as CSV (step, tokens, loss, learning_rate): a DVC plot."""
    return f"{weights_folder(experiment)}/curve.csv"


def checkpoint_folder(experiment: str) -> str:
    """Where a run keeps its checkpoints until it has finished."""
    return f"{CHECKPOINTS}/{experiment}"


def evaluation(experiment: str, benchmark: str) -> str:
    """Results with settings, hashes and gates."""
    return f"results/evaluations/{experiment}/{benchmark}.json"


def samples(experiment: str, benchmark: str) -> str:
    """One row for each item that was scored."""
    return f"results/evaluations/{experiment}/{benchmark}.samples.parquet"


def metrics(experiment: str, benchmark: str) -> str:
    """The figures alone: a DVC metric."""
    return f"results/evaluations/{experiment}/{benchmark}.metrics.json"


def record(rule: str, name: str) -> str:
    """How one job went on this machine: durations, energy, versions, CPU, threads."""
    return f"{RECORDS}/{rule}/{name}.json"


def log(rule: str, name: str) -> str:
    """The log of one job."""
    return f"{LOGS}/{rule}/{name}.log"
