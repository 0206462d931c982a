# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The page of a verification: what it says, and how it looks on a telephone and on a desk, by day and by night."""

from __future__ import annotations

import json
import re
import time
from datetime import date

import pytest
from figures_kit import Drawn

from railcrate.reproduce.consistency import Mismatch
from railcrate.reproduce.contrast import contrast, same_names
from railcrate.reproduce.explain import explain
from railcrate.reproduce.facts import facts_of
from railcrate.reproduce.metrics import study_results
from railcrate.reproduce.page import render, write_page
from railcrate.reproduce.stores import FolderStore
from railcrate.reproduce.surroundings import Claim, environments
from railcrate.reproduce.verification import FilesChecked, Subject, Verification, Weights

PHONE, DESK = (390, 844), (1280, 900)
ONE, OTHER = "tiny.raw.seed0", "tiny.clean.seed1"


def verification(folder, other: Drawn, depth="train") -> Verification:
    """What a run of a drawn study comes to."""
    stores = [FolderStore(drawn.write(folder / name)) for name, drawn in (("a", Drawn()), ("b", other))]
    results, facts = zip(*((study_results(s.place.name, s), facts_of(s)) for s in stores), strict=True)
    pairs, alone = same_names(*results)
    found = contrast(*results, pairs, seeds=depth == "train")
    found.apart += alone
    estimate = {"estimate": 0.03, "ci_low": -0.01, "ci_high": 0.07, "p_holm": 0.1}
    doi = "10.5281/zenodo.42"
    return Verification(
        of=Subject(doi, "Clean <b>or</b> more?", "1.0.0", doi, None, "c" * 40, "a" * 64),
        depth=depth, made=date(2026, 3, 1), railcrate="0.1.0", files=FilesChecked(42, 1_000_000, withheld=1),
        contrast=found, weights=[Weights(name, "1" * 64, "2" * 64 if name in found.retrained else "1" * 64)
                                 for name in other.experiments],
        claims=[Claim("Cleaning helps", "pairs", "accuracy", "clean", "raw",
                      {**estimate, "verdict": "not shown"}, {**estimate, "verdict": "supported"})],
        causes=explain((results[0], facts[0]), (results[1], facts[1]), found, pairs),
        environments=environments(*facts, ("train", "evaluate")),
    )  # fmt: skip


def on_another_machine() -> Drawn:
    other = Drawn().jitter(1e-7, "tiny.raw.seed1").retrain(4.0, ONE).retrain(0.0, OTHER)
    other.machine |= {"cpu": "Intel Xeon", "cpu_flags": ["avx2"]}
    return other


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return verification(tmp_path_factory.mktemp("page"), on_another_machine())


@pytest.fixture(scope="module")
def html(made):
    return render(made)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<body>")[1]).split())


def test_the_verdict_comes_first_in_a_sentence(made, html):
    text = text_of(html)
    assert 0 <= text.index(made.sentence) < 400
    for part in ("not told apart", "published again difference 95 % interval verdict", "The processor differs"):
        assert part in text
    assert "AMD EPYC Intel Xeon" in text
    assert "TOST" not in text  # it is said in words
    assert "two one-sided tests" in text


def test_nothing_outside_no_script_and_nothing_unescaped(html):
    assert "<b>or</b>" not in html
    assert not re.findall(r'(?:src|href)="(?!#|data:|https://doi\.org/)[^"]+"', html)
    assert "<script" not in html
    assert "@import" not in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_the_same_verification_gives_the_same_bytes(tmp_path, made, html):
    again = verification(tmp_path, on_another_machine())
    assert render(again) == html
    again.made = date(2026, 3, 2)
    assert render(again).replace("2026-03-02", "2026-03-01") == html


def test_json_lies_beside_it_and_says_the_same(tmp_path, made):
    page, data = write_page(tmp_path / "out.html", made)
    content = json.loads(data.read_text())
    assert data == tmp_path / "out.json"
    assert page.read_text() == render(made)
    assert content["format"] == "railcrate-verification/1"
    assert content["sentence"] == made.sentence
    assert content["counts"]["equivalent"] == sum(f["verdict"] == "equivalent" for f in content["figures"])
    assert {e["what"] for e in content["environments"] if not e["same"]} == {"processor", "instruction sets"}
    assert next(w for w in content["weights"] if w["experiment"] == ONE)["same"] is False
    assert [claim["same"] for claim in content["claims"]] == [False]


@pytest.mark.parametrize(
    ("change", "outcome", "code", "headline"),
    [
        (lambda v: None, "identical", 0, "It holds: identical"),
        (lambda v: v.mismatches.append(Mismatch("weights", ONE, "x", "1", "2")), "different", 1,
         "What was published does not fit together"),
        (lambda v: setattr(v, "files", FilesChecked(problems=("data.zip: damaged",))), "unverified", 2,
         "It could not be verified"),
    ],
)  # fmt: skip
def test_outcomes_and_exit_codes(tmp_path, change, outcome, code, headline):
    found = verification(tmp_path, Drawn(), depth="evaluate")
    found.weights = []
    change(found)
    assert (found.outcome, found.exit_code, found.headline) == (outcome, code, headline)
    assert headline in text_of(render(found))


def test_strictly_only_identical_holds(tmp_path):
    other = Drawn().jitter(1e-7)
    other.machine["cpu"] = "Intel Xeon"
    found = verification(tmp_path, other, depth="evaluate")
    assert (found.outcome, found.exit_code) == ("equivalent", 0)
    found.strict = True
    assert found.exit_code == 1
    assert found.headline == "Equivalent, but not identical"


@pytest.mark.parametrize(("size", "code"), [(1e-7, 0), (1e-3, 1)])
def test_what_nothing_accounts_for_is_different_where_it_is_more_than_last_digits(tmp_path, size, code):
    found = verification(tmp_path, Drawn().jitter(size, ONE), depth="evaluate")
    assert found.contrast.counts["different"] == 0
    assert found.exit_code == code
    assert found.unaccounted == bool(code)


def test_what_only_one_side_has_is_different(tmp_path):
    found = verification(tmp_path, Drawn(variants=("raw",)), depth="evaluate")
    assert (found.outcome, found.exit_code) == ("different", 1)
    assert "2 figures of one side have no counterpart" in found.sentence


# --- in a browser -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file(tmp_path_factory, made):
    return write_page(tmp_path_factory.mktemp("browser") / "page.html", made)[0]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen_and_follows_the_color_scheme(browser, file, size, scheme):
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(file.as_uri())
    time.sleep(0.3)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= size[0]
    lightness = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    assert (sum(browser.execute_script(lightness)) > 600) == (scheme == "light")
    drawn = "return [...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width > 200).length"
    assert browser.execute_script(drawn) == 1
    # Every verdict that is open can be seen without scrolling sideways.
    cells = "[...document.querySelectorAll('.figures td:last-child')]"
    right = f"return Math.max(...{cells}.map(c => c.getBoundingClientRect().right))"
    assert browser.execute_script(right) <= size[0]
    dead = (
        "return [...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(id))"
    )
    assert browser.execute_script(dead) == []
