# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Measuring models: benchmarks through lm-eval, gates beside every number, and comparisons."""
