# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The functions that answer requests, by what they are about; routes.py says which path calls which."""
