# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Finding names in texts, and putting others in their place.

Whole words count. A family name that stands by another given name, or before other initials,
is somebody else's and stays: others are cited by their names. In Python a single word is
replaced in comments and strings alone, for an identifier is no name, and code that was
renamed in part would not run.
"""

from __future__ import annotations

import bisect
import io
import re
import tokenize
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html.entities import codepoint2name

from railcrate.bundle.anonymity.names import REPOSITORY, Identity, Name

NO_COMMIT = "0" * 40
_SHORT = 2048  # characters of a text that is searched at once
_END = r"(?![^\W_])"  # no letter or digit
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "å": "aa"}
HEX = r"[0-9a-f]{7,40}"
_HEX = re.compile(rf"(?<![0-9A-Za-z]){HEX}(?![0-9A-Za-z])")
_BEFORE = re.compile(r"(?<![\w'’])([A-Z]\.|[A-Z][\w'’-]+\.?) ?$")
_AFTER = re.compile(r"^, ([A-Z])(?:\.|[a-z'’-]+\b)")
# What may stand before a family name and is no given name.
_NO_GIVEN = frozenset(
    (
        "An", "The", "By", "Of", "In", "On", "At", "And", "Or", "For", "From", "To", "With", "See", "Cf", "Also", "As",
        "Prof", "Dr", "Mr", "Ms", "Mrs", "Herr", "Frau", "Copyright", "Author", "Authors", "Contact", "Maintainer",
        "Written", "Made", "Anonymous",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Match:
    """A place where a name stands.

    Attributes:
        start: where it begins.
        end: where it ends.
        name: the name; None for the id of a commit.
        put: what stands in its place.
    """

    start: int
    end: int
    name: Name | None
    put: str

    @property
    def kind(self) -> str:
        """What was found."""
        return self.name.kind if self.name else "commit"


@dataclass
class Tally:
    """What was replaced, and what was left.

    Attributes:
        replaced: how often, by kind.
        files: in which files.
        others: where a family name is somebody else's, as `file:line: the words`.
    """

    replaced: Counter[str] = field(default_factory=Counter)
    files: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)


class Matcher:
    """Finds what tells whose a study is.

    Args:
        identity: whose it is.
    """

    def __init__(self, identity: Identity) -> None:
        """Prepare the patterns."""
        self._identity = identity
        self._patterns = _Patterns(identity.names)

    def candidates(self, *, data: bool) -> str:
        """A pattern in RE2's syntax for every line in which something may be found.

        Args:
            data: whether the lines are data, in which single words and commits are not searched for.
        """
        names = [name for name in self._identity.names if not (data and name.alone)]
        found = ["".join(_written(name)) for name in names]
        return "|".join(found if data else [*found, rf"\b{HEX}\b"])

    def find(self, text: str, *, data: bool = False) -> list[Match]:
        """Find all that tells whose a study is.

        Args:
            text: the text.
            data: whether it is data, in which single words and commits are not searched for.

        Returns:
            The places, in order; none overlaps another.
        """
        return self._chosen(text, self._patterns.find(text), data=data)

    def _chosen(self, text: str, names: Iterable[tuple[re.Match[str], Name]], *, data: bool) -> list[Match]:
        found: list[Match] = []
        for match, name in names:
            if data and name.alone:
                continue
            if name.put == REPOSITORY and text[max(0, match.start() - 1) : match.start()] in ("/", ".", "-"):
                continue  # the end of a path, not owner and repository
            if name.kind != "family name" or not self._is_other(text, match.start(), match.end()):
                found.append(Match(match.start(), match.end(), name, name.put))
        if not data:
            found += self._commits(text)
        found.sort(key=lambda match: (match.start, -match.end))
        kept: list[Match] = []
        for place in found:
            if not kept or place.start >= kept[-1].end:
                kept.append(place)
        return kept

    def _others(self, text: str, names: Iterable[tuple[re.Match[str], Name]]) -> Iterator[tuple[int, str]]:
        """The lines, and the words, in which a family name is somebody else's."""
        for match, name in names:
            if name.kind == "family name" and self._is_other(text, match.start(), match.end()):
                words = text[max(0, match.start() - 20) : match.end() + 12].split("\n")
                shown = next(word for word in words if match.group().split("\n")[0] in word)
                yield text.count("\n", 0, match.start()) + 1, " ".join(shown.split())

    def rewrite(self, text: str, file: str, tally: Tally) -> str:
        """Put others in the place of names.

        Args:
            text: the text.
            file: its file; of Python's, single words are replaced in comments and strings alone.
            tally: is told what was done.

        Returns:
            The text.
        """
        names = list(self._patterns.find(text))
        matches = self._chosen(text, names, data=False)
        tally.others += [f"{file}:{line}: {words}" for line, words in self._others(text, names)]
        if not matches:
            return text
        python = file.endswith((".py", ".pyi")) and any(match.name and match.name.alone for match in matches)
        is_free = _free_of_code(text) if python else None
        parts, end = [], 0
        for match in matches:
            if is_free and match.name is not None and match.name.alone and not is_free(match.start):
                continue
            parts += [text[end : match.start], match.put]
            end = match.end
            tally.replaced[match.kind] += 1
            tally.files.add(file)
        return "".join([*parts, text[end:]])

    def _commits(self, text: str) -> Iterator[Match]:
        commits = self._identity.commits
        for match in _HEX.finditer(text):
            word = match.group()
            place = bisect.bisect_left(commits, word)
            if place < len(commits) and commits[place].startswith(word) and not word.isdigit():
                yield Match(match.start(), match.end(), None, NO_COMMIT[: len(word)])

    def _is_other(self, text: str, start: int, end: int) -> bool:
        """Whether a family name stands by a given name, or initials, of somebody else."""
        after = _AFTER.match(text[end : end + 40])
        if after is not None:
            return after[1] not in self._identity.given
        before = _BEFORE.search(text[max(0, start - 40) : start])
        if before is None or before[1].rstrip(".") in self._identity.given:
            return False
        word = before[1]
        return len(word.rstrip(".")) == 1 if word.isupper() else word.rstrip(".") not in _NO_GIVEN


class _Patterns:
    """Many names as one regular expression, which is slow; RE2, which is fast, tells first whether it is needed."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._names = names
        self._quick = "|".join("".join(_written(name)) for name in names)
        self._pattern = re.compile("|".join(f"({_whole(name)})" for name in names)) if names else None

    def find(self, text: str) -> Iterator[tuple[re.Match[str], Name]]:
        if self._pattern is None or not (len(text) < _SHORT or self._may_be_in(text)):
            return
        for match in self._pattern.finditer(text):
            assert match.lastindex is not None  # one group for each name, and no other
            yield match, self._names[match.lastindex - 1]

    def _may_be_in(self, text: str) -> bool:
        import pyarrow as pa
        import pyarrow.compute as pc

        content = pa.array([text.encode("utf-8", errors="surrogateescape")], pa.binary())
        return bool(pc.match_substring_regex(content, self._quick)[0].as_py())


def _whole(name: Name) -> str:
    """A name in whole words: no letter or digit before or behind it; an escape of JSON is none."""
    first, *rest = _written(name)
    if first.startswith("(?:"):  # written in several ways, of which none can be looked back at
        return rf"(?<![^\W_]){first}{''.join(rest)}{_END}"
    return rf"{first}(?:(?<![^\W_]{first})|(?<=\\[nrt]{first})){''.join(rest)}{_END}"


def _written(name: Name) -> list[str]:
    """A regular expression for each character, in the syntax of both Python and RE2, as it may stand in a file.

    Letters beyond ASCII may be written apart, or as escapes of JSON and HTML, or without their
    marks; apostrophes in several ways; spaces may be a line's end.
    """
    parts = []
    for character in re.sub(r"\s+", " ", unicodedata.normalize("NFC", name.text)):
        if character == " ":
            parts.append(r"(?:\s|&nbsp;)+")
        elif character in "'’":
            parts.append(r"(?:'|’|\\+'|&#39;|&#x27;|&apos;|\\+u2019|&rsquo;)")
        elif character.isascii():
            cases = {character.lower(), character.upper()} if name.any_case else {character}
            parts.append(f"[{''.join(sorted(cases))}]" if len(cases) > 1 else _escaped(character))
        else:
            parts.append(f"(?:{'|'.join(_spellings(character))})")
    return parts


def _escaped(character: str) -> str:
    return character if character.isalnum() or character in "/@ -_" else f"\\{character}"


def _spellings(character: str) -> Iterator[str]:
    apart = unicodedata.normalize("NFD", character)
    yield from dict.fromkeys((character, apart))
    yield from (rf"\\+u{ord(character):04x}", rf"\\+u{ord(character):04X}", f"&#{ord(character)};")
    if ord(character) in codepoint2name:
        yield f"&{codepoint2name[ord(character)]};"
    plain = apart.encode("ascii", "ignore").decode()
    if plain:
        yield plain
    if character.lower() in _UMLAUTS:
        yield _UMLAUTS[character.lower()].capitalize() if character.isupper() else _UMLAUTS[character.lower()]


def _free_of_code(text: str) -> Callable[[int], bool]:
    """A function that tells whether a place in a Python file is in a comment or a string."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    spans: list[tuple[int, int]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING) or tokenize.tok_name[token.type].startswith("FSTRING"):
                (row, column), (last, until) = token.start, token.end
                spans.append((starts[row - 1] + column, starts[last - 1] + until))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return lambda place: False  # not Python after all: nothing is touched that may be code
    begins = [start for start, _ in spans]

    def is_free(place: int) -> bool:
        number = bisect.bisect_right(begins, place) - 1
        return number >= 0 and place < spans[number][1]

    return is_free
