# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A release on good days, and on the days when people come in between."""

import json
import shlex
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import date

import pytest
import yaml
from publish_kit import LICENSES, SHORT, Builder, Releasing, make_folder, study
from release_invariants import broken, until_done

from railcrate.publish import journal
from railcrate.publish.aftermath import aftermath, tag_command
from railcrate.publish.errors import (
    PublishedDiffersError,
    RefusedError,
    ReleaseBusyError,
    ReleaseConfigError,
    UnchangedError,
    UnreachableError,
    UnsettledError,
    UploadError,
    VersionTakenError,
)
from railcrate.publish.metadata import Access, Background
from railcrate.publish.plans import plan_lines
from railcrate.testing.zenodo import ZENODO_LIMITS, Fault, zenodo_server


def calls(server):
    return [(request.method, request.route) for request in server.requests]


def uploads(server):
    return [request.path.split("/files/")[1].split("/")[0] for request in server.requests if request.method == "PUT"
            and request.route == "draft.file.upload"]  # fmt: skip


def test_first_version(releasing, server):
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []
    first, second = releasing.builder.built
    assert first is None
    assert (second.doi, second.concept_doi) == (outcome.release.doi, outcome.release.concept_doi)
    assert outcome.changed == ("releases.yaml", "CITATION.cff", "README.md")
    assert outcome.tag.startswith("git tag -a v1.0.0 5f3c5f3c")
    (record,) = server.published()
    assert record.metadata["title"] == "Clean <or> more & better?"
    (known,) = yaml.safe_load((releasing.folder / "releases.yaml").read_text())
    assert known["date"] == date.fromisoformat(record.metadata["publication_date"])
    assert (known["record"], known["concept_record"]) == (record.id, record.concept_id)


def test_new_version_sends_only_what_has_changed(releasing, server):
    first = releasing.run()
    releasing.builder = Builder("1.1.0", "more data")
    server.requests.clear()
    second = releasing.run()
    assert broken(releasing, server, second) == []
    assert second.release.concept_doi == first.release.concept_doi
    assert uploads(server) == ["README.md", "cards%2Fvariants.raw.md", "manifest.json"]
    assert [file.path for file in second.plan.files if not file.anew] == ["weights.zip"]
    assert "  same weights.zip" in "\n".join(plan_lines(second.plan))
    assert [one["version"] for one in yaml.safe_load((releasing.folder / "releases.yaml").read_text())] == [
        "1.0.0",
        "1.1.0",
    ]
    text = (releasing.folder / "README.md").read_text()
    assert text.count("railcrate:release -->") == 2
    assert second.release.doi in text
    assert first.release.doi not in text


def test_unchanged_study_is_refused(releasing, server):
    releasing.run()
    server.requests.clear()
    for version in ("1.0.0", "1.0.1"):
        releasing.builder = Builder(version)
        with pytest.raises(UnchangedError, match=r"nothing has changed since version 1\.0\.0"):
            releasing.run()
    assert server.requests == []


def test_changed_study_needs_another_version(releasing, server):
    releasing.run()
    releasing.builder = Builder("1.0.0", "other")
    with pytest.raises(VersionTakenError, match=r"release\.version"):
        releasing.run()
    assert len(server.published()) == 1


def test_earlier_state_may_come_back(releasing, server):
    for version, data in (("1.0.0", "a"), ("2.0.0", "b"), ("3.0.0", "a")):
        releasing.builder = Builder(version, data)
        releasing.run()
    assert len(server.published()) == 3


def test_dry_run_sends_nothing(releasing, server):
    outcome = releasing.run(dry_run=True)
    assert outcome.state == "planned"
    assert server.requests == []
    assert not (releasing.folder / "releases.yaml").exists()
    text = "\n".join(plan_lines(outcome.plan))
    for part in (
        releasing.address,
        "(the first one)",
        "mit, cc-by-4.0, OpenRAIL-M",
        "new  weights.zip",
        "Carberry, Josiah",
    ):
        assert part in text
    assert releasing.run().state == "published"
    releasing.builder = Builder("1.1.0", "other")
    server.requests.clear()
    plan = releasing.run(dry_run=True).plan
    assert (plan.previous, server.requests) == (("1.0.0",), [])
    assert [file.path for file in plan.files if not file.anew] == ["weights.zip"]


def test_who_says_no_publishes_nothing(releasing, server):
    asked = []
    outcome = releasing.run(ask=lambda plan: bool(asked.append(plan)))
    assert outcome.state == "declined"
    assert asked[0].is_final
    assert server.requests == []


def test_draft_waits_to_be_looked_at(releasing, server):
    outcome = releasing.run(draft=True, ask=None)
    (draft,) = server.drafts()
    assert (outcome.state, outcome.link) == ("draft", f"{server.address}/uploads/{draft.id}")
    assert server.published() == []
    again = releasing.run(draft=True, ask=None)
    assert again.link == outcome.link
    server.requests.clear()
    done = releasing.run()
    assert broken(releasing, server, done) == []
    assert uploads(server) == []
    assert done.release.record == draft.id
    assert len(server.records()) == 1


def test_draft_follows_the_study(releasing, server):
    releasing.run(draft=True)
    releasing.builder = Builder("1.0.1", "data that were corrected before publishing")
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []
    assert outcome.release.version == "1.0.1"
    (record,) = server.records()
    assert record.metadata["version"] == "1.0.1"


def test_draft_that_was_changed_on_the_website(releasing, server):
    releasing.run(draft=True)
    (draft,) = server.drafts()
    server.put_file(draft.id, "mine.txt", b"x")
    server.put_file(draft.id, "README.md", b"another one")
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []
    assert any("that the bundle has not: mine.txt" in line for line in releasing.said)


def test_draft_that_was_published_on_the_website(releasing, server):
    releasing.run(draft=True)
    (draft,) = server.drafts()
    releasing.api().publish(draft.id)
    server.requests.clear()
    outcome = releasing.run()
    assert outcome.state == "published"
    assert broken(releasing, server, outcome) == []
    assert not any(method == "POST" for method, _ in calls(server))


def test_draft_that_was_published_with_other_files(releasing, server):
    releasing.run(draft=True)
    (draft,) = server.drafts()
    server.put_file(draft.id, "mine.txt", b"x")
    releasing.api().publish(draft.id)
    with pytest.raises(PublishedDiffersError, match=r"mine\.txt is not of the bundle"):
        releasing.run()


def test_draft_that_was_deleted_on_the_website(releasing, server):
    releasing.run(draft=True)
    (draft,) = server.drafts()
    releasing.api().client.send("DELETE", f"/records/{draft.id}/draft", resend=True, has_json=False)
    outcome = releasing.run()
    assert outcome.release.record != draft.id
    assert broken(releasing, server, outcome) == []


def test_stale_draft_of_a_new_version_is_cleared(releasing, server):
    releasing.run()
    (record,) = server.published()
    stale = releasing.api().new_version(record.id)
    server.put_file(stale.id, "notes.txt", b"somebody's")
    server.put_file(stale.id, "weights.zip", b"half")
    releasing.builder = Builder("2.0.0", "other")
    outcome = releasing.run()
    assert outcome.release.record == stale.id
    assert broken(releasing, server, outcome) == []


def test_clone_knows_the_versions_before(releasing, server, tmp_path):
    """What git keeps is enough: the journal stays with the folder that it was written in."""
    releasing.run()
    clone = Releasing(make_folder(tmp_path / "clone"), server.address, server.token, builder=Builder("2.0.0", "other"))
    shutil.copy(releasing.folder / "releases.yaml", clone.folder)
    assert "known only to the server" in clone.run(dry_run=True).plan.notes[0]
    outcome = clone.run()
    assert broken(clone, server, outcome) == []
    assert [file.path for file in outcome.plan.files if not file.anew] == ["weights.zip"]
    releasing.builder = Builder("3.0.0", "third")
    with pytest.raises(RefusedError, match="git pull"):
        releasing.run()
    shutil.copy(clone.folder / "releases.yaml", releasing.folder)
    assert releasing.run().state == "published"


def test_goes_on_in_a_folder_that_was_moved(releasing, server):
    server.faults[:] = [Fault("status", "POST", "draft.file.commit", nth=2, status=403, message="Permission denied.")]
    with pytest.raises(Exception, match="403"):
        releasing.run()
    moved = releasing.folder.with_name("moved")
    releasing.folder.rename(moved)
    releasing.folder = moved
    server.requests.clear()
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []
    assert ("POST", "records.create") not in calls(server)
    assert len(server.records()) == 1
    assert "study/" not in (next(moved.rglob("journal.jsonl"))).read_text()


def test_only_one_process_at_a_time(releasing, server):
    place = releasing.target().place
    with journal.opened(place, server.address), pytest.raises(ReleaseBusyError):
        releasing.run()
    assert server.requests == []


def test_draft_whose_id_was_never_heard_is_found(releasing, server):
    server.faults[:] = [Fault("lost", "POST", "records.create")]
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []
    assert len(server.records()) == 1
    assert "railcrate-" not in server.published()[0].metadata["title"]


def test_server_that_cannot_be_searched_leaves_a_draft_that_is_told_of(releasing, server):
    unknown = Fault("status", "GET", "records.own", times=0, status=404, message="no")
    server.faults[:] = [Fault("lost", "POST", "records.create"), unknown]
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []
    (left,) = server.drafts()
    mark = left.metadata["title"].rsplit("(", 1)[1].rstrip(")")
    assert any(mark in line and "can be deleted" in line for line in releasing.said)


def test_restricted_and_embargoed_files(releasing, server):
    outcome = releasing.run(access=Access(restricted=True))
    assert broken(releasing, server, outcome) == []
    releasing.builder = Builder("2.0.0", "other")
    outcome = releasing.run(access=Access(embargo="2099-12-31"))
    assert broken(releasing, server, outcome) == []
    first, second = server.published()
    assert first.access["files"] == "restricted"
    assert second.access["embargo"]["until"] == "2099-12-31"
    releasing.builder = Builder("3.0.0", "third")
    with pytest.raises(ReleaseConfigError, match="not in the future"):
        releasing.run(access=Access(embargo="2020-01-01"))


def test_community_that_takes_everything(server, tmp_path):
    releasing = Releasing(make_folder(tmp_path / "study"), server.address, server.token, communities=["open-studies"])
    outcome = releasing.run()
    assert outcome.plan.communities == ("open-studies",)
    assert broken(releasing, server, outcome) == []
    assert server.published()[0].communities == ("open-studies",)
    releasing.builder = Builder("2.0.0", "other")
    second = releasing.run()
    assert "communities are those of the first version" in second.plan.notes[0]
    assert broken(releasing, server, second) == []


def test_community_that_decides(server, tmp_path):
    releasing = Releasing(
        make_folder(tmp_path / "study"), server.address, server.token, communities=["reviewed-studies", "open-studies"]
    )
    outcome = releasing.run()
    assert (outcome.state, server.published()) == ("review", [])
    assert "add it to open-studies" in outcome.plan.notes[0]
    built = len(releasing.builder.built)
    assert releasing.run().state == "review"
    assert len(releasing.builder.built) == built  # what was submitted stays as it is
    server.accept_review(server.drafts()[0].id)
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []


def test_community_that_is_not_there(server, tmp_path):
    releasing = Releasing(make_folder(tmp_path / "study"), server.address, server.token, communities=["nobody"])
    with pytest.raises(RefusedError, match="no community 'nobody'"):
        releasing.run()
    assert server.published() == []


@pytest.mark.parametrize("fault", ["lost", "status after", "hang after", "status"])
def test_submission_whose_answer_was_lost(server, tmp_path, fault):
    kind, _, after = fault.partition(" ")
    for community, state in (("open-studies", "published"), ("reviewed-studies", "review")):
        releasing = Releasing(
            make_folder(tmp_path / community), server.address, server.token, communities=[community],
            builder=Builder(data=community),
        )  # fmt: skip
        server.faults[:] = [Fault(kind, "POST", "draft.submit", after=bool(after))]
        assert releasing.run().state == state


def test_wrong_word_is_told_before_gigabytes_are_sent(server, tmp_path):
    releasing = Releasing(make_folder(tmp_path / "study"), server.address, server.token, resource_type="novel")
    with pytest.raises(RefusedError, match="Invalid value novel"):
        releasing.run()
    assert uploads(server) == []
    releasing.release_settings["resource_type"] = "dataset"
    assert broken(releasing, server, releasing.run()) == []


def test_publish_takes_effect_a_minute_after_its_504(releasing, server):
    """At the pace of these tests a minute is 0.06 s; nothing is sent a second time meanwhile."""
    server.faults[:] = [Fault("late", "POST", "draft.publish", status=504, seconds=0.06)]
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []
    assert calls(server).count(("POST", "draft.publish")) == 1


def test_publish_that_had_no_effect_is_sent_once_more(releasing, server):
    server.faults[:] = [Fault("status", "POST", "draft.publish", status=504)]
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []
    assert calls(server).count(("POST", "draft.publish")) == 2


def test_server_that_never_publishes(releasing, server):
    server.faults[:] = [Fault("status", "POST", "draft.publish", status=504, times=0)]
    with pytest.raises(UnsettledError, match="though it was asked 3 times"):
        releasing.run()
    server.faults.clear()
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []


def test_versions_that_answer_500_for_hours(releasing, server):
    releasing.run()
    releasing.builder = Builder("2.0.0", "other")
    server.faults[:] = [Fault("status", "POST", "record.new-version", status=500, times=0)]
    for _ in range(3):
        with pytest.raises(UnreachableError, match="answers 500"):
            releasing.run()
    server.faults.clear()
    outcome = releasing.run()
    assert broken(releasing, server, outcome) == []
    assert len(server.records()) == 2


def test_record_that_was_deleted(releasing, server):
    releasing.run()
    server.delete_record(server.published()[0].id)
    releasing.builder = Builder("2.0.0", "other")
    with pytest.raises(RefusedError) as told:
        releasing.run()
    assert told.value.status in {404, 410}
    assert "other" not in releasing.folder.joinpath("README.md").read_text()
    assert len(server.records()) == 1


def test_record_that_was_deleted_before_it_was_read_back(releasing, server):
    server.faults[:] = [Fault("status", "GET", "record.files.list", times=0, status=500)]
    with pytest.raises(UnreachableError):
        releasing.run()
    server.faults.clear()
    server.delete_record(server.published()[0].id)
    with pytest.raises(RefusedError, match="it was deleted there"):
        releasing.run()
    assert len(server.records()) == 1


def test_nothing_is_begun_anew_while_a_publish_may_still_come(releasing, server):
    """Neither draft nor record, after a publish was sent: nobody but a person can tell what became of it."""
    server.faults[:] = [
        Fault("hang", "POST", "draft.publish"),
        Fault("status", "GET", "record.read", nth=1, status=401),
    ]
    with pytest.raises(Exception, match="401"):
        releasing.run()
    (draft,) = server.drafts()
    releasing.api().client.send("DELETE", f"/records/{draft.id}/draft", resend=True, has_json=False)
    for _ in range(2):
        with pytest.raises(UnsettledError, match="neither draft nor record"):
            releasing.run()
    assert server.records() == []


def test_file_that_was_changed_after_the_bundle_was_made(releasing, server):
    real = releasing.builder

    def spoiling(target, stamp):
        manifest = real(target, stamp)
        (target / "weights.zip").write_bytes(b"weightz" * 30)
        return manifest

    spoiling.version = real.version
    releasing.builder = spoiling
    with pytest.raises(UploadError, match=r"weights\.zip in .* was changed after the bundle was made"):
        releasing.run()

    def shortening(target, stamp):
        manifest = real(target, stamp)
        (target / "weights.zip").write_bytes(b"w")
        return manifest

    shortening.version = real.version
    releasing.builder = shortening
    with pytest.raises(UploadError, match="shorter than it was"):
        releasing.run()
    assert server.published() == []
    releasing.builder = real
    assert broken(releasing, server, releasing.run()) == []


def test_study_that_changes_while_it_is_released(releasing, server):
    real = releasing.builder

    def changing(target, stamp):
        real.data += "."
        return real(target, stamp)

    changing.version = real.version
    releasing.builder = changing
    with pytest.raises(Exception, match="changed while it was released"):
        releasing.run()
    releasing.builder = real
    assert broken(releasing, server, releasing.run()) == []


def test_keeps_to_the_servers_limit(tmp_path):
    """More requests than a minute allows: it slows down, and none is refused."""
    waits = []
    limits = [replace(ZENODO_LIMITS[0], requests=20, seconds=1)]
    with zenodo_server(tmp_path / "zenodo", limits=limits) as server:
        patience = replace(SHORT, sleep=lambda seconds: (waits.append(seconds), time.sleep(min(seconds, 1.2))))
        releasing = Releasing(make_folder(tmp_path / "study"), server.address, server.token, patience=patience)
        outcome, commands = until_done(releasing, server)
        assert commands == 1
        assert broken(releasing, server, outcome) == []
        assert waits
        assert [request for request in server.requests if request.status == 429] == []


def test_what_follows_is_repeated_after_a_kill(releasing, server):
    """The record is public and known to the journal; the files of the study are not written yet."""
    outcome = releasing.run()
    for name in ("releases.yaml", "CITATION.cff"):
        (releasing.folder / name).unlink()
    (releasing.folder / "README.md").write_text("# A study\n\nText.\n")
    path = next(releasing.folder.rglob("journal.jsonl"))
    lines = path.read_text().splitlines(keepends=True)
    assert json.loads(lines.pop())["event"] == "closed"
    path.write_text("".join(lines))
    server.requests.clear()
    again = releasing.run()
    assert (again.state, again.release) == ("published", outcome.release)
    assert server.requests == []
    assert broken(releasing, server, again) == []


def test_own_citation_file_keeps_what_it_says(releasing, server):
    (releasing.folder / "CITATION.cff").write_text(
        "# by hand\ncff-version: 1.2.0\nmessage: 'Cite me'\ntitle: Mine\nauthors:\n  - name: We\nversion: 0.1.0\n"
    )
    outcome = releasing.run()
    text = (releasing.folder / "CITATION.cff").read_text()
    content = yaml.safe_load(text)
    assert text.startswith("# by hand\n")
    assert (content["title"], content["message"]) == ("Mine", "Cite me")
    assert (content["doi"], content["version"]) == (outcome.release.doi, "1.0.0")
    assert content["identifiers"][0]["value"] == outcome.release.concept_doi


def test_citation_file_that_is_damaged_stops_nothing_at_the_server(releasing, server):
    (releasing.folder / "CITATION.cff").write_text("a: [\n")
    with pytest.raises(Exception, match=r"CITATION\.cff cannot be read"):
        releasing.run()
    assert len(server.published()) == 1
    (releasing.folder / "CITATION.cff").unlink()
    assert broken(releasing, server, releasing.run()) == []


def test_readme_without_heading_and_none_at_all(releasing, server):
    (releasing.folder / "README.md").write_text("Text.\n")
    releasing.run()
    assert (releasing.folder / "README.md").read_text().startswith("<!-- railcrate:release -->\n[![DOI 10.5281")
    (releasing.folder / "README.md").unlink()
    releasing.builder = Builder("2.0.0", "other")
    assert releasing.run().changed == ("releases.yaml", "CITATION.cff")


def test_rehearsal_leaves_citation_and_readme_alone(releasing, server):
    """The sandbox's DOIs lead nowhere: they are noted, and not shown to readers."""
    outcome = releasing.run()
    readme = (releasing.folder / "README.md").read_text()
    played = outcome.release.model_copy(update={"server": "https://sandbox.zenodo.org", "doi": "10.5072/zenodo.1"})
    known = Background(LICENSES)
    assert aftermath(releasing.folder, study(), played, known, rehearsal=True) == ["releases.yaml"]
    assert aftermath(releasing.folder, study(), played, known, rehearsal=True) == []
    assert (releasing.folder / "README.md").read_text() == readme
    assert "10.5072" not in (releasing.folder / "CITATION.cff").read_text()


def test_citation_follows_the_study_from_one_server_to_another(releasing, server):
    """It names the last release, wherever that one is; an address of the author's own stays."""
    first, citation, known = releasing.run().release, releasing.folder / "CITATION.cff", Background(LICENSES)
    assert yaml.safe_load(citation.read_text())["url"] == first.url
    elsewhere = first.model_copy(
        update={
            "server": "https://data.example.edu", "record": "7", "url": "https://data.example.edu/records/7",
            "doi": "10.1234/7", "concept_doi": None,
        }
    )  # fmt: skip
    aftermath(releasing.folder, study(), elsewhere, known, rehearsal=False)
    content = yaml.safe_load(citation.read_text())
    assert (content["doi"], content["url"]) == ("10.1234/7", "https://data.example.edu/records/7")
    assert "identifiers" not in content  # the first server's DOI for all versions is not of this release
    citation.write_text(citation.read_text().replace(elsewhere.url, "https://sandbox.zenodo.org/records/3"))
    aftermath(releasing.folder, study(), first, known, rehearsal=False)
    content = yaml.safe_load(citation.read_text())
    assert (content["doi"], content["url"]) == (first.doi, first.url)
    assert content["identifiers"][0]["value"] == first.concept_doi
    citation.write_text(citation.read_text().replace(first.url, "https://example.org/our-project"))
    aftermath(releasing.folder, study(), elsewhere, known, rehearsal=False)
    assert yaml.safe_load(citation.read_text())["url"] == "https://example.org/our-project"


@pytest.mark.parametrize(
    ("version", "tag"),
    [("1.0.0", "v1.0.0"), ("v2", "v2"), ("2026's spring; rm -rf", "v2026-s-spring-rm--rf"), ("1..2.", "v1-2")],
)
def test_tag_is_one_that_git_and_a_shell_take(releasing, version, tag):
    release = releasing.run().release.model_copy(update={"version": version})
    words = shlex.split(tag_command(release))
    assert words[:5] == ["git", "tag", "-a", tag, release.commit]
    assert len(words) == 7
    subprocess.run(["git", "check-ref-format", f"refs/tags/{tag}"], check=True)


def test_releases_file_that_is_damaged_is_named(releasing, server):
    (releasing.folder / "releases.yaml").write_text("- version: 1\n")
    with pytest.raises(ReleaseConfigError, match=r"releases\.yaml cannot be read"):
        releasing.run()
    assert server.requests == []
