# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a license."""

from railcrate.study.errors import ConfigError


class LicenseError(ConfigError):
    """A license is unknown, malformed, damaged, or does not fit together."""
