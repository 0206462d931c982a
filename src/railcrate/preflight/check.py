# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate check`: all that can be known before a long run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sized
from dataclasses import asdict, dataclass, field
from pathlib import Path

from railcrate.data.steps import files_of
from railcrate.jobs.checks import CHECKS
from railcrate.jobs.cores import choose, physical
from railcrate.ledger.plan import Plan
from railcrate.ledger.resources import Resources
from railcrate.ledger.status import going
from railcrate.licensing.resolve import Resolution, resolve
from railcrate.preflight import cluster, gpu, machine, remote, sources, tasks, tools
from railcrate.preflight.estimate import MEASURED, Estimate, work_out
from railcrate.preflight.findings import Finding, error, noting, ok, warning
from railcrate.preflight.hindsight import Hindsight, look_back, remember
from railcrate.preflight.jobs import Job, jobs_of
from railcrate.preflight.needs import look_at_cores, look_at_disk, look_at_memory, memory_needs
from railcrate.preflight.parameters import Size, size_of, vocabulary_of
from railcrate.preflight.recorded import Records
from railcrate.preflight.telling import look_at_energy, look_at_time
from railcrate.preflight.trial import Request
from railcrate.preflight.tried import Trial
from railcrate.study import paths, units
from railcrate.study.config import Study
from railcrate.study.errors import EXIT_CONFIG
from railcrate.study.grid import experiments, training_of
from railcrate.study.load import load_study
from railcrate.study.models import ScratchModel

Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How to check.

    Attributes:
        cores: cores that the study is to run on; None for as many as a run would take by itself.
        timing: whether to try some steps: None where records do not tell enough.
        offline: leave the network alone.
    """

    cores: int | None = None
    timing: bool | None = None
    offline: bool = False


@dataclass
class Checked:
    """What was found.

    Attributes:
        study: the configuration.
        counts: what the study has, in words.
        findings: all that was looked at, in the order in which it is told.
        estimate: what it will take; None where nothing is known of that.
        hindsight: how good the estimate before the last run was; None where there was none.
    """

    study: Study
    counts: str
    findings: list[Finding] = field(default_factory=list)
    estimate: Estimate | None = None
    hindsight: Hindsight | None = None


def check(folder: Path, options: Options, say: Say = lambda _: None) -> Checked:
    """Check a study.

    Args:
        folder: the study's folder, which must be the current one.
        options: how to check.
        say: is told what takes a while.

    Returns:
        What was found.

    Raises:
        ConfigError: when the configuration is wrong; it tells every mistake, each with its line.
    """
    study = load_study(folder, extra_checks=CHECKS)
    made = Checked(study, _counts(study))
    asked_tasks = tasks.start(folder, study)
    made.findings += [_configuration(study), *_running(folder)]
    supplies = sources.look(folder, study, offline=options.offline)
    bases = sources.look_at_bases(folder, study, offline=options.offline)
    licenses = _licenses(folder, study)
    repository = tools.look_at_repository(tools.ask_git(folder))
    kept = remote.look(folder, offline=options.offline)
    jobs = jobs_of(study)
    records = Records(folder, study, jobs)
    cores = options.cores or _cores(folder, study)
    about_gpu = _gpu(study)
    about_tasks = tasks.finish(folder, study, asked_tasks)
    trial = None
    if _wants_trial(options, jobs, records, about_tasks, about_gpu):
        trial = _try(folder, study, records, cores, supplies, say)
        for one in trial.jobs.get("fetch", ()):  # what a generator makes is known once it has made it
            supply = supplies[one["name"]]
            supply.coming = one["bytes"] if supply.coming is None else supply.coming
    counts = trial.parameters if trial is not None else {}
    sizes = {name: size_of(folder, study, name, counts) for name in study.models}
    made.findings += [*about_tasks, *sources.summed_up(supplies), *_models(study, sizes, bases), *_mistakes(trial)]
    made.findings += [*licenses, *repository, *kept, *cluster.look(folder)]
    at_once = _at_once(study, cores)
    made.findings += look_at_disk(folder, study, supplies, bases, sizes, at_once)
    needs = memory_needs(folder, study, sizes, records, trial)
    made.findings += look_at_memory(study, needs, cores)
    made.findings += [*look_at_cores(study, cores, options.cores), *about_gpu]
    read = {name: size for name in study.recipes if (size := _read(study, name, supplies)) is not None}
    made.estimate = work_out(study, jobs, cores, records, trial, read, trial_first=options.timing is True)
    fresh = made.estimate if trial is not None and made.estimate is not None else None
    if fresh is not None and "trial" in fresh.bases:
        remember(folder, study, fresh)
    made.hindsight = look_back(folder, study, records, fresh)
    timed = options.timing is not False
    made.findings += look_at_time(made.estimate, trial, supplies, made.hindsight, timed=timed)
    made.findings += look_at_energy(study, made.estimate, records, trial, made.hindsight)
    return made


def _counts(study: Study) -> str:
    cells = experiments(study)
    parts: dict[str, Sized | int] = {
        "source": study.sources, "variant": study.recipes, "model": study.models, "experiment": cells,
        "evaluation": len(cells) * len(study.benchmarks), "benchmark": study.benchmarks,
        "comparison": study.comparisons,
    }  # fmt: skip
    return ", ".join(units.count(part if isinstance(part, int) else len(part), name) for name, part in parts.items())


def _configuration(study: Study) -> Finding:
    own = {file for variant in study.recipes for file in files_of(study, variant)}
    told = f", and so {'is' if len(own) == 1 else 'are'} {units.count(len(own), 'file')} of own steps" if own else ""
    return ok("configuration", f"{paths.CONFIG} is right{told}")


def _running(folder: Path) -> list[Finding]:
    holder = going(folder)
    if not holder:
        return []
    return [
        warning("run", f"a run is at work in this folder: {holder}", "What is measured meanwhile is disturbed by it.")
    ]


def _licenses(folder: Path, study: Study) -> list[Finding]:
    """What the resolver says: each conflict once, however many components have it."""
    found: list[Finding] = []
    with noting("licenses", found):
        resolution = resolve(folder, study)
        found += _conflicts(resolution)
        for waiver in resolution.unused:
            text = f"the waiver of {waiver.conflict} for {waiver.component} lifts nothing"
            found.append(warning("licenses", text, "Remove it from licenses.waivers, or correct what it names."))
        if not found:
            found.append(ok("licenses", f"no conflicts; the bundle carries {resolution.bundle}"))
    return found


def _conflicts(resolution: Resolution) -> list[Finding]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    ways: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for conflict in resolution.conflicts:
        key = (str(conflict.code), conflict.reason, conflict.path.split(" →")[0])
        groups.setdefault(key, []).append(conflict.component)
        ways.setdefault(key, resolution.ways.get(conflict, ()))
    found = []
    for (code, reason, path), names in groups.items():
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        way = "; or ".join(way.rstrip(".") for way in ways[code, reason, path][:2])
        found.append(
            error(
                "licenses", f"{code}: {names[0]}{others} cannot be published as planned: {reason}",
                f"{way}. `railcrate license check` tells all.",
                components=names,
            )
        )  # fmt: skip
    return found


def _cores(folder: Path, study: Study) -> int:
    """As many as `railcrate run` would take."""
    plan = Plan(study)
    free = machine.memory().free
    return choose(plan, Resources(folder, plan), physical_cores=physical(), quota=machine.quota(), free=free).cores


def _at_once(study: Study, cores: int) -> int:
    """Trainings that run at the same time, at most."""
    trained = [cell for cell in experiments(study) if cell.variant is not None]
    threads = min([training_of(study, cell.model).threads for cell in trained], default=1)
    return max(1, min(cores // min(threads, cores), len(trained)))


def _gpu(study: Study) -> list[Finding]:
    """What is there of GPUs, where the study asks for one."""
    wanted = [f"models.{name}" for name in study.models if training_of(study, name).device == "cuda"]
    wanted += ["evaluation"] if study.evaluation.device == "cuda" else []
    if not wanted:
        return []
    answer = gpu.ask()
    found = gpu.look(answer, driver=gpu.has_driver(), wanted=True)
    if answer["devices"]:
        return [found]
    way = found.way_out or f"Run it on a machine with an NVIDIA GPU and a PyTorch for it ({gpu.INSTALL})."
    way += " Or set `device: cpu`, which gives other weights in the last digits."
    why = f": {found.text}" if found.state != "ok" else ""
    return [error("GPU", f"{', '.join(wanted)}: the study asks for `device: cuda`, and there is no such GPU{why}", way)]


def _wants_trial(
    options: Options, jobs: list[Job], records: Records, about_tasks: list[Finding], about_gpu: list[Finding]
) -> bool:
    """Tell whether some steps are to be tried: where nothing on this machine tells how long they take."""
    broken = any(finding.state == "error" for finding in (*about_tasks, *about_gpu))
    if options.timing is not None or broken:
        return options.timing is True and not broken
    past = [records.of(job) for job in jobs if job.rule in MEASURED]
    return any(found is None or not found.here for found in past)


def _try(
    folder: Path,
    study: Study,
    records: Records,
    cores: int,
    supplies: dict[str, sources.Supply],
    say: Say,
) -> Trial:
    """Start a trial in a process of its own, and tell what it is at."""
    scratch = [name for name, model in study.models.items() if isinstance(model, ScratchModel)]
    request = Request(
        folder=str(folder),
        models=list(study.models),
        benchmarks=list(study.benchmarks),
        vocabularies={name: vocabulary_of(study, name) for name in scratch},
        copies=_copies(folder, study, records, cores),
        links={path: file for supply in supplies.values() for path, file in supply.links.items()},
    )
    found = Trial()
    say("importing PyTorch, transformers and lm-eval, to try some steps of each model (`--no-timing` leaves it out)")
    with subprocess.Popen(
        [sys.executable, "-m", "railcrate.preflight.trial"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            process.stdin.write(json.dumps(asdict(request)))
            process.stdin.close()
            for line in process.stdout:
                one = json.loads(line)
                found.take(one)
                if one["kind"] == "trying":
                    say(one["what"])
            errors = process.stderr.read()
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        last = next((line for line in reversed(errors.splitlines()) if line.strip()), f"code {process.returncode}")
        found.left.append({"rule": "all", "name": "", "why": last})
    return found


def _copies(folder: Path, study: Study, records: Records, cores: int) -> dict[str, int]:
    """How many trainings of each model to try at the same time: as many as the run will have, and memory allows."""
    needs = memory_needs(
        folder, study, {name: size_of(folder, study, name, {}) for name in study.models}, records, None
    )
    free = machine.memory().free
    copies = {}
    for name in study.models:
        settings = training_of(study, name)
        wanted = max(
            1, min(cores // min(settings.threads, cores), sum(cell.model == name for cell in experiments(study)))
        )
        need = needs.training.get(name, 0)
        copies[name] = 1 if settings.device == "cuda" else max(1, min(wanted, free // need if need else wanted))
    return copies


def _mistakes(trial: Trial | None) -> list[Finding]:
    """What is wrong with the study and showed in the trial alone, such as an architecture that cannot be built."""
    if trial is None:
        return []
    found = [
        Finding("models", "error", problem["text"], problem["hint"], exit_code=int(problem["exit_code"]))
        for problem in trial.problems
    ]
    seen = {finding.text for finding in found}
    for left in trial.left:
        if left.get("how") == "mistake" and left.get("exit_code") == EXIT_CONFIG and left["why"] not in seen:
            seen.add(left["why"])
            found.append(Finding("trial", "error", left["why"], left["hint"], exit_code=EXIT_CONFIG))
    return found


def _models(study: Study, sizes: dict[str, Size | None], bases: dict[str, sources.Supply]) -> list[Finding]:
    """The models with their sizes, and what is wrong with their bases."""
    told = []
    for name in study.models:
        size = sizes[name]
        amount = "" if size is None else f" ({_short(size.parameters)} parameters)"
        told.append(f"{name}{amount}")
    problems = [finding for supply in bases.values() for finding in supply.findings]
    facts = {name: None if size is None else size.parameters for name, size in sizes.items()}
    return [ok("models", ", ".join(told), parameters=facts), *problems]


def _short(count: int) -> str:
    for unit, word in ((1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand")):
        if count >= unit:
            return f"{count / unit:.2g} {word}" if count < 10 * unit else f"{count / unit:.0f} {word}"
    return str(count)


def _read(study: Study, recipe: str, supplies: dict[str, sources.Supply]) -> int | None:
    """Bytes of the sources that a recipe rests on; None where one of them does not say."""
    total = 0
    for name in study.recipes[recipe].inputs:
        if name in study.recipes:
            size = _read(study, name, supplies)
        else:
            supply = supplies[name]
            size = None if supply.coming is None else supply.here + supply.coming
        if size is None:
            return None
        total += size
    return total
