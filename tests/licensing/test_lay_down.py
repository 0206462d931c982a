# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What is laid down, judged by the reuse tool, and how licenses are written for other places."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from railcrate.licensing.catalogue import find, text
from railcrate.licensing.lay_down import lay_down
from railcrate.licensing.notice import TAG
from railcrate.licensing.rail import RailRequest, generate, write
from railcrate.licensing.registries import citation, hugging_face, ro_crate, zenodo
from railcrate.study import paths
from railcrate.study.load import load_study

from .conftest import STUDY, source

PLAYS = source("CC-BY-SA-4.0", citation="Plays, ed. Roe 2020", url="https://example.org/plays")
SPEECHES = source("CC-BY-4.0", citation="Speeches,\n  ed. Doe 2019")
BASE = {"path": "base", "license": "LicenseRef-llama3.2", "citation": "Llama 3.2 1B"}
FILES = (
    "data/raw/speeches.json",
    "data/raw/plays.json",
    "data/variants/raw/text.parquet",
    "data/variants/mixed/text.parquet",
    "data/blocks/small/mixed.npy",
    "data/tokenizers/shared/raw/tokenizer.json",
    "models/weights/small.raw.seed0/model.safetensors",
    "models/weights/small.mixed.seed0/model.safetensors",
    "models/bases/tuned/model.safetensors",
    "models/bases/tuned.json",
    "results/report.html",
    "records/jobs.json",
    "README.md",
    "Snakefile",
)


def laid_down(study_folder, **changes):
    Path("base").mkdir(exist_ok=True)
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        (Path("base") / name).write_text("x")
    folder = study_folder(**changes)
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    lay_down(folder, load_study(folder))
    return folder


def reuse(folder: Path) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "reuse"), "--root", str(folder), "lint", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def licenses_of(folder: Path, name: str) -> set[str]:
    """The licenses of a file as the reuse tool understands them."""
    for file in json.loads(reuse(folder))["files"]:
        if file["path"] == name:
            return {entry["value"] for entry in file["spdx_expressions"]}
    raise AssertionError(f"reuse knows no {name}")


def test_reuse_is_content_with_a_rail_for_the_weights(study_folder):
    request = RailRequest(
        family="OpenRAIL", letters="M", clauses=("minors", "malware"), licensor="Doe", artifact="Small"
    )
    made = generate(request)
    write(made, study_folder() / "config" / "licenses")
    folder = laid_down(
        study_folder,
        sources={"speeches": SPEECHES, "plays": {**PLAYS, "license": "CC-BY-3.0"}},
        recipes={"raw": {"from": ["speeches"]}, "mixed": {"from": ["speeches", "plays"]}},
        licenses={"weights": made.id},
    )
    answer = json.loads(reuse(folder))
    assert answer["summary"]["compliant"], answer["non_compliant"]
    assert licenses_of(folder, "models/weights/small.raw.seed0/model.safetensors") == {made.id}
    assert licenses_of(folder, "data/variants/mixed/text.parquet") == {"CC-BY-4.0"}
    assert licenses_of(folder, "data/raw/plays.json") == {"CC-BY-3.0"}
    assert (folder / "LICENSES" / f"{made.id}.txt").read_text() == made.text
    assert (folder / "LICENSES" / "CC-BY-3.0.txt").read_text() == text("CC-BY-3.0")
    beside = (folder / "models/weights/small.raw.LICENSE").read_text()
    assert "use it for making or spreading malware" in beside
    assert made.text in beside


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("of_the_author", [True, False])
def test_reuse_is_content_with_what_git_keeps_and_with_the_whole(study_folder, tmp_path_factory, of_the_author):
    """Data, weights and results are not in git: what git keeps must be right without them, and the whole with them."""
    folder = study_folder()
    made = generate(RailRequest(family="OpenRAIL", letters="M", clauses=("minors",), licensor="Doe", artifact="Small"))
    write(made, folder / "config" / "licenses")
    if of_the_author:
        names = ["*", "config/study.yaml", "tasks/**", "base/**"]
        lines = ["version = 1", "[[annotations]]", f"path = {json.dumps(names)}"]
        lines += ['SPDX-FileCopyrightText = "Doe"', f'{TAG} = "Apache-2.0"']
        (folder / "REUSE.toml").write_text("\n".join(lines))
    laid_down(
        study_folder,
        sources={"speeches": SPEECHES, "plays": PLAYS},
        recipes={"raw": {"from": ["speeches"]}, "mixed": {"from": ["speeches", "plays"]}},
        licenses={"weights": made.id, "data": "CC-BY-SA-4.0", "policy": "permissive"},
    )
    (folder / ".gitignore").write_text("/data/\n/models/\n/results/\n/records/\n/.railcrate/\n")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    kept = json.loads(reuse(folder))
    assert kept["summary"]["compliant"], kept["non_compliant"]
    assert not [file["path"] for file in kept["files"] if file["path"].startswith(("data/", "models/"))]
    whole = shutil.copytree(folder, tmp_path_factory.mktemp("whole") / "study", ignore=shutil.ignore_patterns(".git"))
    for name in (".railcrate", "models/bases"):  # what this machine remembers; what is no part of this study
        shutil.rmtree(whole / name)
    (whole / ".gitignore").unlink()
    answer = json.loads(reuse(whole))
    assert answer["summary"]["compliant"], answer["non_compliant"]
    assert [file["path"] for file in answer["files"] if file["path"].startswith("records/")]


def test_a_text_that_nothing_is_under_any_more_goes_away(study_folder):
    folder = laid_down(study_folder, licenses={"data": "CC-BY-SA-4.0"})
    (folder / "LICENSES" / "ISC.txt").write_text("mine")
    assert (folder / "LICENSES" / "CC-BY-SA-4.0.txt").is_file()
    laid_down(study_folder)
    assert sorted(file.stem for file in (folder / "LICENSES").iterdir()) == [
        "Apache-2.0",
        "CC-BY-4.0",
        "CC0-1.0",
        "ISC",
    ]
    laid_down(study_folder, licenses={"data": "CC-BY-SA-4.0"})
    (folder / "LICENSES" / "CC-BY-SA-4.0.txt").write_text("with a remark of mine")
    laid_down(study_folder)
    assert (folder / "LICENSES" / "CC-BY-SA-4.0.txt").read_text() == "with a remark of mine"


def test_the_texts_of_what_something_is_made_from_go_along_where_they_want_to(study_folder):
    folder = laid_down(study_folder, sources={"speeches": source("CDLA-Permissive-2.0", citation="The speeches")})
    beside = (folder / "data/variants/raw/LICENSE").read_text()
    assert text("CC-BY-4.0").strip() in beside
    assert "CDLA-Permissive-2.0, of what it is made from" in beside
    assert text("CDLA-Permissive-2.0").strip() in beside
    assert "hand on the text of what it is made from: CDLA-Permissive-2.0" in beside
    # What is learned from such data is free of it, by its text.
    assert "CDLA" not in (folder / "models/weights/small.raw.LICENSE").read_text().replace("(CDLA-Permissive-2.0)", "")


def test_attribution_in_the_words_that_a_license_gives(study_folder):
    folder = laid_down(
        study_folder,
        sources={"speeches": source("ODbL-1.0", citation="Big {work} Base"), "plays": PLAYS},
        licenses={"data": "ODbL-1.0", "policy": "permissive"},
    )
    notice = (folder / "NOTICE").read_text()
    assert "Contains information from Big {work} Base, which is made available here under the Open Database" in notice
    assert "Plays, ed. Roe 2020 is licensed under CC BY-SA 4.0\n" in notice
    assert f"variants.raw\n{TAG}: ODbL-1.0\n" in notice


def test_a_tokenizer_is_under_the_license_of_what_it_is_trained_on(study_folder):
    folder = laid_down(
        study_folder,
        sources={"speeches": SPEECHES, "plays": PLAYS},
        recipes={"raw": {"from": ["plays"]}, "mixed": {"from": ["speeches"]}},
        licenses={"components": {"variants.raw": "CC-BY-SA-4.0"}, "policy": "permissive"},
    )
    assert licenses_of(folder, "data/tokenizers/shared/raw/tokenizer.json") == {"CC-BY-SA-4.0"}
    assert licenses_of(folder, "data/blocks/small/mixed.npy") == {"CC-BY-4.0"}


def test_attributions_are_collected(study_folder):
    sources = {f"s{n}": source("CC-BY-4.0", citation=f"Author {n} 2020") for n in range(10)}
    folder = laid_down(study_folder, sources=sources, recipes={"raw": {"from": list(sources)}})
    notice = (folder / "NOTICE").read_text()
    for n in range(10):
        assert f"Author {n} 2020" in notice
    assert "variants.raw, weights.small.raw; changed by the steps of the recipes" in notice
    beside = (folder / "data/variants/raw/LICENSE").read_text()
    assert "Author 9 2020 (CC-BY-4.0)" in beside


def test_what_a_base_wants_shown_is_shown(study_folder):
    folder = laid_down(
        study_folder,
        models={
            **STUDY["models"],
            "tuned": {"kind": "finetune", "title": "Llama Poet", "base": BASE},
        },
        licenses={"components": {"weights.tuned": "LicenseRef-llama3.2"}},
    )
    notice = (folder / "NOTICE").read_text()
    assert "Built with Llama" in notice
    assert "Llama 3.2 is licensed under the Llama 3.2 Community License" in notice
    pointer = (folder / "LICENSES" / "LicenseRef-llama3.2.txt").read_text()
    assert "This is not its text" in pointer
    assert "meta-llama/llama-models/main/models/llama3_2/LICENSE" in pointer
    content = json.loads((folder / paths.LICENSES).read_text())
    assert content["components"]["weights.tuned.raw"]["hugging_face"]["license"] == "llama3.2"


def test_what_the_author_wrote_is_left_alone(study_folder):
    folder = study_folder()
    (folder / "LICENSES").mkdir()
    (folder / "LICENSES" / "Apache-2.0.txt").write_text("mine")
    (folder / "REUSE.toml").write_text("version = 1\n")
    laid_down(study_folder)
    assert (folder / "LICENSES" / "Apache-2.0.txt").read_text() == "mine"
    assert (folder / "REUSE.toml").read_text() == "version = 1\n"


def test_the_text_and_the_notice_that_came_with_a_base_go_along(study_folder):
    folder = study_folder()
    came = folder / "models" / "bases" / "tuned"
    came.mkdir(parents=True)
    (came / "LICENSE.txt").write_text("LLAMA COMMUNITY LICENSE\n")
    (came / "NOTICE").write_text("Of the base, in so many words.\n")
    laid_down(
        study_folder,
        models={"tuned": {"kind": "finetune", "title": "Llama Poet", "base": BASE}},
        licenses={"weights": "LicenseRef-llama3.2"},
    )
    assert (folder / "LICENSES" / "LicenseRef-llama3.2.txt").read_text() == "LLAMA COMMUNITY LICENSE\n"
    assert "LLAMA COMMUNITY LICENSE" in (folder / "models/weights/tuned.raw.LICENSE").read_text()
    assert "NOTICE of the base of tuned:\n\nOf the base, in so many words." in (folder / "NOTICE").read_text()


def test_a_text_that_was_fetched_later_takes_the_place_of_the_pointer(study_folder):
    changes = {
        "models": {"tuned": {"kind": "finetune", "title": "Llama Poet", "base": BASE}},
        "licenses": {"weights": "LicenseRef-llama3.2"},
    }
    folder = laid_down(study_folder, **changes)
    (folder / "config" / "licenses").mkdir()
    (folder / "config" / "licenses" / "LicenseRef-llama3.2.txt").write_text("the words themselves\n")
    laid_down(study_folder, **changes)
    assert (folder / "LICENSES" / "LicenseRef-llama3.2.txt").read_text() == "the words themselves\n"


def test_a_license_that_was_made_again_is_laid_down_again(study_folder):
    folder = study_folder()
    for names in (("minors",), ("minors", "malware")):
        made = generate(RailRequest(family="OpenRAIL", letters="M", clauses=names, licensor="Doe", artifact="Small"))
        write(made, folder / "config" / "licenses", force=True)
        laid_down(study_folder, licenses={"weights": made.id})
        assert (folder / "LICENSES" / f"{made.id}.txt").read_text() == made.text


def test_laying_down_twice_gives_the_same_bytes(study_folder):
    folder = laid_down(study_folder)
    names = [paths.LICENSES, "NOTICE", *paths.REUSE_FILES, "data/variants/raw/LICENSE"]
    before = [(folder / name).read_bytes() for name in names]
    laid_down(study_folder)
    assert [(folder / name).read_bytes() for name in names] == before


def test_names_with_markup_and_lines_come_out_as_plain_text(study_folder):
    folder = laid_down(
        study_folder,
        title='A "study"\n[[annotations]]',
        creators=[{"name": 'Doe"]\npath = ["**"]'}],
        sources={"speeches": source("CC-BY-4.0", citation='x"\n[[annotations]]\npath = "**"')},
    )
    answer = json.loads(reuse(folder))
    assert answer["summary"]["compliant"], answer["non_compliant"]
    assert licenses_of(folder, "data/variants/raw/text.parquet") == {"CC-BY-4.0"}


def test_how_licenses_are_written_elsewhere():
    both = [find("CC-BY-4.0"), find("CDLA-Permissive-2.0")]
    assert hugging_face(both) == {"license": ["cc-by-4.0", "cdla-permissive-2.0"]}
    assert hugging_face([find("LicenseRef-qwen")]) == {
        "license": "other", "license_name": "qwen", "license_link": "LICENSE",
    }  # fmt: skip
    assert zenodo(both) == [
        {"id": "cc-by-4.0"},
        {"title": {"en": find("CDLA-Permissive-2.0").name}, "link": find("CDLA-Permissive-2.0").url},
    ]
    assert citation(both) == {"license": ["CC-BY-4.0", "CDLA-Permissive-2.0"]}
    assert citation([find("LicenseRef-gemma")]) == {"license-url": "https://ai.google.dev/gemma/terms"}
    assert ro_crate([find("MIT")])[0]["@id"] == "https://spdx.org/licenses/MIT"
    assert ro_crate([find("LicenseRef-gemma")])[0]["@id"] == "LICENSES/LicenseRef-gemma.txt"
    assert yaml.safe_load(yaml.safe_dump(hugging_face(both))) == hugging_face(both)
