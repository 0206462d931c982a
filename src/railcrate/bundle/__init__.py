# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The bundle: a whole study as an RO-Crate, ready to publish."""
