# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is checked of a configuration by whoever runs it, beyond what the room `study` may know."""

from __future__ import annotations

from railcrate.data.steps import check_recipes
from railcrate.licensing.resolve import check_licenses
from railcrate.openness.answers import check_answers
from railcrate.study.load import Check

CHECKS: tuple[Check, ...] = (check_recipes, check_licenses, check_answers)
