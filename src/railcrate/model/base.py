# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Bases: weights that somebody else trained, brought into the study with a record of every file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from railcrate.model.errors import BaseError, HubError
from railcrate.model.loadable import check_base, where_from
from railcrate.study import paths
from railcrate.study.bases import lock, tried
from railcrate.study.config import Study
from railcrate.study.files import read_json, sha256_file, write_json
from railcrate.study.grid import base_of
from railcrate.study.miniature import twin
from railcrate.study.models import Base
from railcrate.study.records import job_record

# What a base consists of. Weights in other formats stay behind: they are pickles, or copies.
PATTERNS = (
    "*.safetensors", "*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken",
    "LICENSE*", "NOTICE*", "USE_POLICY*", "README.md",
)  # fmt: skip
CODE_PATTERNS = ("*.py",)  # only where the study trusts them
MAIN = "main"  # the branch at the hub whose commit a base of the catalogue is locked to


def fetch_base(folder: Path, study: Study, model: str) -> None:
    """Bring a model's base into `models/bases/<model>/` and record each file.

    Args:
        folder: the study's folder.
        study: the configuration.
        model: name of a finetune or pretrained model.

    Raises:
        BaseError: when there is no such folder or repository, or it has no safetensors
            weights, no configuration or no tokenizer, or transformers cannot load it.
        WeightsError: when a weights file is cut short.
        HubError: when the hub cannot be reached or refuses access.
    """
    base = base_of(study, model)
    if base is None:
        raise BaseError(f"the model '{model}' is trained from scratch: it has no base", "")
    with job_record(folder, "base", model) as record:
        target = folder / paths.base_folder(model)
        if base.repository is not None and base.revision is None:
            base = lock(folder, base, partial(_commit, folder, base))
        part = target.with_name(f".{model}.{_mark(base)}.part")
        part.mkdir(parents=True, exist_ok=True)
        if base.repository is None:
            _take_over(folder, base, part)
        elif not _take_from_twin(folder, base, model, part):
            _download(base, part)
        check_base(base, part, _all_files(folder, base, part))
        listing: list[dict[str, Any]] = [
            {"path": path.name, "bytes": path.stat().st_size, "sha256": sha256_file(path)}
            for path in sorted(part.iterdir())
        ]
        if target.exists():
            shutil.rmtree(target)
        part.rename(target)
        for old in target.parent.glob(f".{model}.*part"):
            shutil.rmtree(old)
        write_json(folder / paths.base_record(model), {"model": model, **describe(base), "files": listing})
        record["bytes"] = sum(file["bytes"] for file in listing)


def _mark(base: Base) -> str:
    """Tell downloads that broke off apart: one is taken up again, and only by what wants the same files."""
    return f"{base.revision or 'folder'}{'-code' if base.trust_remote_code else ''}"


def describe(base: Base) -> dict[str, Any]:
    """Say where a base is from. Its license is the study's statement: another one makes no other weights."""
    origin: dict[str, str | None] = {"path": base.path} if base.path is not None else {}
    if base.repository is not None:
        named = {} if base.catalogue is None else {"catalogue": base.catalogue}
        origin = {**named, "repository": base.repository, "revision": base.revision}
    return {
        "type": "hub" if base.repository is not None else "folder",
        **origin,
        "trust_remote_code": base.trust_remote_code,
    }


def base_files(folder: Path, model: str) -> Path:
    """Give the folder of a base, after a look at whether all its files are there in full length.

    Args:
        folder: the study's folder.
        model: name of the model.

    Returns:
        The folder.

    Raises:
        BaseError: when the base was not fetched, or a file is missing or of another length.
    """
    target, record = folder / paths.base_folder(model), folder / paths.base_record(model)
    again = f"Delete {paths.base_record(model)} and run snakemake again."
    if not record.is_file():
        raise BaseError(f"the base of '{model}' is not there: no {paths.base_record(model)}", "Run snakemake.")
    for file in read_json(record)["files"]:
        path = target / file["path"]
        found = path.stat().st_size if path.is_file() else None
        if found != file["bytes"]:
            state = "is missing" if found is None else f"has {found} bytes"
            raise BaseError(
                f"{paths.base_folder(model)}/{file['path']} {state}; recorded: {file['bytes']} bytes", again
            )
    return target


def _commit(folder: Path, base: Base) -> str:
    """Give the commit that the study's miniature has tried, or else ask the hub where the main branch is."""
    from huggingface_hub import HfApi

    known = tried(folder, base)
    if known is not None:
        return known
    with _failures_told(base, f"the commit of {base.repository} ('{base.catalogue}' of the catalogue)", MAIN):
        api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"))
        return str(api.model_info(str(base.repository), revision=MAIN).sha)


def _download(base: Base, part: Path) -> None:
    """Download a repository at its revision; what is there already is not loaded again."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    with _failures_told(base, where_from(base), str(base.revision)):
        snapshot_download(
            str(base.repository),
            revision=base.revision,
            local_dir=part,
            allow_patterns=_patterns(base),
            ignore_patterns=["*/*"],
            # Read here, not when the library is imported: a warm process may have imported it earlier.
            endpoint=os.environ.get("HF_ENDPOINT"),
        )
    shutil.rmtree(part / ".cache", ignore_errors=True)


@contextmanager
def _failures_told(base: Base, what: str, revision: str) -> Iterator[None]:
    """Turn what the hub's client raises into our errors, which say what to do."""
    import httpx2
    from huggingface_hub import errors

    network = (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, errors.HfHubHTTPError)

    try:
        yield
    except errors.GatedRepoError as error:
        raise HubError(
            f"{what} cannot be had: {base.repository} is gated, and its owner must grant access",
            f"Accept its terms at https://huggingface.co/{base.repository} and set HF_TOKEN.",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise BaseError(
            f"{base.repository} has no revision {revision}",
            "Take the full commit hash from the repository's history.",
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise BaseError(
            f"the hub has no repository {base.repository}, or it is private",
            "Check owner/name; for a private one set HF_TOKEN.",
        ) from error
    except (*network, httpx2.HTTPError, OSError) as error:
        raise HubError(
            f"{what} could not be downloaded: {error}",
            "Check the network, HF_ENDPOINT and HF_HUB_OFFLINE, and run snakemake again; "
            "what was loaded is kept. Or put the files into a folder of the study and set base.path.",
        ) from error


def _take_over(folder: Path, base: Base, part: Path) -> None:
    """Link the files of a folder, or copy them where links are not possible."""
    source = folder / str(base.path)
    if not source.is_dir():
        raise BaseError(f"the base's folder {base.path} is not there", "Put it there, or correct base.path.")
    _link(sorted({path for pattern in _patterns(base) for path in source.glob(pattern) if path.is_file()}), part)


def _take_from_twin(folder: Path, base: Base, model: str, part: Path) -> bool:
    """Take what the study has downloaded for its miniature, or the other way round; False where there is nothing."""
    other = twin(folder)
    if other is None or not (other / paths.base_record(model)).is_file():
        return False
    record = read_json(other / paths.base_record(model))
    files = {other / paths.base_folder(model) / file["path"]: file["sha256"] for file in record["files"]}
    # Older records hold more: the license as it was stated then.
    if any(record.get(key) != value for key, value in {"model": model, **describe(base)}.items()):
        return False
    if any(not path.is_file() or sha256_file(path) != sha256 for path, sha256 in files.items()):
        return False
    _link(files, part)
    return True


def _link(files: Iterable[Path], part: Path) -> None:
    shutil.rmtree(part)
    part.mkdir()
    for path in files:
        try:
            os.link(path.resolve(), part / path.name)
        except OSError:  # another device, or a file system without links
            shutil.copyfile(path, part / path.name)


def _all_files(folder: Path, base: Base, part: Path) -> list[str]:
    """Name all files of where a base comes from, with those that stay behind, for messages alone.

    The hub is asked only where something is amiss: what was fetched tells that by itself.
    """
    if base.repository is None:
        source = folder / str(base.path)
        return sorted(path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file())
    if next(part.glob("*.safetensors"), None) and not _has_code(part):
        return sorted(path.name for path in part.iterdir())
    from huggingface_hub import HfApi

    with _failures_told(base, f"the list of files of {where_from(base)}", str(base.revision)):
        api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"))
        found = api.model_info(str(base.repository), revision=base.revision).siblings or []
    return sorted(file.rfilename for file in found)


def _has_code(part: Path) -> bool:
    path = part / "config.json"
    return path.is_file() and "auto_map" in read_json(path)


def _patterns(base: Base) -> list[str]:
    return [*PATTERNS, *(CODE_PATTERNS if base.trust_remote_code else ())]
