# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How far a release is: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from railcrate.publish.errors import AGAIN, UploadError
from railcrate.study import units

if TYPE_CHECKING:
    from rich.console import Console


class Sending(Protocol):
    """Files that are on their way."""

    def opened(self, key: str, path: Path) -> IO[bytes] | bytes:
        """Open a file to send it, from its beginning."""

    def done(self, key: str) -> None:
        """Say that a file is at the server."""

    def doubt(self, key: str, why: str) -> None:
        """Say that it may not be."""


class Progress(Protocol):
    """Tells the user what goes on."""

    def say(self, text: str) -> None:
        """Say a sentence."""

    def sending(self, sizes: Mapping[str, int]) -> AbstractContextManager[Sending]:
        """Show files of these sizes being sent."""


class Reading:
    """A file that tells how much of it was read, as urllib3 takes it for a body.

    Args:
        path: the file.
        size: its bytes.
        advance: called with the number of bytes after each block.
    """

    def __init__(self, path: Path, size: int, advance: Callable[[int], None]) -> None:
        """Open it."""
        self._path, self._size, self._left, self._advance = path, size, size, advance
        self._file = path.open("rb", buffering=0)

    def __len__(self) -> int:
        """The bytes to send, which become the Content-Length."""
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        """Requests takes only what can be iterated over for a stream."""
        while block := self.read(1 << 18):
            yield block

    def read(self, count: int = -1) -> bytes:
        """Read a block.

        Raises:
            UploadError: when the file ends before its time: the server would wait for the rest.
        """
        block = self._file.read(min(count, self._left) if count >= 0 else self._left)
        if not block and self._left:
            raise UploadError(
                f"{self._path} is shorter than it was when the bundle was made", f"Delete its folder. {AGAIN}"
            )
        self._left -= len(block)
        self._advance(len(block))
        return block

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _open(path: Path, size: int, advance: Callable[[int], None]) -> IO[bytes] | bytes:
    # An empty stream would go out in chunks, without a length.
    reading: Any = Reading(path, size, advance) if size else b""
    return reading  # type: ignore[no-any-return]


class Lines:
    """Plain lines, for a log.

    Args:
        write: takes a line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        """Keep where to write."""
        self._write = write

    def say(self, text: str) -> None:
        """Write the sentence."""
        self._write(text)

    @contextmanager
    def sending(self, sizes: Mapping[str, int]) -> Iterator[Sending]:
        """Write a line for each file that has arrived."""
        if sizes:
            self._write(f"sending {_files(len(sizes))}, {units.size(sum(sizes.values()))}")
        yield _LinesSending(self._write, sizes)


class _LinesSending:
    def __init__(self, write: Callable[[str], None], sizes: Mapping[str, int]) -> None:
        self._write, self._sizes, self._begun, self._count = write, sizes, 0.0, 0

    def opened(self, key: str, path: Path) -> IO[bytes] | bytes:
        self._begun = time.monotonic()
        return _open(path, self._sizes[key], lambda count: None)

    def done(self, key: str) -> None:
        self._count += 1
        seconds, size = time.monotonic() - self._begun, self._sizes[key]
        rate = f", {units.size(size / seconds)}/s" if size > 1_000_000 and seconds > 0 else ""
        self._write(f"  sent {self._count} of {len(self._sizes)}: {key} ({units.size(size)}{rate})")

    def doubt(self, key: str, why: str) -> None:
        self._write(f"  {key} may not have arrived ({why}): looking")


class Bars:
    """A bar for the whole and one for the file on its way, each with rate and time left.

    Args:
        console: the terminal.
    """

    def __init__(self, console: Console) -> None:
        """Show nothing yet."""
        self._console = console

    def say(self, text: str) -> None:
        """Write the sentence, above the bars if there are any."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def sending(self, sizes: Mapping[str, int]) -> Iterator[Sending]:
        """Show the bars until all is sent."""
        from rich import progress as rich

        columns = (
            rich.TextColumn("{task.description}", markup=False),
            rich.BarColumn(),
            rich.DownloadColumn(),
            rich.TransferSpeedColumn(),
            rich.TimeRemainingColumn(),
        )
        with rich.Progress(*columns, console=self._console, transient=True) as shown:
            yield _BarsSending(shown, sizes)
        if sizes:
            self.say(f"sent {_files(len(sizes))}, {units.size(sum(sizes.values()))}")


class _BarsSending:
    def __init__(self, shown: Any, sizes: Mapping[str, int]) -> None:
        self._shown, self._sizes = shown, sizes
        self._whole = shown.add_task(f"all {_files(len(sizes))}", total=sum(sizes.values()))
        self._file = shown.add_task("", total=None, visible=False)
        self._sent = 0  # of the file on its way, in this attempt

    def opened(self, key: str, path: Path) -> IO[bytes] | bytes:
        self._shown.advance(self._whole, -self._sent)  # an attempt before this one was in vain
        self._sent = 0
        self._shown.reset(self._file, total=self._sizes[key], description=key, visible=True)

        def advance(count: int) -> None:
            self._sent += count
            self._shown.advance(self._file, count)
            self._shown.advance(self._whole, count)

        return _open(path, self._sizes[key], advance)

    def done(self, key: str) -> None:
        self._sent = 0

    def doubt(self, key: str, why: str) -> None:
        self._shown.console.print(f"{key} may not have arrived ({why}): looking", markup=False, highlight=False)
        self._sent = 0


def shown(console: Console | None = None) -> Progress:
    """Choose bars for a terminal and lines for everything else, on standard error.

    Args:
        console: a terminal, or what stands in for one; standard error by default.
    """
    from rich.console import Console

    console = console or Console(stderr=True)
    if console.is_terminal:
        return Bars(console)
    return Lines(lambda text: print(text, file=sys.stderr, flush=True))


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
