# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Where sources come from: DVC's cache, mirrors, the network, the hub, a generator."""
