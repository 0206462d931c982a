# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Fingerprints of code, so that a change in what computes a result runs it again.

A fingerprint ignores what cannot change a result: comments, docstrings, blank lines and
trailing space. It works on the source text, not on the syntax tree or on byte code, so
that it is the same under every version of Python.
"""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterable
from functools import cache
from pathlib import Path


def fingerprint(files: Iterable[Path]) -> str:
    """Hash the code of several files: Python without what cannot change a result, others as they are.

    Args:
        files: the files; their order and their folders do not matter, their names do.

    Returns:
        The first 16 hexadecimal digits of a sha256.

    Raises:
        OSError: when a file cannot be read.
        SyntaxError: when a file is not Python.
    """
    total = hashlib.sha256()
    for name, digest in sorted((file.name, _code_digest(file)) for file in files):
        total.update(f"{name} {digest}\n".encode())
    return total.hexdigest()[:16]


@cache
def _code_digest(file: Path) -> str:
    if file.suffix != ".py":
        return hashlib.sha256(file.read_bytes()).hexdigest()
    return hashlib.sha256(significant(file.read_text(encoding="utf-8")).encode()).hexdigest()


def significant(source: str) -> str:
    """Strip a Python source of comments, docstrings, blank lines and trailing space."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                for row in range(first.lineno - 1, (first.end_lineno or first.lineno)):
                    lines[row] = ""
    return "\n".join(line.rstrip() for line in lines if line.strip())
