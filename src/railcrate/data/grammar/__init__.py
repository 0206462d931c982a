# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A controlled, English-like language: a lexicon, a grammar, and known ways to spoil a text.

It is small enough that a model of a million parameters learns it in minutes, and every
sentence knows which of its words obey a rule, and what the word would be if it did not. So
errors can be put into a corpus in known proportions, and minimal pairs can be made whose
right and wrong sentence differ in one rule.
"""
