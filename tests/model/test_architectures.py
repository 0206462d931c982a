# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Every architecture of the catalogue, from the hub to its card: fetched by name, adapted, evaluated, described.

The hub is a server on the loopback address that has tiny models with random weights under the
catalogue's names. The functions are those that the workflow's jobs call.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from railcrate.bundle.facts import Facts
from railcrate.bundle.material import Material
from railcrate.bundle.model_card import model_card
from railcrate.bundle.stamp import Stamp
from railcrate.jobs.table import do_job
from railcrate.study import paths
from railcrate.study.catalogue import catalogue
from railcrate.study.errors import EXIT_CONFIG, EXIT_DATA
from railcrate.study.files import read_json
from railcrate.study.load import load_study
from tests.servers.hub import blob_id, hub_server
from tests.servers.models import OWN_CODE, SHAPES, repository, sentences

COMMIT = "c" * 40
STAMP = Stamp(version="1.0.0", date=date(2026, 11, 25))
# One model for each architecture.
NAMES = {model.architecture: model for model in reversed(catalogue().values())}
# The layers that an adapter must have: attention and feed-forward network, each under the names of its family.
ADAPTED = {
    "bloom": {"query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"},
    "crystalcoder": {"c_attn", "c_proj", "c_fc"},
    "falcon": {"query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"},
    "gpt_neox": {"query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"},
    "gptj": {"q_proj", "k_proj", "v_proj", "out_proj", "fc_in", "fc_out"},
    "grok-1": {"q_proj", "k_proj", "v_proj", "o_proj"},
    "mixtral": {"q_proj", "k_proj", "v_proj", "o_proj", "gate", "experts"},
    "openai-gpt": {"c_attn", "c_proj", "c_fc"},
    "phi": {"q_proj", "k_proj", "v_proj", "dense", "fc1", "fc2"},
    "phi3": {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"},
    "starcoder2": {"q_proj", "k_proj", "v_proj", "o_proj", "c_fc", "c_proj"},
    "t5": {"q", "k", "v", "o", "wi", "wo"},
}
LLAMA_LIKE = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


@pytest.fixture(scope="module")
def hub():
    with hub_server() as served:
        yield served


@pytest.fixture(scope="module")
def beginning(tmp_path_factory):
    """A study whose one variant is made: what all architectures have in common."""
    folder = tmp_path_factory.mktemp("beginning")
    configure(folder, "llama")
    with contextlib.chdir(folder):
        run(folder, "curate", "card")
    return folder


def configure(folder: Path, architecture: str, **more) -> None:
    """Write a study that adapts the catalogue's model of an architecture."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "tasks").mkdir(exist_ok=True)
    (folder / "words.txt").write_text("\n".join(sentences(60)) + "\n")
    (folder / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in sentences(3, seed=1)))
    right = [text.rstrip(".").split() for text in sentences(6, seed=2)]
    pairs = [{"sentence_good": " ".join(words) + ".", "sentence_bad": " ".join(words[::-1]) + "."} for words in right]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    (folder / "tasks" / "texts.yaml").write_text("perplexity: texts.jsonl\n")
    (folder / "tasks" / "pairs.yaml").write_text("pairs: pairs.jsonl\n")
    trust = {"trust_remote_code": True} if architecture in OWN_CODE else {}
    base = {"catalogue": NAMES[architecture].name, **trust}
    content = {
        "title": "Every architecture",
        "abstract": "Does it go through?",
        "creators": [{"name": "Doe, Jane"}],
        "sources": {
            "words": {
                "type": "local", "path": "words.txt", "rows": "lines", "license": "CC0-1.0", "citation": "nobody",
            },
        },
        "recipes": {"raw": {"from": ["words"]}},
        "models": {"tuned": {"kind": "finetune", "base": base, "lora": {"rank": 2}}},
        "training": {
            "tokens": 3 * 2 * 16, "block_length": 16, "batch_size": 2, "checkpoints": 1, "log_every": 1,
            "learning_rate": 0.01,
        },
        "seeds": [0],
        "benchmarks": {"quiz": {"tasks": ["*"], "path": "tasks", "data": ["*.jsonl"]}},
        **more,
    }  # fmt: skip
    (folder / paths.CONFIG).write_text(yaml.safe_dump(content, sort_keys=False))


def run(folder: Path, *rules: str, model: str = "tuned", cell: str = "tuned.raw.seed0") -> None:
    """Do jobs of one model, as the workflow does."""
    values = {
        "curate": {"variant": "raw"},
        "card": {"variant": "raw"},
        "base": {"model": model},
        "tokenize": {"model": model, "variant": "raw"},
        "train": {"experiment": cell},
        "evaluate": {"experiment": cell, "benchmark": "quiz"},
    }
    for rule in rules:
        assert do_job(rule, values.get(rule, {}), folder) == 0, rule


def card_of(folder: Path) -> tuple[dict, str]:
    """Write the card of the weights, without a bundle around it; gives its front matter, and all of it."""
    study = load_study(folder)
    facts = Facts(
        folder=folder, study=study, stamp=STAMP, commit="", committed=datetime(2026, 11, 25, tzinfo=UTC),
        repository=None, entries=(), external=(), withheld=(), licenses=read_json(folder / paths.LICENSES),
        results=read_json(folder / paths.RESULTS_JSON), comparisons=read_json(folder / paths.COMPARISONS),
        experiments={"tuned.raw.seed0": {}}, lock={}, anonymous=False,
    )  # fmt: skip
    card = model_card(Material(facts), "tuned", "raw")
    return yaml.safe_load(card.split("---\n")[1]), card


def adapted(folder: Path) -> set[str]:
    """The layers that an adapter has weights for, by their whole names in the base."""
    from safetensors import safe_open

    with safe_open(folder / paths.weights_files("tuned.raw.seed0", adapter=True)[0], "np") as weights:
        names = [name for name in weights.keys() if "lora_B" in name]  # noqa: SIM118
        assert all(abs(weights.get_tensor(name)).sum() > 0 for name in names), "each of them has learned something"
    return {name.removeprefix("base_model.model.").partition(".lora_B")[0] for name in names}


def test_there_is_a_tiny_model_of_every_architecture():
    assert set(SHAPES) == set(NAMES)
    page = (Path(__file__).parents[2] / "docs/how-to/lora.md").read_text()
    assert not [name for name in NAMES if f"`{name}`" not in page]


@pytest.mark.parametrize("architecture", sorted(NAMES))
def test_from_the_hub_to_the_card(architecture, hub, beginning, tmp_path, monkeypatch):
    known = NAMES[architecture]
    folder = shutil.copytree(beginning, tmp_path / "study")
    configure(folder, architecture)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
    files = repository(architecture)
    hub.add(known.repository, COMMIT, files)
    hub.add(known.repository, "main", files)
    hub.heads["main"] = COMMIT
    run(folder, "base", "tokenize", "train", "evaluate", "license", "compare")

    record = read_json(folder / paths.base_record("tuned"))
    assert (record["catalogue"], record["repository"], record["revision"]) == (known.name, known.repository, COMMIT)
    assert {file["path"] for file in record["files"]} == set(files)
    names = adapted(folder)
    short = {name.removesuffix(".base_layer").rpartition(".")[2] for name in names}
    assert short == ADAPTED.get(architecture, LLAMA_LIKE)
    assert not [name for name in names if "vision" in name]
    summary = read_json(folder / paths.training_summary("tuned.raw.seed0"))
    assert 0 < summary["trainable_parameters"] < summary["parameters"]
    assert 3 < summary["final_loss"] < 8
    tasks = read_json(folder / paths.evaluation("tuned.raw.seed0", "quiz"))["tasks"]
    assert 0 < tasks["texts"]["metrics"]["bits_per_byte"]["value"] < 40
    assert 0 <= tasks["pairs"]["metrics"]["accuracy"]["value"] <= 1

    front, card = card_of(folder)
    assert front["base_model"] == known.repository
    assert (front["base_model_relation"], front["library_name"]) == ("adapter", "peft")
    loader = "AutoModelForSeq2SeqLM" if architecture == "t5" else "AutoModelForCausalLM"
    assert f'base = {loader}.from_pretrained("{known.repository}", revision="{COMMIT}"' in card
    assert ("trust_remote_code=True" in card) == (architecture in OWN_CODE)
    assert ("prefix language modelling" in card) == (architecture == "t5")


def fetched(folder: Path, hub, monkeypatch, architecture: str, files: dict[str, bytes], capfd, **base) -> str:
    """Try to fetch a base, which must fail; gives what is said of it."""
    known = NAMES[architecture]
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    revision = blob_id(known.repository.encode() + b"".join(files.values()))  # no two contents at one commit
    hub.add(known.repository, revision, files)
    hub.requests.clear()
    base = {"catalogue": known.name, "revision": revision, **base}
    configure(folder, "llama", models={"tuned": {"kind": "finetune", "base": base, "lora": {}}})
    assert do_job("base", {"model": "tuned"}, folder) == EXIT_DATA
    assert not (folder / paths.base_folder("tuned")).exists()
    told = capfd.readouterr().err
    assert "Traceback" not in told
    return told.partition("error: ")[2].replace(revision, "COMMIT")


@pytest.mark.parametrize("architecture", sorted(OWN_CODE))
def test_code_of_a_base_is_asked_for(architecture, hub, tmp_path, monkeypatch, capfd):
    told = fetched(tmp_path, hub, monkeypatch, architecture, repository(architecture), capfd)
    assert f"{NAMES[architecture].repository} at COMMIT is of the architecture '{architecture}', which" in told
    assert "it brings code of its own (configuration_own.py, modeling_own.py), which is neither fetched nor run" in told
    assert f"https://huggingface.co/{NAMES[architecture].repository}/tree/COMMIT" in told
    assert "set trust_remote_code: true under the model's base" in told
    assert not [path for path in hub.downloaded() if path.endswith(".py")]


def test_what_transformers_cannot_load_is_told_when_it_is_fetched(hub, tmp_path, monkeypatch, capfd):
    jax = {
        "README.md": b"Grok-1",
        "tokenizer.model": b"x",
        "ckpt-0/tensor00000_000": b"x",
        "ckpt-0/tensor00001_000": b"x",
    }
    told = fetched(tmp_path, hub, monkeypatch, "grok-1", jax, capfd, trust_remote_code=True)
    assert "has no safetensors weights; it has ckpt-0/tensor00000_000, ckpt-0/tensor00001_000. The catalogue" in told
    assert "transformers has none of this name" in told
    pickled = {
        **repository("crystalcoder"),
        "pytorch_model-00001-of-00002.bin": b"x",
        "pytorch_model.bin.index.json": b"{}",
    }
    del pickled["model.safetensors"]
    told = fetched(tmp_path, hub, monkeypatch, "crystalcoder", pickled, capfd, trust_remote_code=True)
    assert "has no safetensors weights; it has pytorch_model-00001-of-00002.bin." in told
    bare = {name: content for name, content in repository("grok-1").items() if not name.endswith(".py")}
    told = fetched(tmp_path, hub, monkeypatch, "grok-1", bare, capfd, trust_remote_code=True)
    assert "the code that its config.json names is not there: configuration_own.py, modeling_own.py" in told
    config = {key: value for key, value in json.loads(bare["config.json"]).items() if key != "auto_map"}
    told = fetched(
        tmp_path, hub, monkeypatch, "grok-1", {**bare, "config.json": json.dumps(config).encode()}, capfd,
    )  # fmt: skip
    assert "and brings no code of its own" in told


@pytest.fixture
def local(beginning, tmp_path, monkeypatch):
    """Make a study whose models start from a folder with a tiny model of an architecture."""

    def made(architecture: str, models: dict, **more) -> Path:
        folder = shutil.copytree(beginning, tmp_path / "study")
        (folder / "base").mkdir()
        for name, content in repository(architecture).items():
            (folder / "base" / name).write_bytes(content)
        trust = {"trust_remote_code": True} if architecture in OWN_CODE else {}
        base = {"path": "base", "license": "Apache-2.0", **trust}
        configure(
            folder, architecture, models={name: {**model, "base": base} for name, model in models.items()}, **more
        )
        monkeypatch.chdir(folder)
        monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
        return folder

    return made


@pytest.mark.parametrize("architecture", ["t5", "crystalcoder"])
def test_in_full_and_as_it_is(architecture, local):
    """All weights of it are trained, and what was trained is loaded again, code and all; and the base evaluated."""
    folder = local(architecture, {"tuned": {"kind": "finetune"}, "original": {"kind": "pretrained"}})
    run(folder, "base", "tokenize", "train", "evaluate")
    weights = folder / paths.weights_files("tuned.raw.seed0", adapter=False)[0]
    once = weights.read_bytes()
    run(folder, "train")
    assert weights.read_bytes() == once
    run(folder, "base", "evaluate", model="original", cell="original.pretrained")
    run(folder, "license", "compare")
    summary = read_json(folder / paths.training_summary("tuned.raw.seed0"))
    assert summary["trainable_parameters"] == summary["parameters"]
    cells = ("original.pretrained", "tuned.raw.seed0")
    found = [read_json(folder / paths.evaluation(cell, "quiz"))["tasks"]["texts"]["metrics"] for cell in cells]
    before, after = (metrics["bits_per_byte"]["value"] for metrics in found)
    assert after < before
    front, card = card_of(folder)
    assert front["library_name"] == "transformers"
    kind = "An encoder-decoder" if architecture == "t5" else "A causal"
    assert f"{kind} language model of {summary['parameters']:,} parameters, fine-tuned in full" in card
    assert ("from_pretrained(folder, trust_remote_code=True)" in card) == (architecture == "crystalcoder")


@pytest.mark.parametrize("architecture", ["t5", "llama"])
def test_in_bfloat16(architecture, local):
    training = {"tokens": 96, "block_length": 16, "batch_size": 2, "learning_rate": 0.01, "precision": "bfloat16"}
    folder = local(
        architecture, {"tuned": {"kind": "finetune", "lora": {"rank": 2}}}, training=training,
        evaluation={"precision": "bfloat16"},
    )  # fmt: skip
    run(folder, "base", "tokenize", "train", "evaluate")
    gates = read_json(folder / paths.evaluation("tuned.raw.seed0", "quiz"))["gates"]
    assert gates["float32"]["value"] is not None, "a sample was scored in float32, too"


@pytest.mark.parametrize(
    ("architecture", "lora", "told"),
    [
        ("gpt_neox", {"target_modules": ["q_proj", "v_proj"]}, "dense, dense_4h_to_h, dense_h_to_4h, lm_head, query"),
        ("llama", {"target_modules": ["q_proj", "query"]}, "'query' is none of the base's layers for text"),
        ("mixtral", {"dropout": 0.1}, "dropout"),
    ],
)
def test_an_adapter_that_cannot_be(architecture, lora, told, local, capfd):
    folder = local(architecture, {"tuned": {"kind": "finetune", "lora": lora}})
    run(folder, "base", "tokenize")
    capfd.readouterr()
    assert do_job("train", {"experiment": "tuned.raw.seed0"}, folder) == EXIT_CONFIG
    found = capfd.readouterr().err
    assert "error: models.tuned.lora" in found
    assert told in found


def test_an_encoder_decoder_is_not_trained_from_random_weights():
    from railcrate.model.build import scratch_config
    from railcrate.model.errors import ArchitectureError
    from railcrate.study.models import ScratchModel

    model = ScratchModel(kind="scratch", tokenizer="own", architecture={"model_type": "t5", "d_model": 32})
    with pytest.raises(ArchitectureError, match="'t5', an encoder and a decoder; from random weights only decoders"):
        scratch_config("tiny", model, None, 16)
