# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What the exit codes of the commands mean, for `railcrate help exit-codes` and for the documentation."""

from __future__ import annotations

from railcrate.study.errors import (
    EXIT_CONFIG,
    EXIT_DATA,
    EXIT_ENVIRONMENT,
    EXIT_FAILURE,
    EXIT_OK,
    EXIT_USAGE,
)

EXIT_STOPPED = 130  # as shells have it: 128 and the number of SIGINT
EXIT_UNREAD = 141  # 128 and the number of SIGPIPE

EXIT_CODES = {
    EXIT_OK: "done",
    EXIT_FAILURE: "the work itself failed",
    EXIT_USAGE: "the command was called wrongly",
    EXIT_CONFIG: "the configuration, or a file that it names, is wrong",
    EXIT_DATA: "data or weights are missing, damaged, or not what their checksum says",
    EXIT_ENVIRONMENT: "a tool, a package, disk space or the network is missing",
    EXIT_STOPPED: "stopped by Ctrl-C",
    EXIT_UNREAD: "whoever was to read the output has gone, as with `| head`",
}
