# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Paths of machines and e-mail addresses: what of them tells of a person, and what does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

# A domain's last part: any country's, or one of these. Code is full of `x@y.weight`.
_TOP = (
    "com|org|net|edu|gov|mil|int|info|biz|name|pro|dev|app|xyz|online|tech|science|academy|institute|university|"
    "college|school|cloud|email|mail|blog|page|site|website|space|world|systems|network|foundation|ngo|berlin|hamburg|"
    "wien|swiss|paris|london|nyc|tokyo|amsterdam|bzh|cat|eus|gal|scot|wales|[a-z]{2}"
)
E_MAIL = re.compile(
    rf"(?<![\w.%+@/-])([\w.%+-]{{1,64}})@((?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{{0,62}})\.)+(?:{_TOP}))(?![\w@-]|\.\w)",
    re.IGNORECASE,
)
# Kept for documentation (RFC 2606 and RFC 6761), and addresses that reach nobody.
_EXAMPLES = re.compile(
    r"(?:^|\.)(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost|users\.noreply\.github\.com)$"
)
_CREDENTIALS = re.compile(r"://[^\s/@]*$")  # user:password@host, in an address
_NOBODY = re.compile(r"^(?:git|no-?reply|do-?not-?reply|user|username|name|you|your\.?name|me)$")

_HOMES = re.compile(
    r"(?:(?<![\w.~/%:-])|(?<=file://))/(?:home|Users)/([\w.-]+)|(?<![\w\\])[A-Za-z]:\\{1,4}Users\\{1,4}([\w.-]+)"
)
# Folders of nobody: placeholders of manuals, and the accounts of build machines and containers.
_NOBODYS_HOMES = frozenset(
    ("user", "username", "users", "you", "me", "name", "yourname", "your-name", "runner", "vscode", "jovyan", "shared")
)


class PrivatePaths:
    """Finds paths that tell of a person or of this machine.

    Args:
        folders: folders of this machine that no published file should name: the study's, the
            repository's, the present user's home.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        """Prepare the patterns; a folder at the top, such as /app, tells nothing of anybody."""
        names = sorted({str(folder) for folder in folders if len(folder.parts) > 2 or folder == Path.home()}, key=len)
        self.folders = tuple(name for name in names if name != "/")
        own = "|".join(re.escape(name) for name in reversed(self.folders))
        self._own = re.compile(rf"(?:(?<![\w.~/%-])|(?<=file://))(?:{own})(?![\w-])") if own else None

    def own(self, text: str) -> Iterator[str]:
        """The paths of this machine in a text."""
        if self._own is not None:
            yield from (match.group() for match in self._own.finditer(text))

    def any(self, text: str) -> Iterator[str]:
        """The paths of this machine and of any person's home in a text."""
        yield from self.own(text)
        for match in _HOMES.finditer(text):
            if (match[1] or match[2]).lower().strip(".") not in _NOBODYS_HOMES:
                yield match.group()


def addresses(text: str) -> Iterator[str]:
    """The e-mail addresses in a text that may reach a person.

    Args:
        text: the text.

    Yields:
        Each address as it is written.
    """
    for match in E_MAIL.finditer(text):
        local, domain = match[1].lower(), match[2].lower()
        if _CREDENTIALS.search(text[max(0, match.start() - 80) : match.start()]):
            continue
        if not _EXAMPLES.search(domain) and not _NOBODY.match(local):
            yield match.group()


def named_addresses(texts: Iterable[str]) -> frozenset[str]:
    """The addresses that the study itself names, in small letters."""
    return frozenset(match.group().lower() for text in texts for match in E_MAIL.finditer(text))
