# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How fast a release sends a large file, and with how much memory, against curl and the same server on loopback.

python benchmarks/upload.py [MEGABYTES]
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from common import ENVIRONMENT, ratio, run

PAIRS = 11
MEGABYTES = 512
IN_MEMORY = Path("/dev/shm")  # the disk is not what is measured
COPIES = 3  # of the file: itself, the server's, and the one that arrives
KEY = "weights.bin"
OURS = """
import os, sys, time
from contextlib import nullcontext
from pathlib import Path
from railcrate.publish.address import server_of
from railcrate.publish.api import Api
from railcrate.publish.client import Client
from railcrate.publish.patience import Patience
from railcrate.publish.progress import Lines
from railcrate.publish.token import Token
address, draft, key, path = sys.argv[1:]
api = Api(Client(server_of(address), Token(os.environ["RAILCRATE_TOKEN"], "a benchmark"), Patience()))
path = Path(path)
size = path.stat().st_size
with Lines(lambda text: None).sending({key: size}) as sending:
    clock = time.monotonic()
    api.upload(draft, key, lambda: sending.opened(key, path), size)
print("SECONDS", time.monotonic() - clock)
"""


def main(megabytes: int) -> None:
    """Measure and print."""
    if shutil.which("curl") is None:
        sys.exit("curl is not here: there is nothing to compare with")
    roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > COPIES * (megabytes << 20)
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if roomy else None) as scratch:
        folder = Path(scratch)
        file = folder / KEY
        block = os.urandom(1 << 20)
        with file.open("wb") as content:
            for _ in range(megabytes):
                content.write(block)
        command = [sys.executable, "-m", "railcrate.testing.zenodo", "--state", str(folder / "state")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as server:
            assert server.stdout is not None
            address = server.stdout.readline().split()[1]
            token = server.stdout.readline().split()[1]
            try:
                compare(folder, file, address, token)
            finally:
                server.send_signal(signal.SIGTERM)


def compare(folder: Path, file: Path, address: str, token: str) -> None:
    """Send the file by both in turn, and print the ratio of their times."""
    draft = begin(address, token)
    ours, theirs, memory = [], [], []
    for pair in range(PAIRS + 1):
        for railcrate in (True, False) if pair % 2 else (False, True):
            if not railcrate:
                theirs.append(curl(folder, file, address, token, draft))
                continue
            done = run([sys.executable, "-c", OURS, address, draft, KEY, str(file)], folder, RAILCRATE_TOKEN=token)
            ours.append(float(re.findall(r"SECONDS (\S+)", done.output)[0]))
            memory.append(done.memory)
    ours, theirs = ours[1:], theirs[1:]  # the first pair fills the system's cache
    small = folder / "small"
    small.write_bytes(b"x")
    bare = run([sys.executable, "-c", OURS, address, draft, KEY, str(small)], folder, RAILCRATE_TOKEN=token).memory
    size = file.stat().st_size
    print(f"one file of {size / 1e9:.2f} GB, {PAIRS} times by each in turn, to the same server:")
    pairs = [their / our for our, their in zip(ours, theirs, strict=True)]
    print(f"  curl's seconds to ours, pair by pair: {', '.join(f'{pair:.2f}' for pair in pairs)}")
    ratio("speed, railcrate to curl (median of pairs)", 1, statistics.median(pairs), 0.9, faster=True)
    print(f"peak memory: {max(memory) / 1e6:.0f} MB; for a file of one byte {bare / 1e6:.0f} MB")


def begin(address: str, token: str) -> str:
    """Make a draft that waits for the file; it is never committed, so it can be sent again and again."""
    from railcrate.publish.address import server_of
    from railcrate.publish.api import Api
    from railcrate.publish.client import Client
    from railcrate.publish.patience import Patience
    from railcrate.publish.token import Token

    api = Api(Client(server_of(address), Token(token, "a benchmark"), Patience()))
    draft = api.create("A benchmark")
    api.begin_files(draft.id, [KEY])
    return draft.id


def curl(folder: Path, file: Path, address: str, token: str, draft: str) -> float:
    """Send the file by curl, and give its seconds; the token stands in a file, not among its arguments."""
    config = folder / "curl.config"
    config.write_text(f'header = "Authorization: Bearer {token}"\nheader = "Content-Type: application/octet-stream"\n')
    url = f"{address}/api/records/{draft}/draft/files/{KEY}/content"
    words = [
        "curl",
        "--config",
        str(config),
        "-sS",
        "--fail",
        "-o",
        "/dev/null",
        "-w",
        "%{time_total}",
        "-T",
        str(file),
    ]
    done = subprocess.run([*words, url], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode:
        sys.exit(f"curl failed: {done.stderr}")
    return float(done.stdout)


main(int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES)
