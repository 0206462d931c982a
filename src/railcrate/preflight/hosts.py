# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The hosts that a study may talk to: reachable or not, by which proxy, and what time they say it is."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from urllib.request import getproxies

from railcrate.preflight.findings import Finding, ok, warning

CONNECT, READ = 4, 8  # seconds
WRONG = 300  # seconds that a clock may be off before certificates and signatures begin to fail

# What each is for, so that one knows whether its absence matters.
HUB = "https://huggingface.co"
HOSTS = {
    HUB: "models and data of the hub",
    "https://zenodo.org": "releases",
    "https://sandbox.zenodo.org": "rehearsed releases",
    "https://doi.org": "finding a study by its DOI",
    "https://pypi.org": "installing packages",
}


@dataclass(frozen=True)
class Answer:
    """What one host said.

    Attributes:
        address: where was asked.
        problem: why there was no answer; empty where there was one.
        ahead: seconds that this machine's clock is ahead of the host's; None where it is not known.
    """

    address: str
    problem: str = ""
    ahead: float | None = None


def addresses() -> dict[str, str]:
    """List the hosts, each with what it is for; the hub's address is HF_ENDPOINT's where that is set."""
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/")
    return {endpoint if endpoint and address == HUB else address: use for address, use in HOSTS.items()}


def ask(hosts: Iterable[str]) -> list[Answer]:
    """Ask all hosts at once; any answer at all shows that a host can be reached.

    Args:
        hosts: their addresses.

    Returns:
        One answer for each, in their order.
    """
    every = list(hosts)
    with ThreadPoolExecutor(max(1, len(every))) as pool:
        return list(pool.map(_ask, every))


def _ask(address: str) -> Answer:
    import requests

    from railcrate.publish.token import NoToken  # or requests would send what ~/.netrc holds for the host

    try:
        with requests.head(address, timeout=(CONNECT, READ), allow_redirects=False, auth=NoToken()) as answer:
            now = time.time()
            if answer.status_code == requests.codes.proxy_authentication_required:
                return Answer(address, "the proxy asks for a name and a password")
            date = answer.headers.get("Date", "")
    except requests.exceptions.ProxyError:
        return Answer(address, "the proxy does not answer, or does not let it through")
    except requests.exceptions.SSLError:
        return Answer(address, "its certificate is not accepted")
    except requests.Timeout:
        return Answer(address, "no answer in time")
    except requests.RequestException:
        return Answer(address, "no connection")
    try:
        return Answer(address, ahead=now - parsedate_to_datetime(date).timestamp())
    except ValueError:  # no date, or none that can be read
        return Answer(address)


def look(answers: Iterable[Answer], uses: Mapping[str, str]) -> list[Finding]:
    """Tell which hosts can be reached.

    Args:
        answers: what they said.
        uses: what each is for, by its address.

    Returns:
        Findings; hosts that cannot be reached are a warning, for a study may need none.
    """
    every = list(answers)
    there = [_name(answer.address) for answer in every if not answer.problem]
    facts = {answer.address: answer.problem or "reachable" for answer in every}
    found = [ok("network", f"reachable: {', '.join(there)}", hosts=facts)] if there else []
    for problem in dict.fromkeys(answer.problem for answer in every if answer.problem):
        silent = [answer.address for answer in every if answer.problem == problem]
        needed = ", ".join(uses[address] for address in silent if address in uses)
        way = "Look at HTTPS_PROXY and NO_PROXY."
        if "certificate" in problem:
            way = "A proxy may put in a certificate of its own: REQUESTS_CA_BUNDLE names the file that vouches for it."
        if not there:
            way += " What was fetched elsewhere is found in the folders that RAILCRATE_MIRROR names."
        found.append(
            warning(
                "network", f"not reachable: {', '.join(map(_name, silent))} ({problem})",
                f"Needed only for {needed}. {way}" if needed else way,
                hosts=facts,
            )
        )  # fmt: skip
    return found


def look_at_proxies(proxies: Mapping[str, str] | None = None) -> list[Finding]:
    """Tell whether there is a proxy; its address is for the person at the machine alone, and without a password."""
    found = getproxies() if proxies is None else proxies
    used = {kind: address for kind, address in found.items() if kind in ("http", "https", "all")}
    if not used:
        return []
    told = "; ".join(f"{kind}: {_host(address)}" for kind, address in sorted(used.items()))
    return [ok("network", f"by a proxy, for {' and '.join(sorted(used))}", detail=told)]


def look_at_clock(answers: Iterable[Answer]) -> list[Finding]:
    """Compare this machine's clock with those of the hosts that answered."""
    known = sorted(answer.ahead for answer in answers if answer.ahead is not None)
    if not known:
        return []
    ahead = known[len(known) // 2]  # one host's clock may be wrong, too
    if abs(ahead) < WRONG:
        return [ok("clock", "right to the minute", seconds_ahead=round(ahead))]
    side = "ahead" if ahead > 0 else "behind"
    return [
        warning(
            "clock", f"{abs(ahead) / 60:.0f} minutes {side}",
            "Set it, or let the system do so (`timedatectl set-ntp true`): certificates are judged by it, and so is "
            "what is newer than what.",
            seconds_ahead=round(ahead),
        )
    ]  # fmt: skip


def _name(address: str) -> str:
    """A host as it is told: one that HF_ENDPOINT names may tell whose the machine is."""
    return "the hub (HF_ENDPOINT)" if address not in HOSTS and "HF_ENDPOINT" in os.environ else _host(address)


def _host(address: str) -> str:
    """Host and port of an address, without a name and a password that may stand before them."""
    parts = urlsplit(address if "//" in address else f"//{address}")
    return (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
