# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Sources, recipes and their steps, data cards, and the grammar that draws controlled corpora."""
