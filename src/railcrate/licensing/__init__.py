# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Licenses: the catalogue, the RAIL generator, the resolver, and laying them down.

Nothing here is legal advice: it is what the texts say, as the authors of railcrate read them.
"""
