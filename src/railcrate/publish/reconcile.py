# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Making a draft's files those of the bundle, from whatever state they are in.

Nothing is believed but the server's own list, with the checksums that it computed: what is
right in it stays, what is wrong or a stranger's goes, what is missing is sent; then the list is
read again. A file that was sent and is not right in the new list is sent anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from railcrate.bundle.manifest import MANIFEST, Manifest
from railcrate.publish.api import Api, Listed
from railcrate.publish.errors import AGAIN, UnsureError, UploadError
from railcrate.publish.journal import Files
from railcrate.publish.patience import Patience
from railcrate.publish.progress import Progress
from railcrate.study.files import md5_file

SHOWN = 4  # files that are named
ROUNDS = 5  # how often the list is put right before it is given up


@dataclass(frozen=True)
class Work:
    """What is to be done to a draft's files.

    Attributes:
        keep: files that are right.
        delete: files that are wrong, or that are not of the bundle.
        begin: files that are to be named first.
        send: files whose content is to be sent.
    """

    keep: tuple[str, ...]
    delete: tuple[str, ...]
    begin: tuple[str, ...]
    send: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.delete or self.begin or self.send)


def files_of(bundle: Path, manifest: Manifest) -> Files:
    """List the files of a record: those of the manifest, and the manifest itself.

    Args:
        bundle: the bundle's folder.
        manifest: its manifest.

    Returns:
        Size and md5 of each, by its key.
    """
    own = bundle / MANIFEST
    return {entry.path: (entry.size, entry.md5) for entry in manifest.files} | {
        MANIFEST: (own.stat().st_size, md5_file(own))
    }


def work(wanted: Files, listed: Mapping[str, Listed]) -> Work:
    """Tell what makes a list of files the wanted one.

    Args:
        wanted: size and md5 by key.
        listed: the server's list.

    Returns:
        What to keep, delete, begin and send.
    """
    keep = [key for key, file in listed.items() if file.done and wanted.get(key) == (file.size, file.md5)]
    # One that was named and not committed can be sent as it is; a committed one only anew.
    waiting = [key for key, file in listed.items() if not file.done and key in wanted]
    delete = [key for key in listed if key not in keep and key not in waiting]
    begin = [key for key in wanted if key not in keep and key not in waiting]
    send = [key for key in wanted if key not in keep]
    return Work(tuple(keep), tuple(delete), tuple(begin), tuple(send))


def reconcile(
    api: Api,
    draft_id: str,
    bundle: Path,
    wanted: Files,
    progress: Progress,
    patience: Patience,
    *,
    previous: str | None,
) -> None:
    """Make a draft's files the wanted ones.

    Args:
        api: the server.
        draft_id: the draft.
        bundle: the folder that holds the files.
        wanted: size and md5 by key.
        progress: shows what is sent.
        patience: how long to wait between two rounds.
        previous: the id of the version before, whose files need not be sent again; None for a first one.

    Raises:
        UploadError: when they do not become right.
        RefusedError, TokenError, UnreachableError: when the server says no, or nothing.
    """
    listed: Mapping[str, Listed] = api.files(draft_id, draft=True)
    if previous is not None and not listed and work(wanted, api.files(previous, draft=False)).keep:
        listed = _bring_over(api, draft_id, progress)
    doubts: list[str] = []
    for attempt in range(1, ROUNDS + 1):
        todo = work(wanted, listed)
        if todo.is_done:
            return
        if attempt > 1:
            patience.sleep(patience.pause(attempt - 1))
        doubts = _put_right(api, draft_id, bundle, wanted, todo, progress)
        listed = api.files(draft_id, draft=True)
    if not work(wanted, listed).is_done:
        raise _not_right(bundle, wanted, listed, doubts)


def verify(api: Api, draft_id: str, wanted: Files) -> None:
    """Compare every file of a draft with the bundle, by the server's list.

    Raises:
        UploadError: when one is another, is missing, or is a stranger's.
    """
    listed = api.files(draft_id, draft=True)
    todo = work(wanted, listed)
    if not todo.is_done:
        wrong = dict.fromkeys((*todo.send, *todo.delete))
        told = "; ".join(_told(key, wanted.get(key), listed.get(key)) for key in wrong)
        raise UploadError(f"the draft's files are not those of the bundle: {told}", f"Nothing was published. {AGAIN}")


def _bring_over(api: Api, draft_id: str, progress: Progress) -> Mapping[str, Listed]:
    progress.say("bringing over the files of the version before")
    try:
        api.import_files(draft_id)
    except UnsureError as error:
        progress.say(f"the files of the version before may not have come over ({error}): looking")
    return api.files(draft_id, draft=True)


def _put_right(api: Api, draft_id: str, bundle: Path, wanted: Files, todo: Work, progress: Progress) -> list[str]:
    """Do what is to be done once, and tell of what it is not known whether it was."""
    doubts = []
    for what, keys in (
        ("that the bundle has otherwise", [key for key in todo.delete if key in wanted]),
        ("that the bundle has not", [key for key in todo.delete if key not in wanted]),
    ):
        if keys:
            progress.say(
                f"removing from the draft {len(keys)} {what}: {', '.join(keys[:SHOWN])}{' …' * (len(keys) > SHOWN)}"
            )
    for key in todo.delete:
        api.delete_file(draft_id, key)
    try:
        if todo.begin:
            api.begin_files(draft_id, todo.begin)
    except UnsureError as error:
        return [str(error)]  # the list tells what was begun
    with progress.sending({key: wanted[key][0] for key in todo.send}) as sending:
        for key in todo.send:
            try:
                api.upload(draft_id, key, partial(sending.opened, key, bundle / key), wanted[key][0])
                api.commit(draft_id, key)
            except UnsureError as error:
                doubts.append(f"{key}: {error}")
                sending.doubt(key, str(error))
            else:
                sending.done(key)
    return doubts


def _not_right(bundle: Path, wanted: Files, listed: Mapping[str, Listed], doubts: list[str]) -> UploadError:
    todo = work(wanted, listed)
    wrong = [key for key in (*todo.send, *todo.delete) if key in wanted or key in listed]
    local = [key for key in dict.fromkeys(wrong) if key in wanted and not _is_right_here(bundle / key, wanted[key])]
    if local:
        return UploadError(
            f"{', '.join(local)} in {bundle} was changed after the bundle was made",
            f"Delete that folder. {AGAIN}",
        )
    told = "; ".join(_told(key, wanted.get(key), listed.get(key)) for key in dict.fromkeys(wrong))
    return UploadError(
        f"after {ROUNDS} attempts the server still has other files than were sent: {told}"
        f"{'. It said: ' if doubts else ''}{'; '.join(doubts)}",
        f"Nothing was published. {AGAIN}",
    )


def _is_right_here(path: Path, expected: tuple[int, str]) -> bool:
    return path.is_file() and (path.stat().st_size, md5_file(path)) == expected


def _told(key: str, expected: tuple[int, str] | None, found: Listed | None) -> str:
    if expected is None:
        return f"{key} is there, and not of the bundle"
    if found is None:
        return f"{key} is not there"
    has = f"{found.size} bytes with md5 {found.md5}" if found.done else "no content"
    return f"{key} has {has}, expected {expected[0]} bytes with md5 {expected[1]}"
