# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate release`: publish the study, with its DOI."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcrate.cli.console import AsJson, give, is_quiet, show, warn
from railcrate.study.errors import EXIT_FAILURE, EXIT_USAGE

if TYPE_CHECKING:
    from railcrate.bundle.manifest import Manifest
    from railcrate.bundle.stamp import Stamp
    from railcrate.publish.metadata import Access
    from railcrate.publish.progress import Progress
    from railcrate.publish.release import Builder, Outcome
    from railcrate.publish.target import Plan, Target
    from railcrate.study.config import Study


def release(
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="TARGET",
            help="folder, zenodo, sandbox, or the address of an InvenioRDM server; release.target by default.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan, and send nothing.")] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="Stop before publishing, and show where the draft can be looked at.")
    ] = False,
    restricted: Annotated[
        bool, typer.Option("--restricted", help="Let nobody read the files but those whom you allow to.")
    ] = False,
    embargo: Annotated[
        datetime | None,
        typer.Option("--embargo", metavar="DATE", formats=["%Y-%m-%d"], help="Open the files on this day."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Publish without asking: it cannot be taken back.")] = False,
    as_json: AsJson = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write that JSON into a file, too.")
    ] = None,
) -> None:
    """Publish the finished study: to a folder, to Zenodo, or to another server.

    After any interruption the same command goes on where it stopped. The access token is read
    from ZENODO_API_TOKEN (sandbox: ZENODO_SANDBOX_API_TOKEN, other servers: RAILCRATE_TOKEN), or
    from zenodo-client's configuration, or asked for.

    Examples:
        railcrate release  # into the folder release/: exactly what Zenodo would get
        railcrate release --to sandbox --dry-run  # what would be sent to sandbox.zenodo.org
        railcrate release --to zenodo --draft  # a draft to look at first
        railcrate release --to zenodo

    Exit codes:
        0: it is published, or what was asked for is done
        1: something stands in the way, or you said no
        2: nobody was there to ask, and --yes was not given
        5: the server or the network failed; the same command goes on
    """
    from railcrate.bundle.git import head
    from railcrate.publish.progress import Lines, shown
    from railcrate.publish.release import release as run
    from railcrate.study.load import load_study

    folder = Path.cwd()
    study = load_study(folder)
    progress = Lines(lambda text: None) if is_quiet() else shown()
    target = _target(folder, study, to or study.release.target, progress)
    asked = _Asking(yes=yes, to_errors=as_json)
    outcome = run(
        folder, study, target=target, builder=_builder(folder, study, progress), ask=asked.ask, draft=draft,
        dry_run=dry_run, access=_access(study, restricted=restricted, embargo=embargo),
        repository=head(folder).repository,
    )  # fmt: skip
    if output is not None:
        from railcrate.study.files import write_json

        write_json(output, _for_machines(outcome))
    if as_json:
        give(_for_machines(outcome))
    else:
        show(_for_people(outcome))
        for warning in outcome.warnings:
            warn(f"not as it was sent: {warning}")
    if outcome.state == "declined":
        raise typer.Exit(EXIT_FAILURE if asked.was_heard else EXIT_USAGE)


def _target(folder: Path, study: Study, name: str, progress: Progress) -> Target:
    """The target by its name; the token is looked for when it is needed."""
    from railcrate.publish.address import server_of
    from railcrate.publish.folder import FolderTarget
    from railcrate.publish.invenio import InvenioTarget
    from railcrate.publish.token import can_ask, find_token

    if name == "folder":
        return FolderTarget(folder, progress)
    server = server_of(name)

    def prompt(question: str) -> str:
        from getpass import getpass

        return getpass(question, stream=sys.stderr)

    return InvenioTarget(
        folder,
        server,
        lambda: find_token(server, prompt=prompt if can_ask() else None),
        communities=study.release.communities,
        progress=progress,
    )


def _builder(folder: Path, study: Study, progress: Progress) -> Builder:
    from railcrate.bundle.build import build

    def make(target: Path, stamp: Stamp | None) -> Manifest:
        if stamp is not None:
            progress.say(f"stamping {stamp.doi} into the bundle")
        return build(folder, study, target, stamp=stamp, progress=progress.say)

    return make


def _access(study: Study, *, restricted: bool, embargo: datetime | None) -> Access:
    from railcrate.publish.metadata import Access
    from railcrate.publish.release import access_of

    stated = access_of(study)
    return Access(stated.restricted or restricted, embargo.date().isoformat() if embargo else stated.embargo)


class _Asking:
    """Shows the plan and asks whether to go on.

    Attributes:
        was_heard: whether somebody was there to answer.
    """

    def __init__(self, *, yes: bool, to_errors: bool) -> None:
        self._yes, self._to_errors = yes, to_errors
        self.was_heard = True

    def ask(self, plan: Plan) -> bool:
        from railcrate.publish.plans import plan_lines
        from railcrate.publish.token import can_ask

        for line in plan_lines(plan):
            typer.echo(line, err=self._to_errors)
        if self._yes or not plan.is_final:
            return True
        if not can_ask():
            self.was_heard = False
            typer.echo(
                "error: publishing cannot be taken back, and there is no terminal to ask at\n"
                "  Give --yes to publish, or --draft to make a draft that can be looked at first. Nothing was sent.",
                err=True,
            )
            return False
        return typer.confirm("Publish this? It cannot be taken back.", err=True)


def _for_machines(outcome: Outcome) -> dict[str, Any]:
    from railcrate.publish.plans import plan_json

    return {
        "state": outcome.state,
        "release": outcome.release.model_dump(mode="json") if outcome.release else None,
        "link": outcome.link,
        "changed": list(outcome.changed),
        "tag": outcome.tag,
        "warnings": list(outcome.warnings),
        "plan": plan_json(outcome.plan) if outcome.plan else None,
    }


def _for_people(outcome: Outcome) -> str:
    from railcrate.publish.plans import plan_lines

    if outcome.state == "planned" and outcome.plan is not None:
        return "\n".join([*plan_lines(outcome.plan), "nothing was sent"])
    if outcome.state == "declined":
        return "not published, and nothing was sent"
    if outcome.state == "unchanged":
        return f"nothing has changed: {outcome.link} is this release, and is whole"
    if outcome.state == "draft":
        return (
            f"a draft, to be looked at: {outcome.link}\n"
            "next: the same command without --draft publishes it. What is changed there is overwritten from the study."
        )
    if outcome.state == "review":
        return f"submitted: the community decides over {outcome.link}\nnext: give the same command again when it has"
    lines = [f"published: {outcome.link}"]
    if outcome.release is None:  # into the folder
        lines.append(f"next: `railcrate verify {outcome.link}` checks it as its readers will")
        lines.append("next: `railcrate release --to zenodo --dry-run` shows what publishing it with a DOI would send")
    else:
        lines.append(f"DOI: https://doi.org/{outcome.release.doi}")
        if outcome.release.concept_doi is not None:
            lines.append(f"all versions: https://doi.org/{outcome.release.concept_doi}")
    if outcome.changed:
        lines.append(f"next: `git add {' '.join(outcome.changed)} && git commit -m 'Release'`")
    if outcome.tag is not None:
        lines.append(f"next: `{outcome.tag}`")
    return "\n".join(lines)
