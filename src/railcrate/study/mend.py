# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A wrong configuration without what is wrong in it, so that its other mistakes can be told as well."""

from __future__ import annotations

import copy
from typing import Any

from pydantic import ValidationError

from railcrate.study.config import Study
from railcrate.study.translate import in_file

PLACEHOLDER = "?"


def mended(error: ValidationError, content: Any) -> Study | None:
    """Take out every value that pydantic refused, and put a placeholder where one is missing.

    The result serves to look for mistakes between keys, and for nothing else.

    Args:
        error: what pydantic raised.
        content: what the file holds.

    Returns:
        The rest as a study; None where it is none, or where taking something out of a list
        would move what stands behind it.
    """
    rest = copy.deepcopy(content)
    for entry in error.errors(include_url=False):
        key, _ = in_file(entry["loc"], content)
        node = rest
        for part in key[:-1]:
            if not isinstance(node, dict | list):
                break
            node = node[part]  # type: ignore[index]
        if not isinstance(node, dict) or not key:
            return None
        if entry["type"] == "missing":
            node[key[-1]] = PLACEHOLDER
        else:
            node.pop(key[-1], None)
    try:
        return Study.model_validate(rest)
    except ValidationError:
        return None
