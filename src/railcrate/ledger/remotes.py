# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What may go wrong with a DVC remote that is not a folder, told in words.

DVC hands on what the packages below it raise (botocore for S3, asyncssh for SSH, the sockets
of the operating system), each in its own way.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from railcrate.ledger.errors import RemoteProblem

if TYPE_CHECKING:
    from dvc.repo import Repo

_EXTRAS = {"dvc-s3": "s3", "dvc-ssh": "ssh"}  # extras of railcrate that bring a package of DVC's
_OF_REMOTES = ("botocore", "aiobotocore", "asyncssh", "sshfs", "aiohttp")
_NO_LOGIN = (
    "NoCredentialsError",
    "PartialCredentialsError",
    "PermissionDenied",
    "ProfileNotFound",
    "CredentialRetrieval",
)
_NO_ANSWER = ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionLost", "SSLError")
_LOG_IN = {
    "s3": "Log in by `aws configure`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_PROFILE for a profile).",
    "ssh": "Try `ssh HOST` by hand; a key is named by `dvc remote modify --local {name} keyfile FILE`.",
}
_LOG_IN_ELSEWHERE = "See https://dvc.org/doc/user-guide/data-management/remote-storage for how DVC logs in there."


@contextmanager
def remote_told(repo: Repo) -> Iterator[None]:
    """Say in words what is wrong where the default remote cannot be used.

    Args:
        repo: the opened repository.

    Yields:
        Nothing; the body uses the remote.

    Raises:
        RemoteProblem: when a package is missing, nobody answers, or one may not log in, read or write.
    """
    try:
        yield
    except Exception as error:
        problem = _problem(repo, error)
        if problem is None:
            raise
        raise problem from error


def ask(repo: Repo) -> None:
    """Ask the default remote for anything, to see whether it answers.

    Args:
        repo: the opened repository.

    Raises:
        RemoteProblem: as `remote_told`.
    """
    with remote_told(repo):
        remote = repo.cloud.get_remote_odb()
        remote.fs.exists(remote.path)


def _problem(repo: Repo, error: Exception) -> RemoteProblem | None:
    """What to tell of an error; None for one that is not of a remote."""
    name = str(repo.config["core"].get("remote", ""))
    address = _without_password(str(repo.config["remote"].get(name, {}).get("url", "")))
    where = f"DVC's remote '{name}' ({address})"
    kind = address.split("://")[0]
    if isinstance(error, ImportError):
        package = re.search(r"dvc-[a-z0-9]+", str(error))
        if package is None:
            return None
        extra = _EXTRAS.get(package[0])
        wanted = f'"railcrate[{extra}]"' if extra else package[0]
        return RemoteProblem(f"{where} needs the package {package[0]}, which is not installed", f"pip install {wanted}")
    causes = [error, *(cause for cause in (error.__cause__, error.__context__) if cause is not None)]
    names = {base.__name__ for cause in causes for base in type(cause).__mro__}
    of_remote = any(type(cause).__module__.split(".")[0] in _OF_REMOTES for cause in causes)
    said = " ".join(str(error).split())
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror) or any(name in names for name in _NO_ANSWER):
        hint = "Look at the address (`dvc remote list`) and at the network, then give the same command again."
        return RemoteProblem(f"{where} does not answer: {said}", hint)
    if not of_remote:
        return None
    if any(name in names for name in _NO_LOGIN):
        return RemoteProblem(f"{where} does not let you in: {said}", _log_in(kind, name))
    if isinstance(error, PermissionError):
        return RemoteProblem(
            f"{where} refuses: {said}", f"Ask whoever it belongs to for the right. {_log_in(kind, name)}"
        )
    if isinstance(error, FileNotFoundError):
        return RemoteProblem(f"{where} is not there: {said}", "Make it, or correct the address: `dvc remote list`.")
    return RemoteProblem(f"{where}: {said}", f"Nothing is lost; give the same command again. {_log_in(kind, name)}")


def _log_in(kind: str, name: str) -> str:
    return _LOG_IN.get(kind, _LOG_IN_ELSEWHERE).format(name=name)


def _without_password(address: str) -> str:
    """An address without a password that may stand in it."""
    return re.sub(r"(//[^/@:]*):[^/@]*@", r"\1@", address)
