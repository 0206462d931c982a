# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Verifying a published study: do its files, its evaluations, its trainings come out as published?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from railcrate.bundle.manifest import Manifest
from railcrate.reproduce.consistency import mismatches
from railcrate.reproduce.contrast import contrast, same_names
from railcrate.reproduce.explain import explain
from railcrate.reproduce.facts import Facts, facts_of
from railcrate.reproduce.fetch import fetch
from railcrate.reproduce.files import FilesReport, check_files
from railcrate.reproduce.find import BUNDLE, find
from railcrate.reproduce.metrics import Results, model_variant_seed, study_results
from railcrate.reproduce.origin import Origin, default_work, open_origin, what_would_run
from railcrate.reproduce.progress import Quiet, Watcher
from railcrate.reproduce.recorded import origins
from railcrate.reproduce.rerun import RunFailedError, rerun
from railcrate.reproduce.stores import BundleStore, FolderStore, Store
from railcrate.reproduce.study_files import check_study
from railcrate.reproduce.surroundings import claims_of, environments
from railcrate.reproduce.verification import Depth, FilesChecked, Subject, Verification, Weights
from railcrate.study import paths
from railcrate.study.errors import RailcrateError
from railcrate.study.records import git_commit

RULES = {"evaluate": ("evaluate",), "train": ("train", "evaluate")}
WEIGHTS = ("adapter_model.safetensors", "model.safetensors")


class NotAgreedError(RailcrateError):
    """Nobody agreed to run what others wrote."""

    exit_code = 2


@dataclass(frozen=True)
class Manner:
    """How to verify.

    Attributes:
        depth: how deep.
        folder: where to fetch to; by default a folder named by the title.
        work: where to run; by default in the study's own state.
        cores: cores for Snakemake; a number or `all`.
        strict: whether only identical figures hold.
        agree: is shown what would run, and says whether it may.
        say: is told what happens.
        watching: gives what is told how far fetching and checking have come, while it is entered.
    """

    depth: Depth = "files"
    folder: Path | None = None
    work: Path | None = None
    cores: str = "all"
    strict: bool = False
    agree: Callable[[list[str]], bool] = lambda _: False
    say: Callable[[str], None] = lambda _: None
    watching: Callable[[], AbstractContextManager[Watcher]] = lambda: nullcontext(Quiet())


def verify(reference: str, manner: Manner) -> Verification:
    """Verify a published study.

    A folder of a study (fetched or not) is verified in place; it stays as it is. Of anything
    else the bundle is fetched first. The files are checked at every depth; at the depths
    `evaluate` and `train` the study then runs again, in a folder of its own, and every figure
    is compared. Broken off, the same call goes on.

    Args:
        reference: a DOI, an address, a folder with a bundle, or a study's folder.
        manner: how.

    Returns:
        What it came to.

    Raises:
        NotAgreedError: when what would run was not agreed to.
        RunFailedError: when the study cannot be run again.
        RailcrateError: whatever finding, fetching and reading raise.
    """
    folder = Path(reference).expanduser()
    if (folder / paths.CONFIG).is_file():
        return _verify_folder(reference, open_origin(folder), manner)
    found = find(reference)
    if manner.depth == "files" and found.folder is not None:
        with manner.watching() as watcher:
            report = check_files(found.folder, watcher=watcher)
        return _files_alone(reference, found.folder, report, manner)
    manner.say(f"fetching {found.where}")
    with manner.watching() as watcher:
        fetched = fetch(found, manner.folder, strict=False, watcher=watcher)
        report = check_files(fetched.bundle, record=found.record, watcher=watcher)
    for note in fetched.notes:
        manner.say(note)
    if not report.holds:
        return _files_alone(reference, fetched.bundle, report, manner)
    return _verify_folder(reference, open_origin(fetched.folder), manner, report)


def _verify_folder(reference: str, origin: Origin, manner: Manner, report: FilesReport | None = None) -> Verification:
    """Verify a study that lies in a folder."""
    manifest = origin.manifest
    if manifest is None:
        manner.say("hashing every file that the ledger names")
        files = check_study(origin.folder)
        title = origin.study().title
    else:
        if report is None:
            with manner.watching() as watcher:
                report = check_files(origin.folder / BUNDLE, watcher=watcher)
        files, title = _checked(report), manifest.title
    result = _begin(reference, title, manifest, files, manner)
    if files.problems:
        return result
    published, facts = _published(reference, origin.store, manifest)
    result.mismatches = mismatches(published, facts)
    if manner.depth == "files":
        result.causes = explain((published, facts), (published, facts), result.contrast, (), inner=result.mismatches)
        return result
    if not published.evaluations:
        raise RunFailedError(f"{reference} holds no evaluations to compare with", "Fetch all of it, without `--only`.")
    if not manner.agree(what_would_run(origin, manner.depth)):
        raise NotAgreedError("nothing was run", "Look at the code first, or verify its files alone: --depth files.")
    work = manner.work or default_work(origin, manner.depth)
    ran = rerun(origin, published, work, depth=manner.depth, cores=manner.cores, say=manner.say)
    _compare(result, published, facts, FolderStore(ran.folder), manner)
    result.skipped = {" on ".join(name): reason for name, reason in ran.skipped.items()}
    result.contrast.apart = [apart for apart in result.contrast.apart if apart.evaluation not in ran.skipped]
    return result


def _compare(result: Verification, published: Results, facts: Facts, store: Store, manner: Manner) -> None:
    """Compare the run with what was published."""
    again, here = study_results("this run", store), facts_of(store, live=True)
    pairs, alone = same_names(published, again)
    result.contrast = contrast(published, again, pairs, seeds=manner.depth == "train")
    result.contrast.apart += alone
    result.claims = claims_of(facts, here) if here.claims else []
    result.environments = environments(facts, here, RULES[manner.depth])
    if manner.depth == "train":
        result.weights = _weights(published, again, facts)
        result.origins = origins(facts, here)
    result.causes = explain((published, facts), (again, here), result.contrast, pairs, inner=result.mismatches)


def _weights(published: Results, again: Results, facts: Facts) -> list[Weights]:
    """The weights of each experiment that trains, as far as both are known."""
    found: dict[str, Weights] = {}
    for experiment, _ in published.evaluations:
        if experiment in found or model_variant_seed(experiment)[1] is None:
            continue
        stated = (facts.trainings.get(experiment, {}).get("hashes") or {}).get("weights")
        one, other = _weights_of(published.store, experiment) or stated, _weights_of(again.store, experiment)
        if one is not None:
            found[experiment] = Weights(experiment, one, other)
    return list(found.values())


def _weights_of(store: Store | None, experiment: str) -> str | None:
    if store is None:
        return None
    hashes = (store.sha256(f"{paths.weights_folder(experiment)}/{name}") for name in WEIGHTS)
    return next((found for found in hashes if found is not None), None)


def _files_alone(reference: str, bundle: Path, report: FilesReport, manner: Manner) -> Verification:
    """What can be said of a bundle that was not unpacked."""
    files = _checked(report)
    title = report.manifest.title if report.manifest is not None else reference
    result = _begin(reference, title, report.manifest, files, manner)
    if not files.problems:
        published, facts = _published(reference, BundleStore(bundle), report.manifest)
        result.mismatches = mismatches(published, facts)
        result.causes = explain((published, facts), (published, facts), result.contrast, (), inner=result.mismatches)
    return result


def _published(reference: str, store: Store, manifest: Manifest | None) -> tuple[Results, Facts]:
    results = study_results(reference, store, "study" if manifest is None else "bundle")
    return results, facts_of(store)


def _begin(reference: str, title: str, manifest: Manifest | None, files: FilesChecked, manner: Manner) -> Verification:
    # The page may be published: of a folder here, its name is enough.
    place = Path(reference).expanduser()
    named = place.resolve().name if place.exists() else reference
    subject = Subject(named, title, commit=git_commit(place) if place.is_dir() else None)
    if manifest is not None:
        subject = Subject(
            named, title, manifest.version, manifest.doi, manifest.concept_doi, manifest.commit, manifest.identity
        )
    made = datetime.now(UTC).date()
    return Verification(subject, manner.depth, made, version("railcrate"), manner.strict, files)


def _checked(report: FilesReport) -> FilesChecked:
    """What came of a bundle's checksums, in short."""
    wrong = [f"{file.path}: {file.state}{f', {file.reason}' if file.reason else ''}" for file in report.wrong]
    wrong += [f"{member.path} in {member.archive or 'the bundle'}: {member.reason}" for member in report.members]
    manifest = report.manifest
    return FilesChecked(
        checked=report.counts().get("right", 0) + report.members_right,
        bytes=0 if manifest is None else manifest.size,
        withheld=0 if manifest is None else len(manifest.withheld),
        external=0 if manifest is None else len(manifest.external),
        problems=tuple(dict.fromkeys(text.replace(f"{report.place}/", "") for text in (*report.problems, *wrong))),
    )
