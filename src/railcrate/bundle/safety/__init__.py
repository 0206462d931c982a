# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What must not leave the house: secrets, private paths, addresses, pickles, links that lead outside."""
