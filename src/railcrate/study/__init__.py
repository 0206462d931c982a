# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A study: its configuration, its grid of experiments, its paths, and the records of its jobs."""
