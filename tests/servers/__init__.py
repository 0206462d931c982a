# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Servers on the loopback address, for what is otherwise fetched from the network."""
