# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What two runs recorded otherwise: their evaluations, the jobs' records, configuration and ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from railcrate.reproduce.contrast import Contrast
from railcrate.reproduce.facts import Facts
from railcrate.reproduce.metrics import Evaluation

Pair = tuple[Evaluation, Evaluation]
_NUMERIC = ("intel-", "mkl", "nvidia-", "scipy", "triton")  # packages that compute, though no job names them
# Parts of the configuration that decide no figure.
_SILENT = ("title", "abstract", "creators", "keywords", "funding", "licenses", "footprint", "answers", "release")


@dataclass(frozen=True)
class Detail:
    """One thing that is recorded otherwise.

    Attributes:
        what: what it is.
        published: its value in the first place.
        again: its value in the second.
    """

    what: str
    published: str
    again: str


@dataclass
class Found:
    """What is recorded otherwise, of one kind; `trained` names trainings whose other weights it accounts for."""

    details: dict[Detail, None] = field(default_factory=dict)
    where: dict[str, None] = field(default_factory=dict)
    trained: set[str] = field(default_factory=set)


def add(found: dict[str, Found], kind: str, detail: Detail, where: str, trained: str | None = None) -> None:
    """Add what concerns one experiment or evaluation, and may account for the other weights of a training."""
    one = found.setdefault(kind, Found())
    one.details[detail] = None
    one.where[where] = None
    if trained is not None:
        one.trained.add(trained)


def add_all(found: dict[str, Found], kind: str, details: Iterable[Detail], trained: Iterable[str] = ()) -> None:
    """Add what concerns everything, and accounts for the other weights of some trainings."""
    one = found.setdefault(kind, Found())
    one.details |= dict.fromkeys(details)
    one.trained |= set(trained)


# --- what evaluations say of themselves ---------------------------------------------------

_SETTINGS = {
    "dtype": "precision", "device": "device", "batch_size": "batch", "max_length": "length", "threads": "threads",
    "limit": "tasks",
}  # fmt: skip


def from_evaluations(found: dict[str, Found], pairs: Sequence[Pair]) -> None:
    """Add what evaluations say of themselves: settings, versions, checksums, versions and hashes of tasks.

    Args:
        found: takes what differs, by kind.
        pairs: the evaluations that did not come out identical.
    """
    for ours, theirs in pairs:
        where = " on ".join(ours.name)
        for key, kind in _SETTINGS.items():
            if key in ours.settings and key in theirs.settings and ours.settings[key] != theirs.settings[key]:
                detail = Detail(f"evaluation: {key}", str(ours.settings[key]), str(theirs.settings[key]))
                add(found, kind, detail, where)
        for package, version in ours.versions.items():
            other = theirs.versions.get(package)
            if other is not None and other != version:
                add(found, "versions", Detail(package, version, other), where)
        for kind in ("weights", "tokenizer"):
            one, other = ours.hashes.get(kind), theirs.hashes.get(kind)
            if one is not None and other is not None and one != other:
                add(found, kind, Detail(f"{kind} of {ours.experiment} (sha256)", one, other), where)
        for kind in ("tasks", "data"):
            files, others = dict(ours.hashes.get(kind) or {}), dict(theirs.hashes.get(kind) or {})
            for name in sorted(files.keys() & others.keys()):
                if files[name] != others[name]:
                    add(found, kind, Detail(f"{name} (sha256)", files[name], others[name]), where)
        for name in sorted(ours.tasks.keys() & theirs.tasks.keys()):
            a, b = ours.tasks[name], theirs.tasks[name]
            for what in ("version", "hash", "shots", "items"):
                left, right = getattr(a, what), getattr(b, what)
                if left is not None and right is not None and left != right:
                    add(found, "tasks", Detail(f"task {name}: {what}", str(left), str(right)), where)


# --- what the jobs' records say -----------------------------------------------------------

_MACHINE = {
    "cpu": "hardware", "cpu_flags": "hardware", "architecture": "hardware", "gpus": "hardware", "system": "system",
}  # fmt: skip
_RUN = {"threads": "threads", "device": "device", "precision": "precision"}


def from_records(
    found: dict[str, Found], published: Facts, again: Facts, pairs: Sequence[Pair], contrast: Contrast
) -> None:
    """Add what the jobs' records say: machine, versions, threads, device, the code that ran.

    Args:
        found: takes what differs, by kind.
        published: the records of the first place.
        again: those of the second.
        pairs: the evaluations that did not come out identical.
        contrast: says which experiments were trained again and came out with other weights.
    """
    for ours, _ in pairs:
        jobs = [("evaluate", ".".join(ours.name))]
        if ours.experiment in contrast.retrained:
            jobs.append(("train", ours.experiment))
        for rule, name in jobs:
            one, other = published.records.get((rule, name)), again.records.get((rule, name))
            trained = ours.experiment if rule == "train" else None
            where = trained or " on ".join(ours.name)
            if one is None or other is None:
                continue
            _Compare(found, where, trained)(one, other, rule)
            _packages(found, published.packages(one), again.packages(other), one.get("versions", {}), where, trained)
    for rule in ("train", "evaluate"):
        a, b = published.code.get(rule), again.code.get(rule)
        if a and b and a != b and (rule == "evaluate" or contrast.retrained):
            detail = Detail(f"railcrate's code of the rule {rule} (fingerprint)", _words(a), _words(b))
            add_all(found, "code", [detail], contrast.retrained if rule == "train" else ())


@dataclass(frozen=True)
class _Compare:
    """Compares the records of one job."""

    found: dict[str, Found]
    where: str
    trained: str | None

    def __call__(self, one: Mapping[str, Any], other: Mapping[str, Any], rule: str) -> None:
        """Add what differs."""
        self._part(one.get("machine", {}), other.get("machine", {}), _MACHINE, "")
        self._part(one, other, _RUN, f"{rule}: ")
        versions = dict.fromkeys(one.get("versions", {}), "versions")
        self._part(one.get("versions", {}), other.get("versions", {}), versions, "")
        if one.get("device") == other.get("device") == "cuda":
            self._note("device", Detail(f"{rule}: device", "cuda", "cuda"))
        commit = str(one.get("git_commit") or "")
        if commit.endswith("+"):
            detail = Detail(f"{rule}: git commit of the published job", commit, "the files as they were published")
            self._note("commit", detail)

    def _part(self, one: Mapping[str, Any], other: Mapping[str, Any], kinds: Mapping[str, str], prefix: str) -> None:
        for key, kind in kinds.items():
            a, b = one.get(key), other.get(key)
            if a is not None and b is not None and a != b:
                self._note(kind, Detail(f"{prefix}{key.replace('_', ' ')}", _words(a), _words(b)))

    def _note(self, kind: str, detail: Detail) -> None:
        add(self.found, kind, detail, self.where, self.trained)


def _packages(
    found: dict[str, Found],
    one: Mapping[str, Mapping[str, str | None]],
    other: Mapping[str, Mapping[str, str | None]],
    told: Mapping[str, str],
    where: str,
    trained: str | None,
) -> None:
    """All other packages, and those of one version that were built otherwise."""
    known = {name.replace("_", "-") for name in told}
    for name in sorted(one.keys() & other.keys()):
        a, b = one[name], other[name]
        if a.get("version") != b.get("version"):
            if name not in known:
                kind = "versions" if name.startswith(_NUMERIC) else "packages"
                account = trained if kind == "versions" else None
                add(found, kind, Detail(name, str(a.get("version")), str(b.get("version"))), where, account)
        elif a.get("sha256") and b.get("sha256") and a["sha256"] != b["sha256"]:
            kind = "versions" if name in known else "packages"
            detail = Detail(
                f"{name} {a['version']}, other files of the same version (sha256)", str(a["sha256"]), str(b["sha256"])
            )
            add(found, kind, detail, where, trained if kind == "versions" else None)


def _words(value: Any) -> str:
    return ", ".join(map(str, sorted(value))) or "none" if isinstance(value, list | set | frozenset) else str(value)


# --- what the configuration and the ledger say ----------------------------------------------


def from_configuration(found: dict[str, Found], one: Facts, other: Facts, contrast: Contrast) -> None:
    """Add what configuration, training summaries and the ledger say.

    Args:
        found: takes what differs, by kind.
        one: the records of the first place.
        other: those of the second.
        contrast: says which experiments were trained again and came out with other weights.
    """
    details = [*differences(one.config, other.config)] if one.config and other.config else []
    decisive = [detail for detail in details if detail.what.split(".")[0] not in _SILENT]
    seeds = [detail for detail in decisive if detail.what.split(".")[-1] == "seeds"]
    others = [detail for detail in decisive if detail not in seeds]
    if seeds:
        add_all(found, "seeds", seeds)  # which seed a training had, its summary says
    if others:
        add_all(found, "configuration", others, contrast.retrained)
    for experiment, summary in one.trainings.items():
        theirs = other.trainings.get(experiment, {})
        for key, kind in (("seed", "seeds"), ("settings", "configuration")):
            if key in theirs and summary.get(key) != theirs[key]:
                for detail in differences({key: summary.get(key)}, {key: theirs[key]}):
                    told = Detail(f"{experiment}: {detail.what}", detail.published, detail.again)
                    add(found, kind, told, experiment, experiment)
    for name in origins(one, other):
        rule = name.split("-", 1)[0]
        if rule in ("fetch", "curate", "tokenizer", "base", "tokenize"):
            before, after = one.stages[name].outputs, other.stages[name].outputs
            for path in sorted(before.keys() & after.keys()):
                if before[path] != after[path]:
                    what = f"{path} (md5), though what it was made from is the same"
                    kind = "sources" if rule in ("fetch", "base") else "step"
                    add_all(found, kind, [Detail(what, before[path], after[path])])


def differences(one: Any, other: Any, key: str = "") -> Iterator[Detail]:
    """Name the dotted keys at which two configurations differ, with both values.

    Args:
        one: a part of the first.
        other: the same part of the second.
        key: where that part is.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in dict.fromkeys([*one, *other]):
            yield from differences(one.get(name), other.get(name), f"{key}.{name}" if key else str(name))
    elif one != other:
        yield Detail(key, _value(one), _value(other))


def _value(value: Any) -> str:
    return "not set" if value is None else str(value)


def origins(published: Facts, again: Facts) -> list[str]:
    """Name the stages at which two ledgers part: what they read is the same, what they made is not.

    Args:
        published: the records of the first place.
        again: those of the second.

    Returns:
        The stages, sources first; none where one of the two has no ledger.
    """
    found = []
    for name, stage in published.stages.items():
        other = again.stages.get(name)
        if other is None or stage.outputs == other.outputs:
            continue
        if all(other.inputs.get(path, md5) == md5 for path, md5 in stage.inputs.items()):
            found.append(name)
    return found
