# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The jobs of a study, and how long they take together on so many cores."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from railcrate.preflight.jobs import Job, in_order, jobs_of, span
from railcrate.study import paths
from railcrate.study.load import load_study


def test_the_jobs_are_those_that_ran(done_study):
    jobs = jobs_of(load_study(done_study))
    ran = {path.relative_to(paths.RECORDS).as_posix() for path in Path(paths.RECORDS).glob("*/*.json")}
    ran = {name for name in ran if name.split("/")[0] not in ("experiments", "environments")}
    assert {f"{job.rule}/{job.name}.json" for job in jobs} == ran
    known = [job.key for job in jobs]
    assert all(known.index(need) < known.index(job.key) for job in jobs for need in job.needs)


def test_one_core_does_one_job_after_another():
    jobs = [Job("a", "1"), Job("a", "2"), Job("b", "1", (("a", "1"),))]
    assert span(jobs, 1, lambda job: 2.0) == 6.0
    assert span(jobs, 2, lambda job: 2.0) == 4.0
    assert span(jobs, 9, lambda job: 2.0) == 4.0


def test_only_what_is_wanted_and_what_it_waits_for():
    jobs = [Job("c", "1", (("b", "1"),)), Job("b", "1", (("a", "1"),)), Job("a", "1"), Job("a", "2")]
    assert [job.rule for job in in_order(jobs)] == ["a", "b", "c", "a"]
    assert [job.key for job in in_order(jobs, [("b", "1")])] == [("a", "1"), ("b", "1")]


def test_threads_take_cores_and_never_more_than_there_are():
    jobs = [Job("a", str(number), threads=4) for number in range(4)]
    assert span(jobs, 8, lambda job: 1.0) == 2.0
    assert span(jobs, 4, lambda job: 1.0) == 4.0
    assert span(jobs, 2, lambda job: 1.0) == 4.0


def test_a_job_waits_for_what_is_not_among_the_jobs_no_longer():
    assert span([Job("a", "1", (("gone", "x"),))], 1, lambda job: 3.0) == 3.0


@st.composite
def graphs(draw):
    """Jobs, each of which waits for some of those before it."""
    jobs: list[Job] = []
    for number in range(draw(st.integers(1, 15))):
        needs = tuple(job.key for job in jobs if draw(st.booleans()))
        jobs.append(Job("job", str(number), needs, draw(st.integers(1, 3))))
    return jobs, {job.key: draw(st.floats(0, 10)) for job in jobs}, draw(st.integers(1, 6))


@given(graphs())
def test_no_layout_is_shorter_than_it_can_be(graph):
    jobs, lengths, cores = graph
    longest: dict[tuple[str, str], float] = {}
    for job in jobs:
        longest[job.key] = lengths[job.key] + max((longest[need] for need in job.needs), default=0.0)
    work = sum(lengths[job.key] * min(job.threads, cores) for job in jobs)
    found = span(jobs, cores, lambda job: lengths[job.key])
    assert found >= max(longest.values()) - 1e-9
    assert found >= work / cores - 1e-9
    assert found <= sum(lengths.values()) + 1e-9


def test_a_thousand_experiments_are_laid_out_at_once():
    import time

    jobs = [Job("train", str(number)) for number in range(3000)]
    jobs += [Job("evaluate", f"{n}.{b}", (("train", str(n)),)) for n in range(3000) for b in range(3)]
    began = time.process_time()
    assert span(jobs, 16, lambda job: 1.0) == pytest.approx(12000 / 16)
    assert time.process_time() - began < 3
