# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Making a bundle anonymous, from the study with its names to the proof that none is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from railcrate.bundle.anonymity.matching import Matcher, Tally
from railcrate.bundle.anonymity.names import LEFT_OUT, LINK, public_study, whose
from railcrate.bundle.anonymity.rewriting import Rewriting
from railcrate.bundle.anonymity.search import Searched, search
from railcrate.bundle.archives import Piece
from railcrate.bundle.inventory import Inventory
from railcrate.bundle.stamp import Stamp
from railcrate.study.config import Study


@dataclass(frozen=True)
class Hiding:
    """What was done to make a bundle anonymous, and how it was proved.

    Attributes:
        searched_for: how many names of each kind were searched for; commits are all those of the repository.
        replaced: how often each kind was replaced.
        files: how many files were rewritten.
        left_out: files of the code that are not in it, because they are about people.
        kept: words that are names of somebody, but of software, too, with the reason; they stay.
        others: places where a family name is taken for somebody else's; they stay, and should be looked at.
        went_through: how many files were searched at the end.
    """

    searched_for: dict[str, int]
    replaced: dict[str, int]
    files: int
    left_out: tuple[str, ...]
    kept: dict[str, str]
    others: tuple[str, ...]
    went_through: int = 0


class Disguise:
    """Hides whose a study is.

    Args:
        folder: the study's folder.
        study: its configuration.
        inventory: what there is to publish.
        scratch: a folder for new contents.
    """

    def __init__(self, folder: Path, study: Study, inventory: Inventory, scratch: Path) -> None:
        """Find out whose the study is."""
        self._identity = whose(folder, study, inventory.code)
        self._matcher = Matcher(self._identity)
        self._tally = Tally()
        scratch.mkdir()
        self._rewriting = Rewriting(self._matcher, self._tally, scratch)
        self._code = tuple(inventory.code.blobs)

    def apply(self, study: Study, inventory: Inventory, code: Sequence[Piece]) -> tuple[Study, Inventory, list[Piece]]:
        """Take the names out.

        Args:
            study: the configuration.
            inventory: what there is to publish.
            code: the files of the code.

        Returns:
            All three without names.

        Raises:
            NotPublishableError: when the name of a file tells whose the study is.
        """
        hidden = self._rewriting.hide(inventory, code)
        silent = Tally()  # what stands in the configuration was counted in its file
        plain = public_study(study, lambda text: self._matcher.rewrite(text, "", silent))
        external = [(entry.model_copy(update={"url": LINK}), stored) for entry, stored in inventory.external]
        withheld = [
            entry.model_copy(update={"reason": self._matcher.rewrite(entry.reason, "", silent)})
            for entry in inventory.withheld
        ]
        nameless = replace(inventory, kept=hidden.kept, external=tuple(external), withheld=tuple(withheld))
        return plain, nameless, list(hidden.code)

    def text(self, file: str, text: str) -> str:
        """Take the names out of a text that is written for the bundle."""
        return self._rewriting.text(file, text)

    def search(self, bundle: Path) -> Searched:
        """Search the finished bundle."""
        return search(bundle, self._matcher)

    def told(self, searched: Searched) -> Hiding:
        """Say what was done."""
        kinds: dict[str, int] = {}
        for name in self._identity.names:
            kinds[name.kind] = kinds.get(name.kind, 0) + 1
        return Hiding(
            searched_for=_sorted(kinds) | {"commit": len(self._identity.commits)},
            replaced=_sorted(self._tally.replaced),
            files=len(self._tally.files),
            left_out=tuple(path for path in LEFT_OUT if path in self._code),
            kept=self._identity.kept,
            others=tuple(self._tally.others),
            went_through=searched.files,
        )


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return {key: counts[key] for key in sorted(counts)}


def anonymous_stamp(stamp: Stamp) -> Stamp:
    """A stamp that leads to no record."""
    return Stamp(version=stamp.version, date=stamp.date)
