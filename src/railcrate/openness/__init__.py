# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How open a study or a model is: frameworks as data, one engine that judges by evidence."""
