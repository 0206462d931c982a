# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Everything by which one could tell whose a study is: names, ORCIDs, addresses, the repository, the machine.

They are gathered from where a study states them: its configuration, what it says about how to
cite it, git's history and remotes, and the system. Names of others, such as those in the
citations of data, are not among them.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from railcrate.bundle import git
from railcrate.bundle.errors import CodeError
from railcrate.bundle.people import makers
from railcrate.bundle.safety.patterns import PrivatePaths, named_addresses
from railcrate.licensing.dependencies import imported_modules
from railcrate.study import paths
from railcrate.study.config import Study

Kind = Literal[
    "name", "family name", "ORCID", "affiliation", "e-mail", "repository", "user", "machine", "grant", "link", "path"
]  # fmt: skip

ANONYMOUS = "Anonymous"
ORCID = "0000-0000-0000-0001"  # nobody's, with a right check digit
ADDRESS = "anonymous@example.org"
REPOSITORY = "anonymous/repository"
LINK = "https://example.org/anonymous"
PEOPLE_FILES = (paths.CONFIG, git.CITATION, "pyproject.toml", "codemeta.json", "AUTHORS", "CONTRIBUTORS", ".mailmap")
LEFT_OUT = (git.CITATION, git.RELEASES, "codemeta.json", "AUTHORS", "CONTRIBUTORS", ".mailmap")  # of the code

# Accounts and machines that are called the same everywhere, and words that mean no person.
_NOBODY = frozenset(
    (
        "root", "user", "username", "admin", "administrator", "ubuntu", "debian", "runner", "jovyan", "vscode",
        "docker", "vagrant", "git", "github", "gitlab", "test", "guest", "home", "localhost", "nobody", "anonymous",
        "ec2-user", "work", "workspace", "app", "data", "study", "main", "server", "host", "node", "author", "authors",
    )
)  # fmt: skip
_SHORTEST = 3  # characters of a word that is searched for by itself


@dataclass(frozen=True)
class Name:
    """Something that tells whose a study is.

    Attributes:
        text: what is searched for, in whole words.
        kind: what it is.
        put: what stands in its place.
        any_case: whether small and capital letters count as the same.
        alone: whether it is a single word, which may mean something else: it is not searched for in data.
    """

    text: str
    kind: Kind
    put: str
    any_case: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Identity:
    """Whose a study is.

    Attributes:
        names: what is searched for; longer ones first.
        given: given names and initials of the people whose family names are searched for.
        commits: the ids of all commits of the repository, sorted.
        kept: words that are names, but of software that the code cannot do without, with the reason.
    """

    names: tuple[Name, ...]
    given: frozenset[str]
    commits: tuple[str, ...]
    kept: dict[str, str]


def whose(folder: Path, study: Study, code: git.Code) -> Identity:
    """Gather everything by which one could tell whose a study is.

    Args:
        folder: the study's folder.
        study: its configuration.
        code: what git has of it.

    Returns:
        What to hide.
    """
    texts = {
        path: git.content(folder, code.blobs[path]).decode(errors="replace")
        for path in PEOPLE_FILES
        if path in code.blobs
    }
    people = _people(study, texts)
    found = [
        *_of_people(people),
        *_of_git(folder),
        *_of_repository(folder, texts),
        *_of_machine(folder),
        *_of_study(study),
        *(Name(address, "e-mail", ADDRESS, any_case=True) for address in named_addresses(texts.values())),
    ]
    kept = _software(study, code)
    unique = {
        (name.text if not name.any_case else name.text.casefold(), name.any_case): name
        for name in reversed(found)
        if name.text.strip()
    }
    names = [name for name in unique.values() if not (name.alone and name.text.casefold() in kept)]
    told = {
        name.text: f"{name.kind}; also the name of software that the code needs: {kept[name.text.casefold()]}"
        for name in unique.values()
        if name.alone and name.text.casefold() in kept
    }
    return Identity(
        names=tuple(sorted(names, key=lambda name: (-len(name.text), name.text))),
        given=frozenset(word for _, given in people.values() for word in _given_words(given)),
        commits=tuple(sorted(git.git(folder, "rev-list", "--all", "HEAD").split())),
        kept=told,
    )


def _people(study: Study, texts: dict[str, str]) -> dict[str, tuple[str | None, str]]:
    """Everybody who is named as a maker: the whole name, with family and given names where they are known."""
    found: dict[str, tuple[str | None, str]] = {}
    for maker in makers(study):
        found[maker.name] = (maker.family, maker.given or "")
    for author in _list(_load(yaml.safe_load, texts.get(git.CITATION)), "authors"):
        family, given = str(author.get("family-names") or ""), str(author.get("given-names") or "")
        if family:
            found.setdefault(f"{family}, {given}".strip(", "), (family, given))
        elif author.get("name"):
            found.setdefault(str(author["name"]), (None, ""))
    project = _load(tomllib.loads, texts.get("pyproject.toml")).get("project", {})
    for author in (*_list(project, "authors"), *_list(project, "maintainers")):
        if author.get("name"):
            found.setdefault(str(author["name"]), (None, ""))
    return found


def _of_people(people: dict[str, tuple[str | None, str]]) -> Iterator[Name]:
    for whole, (family, given) in people.items():
        words = given.split()
        forms = {whole}
        if family:
            initials = [f"{word[0]}." for word in words]
            for front in (given, *words[:1], " ".join(initials), "".join(initials), *initials[:1]):
                if front:
                    forms |= {f"{front} {family}", f"{family}, {front}", f"{family} {front}"}
            if words[1:]:
                forms.add(f"{words[0]} {' '.join(initials[1:])} {family}")
            if len(family) > 1:
                yield Name(family, "family name", ANONYMOUS, alone=True)
                yield Name(family.upper(), "family name", ANONYMOUS, alone=True)
                yield from _accounts(family, words)
        for form in forms:
            yield Name(form, "name", ANONYMOUS, alone=" " not in form)


def _accounts(family: str, given: Sequence[str]) -> Iterator[Name]:
    """How a person may be called where names have no spaces: janedoe, jane_doe, jdoe."""
    last = family.replace(" ", "")
    for first in given[:1]:
        for text in (f"{first}{last}", f"{first}_{last}", f"{first}-{last}", f"{first}.{last}", f"{first[0]}{last}"):
            yield from _word(text.lower(), "name", "anonymous", any_case=True)


def _given_words(given: str) -> Iterator[str]:
    for word in given.replace(".", " ").split():
        yield word
        yield word[0]


def _of_git(folder: Path) -> Iterator[Name]:
    """Whoever made commits, and who would make the next one."""
    lines = git.git(folder, "log", "--all", "--format=%an%x09%ae%n%cn%x09%ce").splitlines()
    with contextlib.suppress(CodeError):  # nobody has told git who they are
        lines.append(
            f"{git.git(folder, 'config', 'user.name').strip()}\t{git.git(folder, 'config', 'user.email').strip()}"
        )
    for line in dict.fromkeys(lines):
        name, _, address = line.partition("\t")
        yield from _word(name, "name", ANONYMOUS) if " " not in name else [Name(name, "name", ANONYMOUS)]
        if "@" in address:
            yield Name(address, "e-mail", ADDRESS, any_case=True)


def _of_repository(folder: Path, texts: dict[str, str]) -> Iterator[Name]:
    project = _load(tomllib.loads, texts.get("pyproject.toml")).get("project", {})
    citation = _load(yaml.safe_load, texts.get(git.CITATION))
    stated = [str(url) for url in project.get("urls", {}).values()]
    stated += [str(citation[key]) for key in ("url", "repository-code", "repository") if citation.get(key)]
    for remote in (*git.remotes(folder).values(), *stated):
        address = git.web_address(remote)
        if address is None:
            yield Name(remote, "repository", LINK, alone=" " not in remote and "/" not in remote)
            continue
        host, _, rest = address.removeprefix("https://").partition("/")
        yield Name(remote, "repository", LINK, any_case=True)
        yield Name(address, "repository", LINK, any_case=True)
        if "/" not in rest:
            continue
        for form in (f"http://{host}/{rest}", f"git@{host}:{rest}", f"{host}/{rest}"):
            yield Name(form, "repository", LINK, any_case=True)
        yield Name(rest, "repository", REPOSITORY, any_case=True)
        for word in rest.split("/"):
            yield from _word(word, "repository", "anonymous", any_case=True)


def _of_machine(folder: Path) -> Iterator[Name]:
    for place in PrivatePaths((folder, folder.resolve(), Path.home())).folders:
        yield Name(place, "path", "/anonymous")
    with contextlib.suppress(OSError, KeyError):  # an account without an entry, as in containers
        yield from _word(getpass.getuser(), "user", "anonymous", any_case=True)
    with contextlib.suppress(ImportError, KeyError, OSError):
        import pwd

        whole = pwd.getpwuid(os.getuid()).pw_gecos.split(",")[0].strip()
        if " " in whole:
            yield Name(whole, "name", ANONYMOUS)
    host = socket.gethostname()
    yield from _word(host, "machine", "anonymous", any_case=True)
    yield from _word(host.split(".")[0], "machine", "anonymous", any_case=True)


def _of_study(study: Study) -> Iterator[Name]:
    for creator in study.creators:
        if creator.orcid:
            yield Name(creator.orcid, "ORCID", ORCID)
        if creator.affiliation:
            whole = creator.affiliation
            parts = [part.strip() for part in whole.split(",") if " " in part.strip()]
            for text in (whole, *parts):
                yield Name(text, "affiliation", "Anonymous institution", alone=" " not in text)
    for grant in study.funding:
        if grant.award:
            yield Name(grant.award, "grant", "anonymous", alone=True)
        if grant.url:
            yield Name(grant.url, "link", LINK)
    for related in study.release.related:
        yield Name(related.identifier, "link", LINK, any_case=True)
    for external in study.release.external.values():
        yield Name(external.url, "link", LINK)


def _word(text: str, kind: Kind, put: str, *, any_case: bool = False) -> Iterator[Name]:
    """A single word, unless it is nobody's."""
    if len(text) >= _SHORTEST and text.casefold() not in _NOBODY and not text.isdigit():
        yield Name(text, kind, put, any_case=any_case, alone=True)


def _software(study: Study, code: git.Code) -> dict[str, str]:
    """Names of packages, by which code finds code: what the study imports, and what it brings itself."""
    packages = {path.split("/")[-2] for path in code.blobs if path.endswith("/__init__.py")}
    found = dict.fromkeys(packages, "a package of the study")
    found |= dict.fromkeys(imported_modules(Path(), study), "imported by the study's code")
    return {name.casefold(): why for name, why in {**found, "railcrate": "what runs the study"}.items()}


def _load(read: Any, text: str | None) -> dict[str, Any]:
    """Read a file about the study; one that is damaged names nobody here, and is searched as text."""
    try:
        content = read(text) if text else {}
    except (yaml.YAMLError, tomllib.TOMLDecodeError):
        return {}
    return content if isinstance(content, dict) else {}


def _list(content: dict[str, Any], key: str) -> Iterable[dict[str, Any]]:
    entries = content.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def public_study(study: Study, rewrite: Any) -> Study:
    """Give the configuration without its people: for the texts that describe the study.

    Args:
        study: the configuration.
        rewrite: replaces names in a text.

    Returns:
        The configuration of nobody.
    """
    plain = Study.model_validate_json(rewrite(study.model_dump_json(by_alias=True)))
    release = plain.release.model_copy(update={"related": [], "communities": []})
    creators = [plain.creators[0].model_copy(update={"name": ANONYMOUS, "orcid": None, "affiliation": None})]
    return plain.model_copy(update={"creators": creators, "funding": [], "release": release})
