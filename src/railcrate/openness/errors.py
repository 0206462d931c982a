# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with an assessment."""

from __future__ import annotations

from railcrate.study.errors import RailcrateError


class FrameworkError(RailcrateError):
    """A framework's file, or the list of facts, is not what it should be."""
