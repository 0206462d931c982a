# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`railcrate models`: the table, its filters, and a card."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from railcrate.cli import app
from railcrate.cli.failures import CalledWrongly
from railcrate.cli.model_needs import conditions
from railcrate.cli.models import amount
from railcrate.licensing.catalogue import find as find_license
from railcrate.preflight.known import needs_of, seconds_of
from railcrate.preflight.machine import Amount
from railcrate.preflight.speed import FACTOR, is_known, speed
from railcrate.study.catalogue import UnknownModelError, catalogue, find
from railcrate.study.config import Evaluation, Study
from railcrate.study.load import load_study
from railcrate.study.models import FinetuneModel, PretrainedModel, Training

TINY = Path(__file__).parents[1] / "e2e" / "tiny"
HUGE = Amount(10**15, 10**15)


@pytest.fixture(scope="module", autouse=True)
def _elsewhere(tmp_path_factory):
    """A folder without a study, and a cache of its own: the machine's speed is measured once for all cards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.chdir(tmp_path_factory.mktemp("empty"))
        yield


def run(*words, columns="80"):
    made = CliRunner().invoke(app, ["models", *words], env={"COLUMNS": columns, "NO_COLOR": "1"})
    if made.exception is not None and not isinstance(made.exception, SystemExit):
        raise made.exception
    return made.stdout


def listed(*words):
    return json.loads(run(*words, "--json"))


def test_all_are_listed_and_a_narrow_terminal_holds_them():
    shown = run()
    assert f"{len(catalogue())} models" in shown
    assert all(name in shown for name in catalogue()), "names are never folded: one copies them"
    assert max(map(len, shown.splitlines())) <= 80


def test_the_filters_go_together():
    rows = listed("--max-params", "2B", "--osaid", "met", "--license", "osi")
    assert {row["osaid"] for row in rows} == {"met"}
    assert all(row["parameters"] <= 2e9 and find_license(row["license"]).osi for row in rows)
    names = {row["name"] for row in rows}
    assert {"pythia-70m", "olmo-1b", "smollm2-135m"} <= names
    assert not names & {"pythia-2.8b", "amber", "bloom-560m", "llama-3.2-1b"}


@pytest.mark.parametrize(
    ("words", "inside", "outside"),
    [
        (["--osaid", "within-reach"], {"bloom-560m", "starcoder2-3b", "falcon-7b"}, {"pythia-70m", "grok-1"}),
        (["--osaid", "not-met"], {"grok-1", "phi-2", "llama-2-7b"}, {"bloom-560m", "amber"}),
        (["--license", "restricted"], {"llama-3.2-1b", "gemma-2-9b", "bloom-560m"}, {"phi-2"}),
        (["--license", "open"], {"phi-2", "pythia-70m"}, {"gemma-2-9b"}),
        (["--license", "mit"], {"phi-2", "gpt-1"}, {"pythia-70m"}),
        (["--license", "llama3.2"], {"llama-3.2-1b"}, {"llama-2-7b"}),
        (["--family", "pythia"], {"pythia-14m", "pythia-2.8b"}, {"amber"}),
        (["--architecture", "gpt_neox"], {"pythia-14m"}, {"t5-small"}),
        (["--fits", "evaluate"], {"pythia-14m"}, {"grok-1"}),
        (["--min-params", "40_000M"], {"grok-1", "mixtral-8x7b"}, {"llama-2-7b"}),
    ],
)  # fmt: skip
def test_each_filter(words, inside, outside):
    names = {row["name"] for row in listed(*words)}
    assert inside <= names
    assert not names & outside


@pytest.mark.parametrize("key", ["name", "parameters", "license"])
def test_each_order(key):
    found = [row[key] for row in listed("--sort", key)]
    plain = [value if key == "parameters" else value.removeprefix("LicenseRef-").lower() for value in found]
    assert plain == sorted(plain)
    assert len(found) == len(catalogue())


def test_nothing_of_the_kind_is_said():
    assert "No model of the catalogue is so" in run("--max-params", "1K")


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        (["pythia-71m"], UnknownModelError, "pythia-70m"),
        (["--max-params", "few"], CalledWrongly, "2B, 500M"),
        (["--license", "Apache2"], CalledWrongly, "Apache-2.0"),
        (["--family", "Pithia"], CalledWrongly, "Pythia"),
        (["--architecture", "gptneox"], CalledWrongly, "gpt_neox"),
    ],
)
def test_what_there_is_not_is_told_with_the_nearest(words, error, told):
    with pytest.raises(error) as caught:
        run(*words)
    assert told in caught.value.hint


@pytest.mark.parametrize("name", catalogue())
def test_every_model_has_a_card_that_a_narrow_terminal_holds(name):
    shown = run(name)
    model = catalogue()[name]
    assert model.title in shown
    assert ("It cannot be one's base" if name == "grok-1" else f"base: {{catalogue: {name}") in shown
    long = [line for line in shown.splitlines() if len(line.rstrip()) > 80 and "https://" not in line]
    assert not long
    assert "[unconfirmed]" in shown


def test_a_card_of_a_restricted_model_says_why_and_to_what_it_obliges():
    shown = " ".join(run("bloom-560m").split())
    assert "It does not meet the definition; something of every element is there" in shown
    assert "Terms of the weights: BigScience" in shown
    assert "bind whoever gets it from you to the same restrictions on use" in shown
    assert "use it for medical advice" in shown
    assert "licenses that they may carry: none of the usual ones" in shown


def test_a_card_for_machines():
    card = json.loads(run("llama-3.2-1b", "--json"))
    assert card["repository"] == "meta-llama/Llama-3.2-1B"
    assert card["assessments"]["osaid-1.0"]["result"]["verdict"] is False
    assert "show the line 'Built with Llama' with the model or what uses it" in card["fine-tune"]["must"]
    assert [need["use"] for need in card["needs"]] == ["evaluate", "LoRA", "in full"]
    models = yaml.safe_load(card["study"])["models"]
    assert PretrainedModel.model_validate(models["original"]).base.catalogue == "llama-3.2-1b"
    assert FinetuneModel.model_validate(models["tuned"]).lora.rank == 8


def test_a_free_license_leaves_the_choice():
    card = json.loads(run("pythia-70m", "--json"))
    assert card["fine-tune"]["must_not"] == []
    assert {"Apache-2.0", "CC-BY-4.0"} <= set(card["fine-tune"]["may_carry"])


def test_memory_grows_from_use_to_use_and_is_held_against_the_machine():
    model = find("pythia-1b")
    needs = needs_of(model, HUGE, Training.model_validate({}), Evaluation.model_validate({}))
    assert needs["evaluate"].bytes < needs["LoRA"].bytes < needs["in full"].bytes
    assert needs["in full"].bytes > 16 * model.parameters
    assert all(need.fits and need.now for need in needs.values())
    between = Amount(needs["LoRA"].bytes, needs["evaluate"].bytes)
    here = needs_of(model, between, Training.model_validate({}), Evaluation.model_validate({}))
    assert [(need.fits, need.now) for need in here.values()] == [(True, True), (True, False), (False, False)]


def test_what_fits_is_in_the_table_and_can_be_filtered():
    rows = {row["name"]: row for row in listed()}
    assert rows["grok-1"]["most"] is None
    assert rows["pythia-14m"]["most"] == "in full"
    fitting = {row["name"] for row in listed("--fits", "lora")}
    assert fitting == {name for name, row in rows.items() if row["needs"]["LoRA"]["fits"]}
    assert fitting == {name for name, row in rows.items() if row["most"] in ("LoRA", "in full")}


def test_what_rests_on_doubt_is_marked():
    rows = {row["name"]: row["unconfirmed"] for row in listed()}
    assert "mof" in rows["t5-small"]
    assert "osaid" in rows["smollm2-135m"]
    assert not {"osaid", "mof"} & set(rows["pythia-1b"])


def test_time_follows_from_parameters_tokens_and_speed():
    model = find("pythia-1b")
    found = seconds_of(model, 10**6, 1e6)
    assert found["in full"] == pytest.approx(6 * model.parameters)
    assert (found["LoRA"], found["evaluate"]) == pytest.approx((4 * model.parameters, 2 * model.parameters))


def test_the_time_is_told_with_its_bounds_for_the_tokens_that_are_asked_for():
    few, many = (json.loads(run("pythia-14m", "--tokens", tokens, "--json"))["needs"][2] for tokens in ("1M", "5M"))
    assert (few["tokens"], many["tokens"]) == (10**6, 5 * 10**6)
    assert many["seconds"] == pytest.approx(5 * few["seconds"])
    assert few["low"] == few["seconds"] / FACTOR < few["seconds"] < few["high"] == few["seconds"] * FACTOR
    assert "for 5,000,000 tokens" in " ".join(run("pythia-14m", "--tokens", "5M").split())


def test_a_study_s_own_settings_count(monkeypatch):
    plain = json.loads(run("pythia-14m", "--json"))["needs"][2]
    monkeypatch.chdir(TINY)
    own = json.loads(run("pythia-14m", "--json"))["needs"][2]
    assert own["tokens"] == load_study(TINY).training.tokens != plain["tokens"]
    assert "the settings of this study" in " ".join(run("pythia-14m").split())


def test_a_study_for_a_gpu_that_is_not_here_is_reckoned_for_the_processor(monkeypatch):
    content = (TINY / "config" / "study.yaml").read_text(encoding="utf-8")
    study = yaml.safe_load(content)
    study["training"]["device"] = "cuda"
    monkeypatch.setattr("railcrate.cli.model_needs._study", lambda: Study.model_validate(study))
    monkeypatch.setattr("railcrate.preflight.gpu.ask", lambda: {"devices": []})
    here = conditions()
    assert (here.training.device, here.evaluation.device) == ("cpu", "cpu")
    monkeypatch.setattr("railcrate.preflight.gpu.ask", lambda: {"devices": [{"memory": 8 * 10**9, "free": 10**9}]})
    there = conditions()
    assert (there.training.device, there.evaluation.device, there.there) == ("cuda", "cuda", Amount(8 * 10**9, 10**9))
    needs = there.needs(find("pythia-410m"))
    assert needs["evaluate"].fits
    assert not needs["in full"].now


def test_a_machine_is_measured_once_a_week(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    training = Training.model_validate({})
    assert not is_known(training)
    first = speed(training)
    assert 1e8 < first < 1e14
    assert is_known(training)
    assert speed(training) == first
    assert not is_known(training.model_copy(update={"precision": "bfloat16"}))
    store = tmp_path / "railcrate" / "speed.json"
    kept = json.loads(store.read_text())
    store.write_text(json.dumps({key: {**entry, "at": entry["at"] - 8 * 86400} for key, entry in kept.items()}))
    assert not is_known(training)
    store.write_text("{")
    assert speed(training) > 0


def test_the_size_of_an_adapter_is_about_right():
    """GPT-2's 12 layers of 768 numbers, at rank 8: attention in two matrices, the MLP in two."""
    exact = 8 * 12 * (768 + 3 * 768 + 768 + 768 + 2 * (768 + 4 * 768))
    model = find("gpt-1").model_copy(update={"layers": 12, "hidden": 768})
    needs = needs_of(model, HUGE, Training.model_validate({}), Evaluation.model_validate({}))
    frozen = (needs["in full"].bytes - needs["LoRA"].bytes) / 12  # 16 bytes for what is trained, 4 for what is not
    assert pytest.approx(exact, rel=0.2) == model.parameters - frozen


@pytest.mark.parametrize(("number", "text"), [(70426624, "70.4M"), (1.5e9, "1.5B"), (314e9, "314B"), (512, "512")])
def test_amounts(number, text):
    assert amount(number) == text
