# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What every publication target can do: plan → reserve → upload → verify → publish → status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from railcrate.bundle.manifest import Manifest
from railcrate.bundle.stamp import Stamp
from railcrate.publish.releases import Released

Record = Mapping[str, Any]


@dataclass(frozen=True)
class PlannedFile:
    """A file of the release that is planned.

    Attributes:
        path: its name in the bundle.
        size: its bytes.
        license: SPDX expression; None for what only describes.
        anew: whether it has to be sent; False for one that the last version has already.
    """

    path: str
    size: int
    license: str | None
    anew: bool


@dataclass(frozen=True)
class Plan:
    """What a release would do.

    Attributes:
        target: where it goes, for people.
        version: that is released.
        previous: the versions before, the first one first.
        files: all of its files.
        record: the metadata, as the server would get them.
        communities: that it is submitted to.
        is_final: whether it cannot be taken back.
        notes: what else is to be known.
    """

    target: str
    version: str
    previous: tuple[str, ...]
    files: tuple[PlannedFile, ...]
    record: Record
    communities: tuple[str, ...] = ()
    is_final: bool = True
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def to_send(self) -> int:
        """Bytes that have to be sent."""
        return sum(file.size for file in self.files if file.anew)


@dataclass(frozen=True)
class Status:
    """How far a release is.

    Attributes:
        state: "none": not begun; "draft": begun, and only its owner sees it; "review": a community
            decides; "published": public.
        stamp: version, date and DOIs; of a draft that has them.
        link: where it can be looked at.
        release: what was published.
        warnings: what is not as it was meant, and can be put right on the server's page.
    """

    state: Literal["none", "draft", "review", "published"]
    stamp: Stamp | None = None
    link: str | None = None
    release: Released | None = None
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Earlier:
    """A version that is there already.

    Attributes:
        version: its name.
        identity: of its manifest.
        link: where it is.
    """

    version: str
    identity: str
    link: str


class Target(Protocol):
    """A place to publish to. All but `plan` may be called again after any interruption."""

    @property
    def title(self) -> str:
        """How people are told of it."""

    @property
    def bundle(self) -> Path:
        """Where the bundle for it is made."""

    @property
    def address(self) -> str | None:
        """Of its server; None where there is none."""

    @property
    def earlier(self) -> Sequence[Earlier]:
        """What was published there, the first one first."""

    @property
    def is_rehearsal(self) -> bool:
        """Whether its DOIs lead nowhere."""

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine, where doing it twice does no harm."""

    def opened(self) -> AbstractContextManager[None]:
        """Be the only process at work on it, until the body ends."""

    def status(self) -> Status:
        """Find out how far the release is that was begun last and is not closed."""

    def plan(self, manifest: Manifest, record: Record, *, offline: bool) -> Plan:
        """Say what a release would do.

        Args:
            manifest: of the bundle.
            record: its metadata.
            offline: whether nothing may be asked over the network.
        """

    def reserve(self, version: str, title: str) -> Stamp | None:
        """Begin a release, and make its DOIs known; None where there are none.

        Args:
            version: that is released.
            title: of the study.
        """

    def upload(self, manifest: Manifest, record: Record) -> None:
        """Bring metadata and files to where they can be published from.

        Args:
            manifest: of the bundle, which is final from now on.
            record: its metadata.
        """

    def verify(self, manifest: Manifest, record: Record) -> None:
        """Compare every file and the metadata with what has arrived."""

    def publish(self, record: Record) -> Status:
        """Make it public, once, and read it back."""

    def check(self, version: str) -> str:
        """Make sure that an earlier version is whole, and say where it is."""

    def close(self) -> None:
        """Say that nothing is left to do for it."""
