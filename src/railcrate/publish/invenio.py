# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Publishing to Zenodo, or to any other InvenioRDM server."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from railcrate.bundle.manifest import Manifest
from railcrate.bundle.stamp import Stamp
from railcrate.publish import journal as journals
from railcrate.publish.address import Server
from railcrate.publish.api import Api, Draft
from railcrate.publish.begin import make_draft
from railcrate.publish.client import Client
from railcrate.publish.describe import describe
from railcrate.publish.errors import AGAIN, RefusedError, UnsettledError
from railcrate.publish.journal import Journal, State
from railcrate.publish.patience import Patience
from railcrate.publish.plans import make_plan
from railcrate.publish.progress import Progress
from railcrate.publish.reconcile import files_of, reconcile, verify
from railcrate.publish.releases import Released, at, read_releases
from railcrate.publish.settle import Sight, publish_once, read_back, settled, submit_once
from railcrate.publish.target import Earlier, Plan, Record, Status
from railcrate.publish.token import Token
from railcrate.study import paths

PLACE = f"{paths.STATE}/release"


class InvenioTarget:
    """Zenodo, its sandbox, or another InvenioRDM server.

    Args:
        folder: the study's folder.
        server: where to publish.
        token: finds the access token; called when the first request is to be sent.
        communities: that the first version is submitted to.
        progress: shows what goes on.
        patience: how long to wait for the server.
    """

    def __init__(
        self,
        folder: Path,
        server: Server,
        token: Callable[[], Token],
        *,
        communities: Sequence[str] = (),
        progress: Progress,
        patience: Patience | None = None,
    ) -> None:
        """Send nothing yet."""
        self.server = server
        self.place = folder / PLACE / server.host
        self.bundle = self.place / "bundle"
        self._folder = folder
        self._token = token
        self._communities = tuple(communities)
        self._progress = progress
        self._patience = patience or Patience()
        self._journal: Journal | None = None
        self._client: Client | None = None
        self._draft: Draft | None = None  # as it was read last

    @property
    def title(self) -> str:
        """How people are told of it."""
        return self.server.title

    @property
    def is_rehearsal(self) -> bool:
        """Whether its DOIs lead nowhere."""
        return self.server.is_rehearsal

    @property
    def address(self) -> str:
        """Of the server."""
        return self.server.address

    is_local = False

    @property
    def earlier(self) -> list[Earlier]:
        """What was published there, the first one first."""
        return [Earlier(one.version, one.identity, f"https://doi.org/{one.doi}") for one in self._releases]

    def check(self, version: str) -> str:
        """Say where a version is: what is published cannot change."""
        return next(one.link for one in self.earlier if one.version == version)

    @property
    def _releases(self) -> list[Released]:
        """What was published there, by releases.yaml and by the journal, the first one first."""
        found = at(read_releases(self._folder), self.server.address)
        last = self._log.last.published if self._log.last is not None else None
        if last is not None and last["record"] not in {release.record for release in found}:
            found.append(Released.model_validate(last))
        return found

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the journal until the body ends."""
        with journals.opened(self.place, self.server.address) as journal:
            self._journal = journal
            try:
                yield
            finally:
                if self._client is not None:
                    self._client.close()
                self._journal = self._client = self._draft = None

    @property
    def _log(self) -> Journal:
        assert self._journal is not None, "opened() comes first"
        return self._journal

    @property
    def _begun(self) -> State:
        """The release that is under way."""
        state = self._log.state
        assert state is not None, "reserve() comes first"
        assert not state.closed, "reserve() comes first"
        return state

    @property
    def _id(self) -> str:
        draft = self._begun.draft
        assert draft is not None, "reserve() comes first"
        return draft

    @property
    def _api(self) -> Api:
        if self._client is None:
            self._client = Client(
                self.server, self._token(), self._patience,
                note=lambda method, path: self._log.write("request", method=method, path=path), say=self._progress.say,
            )  # fmt: skip
        return Api(self._client)

    def status(self) -> Status:
        """Find out what became of a release that was begun: at the server, which alone knows."""
        state = self._log.state
        if state is None or state.closed or state.draft is None:
            return Status("none")
        if state.published is not None:
            return Status("published", link=state.published["url"], release=Released.model_validate(state.published))
        if state.publishing:
            self._progress.say(f"a request to publish draft {state.draft} may have taken effect: looking")
        sight = settled(self._api, state.draft, self._patience, wait=state.publishing and state.review is None)
        if sight.record is not None:
            return self._published(sight.record)
        if sight.draft is None and state.publishing:
            raise UnsettledError(
                f"a request to publish draft {state.draft} was sent, and {self.title} has neither draft nor record now",
                f"Look at {state.link} and {self.server.address}/records/{state.draft}. If you have deleted the draft "
                f"there, move {self.place / journals.JOURNAL} out of the way, and release again.",
            )
        if sight.draft is None:
            self._progress.say(f"draft {state.draft} is no longer at {self.title}: a new one is made")
            self._log.write("abandoned", draft=state.draft)
            return Status("none")
        if sight.in_review:
            return Status("review", link=sight.draft.link)
        if state.publishing:
            self._log.write("settled")
        return self._of_draft(sight.draft)

    def _of_draft(self, draft: Draft) -> Status:
        if draft.doi is None:
            return Status("none")
        self._note_reserved(draft)
        frozen = self._begun.frozen
        return Status("draft", stamp=self._stamp(frozen[-1].version if frozen else ""), link=draft.link)

    def plan(self, manifest: Manifest, record: Record, *, offline: bool) -> Plan:
        """Say what a release would do; what the last version has already is not sent again."""
        before = self._releases
        known = self._files_before(before, offline=offline)
        notes = []
        if before and known is None:
            notes.append("which files the last version has is known only to the server; those are not sent again")
        if before and self._communities:
            notes.append("communities are those of the first version: add others on the record's page")
        elif len(self._communities) > 1:
            more = ", ".join(self._communities[1:])
            notes.append(f"a record is submitted to one community; add it to {more} on its page")
        communities = () if before else self._communities[:1]
        return make_plan(
            f"{self.title} ({self.server.address})" if self.title not in self.server.address else self.server.address,
            manifest, record, known or {}, [release.version for release in before], communities, notes,
        )  # fmt: skip

    def _files_before(self, before: Sequence[Released], *, offline: bool) -> journals.Files | None:
        """The files of the last version; None where they cannot be known."""
        if not before:
            return {}
        last = self._log.last
        if last is not None and last.published is not None and last.published["record"] == before[-1].record:
            return last.published_files
        if offline:
            return None
        listed = self._api.files(before[-1].record, draft=False)
        return {key: (file.size, file.md5) for key, file in listed.items()}

    def reserve(self, version: str, title: str) -> Stamp:
        """Make the draft, of a first or a next version, and reserve its DOI.

        Raises:
            RefusedError, TokenError, UnreachableError: when the server says no, or nothing.
        """
        state, before = self._log.state, self._releases
        previous = before[-1].record if before else None
        # What was begun and has no draft yet is begun anew when another version has come in between.
        if state is None or state.closed or (state.draft is None and state.previous != previous):
            self._log.write("begin", mark=f"railcrate-{secrets.token_hex(6)}", date=self._today(), previous=previous)
            may_exist = False
        else:
            may_exist = state.draft is None
        if self._begun.draft is None:
            draft = make_draft(self._api, self._begun, title, self._patience, self._progress, may_exist=may_exist)
            self._log.write("draft", id=draft.id, parent=draft.parent)
        else:
            draft = self._read_draft()
        if draft.doi is None:
            self._progress.say("reserving the DOI")
            draft = self._there(self._api.reserve(draft.id))
        if draft.doi is None:
            raise RefusedError(f"{self.title} has reserved no DOI for draft {draft.id}", AGAIN)
        self._note_reserved(draft)
        self._draft = draft
        return self._stamp(version)

    def _today(self) -> str:
        return datetime.fromtimestamp(self._patience.clock(), UTC).date().isoformat()

    def _read_draft(self) -> Draft:
        return self._there(self._api.draft(self._id))

    def _there(self, draft: Draft | None) -> Draft:
        if draft is None:
            raise UnsettledError(f"draft {self._id} is gone from {self.title} while it was worked on", AGAIN)
        return draft

    def _note_reserved(self, draft: Draft) -> None:
        state = self._begun
        if (state.doi, state.concept_doi, state.link) != (draft.doi, draft.concept_doi, draft.link):
            self._log.write("reserved", doi=draft.doi, concept_doi=draft.concept_doi, link=draft.link)

    def _stamp(self, version: str) -> Stamp:
        state = self._begun
        assert state.date is not None
        page = f"{self.server.address}/records/{state.draft}"
        return Stamp(version, state.date, state.doi, state.concept_doi, page, self.server.address)

    def upload(self, manifest: Manifest, record: Record) -> None:
        """Write the metadata, so that what is wrong in them shows at once, and make the draft's files the bundle's.

        Raises:
            UploadError: when files do not arrive as they are.
            RefusedError, TokenError, UnreachableError: when the server says no, or nothing.
        """
        wanted = files_of(self.bundle, manifest)
        files = [[key, size, md5] for key, (size, md5) in wanted.items()]
        self._log.write(
            "frozen", identity=manifest.identity, version=manifest.version, commit=manifest.commit, files=files,
            record=dict(record),
        )  # fmt: skip
        draft = self._draft or self._read_draft()
        self._draft = describe(self._api, draft, record, self._begun.doi, self._patience, self._progress)
        reconcile(
            self._api, self._id, self.bundle, wanted, self._progress, self._patience, previous=self._begun.previous
        )

    def verify(self, manifest: Manifest, record: Record) -> None:
        """Compare the metadata with what the server gives back, and every file with its list."""
        self._draft = describe(
            self._api, self._read_draft(), record, self._begun.doi, self._patience, self._progress, only_if_other=True
        )
        # Last of all: between this look and publishing nobody else can be kept out.
        verify(self._api, self._id, files_of(self.bundle, manifest))

    def publish(self, record: Record) -> Status:
        """Publish, or submit to a community, once; then read what the public sees.

        Raises:
            UnsettledError: when it cannot be found out whether it was published.
            PublishedDiffersError: when something else is public now than was sent.
            RefusedError, TokenError, UnreachableError: when the server says no, or nothing.
        """
        if self._communities and self._begun.previous is None:
            community = self._communities[0]
            self._progress.say(f"submitting to the community {community}")
            sight = submit_once(self._api, self._log, self._id, community, self._patience, self._progress)
        else:
            self._progress.say("publishing")
            if (self._draft or self._read_draft()).has_review:
                self._api.withdraw(self._id)  # from a community that the study no longer names
            sight = publish_once(self._api, self._log, self._id, self._patience, self._progress)
        return self._seen(sight)

    def _seen(self, sight: Sight) -> Status:
        if sight.record is not None:
            return self._published(sight.record)
        return Status("review", link=sight.draft.link if sight.draft is not None else None)

    def _published(self, record: Draft) -> Status:
        """Read the record back as the public sees it, and note it."""
        state = self._begun
        self._progress.say("reading back what is public")
        frozen, public, warnings = read_back(self._api, record, state, self._patience)
        assert state.date is not None
        release = Released(
            version=frozen.version, date=state.date, doi=str(public.doi), concept_doi=public.concept_doi,
            url=f"{self.server.address}/records/{public.id}", server=self.server.address, record=public.id,
            concept_record=public.parent or None, identity=frozen.identity, commit=frozen.commit,
        )  # fmt: skip
        self._log.write("published", release=release.model_dump(mode="json"))
        return Status("published", link=release.url, release=release, warnings=tuple(warnings))

    def close(self) -> None:
        """Close the release in the journal."""
        self._log.write("closed")
