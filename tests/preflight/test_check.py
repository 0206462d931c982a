# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate check`, as one types it, in studies that are well and in others."""

from __future__ import annotations

import fcntl
import json
import shutil
import sys
from pathlib import Path

import psutil
import pytest
import yaml
from preflight_kit import look, of, railcrate
from study_kit import commit, edit, run

from railcrate.preflight import gpu
from railcrate.preflight.findings import exit_code
from railcrate.study import paths
from railcrate.study.errors import ConfigError

TOPICS = ["configuration", "benchmarks", "sources", "models", "licenses", "git", "remote", "disk", "memory", "cores",
          "time", "energy"]  # fmt: skip
GIANT = {"model_type": "llama", "hidden_size": 16384, "intermediate_size": 53248, "num_hidden_layers": 126,
         "num_attention_heads": 128}  # fmt: skip


def content_of(folder):
    return yaml.safe_load((folder / paths.CONFIG).read_text())


def configure(folder, **parts):
    """Change parts of the configuration, and commit that."""
    (folder / paths.CONFIG).write_text(yaml.safe_dump({**content_of(folder), **parts}, sort_keys=False))
    commit(folder)


def test_a_finished_study_is_well_and_told_on_a_screen(done_study):
    before = run(done_study, "git", "status", "--short")
    done = railcrate(done_study, "check", "--offline")
    lines = [line for line in done.stdout.splitlines() if " cluster " not in line]
    assert lines[1].endswith("4 experiments, 8 evaluations, 2 benchmarks, 1 comparison")
    assert [line.split()[1] for line in lines[3:-2]] == TOPICS
    assert all(line.startswith("✓") for line in lines[3:-2])
    assert lines[-1] == "all is well; next: `railcrate run`"
    assert "by records of this machine" in done.stdout
    assert "CO2e (electricity of DEU)" in done.stdout
    assert run(done_study, "git", "status", "--short") == before


def test_what_machines_get(done_study):
    answer = json.loads(railcrate(done_study, "check", "--offline", "--json").stdout)
    assert set(answer) == {"title", "findings", "estimate", "hindsight", "exit_code"}
    assert (answer["exit_code"], answer["estimate"]["bases"]) == (0, ["record"])
    assert answer["estimate"]["low"] <= answer["estimate"]["seconds"] <= answer["estimate"]["high"]
    facts = {finding["topic"]: finding.get("facts") for finding in answer["findings"]}
    assert facts["models"]["parameters"]["tiny"] > 10_000
    assert facts["disk"]["need"] == 0


def test_nothing_heavy_is_imported_without_timing(new_study):
    code = (
        "import sys; from pathlib import Path; from railcrate.preflight.check import Options, check\n"
        "found = check(Path.cwd(), Options(timing=False, offline=True))\n"
        "print([name for name in ('torch', 'transformers', 'datasets', 'lm_eval') if name in sys.modules])"
    )
    assert run(new_study, sys.executable, "-c", code).strip() == "[]"


def test_a_new_study_without_timing(new_study):
    found = look(new_study)
    assert {finding.state for finding in found.findings} == {"ok"}
    assert "not known" in of(found, "time")[0].text
    assert (found.estimate, of(found, "energy")) == (None, [])


def test_mistakes_of_the_configuration_are_told_all_at_once(new_study):
    edit(new_study / paths.CONFIG, "seeds:", "sedes:")
    edit(new_study / paths.CONFIG, "from: [english]", "from: [englich]")
    done = railcrate(new_study, "check", code=3)
    assert (done.stdout, done.stderr.count(f"{paths.CONFIG}:")) == ("", 2)
    answer = json.loads(railcrate(new_study, "check", "--json", code=3).stdout)
    assert (answer["exit_code"], "2 mistakes" in answer["error"]) == (3, True)


def test_own_code_that_cannot_be_imported(new_study):
    (new_study / "steps" / "own.py").write_text("def drop_short(:\n")
    with pytest.raises(ConfigError, match=r"own\.py cannot be imported: line 1"):
        look(new_study)


def test_a_task_file_with_a_mistake(new_study):
    path = new_study / "tasks" / "heldout" / "heldout.yaml"
    path.write_text(path.read_text().replace("test_split", "tets_split"))
    found = look(new_study, timing=None)  # and nothing is timed
    assert "unknown key `tets_split`" in of(found, "benchmarks")[0].text
    assert exit_code(found.findings) == 3


def test_a_license_conflict_is_told_with_a_way_out(new_study):
    sources = content_of(new_study)["sources"]
    sources["notes"]["license"] = "CC-BY-ND-4.0"
    configure(new_study, sources=sources)
    found = look(new_study)
    conflicts = of(found, "licenses")
    assert {finding.state for finding in conflicts} == {"error"}
    assert "no-derivatives" in conflicts[0].text
    assert "railcrate license check" in conflicts[0].way_out
    assert exit_code(found.findings) == 1


def with_model(folder, architecture):
    configure(folder, models={"tiny": {"kind": "scratch", "tokenizer": "shared", "architecture": architecture}})


def test_a_model_that_no_machine_has_room_for(new_study):
    with_model(new_study, GIANT)
    found = look(new_study, cores=1)
    assert "billion parameters" in of(found, "models")[0].text
    disk, memory = of(found, "disk")[0], of(found, "memory")[0]
    assert (disk.state, "Make room" in disk.way_out) == ("error", True)
    assert (memory.state, "training.batch_size" in memory.way_out) == ("error", True)
    assert memory.facts["need"] > 16 * of(found, "models")[0].facts["parameters"]["tiny"]
    assert exit_code(found.findings) == 1


def test_more_trainings_at_once_than_memory_has_room_for(new_study):
    width = 1024
    layers = int(psutil.virtual_memory().available * 0.6 / (16 * 16 * width * width))
    sizes = {"hidden_size": width, "intermediate_size": 4 * width, "num_attention_heads": 8}
    with_model(new_study, {**GIANT, **sizes, "num_hidden_layers": layers})
    found = of(look(new_study, cores=2), "memory")[0]
    assert (found.state, "`--cores 1`" in found.way_out) == ("error", True), found


@pytest.mark.skipif(bool(gpu.ask()["devices"]), reason="there is a GPU here")
def test_cuda_where_there_is_none(new_study):
    configure(new_study, training={**content_of(new_study)["training"], "device": "cuda"})
    found = of(look(new_study, timing=None), "GPU")[0]  # and nothing is timed
    assert (found.state, "models.tiny" in found.text, "device: cpu" in found.way_out) == ("error", True, True)


def test_threads_and_cores_that_do_not_fit(new_study):
    configure(new_study, training={**content_of(new_study)["training"], "threads": 4096})
    found = of(look(new_study, cores=4096), "cores")
    assert [finding.state for finding in found] == ["warning", "warning"]
    assert "threads of tiny: 4096" in found[1].text


def test_strict(new_study):
    edit(new_study / "steps" / "own.py", "\n", "\n# another line\n")
    words = ("check", "--offline", "--no-timing")
    assert "1 warning; next: `railcrate run`" in railcrate(new_study, *words).stdout
    railcrate(new_study, *words, "--strict", code=1)


def test_cores_that_are_no_number(new_study):
    assert "neither a number nor 'all'" in railcrate(new_study, "check", "--cores=0", code=2).stderr


def test_more_cores_take_less_time(done_study):
    times = [look(done_study, cores=cores).estimate.seconds for cores in (1, 2, 4)]
    assert times[0] > times[1] > times[2]


def test_a_study_without_dvc_and_without_git(new_study):
    shutil.rmtree(new_study / ".dvc")
    shutil.rmtree(new_study / ".git")
    found = look(new_study)
    assert (of(found, "DVC")[0].state, of(found, "git")[0].state, exit_code(found.findings)) == ("error", "warning", 1)


def test_a_cluster_in_the_default_profile(new_study):
    path = Path("profiles/default/config.yaml")
    path.write_text(path.read_text() + "executor: cloud-of-tomorrow\n")
    assert of(look(new_study), "cluster")[0].state == "error"


def test_a_run_that_is_going_is_told(new_study):
    with (new_study / paths.RUN_LOCK).open("w") as lock:
        lock.write("process 1, since today\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = of(look(new_study), "run")[0]
    assert (found.state, "process 1, since today" in found.text) == ("warning", True)
