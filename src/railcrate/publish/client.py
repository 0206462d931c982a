# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""HTTP as a release needs it: one request, sent until it is answered or until it is no longer safe to.

The token goes into the Authorization header of requests to the one server, and nowhere else:
redirects are not followed, but for reading and within that server.

What may be sent again when an answer is lost (a 5xx, a time-out, a broken connection: each may
come before the effect or after it):

| request | then | why |
| --- | --- | --- |
| any GET | send again | it changes nothing |
| POST /records | read: own drafts by the release's mark | each one makes a draft |
| POST /records/{id}/versions | send again | the open draft of the next version comes back |
| POST draft/pids/doi | send again, read the draft on 400 | a second one is refused |
| PUT draft (If-Match) | read the draft, compare, send again | a second one is refused with 412 |
| POST draft/files | read the list | a key that is there already is refused |
| PUT draft/files/{key}/content | send again, until the commit was sent | after a commit it removes the file |
| POST draft/files/{key}/commit | read the list | it may have taken effect |
| DELETE draft/files/{key} | send again, 404 is as good | a second one finds nothing |
| POST draft/actions/files-import | read the list | a second one is refused |
| PUT draft/review | send again | it names the same community |
| POST draft/actions/submit-review, publish | read record and draft, wait, read | it cannot be taken back |

A 429, and a connection that was never made, had no effect: those are always sent again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from railcrate.publish.address import Server
from railcrate.publish.answers import Reply, json_content, page_title, refusal
from railcrate.publish.errors import AGAIN, RefusedError, UnreachableError, UnsureError
from railcrate.publish.failures import AgainError, is_unsafe, never_left, reason_of
from railcrate.publish.limits import Pace, asked_wait
from railcrate.publish.patience import Patience
from railcrate.publish.token import NoToken, Token
from railcrate.publish.transport import Adapter, whole_body

# InvenioRDM's own shape; Zenodo answers a bare application/json in its older one.
ACCEPT = "application/vnd.inveniordm.v1+json"
REDIRECTS = {301, 302, 303, 307, 308}
WORTH_TELLING = 5.0  # seconds: shorter waits go without a word


@dataclass(frozen=True)
class Answer:
    """What the server said.

    Attributes:
        status: the HTTP status.
        content: JSON; None where there is none.
    """

    status: int
    content: Any


class Client:
    """Requests to one server.

    Args:
        server: where to.
        token: who asks; None for what anyone may read.
        patience: how long it waits.
        note: called with method and path before a request that changes something is sent, each time.
        say: tells the user of longer waits.
    """

    def __init__(
        self,
        server: Server,
        token: Token | None,
        patience: Patience,
        note: Callable[[str, str], None] = lambda method, path: None,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Connect to nothing yet."""
        self.server = server
        self._token = token
        self._patience = patience
        self._note = note
        self._say = say
        self._pace = Pace()
        self._session = requests.Session()
        adapter = Adapter(patience.answer)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.headers.update({"User-Agent": f"railcrate/{version('railcrate')}", "Accept": ACCEPT})

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(
        self, path: str, *, params: Mapping[str, str] | None = None, missing: Collection[int] = (), public: bool = False
    ) -> Answer:
        """Read something.

        Args:
            path: below /api, such as "/records/1/draft".
            params: of the address.
            missing: statuses that are an answer, too, such as 404.
            public: read as anyone would, without the token.

        Returns:
            The answer, with JSON in it where the status is 200.

        Raises:
            TokenError: when the token is not taken.
            RefusedError: when the server says no.
            UnreachableError: when it gives no usable answer.
        """
        return self._until_answered(
            "GET", path, resend=True, has_json=True, also=missing, params=params, token=None if public else self._token
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        content: Any = None,
        headers: Mapping[str, str] | None = None,
        resend: bool,
        has_json: bool = True,
        also: Collection[int] = (),
    ) -> Answer:
        """Change something.

        Args:
            method: POST, PUT or DELETE.
            path: below /api.
            content: JSON to send; None for nothing.
            headers: beside those that every request has.
            resend: whether it may be sent again when it may have taken effect (see the table above).
            has_json: whether the answer has to be JSON; one that is not is as good as lost.
            also: statuses above 399 that are an answer, too.

        Returns:
            The answer.

        Raises:
            UnsureError: when it may have taken effect, and may not be sent again.
            TokenError: when the token is not taken.
            RefusedError: when the server says no.
            UnreachableError: when it gives no usable answer.
        """
        body = None if content is None else json.dumps(content, ensure_ascii=False).encode()
        more = {**({} if body is None else {"Content-Type": "application/json"}), **(headers or {})}
        return self._until_answered(
            method, path, resend=resend, has_json=has_json, also=also, body=lambda: body, headers=more,
            token=self._token,
        )  # fmt: skip

    def upload(self, path: str, opened: Callable[[], IO[bytes] | bytes], size: int) -> None:
        """Send a file as it is read; memory does not grow with it.

        Args:
            path: below /api.
            opened: opens the file, anew for each attempt.
            size: its bytes.

        Raises:
            TokenError, RefusedError, UnreachableError: as for `send`.
        """
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        self._until_answered(
            "PUT", path, resend=True, has_json=False, body=opened, headers=headers, token=self._token
        )  # fmt: skip

    def _until_answered(
        self,
        method: str,
        path: str,
        *,
        resend: bool,
        has_json: bool,
        token: Token | None,
        also: Collection[int] = (),
        body: Callable[[], IO[bytes] | bytes | None] = lambda: None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        def attempt() -> Answer:
            self._keep_pace()
            if method != "GET":
                self._note(method, path)
            try:
                answer = self._exchange(method, path, body, headers, params, token)
                return self._judged(method, path, answer, has_json, also)
            except AgainError as error:
                if error.sent and not resend:
                    raise UnsureError(error.reason) from None
                raise

        retrying = Retrying(
            retry=retry_if_exception_type(AgainError),
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._pause,
            sleep=self._patience.sleep,
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except AgainError as error:
            raise UnreachableError(
                f"{self.server.title} gives no usable answer to {method} {path}: {error.reason} "
                f"(asked {self._patience.attempts} times)",
                f"Nothing is lost. {AGAIN} It may help to wait; {self.server.address} tells whether it is down.",
            ) from None

    def _exchange(
        self,
        method: str,
        path: str,
        body: Callable[[], IO[bytes] | bytes | None],
        headers: Mapping[str, str] | None,
        params: Mapping[str, str] | None,
        token: Token | None,
    ) -> Reply:
        """Send one request and read all of its answer; follow where it leads to, if that is near and only read."""
        address = f"{self.server.address}/api{path}"
        for _ in range(5):
            answer = self._once(method, address, body, headers, params, token)
            if method != "GET" or answer.status not in REDIRECTS:
                return answer
            address, params = urljoin(address, answer.headers.get("Location", "")), None
            if urlsplit(address)[:2] != urlsplit(self.server.address)[:2]:
                raise RefusedError(
                    f"{self.server.title} sends us on to another server, {urlsplit(address).netloc}: "
                    "the token is not taken there",
                    f"If that is where you want to publish, give its address: --to https://{urlsplit(address).netloc}",
                    status=answer.status,
                )
        raise RefusedError(f"{self.server.title} sends us round in a circle at {path}", "Try again later.", status=302)

    def _once(
        self,
        method: str,
        address: str,
        body: Callable[[], IO[bytes] | bytes | None],
        headers: Mapping[str, str] | None,
        params: Mapping[str, str] | None,
        token: Token | None,
    ) -> Reply:
        patience, content = self._patience, body()
        try:
            answer = self._session.request(
                method, address, data=content, headers=headers, params=params, auth=token or NoToken(),
                timeout=(patience.connect, patience.silence), allow_redirects=False, stream=True,
            )  # fmt: skip
            with answer:
                reply = Reply(answer.status_code, answer.reason, answer.headers, whole_body(answer))
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            if is_unsafe(error):
                raise UnreachableError(
                    f"the connection to {self.server.title} is not safe: {reason_of(error)}",
                    "Nothing was sent. Check the address; a company's proxy has a certificate of its own, which "
                    "REQUESTS_CA_BUNDLE can name.",
                ) from None
            raise AgainError(reason_of(error), sent=not never_left(error)) from None
        finally:
            if content is not None and not isinstance(content, bytes):
                content.close()
        self._pace.note(reply.headers, patience.clock())
        return reply

    def _judged(self, method: str, path: str, answer: Reply, has_json: bool, also: Collection[int]) -> Answer:
        """Tell an answer from one that has to be asked for again."""
        status, content = answer.status, json_content(answer.body)
        if status in also:
            return Answer(status, content)
        after = asked_wait(answer.headers, self._patience.clock()) if status in {429, 503} else None
        if after is not None and after > self._patience.longest_wait:
            raise UnreachableError(
                f"{self.server.title} asks to wait {after / 60:.0f} minutes", f"Nothing is lost. {AGAIN}"
            )
        told = f"it answers {status} {answer.reason or ''}".rstrip() + page_title(answer.body)
        if status == 429:
            raise AgainError(told, sent=False, after=after)
        if status >= 500 or status == 408:
            raise AgainError(told, sent=True, after=after)
        if status >= 300:
            raise refusal(self.server, method, path, status, content, page_title(answer.body))
        if has_json and content is None:
            what = f"a page that is no JSON{page_title(answer.body)}" if answer.body.strip() else "nothing"
            raise AgainError(f"it answers {status} with {what}", sent=True)
        return Answer(status, content)

    def _keep_pace(self) -> None:
        wait = self._pace.wait(self._patience.clock())
        if wait > WORTH_TELLING:
            self._say(f"{self.server.title} takes {self._pace.left} more requests for now: waiting {wait:.0f} s")
        if wait:
            self._patience.sleep(min(wait, self._patience.longest_wait))

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        own = self._patience.pause(state.attempt_number)
        return max(own, error.after) if isinstance(error, AgainError) and error.after is not None else own

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome is not None else None
        seconds = state.next_action.sleep if state.next_action is not None else 0
        reason = error.reason if isinstance(error, AgainError) else error
        self._say(f"{self.server.title}: {reason}; again in {seconds:.0f} s")
