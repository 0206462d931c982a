# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What a study has to publish: every file that DVC keeps, the code, what stays elsewhere, and what is withheld.

DVC's ledger says which files there are and what is in them; git says what the code is. A
study that is not finished, not recorded or not committed is refused: its bundle would tell
of files that nobody could make again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from railcrate.bundle import git
from railcrate.bundle.components import DOCUMENTS, Publishing, component_of, role_of, tells_only_how
from railcrate.bundle.errors import BundleConfigError, CodeError, NotPublishableError, UnfinishedError
from railcrate.bundle.manifest import ExternalFile, Role, Withheld
from railcrate.bundle.quotes import Quotes, find_quotes
from railcrate.bundle.sums import Sums
from railcrate.ledger import repository
from railcrate.ledger.added import added, unlike_added
from railcrate.ledger.errors import DataMissingError
from railcrate.ledger.record import RECORDS_DVC, REPORT_DVC
from railcrate.ledger.recorded import not_recorded
from railcrate.ledger.stages import Stage, stages_of
from railcrate.licensing.lay_down import used
from railcrate.licensing.resolve import Resolution, resolve
from railcrate.study import paths
from railcrate.study.bases import lock_files
from railcrate.study.config import Study
from railcrate.study.problems import nearest

if TYPE_CHECKING:
    from dvc.output import Output

_SHOWN = 12  # names in a message
LEDGER = (paths.CONFIG, paths.DVC_FILE, repository.LOCK_FILE, RECORDS_DVC, REPORT_DVC)
CACHE = ".dvc/cache/files/md5"  # where DVC keeps content, in every study


@dataclass(frozen=True)
class Kept:
    """A file of the study that DVC keeps and that is published.

    Attributes:
        path: where it is in the study.
        size: its bytes.
        md5: of its content, as DVC knows it.
        stored: its content, in DVC's cache.
        role: which archive it belongs to.
        component: the part of the study whose license it carries, such as `variants.raw`.
        license: that license, an SPDX expression.
    """

    path: str
    size: int
    md5: str
    stored: Path
    role: Role
    component: str
    license: str


@dataclass(frozen=True)
class Inventory:
    """All that a bundle is made from.

    Attributes:
        kept: the files to publish, and DVC's listings of folders, sorted by path.
        external: files of the study that stay elsewhere, with the place of their content here.
        withheld: files of the study that are not published; those of them that git has are no part of its code.
        hidden: the content of those that DVC keeps, by path.
        code: what git has.
        quotes: what is quoted of the withheld data.
        read: files of git's that the study rests on.
        lock: the entries of `dvc.lock`, by stage.
        resolution: what each component of the study is licensed under.
    """

    kept: tuple[Kept, ...]
    external: tuple[tuple[ExternalFile, Path], ...]
    withheld: tuple[Withheld, ...]
    hidden: Mapping[str, Path]
    code: git.Code
    quotes: Quotes
    read: frozenset[str]
    lock: Mapping[str, Mapping[str, Any]]
    resolution: Resolution


def check_licenses(folder: Path, study: Study) -> Resolution:
    """Refuse to publish against a license.

    Args:
        folder: the study's folder.
        study: the configuration.

    Returns:
        The licenses of all components.

    Raises:
        NotPublishableError: when a conflict is open; the message tells the reasons and the ways out.
        LicenseError: when a license is malformed or unknown.
    """
    resolution = resolve(folder, study)
    if not resolution.conflicts:
        return resolution
    lines: list[str] = []
    for (code, reason), conflicts in _grouped(resolution).items():
        names = [conflict.component for conflict in conflicts]
        lines += [f"{', '.join(names)}: {code}", f"  {reason}"]
        lines += [f"  - {way}" for way in resolution.ways.get(conflicts[0], ())]
    raise NotPublishableError(
        "the study may not be published as it is planned:\n  " + "\n  ".join(lines),
        "Choose a way out and run the workflow again; `railcrate license check` tells all of it.",
    )


def _grouped(resolution: Resolution) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for conflict in resolution.conflicts:
        found.setdefault((str(conflict.code), conflict.reason), []).append(conflict)
    return found


def take(folder: Path, study: Study) -> Inventory:
    """List what a study has to publish.

    Args:
        folder: the study's folder, which must be the current one.
        study: the configuration.

    Returns:
        The inventory.

    Raises:
        NotPublishableError: when a license conflict is open.
        UnfinishedError: when something is not finished, or not recorded.
        CodeError: when something that the study reads is not committed.
        BundleConfigError: when `release.external` or `licenses.withhold` cannot be followed.
        DataMissingError: when DVC's cache lacks something.
        RailcrateError: what the ledger says when it is busy, or damaged.
    """
    resolution = check_licenses(folder, study)
    publishing = Publishing(study, resolution)
    stages = stages_of(folder, study)
    code = git.head(folder)
    _refuse_changed(folder, code)
    own = publishing.of_author()
    given = added(folder, own)
    beside = [*(f"LICENSES/{name}.txt" for name in used(resolution)), *lock_files(study), *given]
    with repository.opened(folder) as repo:
        pipeline, entries = repository.pipeline(repo, folder)
        _refuse_unfinished(not_recorded(folder, study, repo, stages, pipeline, entries))
        outputs = [output for stage in stages for output in pipeline[stage.name].outs]
        _refuse_imported(folder, given)
        outputs += repository.tracked(repo, folder, (RECORDS_DVC, REPORT_DVC, *given))
        files, listings = _files(folder, outputs)
    read = _read(folder, code, stages, beside, files)
    _refuse_names([*code.blobs, *files])
    kept = {
        path: _kept(path, stored, own.get(path) or component_of(path), publishing)
        for path, stored in sorted(files.items())
    }
    quotes = find_quotes(study, publishing, files)
    withheld = _withheld(publishing, kept, quotes)
    external = external_files(study, kept, withheld)
    gone = {entry.path for entry in withheld} | {entry.path for entry, _ in external}
    listed = [_kept(path, stored, DOCUMENTS, publishing, role="records") for path, stored in listings.items()]
    return Inventory(
        kept=tuple(sorted((*(k for k in kept.values() if k.path not in gone), *listed), key=lambda k: k.path)),
        external=tuple(external),
        withheld=tuple(sorted((*withheld, *_withheld_code(folder, code, publishing)), key=lambda w: w.path)),
        hidden={entry.path: files[entry.path] for entry in withheld},
        code=code,
        quotes=quotes,
        read=read,
        lock=entries,
        resolution=resolution,
    )


def _refuse_unfinished(reasons: Mapping[str, str]) -> None:
    if reasons:
        raise UnfinishedError(
            f"not finished, or not recorded: {len(reasons)}\n  {_names(f'{k}: {v}' for k, v in reasons.items())}",
            "Run snakemake, which makes what is not finished and records it; then commit what it names, and try again.",
        )


def _refuse_imported(folder: Path, given: Iterable[str]) -> None:
    """Refuse what DVC got otherwise than by `dvc add`: whoever fetches the bundle could not have it restored."""
    for name in given:
        more = unlike_added(yaml.load((folder / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
        if more:
            raise CodeError(
                f"{name} is not as `dvc add` writes it: it holds {', '.join(more)}",
                f"Put it there anew: dvc remove {name}, and dvc add the data; or make it a source with an address.",
            )


def _refuse_changed(folder: Path, code: git.Code) -> None:
    changed = git.changes(folder, code)
    if changed:
        raise CodeError(
            f"these are not as they were committed:\n  {_names(changed)}",
            "A bundle holds the code of a commit: git add -A && git commit, or git stash what is not to be published.",
        )


def _read(
    folder: Path, code: git.Code, stages: Iterable[Stage], beside: Iterable[str], files: Collection[str]
) -> frozenset[str]:
    """Name the files of git's that the study rests on."""
    made = [target for stage in stages for target in (*stage.targets, *stage.kept())]
    outputs, folders = set(made), tuple(f"{target}/" for target in made)
    entrances = [name for name in ("Snakefile", "workflow/Snakefile") if (folder / name).is_file()]
    needed = {*LEDGER, *entrances, "NOTICE", *beside, *(name for stage in stages for name in stage.dependencies)}
    read = {name for name in needed if name not in outputs and name not in files and not name.startswith(folders)}
    lacking = sorted(read - code.blobs.keys())
    if lacking:
        raise CodeError(
            f"the study rests on these, but neither git nor DVC has them:\n  {_names(lacking)}",
            f"Commit them (git add -f {lacking[0]} && git commit); of a source or a base that is too large for git, "
            "`dvc add` it, commit the .dvc file, and run `railcrate record`.",
        )
    return frozenset(read)


def _refuse_names(names: Iterable[str]) -> None:
    """Refuse what cannot be a file's name everywhere, or not be written into a list."""
    strange = sorted(ascii(name) for name in names if "\\" in name or not name.isprintable())
    if strange:
        raise CodeError(
            f"these names of files cannot be had everywhere:\n  {_names(strange)}",
            "Rename them: without '\\', line ends and other signs that cannot be printed, in UTF-8.",
        )


def _files(folder: Path, outputs: Sequence[Output]) -> tuple[dict[str, Path], dict[str, Path]]:
    """The content of each file that DVC keeps, by its path, and DVC's listings of folders."""
    files: dict[str, Path] = {}
    listings: dict[str, Path] = {}
    missing: list[str] = []
    for output in outputs:
        if output.hash_info.isdir:
            digest = str(output.hash_info.value)
            listing = Path(output.cache.oid_to_path(digest))
            if not listing.exists():
                missing.append(f"{output} (the list of its files)")
                continue
            listings[f"{CACHE}/{digest[:2]}/{digest[2:]}"] = listing
        for path, stored in repository.files_of(output).items():
            name = Path(path).relative_to(folder).as_posix()
            files[name] = stored
            if not stored.exists():
                missing.append(name)
    if missing:
        raise DataMissingError(
            f"DVC's cache lacks what the ledger names:\n  {_names(missing)}",
            "`railcrate restore` or `dvc pull` brings it from the remote; `railcrate record` takes in what is here.",
        )
    return files, listings


def _kept(path: str, stored: Path, component: str, publishing: Publishing, *, role: Role | None = None) -> Kept:
    return Kept(
        path=path,
        size=stored.stat().st_size,
        md5=(stored.parent.name + stored.name).removesuffix(".dir"),
        stored=stored,
        role=role or role_of(path, component),
        component=component,
        license=publishing.license(component),
    )


def _withheld(publishing: Publishing, kept: Mapping[str, Kept], quotes: Quotes) -> list[Withheld]:
    found = []
    for path, file in kept.items():
        reason = None if tells_only_how(path) else publishing.why_withheld(file.component)
        component = file.component
        if reason is None and path in quotes.files:
            component = quotes.files[path]
            reason = f"it quotes {component}, which is withheld"
        if reason is not None:
            found.append(Withheld(path=path, size=file.size, md5=file.md5, component=component, reason=reason))
    return found


def _withheld_code(folder: Path, code: git.Code, publishing: Publishing) -> Iterator[Withheld]:
    """Files of git's that belong to a component which is not published: local sources, bases."""
    for path, component in publishing.of_author().items():
        reason = publishing.why_withheld(component)
        if reason is not None and path in code.blobs and not tells_only_how(path):
            sums = Sums.of(git.content(folder, code.blobs[path]))
            yield Withheld(path=path, size=sums.size, md5=sums.md5, component=component, reason=reason)


def external_files(
    study: Study, kept: Mapping[str, Kept], withheld: Iterable[Withheld]
) -> list[tuple[ExternalFile, Path]]:
    """Find the files that stay elsewhere.

    Args:
        study: the configuration; `release.external` names them.
        kept: what DVC keeps, by path.
        withheld: what is not published.

    Returns:
        Each with the place of its content here.

    Raises:
        BundleConfigError: when there is no such file, it is withheld, or its size is another.
    """
    reasons = {entry.path: entry.reason for entry in withheld}
    found = []
    for path, entry in study.release.external.items():
        key = f"{paths.CONFIG}: release.external.{path}"
        file = kept.get(path)
        if file is None:
            raise BundleConfigError(f"{key}: DVC keeps no file of that name in this study", nearest(path, kept))
        if path in reasons:
            raise BundleConfigError(
                f"{key}: it is published there, but here it is withheld ({reasons[path]})",
                "Take it out of release.external, or its component out of licenses.withhold.",
            )
        if file.size != entry.size:
            raise BundleConfigError(
                f"{key}: the file has {file.size} bytes; {entry.size} are stated",
                "Look at the file there: it is not the one of this study.",
            )
        found.append((ExternalFile(path=path, md5=file.md5, **entry.model_dump()), file.stored))
    return found


def _names(found: Iterable[str]) -> str:
    names = list(found)
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return "\n  ".join(names[:_SHOWN] + more)


@contextlib.contextmanager
def at_rest(folder: Path) -> Iterator[None]:
    """Stand in the study's folder, and let no run begin in it.

    Args:
        folder: the study's folder.

    Raises:
        LedgerBusy: when a run is at work that did not call us.
    """
    with contextlib.chdir(folder), repository.alone(folder, inside_run=False):
        yield
