# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`python -m railcrate.cli` is the command `railcrate`."""

from railcrate.cli import main

main()
