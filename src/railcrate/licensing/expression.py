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
TOKEN = re.compile(r"[()]|[^\s()]+")
KEYWORDS = {"AND", "OR", "WITH"}
LICENSE, OPERATOR, EXCEPTION = "a license", "AND, OR, WITH or the end", "an exception to the license"


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
    from license_expression import ExpressionError

    if not text.strip():
        raise LicenseError("the license expression is empty", EXAMPLE)
    spelled = _spelled(text, known)
    try:
        tree = _licensing(known).parse(spelled, strict=True, validate=True)
    except ExpressionError as error:
        raise LicenseError(f"'{text}' is no license expression: {error}", EXAMPLE) from None
    simple = tree.simplify()
    alternatives = tuple(dict.fromkeys(_alternatives(simple)))
    ids = tuple(dict.fromkeys(symbol.render() for symbol in _symbols(simple)))
    return Expression(simple.render(), ids, alternatives)


EXAMPLE = "An expression is such as: MIT, or: Apache-2.0 OR MIT, or: CC-BY-4.0 AND (MIT OR BSD-3-Clause)."


def _spelled(text: str, known: frozenset[str]) -> str:
    """Check an expression from left to right, and put keywords and identifiers into their canonical spelling.

    license-expression parses well, but tells the place of a mistake only roughly, and stumbles
    over an empty pair of brackets.
    """
    own = {name.casefold(): name for name in known}
    exceptions = {name.casefold(): name for name in EXCEPTIONS}
    wanted, open_brackets, after_license = LICENSE, 0, False
    found: list[str] = []
    for token in TOKEN.finditer(text):
        word, key = token[0], token[0].upper()
        if wanted == LICENSE:
            if word == "(":
                open_brackets += 1
            elif word == ")" or key in KEYWORDS or word.casefold() in exceptions:
                raise _malformed(text, token.start(), wanted)
            else:
                word = _identifier(text, token, own, known)
                wanted, after_license = OPERATOR, True
        elif wanted == EXCEPTION:
            if word.casefold() not in exceptions:
                raise _malformed(text, token.start(), f"{wanted}, such as {EXCEPTIONS[0]}")
            word, wanted, after_license = exceptions[word.casefold()], OPERATOR, False
        elif key in ("AND", "OR") or (key == "WITH" and after_license):
            word, wanted = key, EXCEPTION if key == "WITH" else LICENSE
        elif word == ")" and open_brackets:
            open_brackets, after_license = open_brackets - 1, False
        else:
            raise _malformed(text, token.start(), wanted)
        found.append(word)
    if wanted != OPERATOR or open_brackets:
        raise _malformed(text, len(text), wanted if wanted != OPERATOR else "AND, OR, WITH or )")
    return " ".join(found)


def _identifier(text: str, token: re.Match[str], own: dict[str, str], known: frozenset[str]) -> str:
    """Give the canonical spelling of an identifier; refuse one that nobody knows."""
    word = token[0]
    name = own.get(word.casefold()) or canonical(word)
    if name in known:
        return str(name)
    wrong = re.search(r"[^A-Za-z0-9.+-]", word)
    if wrong:
        at = token.start() + wrong.start()
        raise _malformed(text, at, OPERATOR if wrong.start() else LICENSE)
    if not any(other[0].upper() in (*KEYWORDS, "(") for other in TOKEN.finditer(text)):
        word = " ".join(text.split())  # a name such as CC BY 4.0
    raise LicenseError(f"'{word}' is no license that is known here", suggestion(word, known - set(catalogue())))


def _malformed(text: str, place: int, expected: str) -> LicenseError:
    """Say where an expression is wrong, with a mark under the place."""
    there = TOKEN.match(text, place)
    found = f"'{there[0]}'" if there else "the end"
    shown = re.sub(r"\s", " ", text)  # a tab or a line break would move the mark
    return LicenseError(
        f"the license expression is malformed at position {place + 1}: found {found}, expected {expected}\n"
        f"      {shown}\n      {' ' * place}^",
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
