# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""SPDX license expressions, parsed and simplified by the package license-expression.

Specification: SPDX 3.0, annex B (https://spdx.github.io/spdx-spec/v3.0/annexes/spdx-license-expressions/).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from railcrate.licensing.catalogue import RETIRED, canonical, catalogue, suggestion
from railcrate.licensing.errors import LicenseError

# Exceptions to licenses that are in use with code that studies import.
EXCEPTIONS = (
    "Classpath-exception-2.0",
    "GCC-exception-3.1",
    "LLVM-exception",
    "Font-exception-2.0",
    "Autoconf-exception-3.0",
    "Bison-exception-2.2",
    "Linux-syscall-note",
    "OpenSSL-exception",
)
WORD = re.compile(r"[^\s()]+")
KEYWORDS = {"AND", "OR", "WITH"}


@dataclass(frozen=True)
class Expression:
    """An expression that makes sense.

    Attributes:
        text: its canonical, simplified form.
        ids: the licenses that it names, each once; one with an exception as "X WITH Y".
        alternatives: the sets of licenses among which an OR lets one choose.
    """

    text: str
    ids: tuple[str, ...]
    alternatives: tuple[frozenset[str], ...]

    def choices(self) -> list[frozenset[str]]:
        """Give the sets of licenses among which an OR lets one choose; all of a set hold."""
        return list(self.alternatives)

    def __str__(self) -> str:
        """The canonical form."""
        return self.text


def parse(text: str, known: Collection[str] | None = None) -> Expression:
    """Parse an SPDX license expression.

    Args:
        text: the expression.
        known: the identifiers that may stand in it; those of the catalogue by default.

    Returns:
        The expression; identifiers in their canonical spelling, retired ones replaced.

    Raises:
        LicenseError: when it is malformed, with the position, or when it names a license
            that nobody knows, with the nearest.
    """
    allowed = frozenset(known) if known is not None else frozenset(catalogue())
    return _parse(text, allowed)


@lru_cache(maxsize=512)
def _parse(text: str, known: frozenset[str]) -> Expression:
    from license_expression import ExpressionError, ExpressionParseError

    spelled = _spelled(text, known)
    licensing = _licensing(known)
    try:
        tree = licensing.parse(spelled, strict=True, validate=True)
    except ExpressionParseError as error:
        place = int(error.position) if error.position is not None and error.position >= 0 else len(text)
        raise _malformed(text, spelled, place) from None
    except ExpressionError as error:
        raise LicenseError(f"'{text}' is no license expression: {error}", EXAMPLE) from None
    if tree is None:
        raise LicenseError("the license expression is empty", EXAMPLE)
    simple = tree.simplify()
    alternatives = tuple(dict.fromkeys(_alternatives(simple)))
    ids = tuple(dict.fromkeys(symbol.render() for symbol in _symbols(simple)))
    return Expression(simple.render(), ids, alternatives)


EXAMPLE = "An expression is such as: MIT, or: Apache-2.0 OR MIT, or: CC-BY-4.0 AND (MIT OR BSD-3-Clause)."


def _spelled(text: str, known: frozenset[str]) -> str:
    """Put keywords and identifiers into their canonical spelling, without moving anything; refuse unknown ones."""
    own = {name.casefold(): name for name in (*known, *EXCEPTIONS)}
    words = [found for found in WORD.finditer(text) if found[0].upper() not in KEYWORDS]
    for found in words:
        word = found[0]
        if word.casefold() in own or canonical(word) in known:
            continue
        before = text[: found.start()].split()
        if before and before[-1].upper() not in KEYWORDS and not before[-1].endswith("("):
            raise _malformed(text, text, found.start())  # ADN for AND, or two licenses in a row
        if not re.fullmatch(r"[A-Za-z0-9.+-]+", word):
            at = found.start() + next(i for i, c in enumerate(word) if not re.match(r"[A-Za-z0-9.+-]", c))
            raise _malformed(text, text, at)
        raise LicenseError(f"'{word}' is no license that is known here", suggestion(word, known - set(catalogue())))
    if text.split() and text.rsplit(maxsplit=1)[-1].upper() in KEYWORDS:
        raise _malformed(text, text, len(text))

    def replace(found: re.Match[str]) -> str:
        word = found[0]
        if word.upper() in KEYWORDS:
            return word.upper()
        return own.get(word.casefold()) or str(canonical(word))

    # Retired identifiers are shorter or longer than what replaces them: positions hold for the rest.
    return WORD.sub(replace, text)


def _malformed(text: str, spelled: str, place: int) -> LicenseError:
    """Say where an expression is wrong, with a mark under the place."""
    place = min(place + (len(text) - len(spelled) if place >= len(spelled) else 0), len(text))
    there = WORD.match(text, place)
    found = f"'{there[0] if there else text[place]}'" if place < len(text) else "the end"
    before = text[:place].split()
    after_license = bool(before) and before[-1].upper() not in KEYWORDS and not before[-1].endswith("(")
    expected = "AND, OR, WITH or the end" if after_license else "a license"
    return LicenseError(
        f"the license expression is malformed at position {place + 1}: found {found}, expected {expected}\n"
        f"      {text}\n      {' ' * place}^",
        EXAMPLE,
    )


@lru_cache(maxsize=16)
def _licensing(known: frozenset[str]) -> Any:
    """A parser for these identifiers; the package's whole index of thousands takes long to load."""
    from license_expression import LicenseSymbol, Licensing

    names = known | set(RETIRED.values())
    symbols = [LicenseSymbol(name) for name in sorted(names)]
    return Licensing([*symbols, *(LicenseSymbol(name, is_exception=True) for name in EXCEPTIONS)])


def _alternatives(tree: Any) -> list[frozenset[str]]:
    """The disjunctive normal form of a tree: sets of licenses, one of which is chosen."""
    if _is_symbol(tree):
        return [frozenset({tree.render()})]
    parts = [_alternatives(part) for part in tree.args]
    if type(tree).__name__ == "OR":
        return [choice for part in parts for choice in part]
    return [frozenset().union(*combination) for combination in product(*parts)]


def _symbols(tree: Any) -> list[Any]:
    if _is_symbol(tree):
        return [tree]
    return [symbol for part in tree.args for symbol in _symbols(part)]


def _is_symbol(tree: Any) -> bool:
    """A license, alone or with an exception."""
    return hasattr(tree, "license_symbol") or not getattr(tree, "args", ())
