# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Pickles, known by their content: to load one is to run a program that somebody else wrote.

(https://docs.python.org/3/library/pickle.html: "Never unpickle data that could have come from
an untrusted source".) Nothing is loaded here; the beginning is read as what it would be.
"""

from __future__ import annotations

import pickletools
from pathlib import PurePosixPath

SUFFIXES = frozenset((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt"))
_PROTOCOLS = range(2, 6)
_ENOUGH = 3  # operations that are read without a mistake
_OLD = (b"(dp", b"(lp", b"ccopy_reg", b"cnumpy", b"ctorch", b"c__builtin__", b"cbuiltins", b"(i")


def is_pickle(file: str, head: bytes) -> bool:
    """Tell whether a file is a pickle.

    Args:
        file: its name; of a member of an archive with the archive before `!`.
        head: its first bytes.

    Returns:
        Whether it is one: by protocol and operations; by the name of torch's own pickle in its
        archives; or an array of NumPy's that holds objects.
    """
    name = PurePosixPath(file.rsplit("!", maxsplit=1)[-1])
    if name.name == "data.pkl":
        return True
    if head.startswith(b"\x93NUMPY"):
        return b"'|O'" in head[:256]
    if len(head) > 2 and head[0] == 0x80 and head[1] in _PROTOCOLS:
        return _reads_as_pickle(head)
    return name.suffix.lower() in SUFFIXES and head.startswith(_OLD)


def _reads_as_pickle(head: bytes) -> bool:
    count = 0
    try:
        for _ in pickletools.genops(head):
            count += 1
    except Exception:  # noqa: BLE001  cut off, or no pickle: only how far it went counts
        return count >= _ENOUGH
    return True
