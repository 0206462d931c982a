# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What this process may use of the machine, with and without a container's limits."""

from __future__ import annotations

import os

import psutil
import pytest

from railcrate.preflight import machine

GB = 1_000_000_000


def lay_down(root, own, lines, files):
    """Control groups, as the system mounts them: their files in folders."""
    own.write_text("".join(f"{line}\n" for line in lines))
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_without_limits_it_is_the_machines(tmp_path):
    root, own = tmp_path / "cgroup", tmp_path / "own"
    lay_down(root, own, ["0::/user.slice"], {"user.slice/memory.max": "max\n", "user.slice/cpu.max": "max 100000\n"})
    found = machine.memory(root, own)
    assert found.total == psutil.virtual_memory().total
    assert abs(found.free - psutil.virtual_memory().available) < GB
    assert machine.quota(root, own) is None
    assert machine.cores() == len(os.sched_getaffinity(0))


def test_the_tightest_limit_of_all_groups_counts(tmp_path):
    root, own = tmp_path / "cgroup", tmp_path / "own"
    files = {
        "a/b/memory.max": f"{2 * GB}", "a/b/memory.current": f"{GB}",
        "a/b/memory.stat": f"anon 1\ninactive_file {GB // 2}\n",
        "a/memory.max": f"{GB}", "a/memory.current": f"{GB // 10}",
        "a/b/cpu.max": "400000 100000", "a/cpu.max": "150000 100000",
    }  # fmt: skip
    lay_down(root, own, ["0::/a/b"], files)
    assert machine.memory(root, own) == machine.Amount(GB, GB - GB // 10)
    assert machine.quota(root, own) == 1.5


def test_files_that_were_read_do_not_count_as_used(tmp_path):
    root, own = tmp_path / "cgroup", tmp_path / "own"
    files = {"memory.max": f"{GB}", "memory.current": f"{GB}", "memory.stat": f"anon 5\ninactive_file {GB // 4}"}
    lay_down(root, own, ["0::/"], files)
    assert machine.memory(root, own).free == GB // 4


def test_the_first_version_of_control_groups(tmp_path):
    root, own = tmp_path / "cgroup", tmp_path / "own"
    files = {
        "memory/docker/x/memory.limit_in_bytes": f"{GB}", "memory/docker/x/memory.usage_in_bytes": f"{GB // 2}",
        "memory/memory.limit_in_bytes": "9223372036854771712",
        "cpu/docker/x/cpu.cfs_quota_us": "50000", "cpu/docker/x/cpu.cfs_period_us": "100000",
        "cpu/cpu.cfs_quota_us": "-1",
    }  # fmt: skip
    lay_down(root, own, ["4:memory:/docker/x", "1:cpu:/docker/x"], files)
    assert machine.memory(root, own) == machine.Amount(GB, GB // 2)
    assert machine.quota(root, own) == 0.5


def test_the_disk_of_a_folder_that_is_not_there_yet(tmp_path):
    assert machine.disk(tmp_path / "a" / "b").total == pytest.approx(machine.disk(tmp_path).total)


def test_where_the_system_says_nothing(tmp_path):
    assert machine.quota(tmp_path, tmp_path / "none") is None
    assert machine.memory(tmp_path, tmp_path / "none").total == psutil.virtual_memory().total
