# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The classes that Railcrate gives to lm-eval: a model, a task, and a task's documents."""
