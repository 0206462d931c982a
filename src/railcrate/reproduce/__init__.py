# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Reproducing: fetch what was published, check it, run it again, and explain what differs."""
