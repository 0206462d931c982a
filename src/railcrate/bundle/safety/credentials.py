# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets, found by the plugins of detect-secrets (https://github.com/Yelp/detect-secrets).

The plugins that know the form of a provider's tokens look everywhere. Those that judge by
the name of a variable, or by how random a text looks, look in code alone: a vocabulary, a
table of hashes or a lock file is full of what they would take for a secret. No plugin is
allowed to ask its provider whether a token is valid.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

_SHORTEST_VALUE = 16  # characters of a secret of the environment that is searched for by itself
_SECRET_NAMES = re.compile(r"TOKEN|SECRET|PASSW|API_?KEY|CREDENTIAL|PRIVATE_KEY", re.IGNORECASE)
_SETTINGS = re.compile(r"(?:^|/)(?:config|\.env[\w.-]*|\.netrc|\.pypirc|\.npmrc)$")  # ini files that are not called so
_TOKEN = r"token[\"']?\s*[=:]\s*"
_HEX = re.compile(r"^(?:0x)?[0-9a-fA-F]+$")
_PLACEHOLDER = re.compile(
    r"example|placeholder|change.?me|your|dummy|fake|sample|redacted|insert|replace|\bnone\b|\bnull\b|xxxx|\.\.\.|<|>|\*\*",
    re.IGNORECASE,
)
_CHECKSUMS = re.compile(r"sha-?\d|md5|hash|checksum|digest|integrity|fingerprint|base64", re.IGNORECASE)
_MANY = re.compile(r"\{(?:9|[1-9]\d+)(?:,\d*)?\}")
_LONGEST_RANDOM = 200  # characters; longer ones are pictures and other content, not keys


@cache
def _everywhere() -> tuple[Any, ...]:
    """The plugins that know tokens by their form."""
    from detect_secrets.plugins.aws import AWSKeyDetector
    from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
    from detect_secrets.plugins.base import RegexBasedDetector
    from detect_secrets.plugins.discord import DiscordBotTokenDetector
    from detect_secrets.plugins.github_token import GitHubTokenDetector
    from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
    from detect_secrets.plugins.jwt import JwtTokenDetector
    from detect_secrets.plugins.npm import NpmDetector
    from detect_secrets.plugins.openai import OpenAIDetector
    from detect_secrets.plugins.private_key import PrivateKeyDetector
    from detect_secrets.plugins.pypi_token import PypiTokenDetector
    from detect_secrets.plugins.sendgrid import SendGridDetector
    from detect_secrets.plugins.slack import SlackDetector
    from detect_secrets.plugins.square_oauth import SquareOAuthDetector
    from detect_secrets.plugins.stripe import StripeDetector

    class ResearchTokenDetector(RegexBasedDetector):
        """Tokens of services that studies use and that the library does not know."""

        secret_type = "Access Token"
        denylist = (
            re.compile(r"\bhf_[A-Za-z]{30,40}\b"),  # Hugging Face
            re.compile(r"\bgithub_pat_[A-Za-z0-9_]{60,}"),
            re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),  # Google
            re.compile(r"\bsk-(?:proj|ant|svcacct)-[A-Za-z0-9_-]{24,}"),  # OpenAI, Anthropic
            re.compile(r"[?&]access_token=[A-Za-z0-9]{40,}"),  # Zenodo, in an address
        )

    plugins = (
        AWSKeyDetector, AzureStorageKeyDetector, DiscordBotTokenDetector, GitHubTokenDetector, GitLabTokenDetector,
        JwtTokenDetector, NpmDetector, OpenAIDetector, PrivateKeyDetector, PypiTokenDetector, SendGridDetector,
        SlackDetector, SquareOAuthDetector, StripeDetector, ResearchTokenDetector,
    )  # fmt: skip
    return tuple(plugin() for plugin in plugins)


@cache
def _in_code() -> tuple[Any, ...]:
    """The plugins that judge by names and by randomness."""
    from detect_secrets.plugins.base import RegexBasedDetector
    from detect_secrets.plugins.basic_auth import BasicAuthDetector
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString
    from detect_secrets.plugins.keyword import KeywordDetector

    class AssignedTokenDetector(RegexBasedDetector):
        """Something long that is called a token; the library's list of names does not have this one."""

        secret_type = "Assigned Token"
        denylist = (re.compile(rf"(?i)\w*{_TOKEN}[\"']?([A-Za-z0-9_-]{{24,}})(?![\w(.])"),)

    return BasicAuthDetector(), KeywordDetector(), AssignedTokenDetector(), Base64HighEntropyString(limit=4.5)


def candidates(*, code: bool) -> str:
    """A pattern in RE2's syntax for every line that a plugin may find something in.

    Args:
        code: whether the plugins that look in code alone are meant, too.
    """
    from detect_secrets.plugins.keyword import DENYLIST

    found = []
    if code:
        found = [f"(?i:{'|'.join(DENYLIST)}|{_TOKEN})", r"://[^\s:]*:[^\s]+@", r"[\"'][A-Za-z0-9+/=_-]{20}"]
    for plugin in _everywhere():
        for regex in plugin.denylist:
            text = _MANY.sub("{8,}", regex.pattern.replace(r"(?!\w)", ""))  # RE2 cannot look ahead, and counts slowly
            flags = "i" if regex.flags & re.IGNORECASE else ""
            found.append(f"(?{flags}:{text})" if flags else f"(?:{text})")
    return "|".join([*found, *map(re.escape, own_values())])


@cache
def own_values() -> tuple[str, ...]:
    """The secrets of the present environment: variables that are named as such."""
    found = {
        value.strip()
        for name, value in os.environ.items()
        if _SECRET_NAMES.search(name) and len(value.strip()) >= _SHORTEST_VALUE and "/" not in value
    }
    return tuple(sorted(found))


def secrets_in(line: str, file: str, *, code: bool) -> Iterator[str]:
    """Find secrets in a line.

    Args:
        line: the line.
        file: its file; what it is called tells what to expect in it.
        code: whether it is a person's text, where names and randomness mean something.

    Yields:
        What kind of secret each is; never the secret.
    """
    from detect_secrets.filters import allowlist, heuristic
    from detect_secrets.util.code_snippet import CodeSnippet

    if any(value in line for value in own_values()):
        yield "a secret of this machine's environment"
    if code and allowlist.is_line_allowlisted(file, line, CodeSnippet([line], 0, 0)):
        return
    for plugin in _everywhere():
        whole = (match.group() for regex in plugin.denylist for match in regex.finditer(line))
        if any(True for _ in plugin.analyze_string(line)) and any(map(_may_be, whole)):
            yield str(plugin.secret_type)
    if not code or heuristic.is_lock_file(file):
        return
    for plugin in _in_code():
        for secret in plugin.analyze_string(line, **_hints(plugin, file)):
            if _may_be(secret) and _looks_random(secret, line, plugin):
                yield str(plugin.secret_type)
                break


def _hints(plugin: Any, file: str) -> dict[str, Any]:
    """What the plugin that judges by names wants to know: how values are written in this kind of file."""
    from detect_secrets.plugins.keyword import REGEX_BY_FILETYPE, KeywordDetector
    from detect_secrets.util.filetype import determine_file_type

    if not isinstance(plugin, KeywordDetector):
        return {}
    name = f"{file}.ini" if _SETTINGS.search(file) else file
    return {"denylist_regex_to_group": REGEX_BY_FILETYPE.get(determine_file_type(name))}


def _may_be(secret: str) -> bool:
    from detect_secrets.filters import heuristic

    return not (
        heuristic.is_sequential_string(secret)
        or heuristic.is_templated_secret(secret)
        or heuristic.is_prefixed_with_dollar_sign(secret)
        or heuristic.is_not_alphanumeric_string(secret)
        or _PLACEHOLDER.search(secret)
        or _HEX.match(secret)
        or len(set(secret)) < 5
    )


def _looks_random(secret: str, line: str, plugin: Any) -> bool:
    """Whether what only a name or randomness speaks for may be a secret all the same."""
    from detect_secrets.filters import heuristic

    if heuristic.is_potential_uuid(secret) or heuristic.is_indirect_reference(line) or len(secret) > _LONGEST_RANDOM:
        return False
    if "/" in secret and re.search(r"\.\w{1,6}$", secret):  # a file
        return False
    mixed = bool(re.search(r"\d", secret)) and bool(re.search(r"[A-Za-z]", secret))
    if hasattr(plugin, "entropy_limit"):
        if plugin.calculate_shannon_entropy(secret) <= plugin.entropy_limit:
            return False
        upper = bool(re.search(r"[A-Z]", secret)) and bool(re.search(r"[a-z]", secret))
        return mixed and upper and len(secret) >= 20 and not _CHECKSUMS.search(line)
    return len(secret) >= 8 and (mixed or bool(re.search(r"[^\w\s.-]", secret)))
