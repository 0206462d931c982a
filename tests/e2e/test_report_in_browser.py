# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report of a real study in a real browser: on a telephone and on a desk, by day and by night."""

import json
import time

import pytest

PHONE, DESK = (390, 844), (1280, 900)


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def size(request):
    return request.param


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.fixture
def page(browser, finished_study, size, scheme):
    """The report, opened at a size and in a color scheme, with the logs of the browser."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    for kind in ("browser", "performance"):
        browser.get_log(kind)  # what earlier pages left
    browser.get((finished_study / "results" / "report.html").as_uri())
    time.sleep(0.5)
    return browser


def test_nothing_is_asked_of_the_network_and_nothing_goes_wrong(page):
    assert page.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_it_fits_the_screen(page, size):
    """Wide tables and drawings scroll in their own frames; the page does not."""
    assert page.execute_script("return document.documentElement.scrollWidth") <= size[0]


def test_it_follows_the_color_scheme(page, scheme):
    lightness = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"
    red, green, blue = page.execute_script(lightness)
    assert (red + green + blue > 600) == (scheme == "light")


def test_the_answer_comes_first_and_the_drawings_are_there(page):
    text = page.execute_script("return document.body.innerText")
    claim = "Cleaning the corpus makes a model find more right sentences"
    assert 0 <= text.index(claim) < 2500
    drawn = page.execute_script(
        "return [...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width > 200).length"
    )
    assert drawn >= 3


def test_every_link_inside_the_page_has_its_end(page):
    script = (
        "return [...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(id))"
    )
    assert page.execute_script(script) == []
