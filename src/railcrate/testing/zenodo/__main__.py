# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Start the server from a shell: `python -m railcrate.testing.zenodo --state DIR`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from railcrate.study.errors import RailcrateError
from railcrate.testing.zenodo.faults import load_faults
from railcrate.testing.zenodo.limits import GENEROUS, ZENODO_LIMITS
from railcrate.testing.zenodo.server import zenodo_server


def main() -> int:
    """Serve until the process is told to end; print address and token first.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m railcrate.testing.zenodo", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder that holds records and files")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--faults", type=Path, help="JSON file with what is to go wrong")
    parser.add_argument("--token", help="the token that is right; a new one is made if it is left out")
    parser.add_argument("--prefix", default="10.5281", help="of the DOIs; the sandbox has 10.5072")
    parser.add_argument("--limits", action="store_true", help="hold clients to Zenodo's rate limits")
    given = parser.parse_args()
    try:
        faults = load_faults(given.faults) if given.faults else []
    except (RailcrateError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    settings = {"token": given.token} if given.token else {}
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    limits = ZENODO_LIMITS if given.limits else GENEROUS
    with zenodo_server(given.state, port=given.port, limits=limits, prefix=given.prefix, **settings) as server:
        server.faults.extend(faults)
        print(f"address: {server.address}\ntoken: {server.token}", flush=True)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
