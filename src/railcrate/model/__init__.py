# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Tokenizers, blocks of tokens, models, their training and what it costs."""
