# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate doctor`: whether the machine, its programs and its network have what railcrate needs."""

from __future__ import annotations

import getpass
import os
import platform
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from railcrate.preflight import gpu, hosts, machine, packages, surroundings, tokens, tools
from railcrate.preflight.findings import Finding, ok, warning
from railcrate.study import units
from railcrate.study.errors import EXIT_ENVIRONMENT
from railcrate.study.records import machine as describe_machine

LITTLE_DISK = 5_000_000_000  # bytes: railcrate with PyTorch takes 2.4 GB, and a small study some hundred MB
LITTLE_MEMORY = 2_000_000_000  # bytes: a training of a model of a million parameters takes 0.5 GB, an installation more
BUSY = 1.5  # processes for each core


def examine(folder: Path, *, offline: bool = False, say: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """Look at everything.

    Args:
        folder: the folder to work in, with a study or without.
        offline: leave the network alone.
        say: is told what takes a while.

    Returns:
        What was found, in the order in which it is told. Every error has the exit code 5.
    """
    uses = hosts.addresses()
    with ThreadPoolExecutor(2) as pool:
        asked_gpu = pool.submit(gpu.ask)
        asked_hosts: Future[list[hosts.Answer]] | None = None if offline else pool.submit(hosts.ask, uses)
        say("asking PyTorch for GPUs" + ("" if offline else ", and some hosts whether they answer"))
        path = packages.constraints_file()
        tested = packages.read_constraints(path) if path is not None else {}
        found = [
            packages.look_at_python(),
            *packages.look(packages.compare(tested), tested),
            *packages.look_at_optional(),
            *tools.look_at_git(tools.ask_git(folder)),
            *tools.look_at_commands(folder),
            *look_at_machine(folder),
            gpu.look(asked_gpu.result(), driver=gpu.has_driver()),
            *surroundings.look(folder),
            *tokens.look(),
            *hosts.look_at_proxies(),
        ]
        if asked_hosts is None:
            found.append(ok("network", "left alone (`--offline`)"))
        else:
            answers = asked_hosts.result()
            found += [*hosts.look(answers, uses), *hosts.look_at_clock(answers)]
    return [replace(finding, exit_code=EXIT_ENVIRONMENT) for finding in found]


def look_at_machine(folder: Path) -> list[Finding]:
    """Tell of the system, its cores, its memory, and the disk of a folder."""
    about = describe_machine()
    found = [ok("system", f"{about['system']} {about['release']}, {about['architecture']}, {about['cpu']}")]
    count, share, busy = machine.cores(), machine.quota(), machine.load()
    text = f"{count}, by default all used"
    if share is not None and share < count:
        found.append(
            warning(
                "cores", f"{count}, but this container or job may use the time of {share:.1f} alone",
                f"Give `--cores {max(1, int(share))}`: more jobs than that only wait for one another.",
                cores=count, quota=share,
            )
        )  # fmt: skip
    elif busy is not None and busy > BUSY * count:
        found.append(
            warning(
                "cores", f"{text}; {busy:.0f} processes want them just now",
                "Runs take longer while others compute here, and times that are measured now are too long.",
                cores=count, load=busy,
            )
        )  # fmt: skip
    else:
        found.append(ok("cores", text, cores=count))
    memory, disk = machine.memory(), machine.disk(folder)
    told = f"{units.size(memory.free)} free of {units.size(memory.total)}"
    if memory.free < LITTLE_MEMORY:
        way = "Close other programs, or run with fewer `--cores`: `railcrate check` says what a study needs."
        found.append(warning("memory", told, way, free=memory.free, total=memory.total))
    else:
        found.append(ok("memory", told, free=memory.free, total=memory.total))
    told = f"{units.size(disk.free)} free of {units.size(disk.total)}"
    if disk.free < LITTLE_DISK:
        way = "Make room, or work on another disk: `railcrate check` says what a study needs."
        found.append(warning("disk", told, way, free=disk.free, total=disk.total))
    else:
        found.append(ok("disk", told, free=disk.free, total=disk.total))
    return found


def markdown(findings: Iterable[Finding], private: Iterable[str] | None = None) -> str:
    """Write findings for a report of a mistake: nothing in it tells who or where one is.

    Details are left out, and what is left is searched for names once more.

    Args:
        findings: what was found.
        private: what must not stand in it; the person's and the machine's names and folders by default.

    Returns:
        Markdown.
    """
    lines = ["| | about | found |", "| --- | --- | --- |"]
    others: dict[str, tuple[str, str]] = {}
    for finding in findings:
        lines.append(f"| {finding.state} | {finding.topic} | {finding.text.replace('|', '/')} |")
        others |= finding.facts.get("other", {})
    if others:
        told = ", ".join(f"{name} {installed} ({known})" for name, (installed, known) in others.items())
        lines += ["", f"Other versions than were tested (those behind): {told}"]
    text = "\n".join(lines)
    for word in sorted(private_words() if private is None else private, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", "…", text)
    return f"{text}\n"


def private_words() -> set[str]:
    """What tells who or where one is: folders, and the names of the user and the machine."""
    places = {Path.home(), Path.cwd(), Path(sys.prefix), Path(sys.base_prefix), Path(tempfile.gettempdir())}
    names = {socket.gethostname(), platform.node(), socket.gethostname().split(".")[0]}
    names |= {os.environ.get(key, "") for key in ("USER", "LOGNAME", "USERNAME", "HOSTNAME")}
    try:
        names.add(getpass.getuser())
    except (KeyError, OSError):  # a user without a name, as in some containers
        names.discard("")
    return {str(place) for place in places if place != Path("/")} | {name for name in names if len(name) > 1}
