# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Making a bundle: everything of a study that is published, in one folder, ready to be uploaded as it is.

The order is that of the questions: may it be published, is it finished, does it fit, does it
hold anything that must not leave? Only then the study's files are written, then the texts
that describe them, and last the manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

from railcrate.bundle import git
from railcrate.bundle.anonymity.hiding import Disguise, Hiding, anonymous_stamp
from railcrate.bundle.anonymity.names import PEOPLE_FILES
from railcrate.bundle.archives import Payload, Piece, export_code, write_code
from railcrate.bundle.checksums import Checksums
from railcrate.bundle.describe import describe
from railcrate.bundle.errors import CodeError
from railcrate.bundle.facts import gather
from railcrate.bundle.identity import identity
from railcrate.bundle.inventory import Inventory, at_rest, take
from railcrate.bundle.layout import (
    CARDS_ARCHIVE,
    CARDS_AT_MOST,
    MOST_BYTES,
    check_limits,
    lay_out,
    refuse_size,
    refuse_twins,
)
from railcrate.bundle.manifest import MANIFEST, Entry, Manifest, ManifestError, Member, Role, read_manifest
from railcrate.bundle.safety.accepting import refuse, sift
from railcrate.bundle.safety.patterns import PrivatePaths, named_addresses
from railcrate.bundle.safety.scan import Finding, Scanner, Subject, outside_links
from railcrate.bundle.staging import refuse_quotes, stage
from railcrate.bundle.stamp import Stamp
from railcrate.bundle.sums import Sums
from railcrate.bundle.workshop import building, refuse_strangers
from railcrate.bundle.zips import LINK, zip_bytes
from railcrate.ledger.errors import DataDamagedError
from railcrate.ledger.repository import LOCK_FILE
from railcrate.study.config import Study
from railcrate.study.disk import full_disk_told
from railcrate.study.files import write_text
from railcrate.study.release import Accepted

Progress = Callable[[str], None]

_AGAIN = "Make room, and give the same command again. The bundle that was there is still there."


@dataclass(frozen=True)
class Made:
    """A bundle that was made.

    Attributes:
        manifest: its list of contents.
        accepted: findings that the study lets pass, each with its reason.
        unused: entries of `release.accepted` that let nothing pass.
        hiding: of an anonymous bundle, what was replaced and searched.
    """

    manifest: Manifest
    accepted: tuple[tuple[Finding, str], ...]
    unused: tuple[Accepted, ...]
    hiding: Hiding | None = None


def build(
    folder: Path,
    study: Study,
    target: Path,
    *,
    stamp: Stamp | None = None,
    anonymous: bool = False,
    progress: Progress = lambda text: None,
    reuse: Sequence[Path] = (),
) -> Manifest:
    """Make a bundle; see `make`, which tells more of it."""
    return make(
        folder, study, target, stamp=stamp, anonymous=anonymous, progress=progress, reuse=reuse
    ).manifest  # fmt: skip


def make(
    folder: Path,
    study: Study,
    target: Path,
    *,
    stamp: Stamp | None = None,
    anonymous: bool = False,
    progress: Progress = lambda text: None,
    reuse: Sequence[Path] = (),
) -> Made:
    """Make a bundle: the same bytes for the same study and the same stamp.

    Args:
        folder: the study's folder.
        study: its configuration.
        target: the folder to make; a bundle that is there is replaced when the new one is whole.
        stamp: version, date and DOIs; by default the study's version and the day of the commit.
        anonymous: leave out everything that tells whose the study is.
        progress: is told what is being done.
        reuse: folders of further bundles of this study, whose archives may be taken over.

    Returns:
        The manifest, and what should be told beside it.

    Raises:
        NotPublishableError: when a license conflict is open, or something is found that must not leave.
        UnfinishedError: when the study is not finished, or not recorded.
        CodeError: when something that it reads is not committed.
        TooLargeError: when a record would not take it.
        BundleConfigError: when the configuration asks for what cannot be.
        OutputError: when something else than a bundle is at the target.
        DataDamagedError: when a content is not what its checksum says.
        DiskFullError: when there is no room; an old bundle is then still there.
        RailcrateError: what the ledger, or licensing, says.
    """
    folder, target = folder.resolve(), target.resolve()
    refuse_strangers(target)
    with at_rest(folder), full_disk_told(f"the bundle in {target}", _AGAIN), Checksums(folder).kept() as checksums:
        progress("looking whether everything is finished, recorded and committed")
        inventory = take(folder, study)
        _refuse_itself(folder, target, inventory)
        refuse_twins(inventory)
        layout = lay_out(inventory, study)
        check_limits(inventory, layout, sum(map(_is_license_text, inventory.code.blobs)))
        earlier = [bundle for place in (target, folder / "bundle", *reuse) if (bundle := _earlier(place)) is not None]
        with building(target) as shop:
            making = _Making(folder, study, inventory, checksums, shop.bundle, shop.scratch, progress)
            return making.make(stamp, earlier, anonymous=anonymous)


def _refuse_itself(folder: Path, target: Path, inventory: Inventory) -> None:
    """A bundle that is committed would go into the next one, and that into the one after it."""
    own = target.relative_to(folder).as_posix() if target.is_relative_to(folder) else "bundle"
    for name in (own, "bundle"):
        if f"{name}/{MANIFEST}" in inventory.code.blobs:
            raise CodeError(
                f"git has a bundle: {name}/", f"git rm -r --cached {name}, name /{name}/ in .gitignore, and commit."
            )


def _earlier(folder: Path) -> tuple[Path, Manifest] | None:
    """An earlier bundle that this version of railcrate made; None where there is none."""
    try:
        manifest = read_manifest(folder)
    except (ManifestError, OSError):
        return None
    return (folder, manifest) if manifest.railcrate == version("railcrate") else None


class _Making:
    """The making of one bundle, when all that can be known before has been checked."""

    def __init__(
        self,
        folder: Path,
        study: Study,
        inventory: Inventory,
        checksums: Checksums,
        bundle: Path,
        scratch: Path,
        progress: Progress,
    ) -> None:
        self._folder, self._study, self._inventory = folder, study, inventory
        self._checksums, self._bundle, self._scratch, self._progress = checksums, bundle, scratch, progress
        self._license = study.licenses.documentation
        self._findings: list[Finding] = []

    def make(self, stamp: Stamp | None, earlier: Sequence[tuple[Path, Manifest]], *, anonymous: bool) -> Made:
        digest = identity(self._folder, self._study, self._inventory)
        committed = self._inventory.code.committed.date()
        stamp = stamp or Stamp(version=self._study.release.version, date=committed)
        (self._scratch / "code").mkdir()
        code = export_code(self._folder, self._inventory, self._scratch / "code")
        self._check_external()
        disguise = None
        study, inventory = self._study, self._inventory
        if anonymous:
            self._progress("taking out everything that tells whose the study is")
            disguise = Disguise(self._folder, study, inventory, self._scratch / "nameless")
            study, inventory, code = disguise.apply(study, inventory, code)
            stamp = anonymous_stamp(stamp)
        scanner = self._scanner()
        self._progress("looking for what must not be published")
        self._look(scanner, self._payload(inventory, code))
        self._look_at_links(code)

        entries = Payload(self._bundle, self._checksums, earlier, self._progress).put(lay_out(inventory, study))
        commit = "" if anonymous else inventory.code.commit
        entries.append(write_code(self._bundle, code, commit, study.licenses.code))
        entries += self._plain_texts(code)
        entries.sort(key=lambda entry: entry.path)

        self._progress("describing it")
        staged = stage(inventory, self._scratch)
        texts = describe(gather(staged, study, inventory, entries, stamp, anonymous))
        for path, content in texts.items():
            refuse_quotes(inventory, path, content)
        self._look(scanner, [_in_memory(path, content) for path, content in texts.items()])
        entries += self._described(texts)
        entries.sort(key=lambda entry: entry.path)
        manifest = Manifest(
            title=study.title, version=stamp.version, doi=stamp.doi, concept_doi=stamp.concept_doi,
            commit=commit or None, railcrate=version("railcrate"), anonymous=anonymous, identity=digest,
            files=tuple(entries), external=tuple(entry for entry, _ in inventory.external), withheld=inventory.withheld,
        )  # fmt: skip
        if manifest.size > MOST_BYTES:
            refuse_size(inventory, manifest.size)
        write_text(self._bundle / MANIFEST, manifest.text())
        hiding = self._prove(disguise) if disguise is not None else None
        sifted = sift(self._findings, self._study.release.accepted)
        unused = tuple(
            entry
            for entry in self._study.release.accepted
            if entry not in sifted.used and (anonymous or entry.finding != "name")  # names are searched for only here
        )
        return Made(manifest, sifted.passed, unused, hiding)

    # --- what must not leave -------------------------------------------------------------

    def _scanner(self) -> Scanner:
        code = self._inventory.code
        texts = [
            git.content(self._folder, code.blobs[path]).decode(errors="replace")
            for path in PEOPLE_FILES
            if path in code.blobs
        ]
        root = git.git(self._folder, "rev-parse", "--show-toplevel").strip()
        private = PrivatePaths((self._folder, Path(root), Path.home(), Path.home().resolve()))
        return Scanner(self._folder, private, named_addresses(texts))

    def _look(self, scanner: Scanner, subjects: Sequence[Subject]) -> None:
        self._findings += scanner.scan_all(subjects)
        refuse(
            sift(self._findings, self._study.release.accepted).open,
            "these must not be published unseen (file, line, what was found):",
        )

    def _payload(self, inventory: Inventory, code: Sequence[Piece]) -> list[Subject]:
        found = [
            Subject.on_disk(piece.path, piece.stored, "code", piece.sums.md5) for piece in code if piece.mode != LINK
        ]
        for kept in inventory.kept:
            found.append(Subject.on_disk(kept.path, kept.stored, "data" if kept.role == "data" else "text", kept.md5))
        return found

    def _look_at_links(self, code: Iterable[Piece]) -> None:
        links = ((piece.path, piece.stored.read_text(encoding="utf-8")) for piece in code if piece.mode == LINK)
        refuse(outside_links(links), "these lead out of the study, to files that nobody else has:")

    def _check_external(self) -> None:
        """What stays elsewhere must be what the study made."""
        for entry, stored in self._inventory.external:
            self._progress(f"reading {entry.path}")
            sums = self._checksums.of(stored, entry.md5 or "", entry.path)
            if sums.sha256 != entry.sha256:
                raise DataDamagedError(
                    f"release.external.{entry.path}: its sha256 is {sums.sha256}, and {entry.sha256} is stated",
                    "Look at the file there: it is not the one of this study.",
                )

    def _prove(self, disguise: Disguise) -> Hiding:
        self._progress("searching the finished bundle for names")
        searched = disguise.search(self._bundle)
        self._findings += searched.findings
        refuse(
            sift(searched.findings, self._study.release.accepted).open,
            "the bundle is not anonymous; these tell whose the study is:",
        )
        return disguise.told(searched)

    # --- texts ---------------------------------------------------------------------------

    def _plain_texts(self, code: Iterable[Piece]) -> list[Entry]:
        """The texts of licenses and NOTICE, as the study lays them down, and a copy of the ledger."""
        entries = []
        for piece in code:
            if _is_license_text(piece.path):
                entries.append(self._write(piece.path, piece.stored.read_bytes(), "license", None, piece.path))
            if piece.path == LOCK_FILE:
                entries.append(self._write(piece.path, piece.stored.read_bytes(), "records", self._license, piece.path))
        return entries

    def _described(self, texts: Mapping[str, bytes]) -> list[Entry]:
        cards = {path: content for path, content in texts.items() if path.startswith(("cards/", "croissant/"))}
        if len(cards) <= CARDS_AT_MOST:
            return [
                self._write(path, content, "card" if path in cards else "metadata", self._license)
                for path, content in texts.items()
            ]
        plain = {path: content for path, content in texts.items() if path not in cards}
        packed = self._write(CARDS_ARCHIVE, zip_bytes(cards), "card", self._license)
        members = tuple(_member(path, cards[path]) for path in sorted(cards))
        return [*self._described(plain), packed.model_copy(update={"members": members})]

    def _write(
        self, path: str, content: bytes, role: Role, license: str | None, study_path: str | None = None
    ) -> Entry:
        place = self._bundle / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        sums = Sums.of(content)
        return Entry(
            path=path, size=sums.size, md5=sums.md5, sha256=sums.sha256, role=role, license=license,
            study_path=study_path,
        )  # fmt: skip


def _is_license_text(path: str) -> bool:
    return path == "NOTICE" or (path.startswith("LICENSES/") and path.endswith(".txt"))


def _member(path: str, content: bytes) -> Member:
    sums = Sums.of(content)
    return Member(path=path, size=sums.size, md5=sums.md5, sha256=sums.sha256)


def _in_memory(path: str, content: bytes) -> Subject:
    return Subject(path, lambda: BytesIO(content), "text")
