# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Running the workflow's jobs: what each rule calls, in a warm process where there is one.

Small models spend more time on importing torch, transformers and lm-eval than on their
work. So a run of the workflow keeps one process that has imported them (`server`), and
each job is a fork of it (`client`). A job behaves the same with and without it.
"""
