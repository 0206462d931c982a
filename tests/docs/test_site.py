# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The site is whole by itself: nothing is loaded from elsewhere, and it is read and searched from a folder."""

import json
import re
import time
from html.parser import HTMLParser

import pytest
from selenium.webdriver.common.by import By

PAGES = ("index.html", "tutorial.html", "how-to/license.html", "reference/configuration.html",
         "reference/licenses.html", "reference/commands.html", "license-cases.html")  # fmt: skip
PHONE, DESK = (390, 844), (1280, 900)
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "object": "data"}
LINKS = ("stylesheet", "icon", "preload", "preconnect", "modulepreload", "dns-prefetch", "manifest")


class Loaded(HTMLParser):
    """What a page loads by itself."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get(LOADS.get(tag, "")):
            self.found.append(given[LOADS[tag]])
        if tag == "link" and set(str(given.get("rel")).split()) & set(LINKS):
            self.found.append(given["href"])


def test_nothing_is_loaded_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 25
    for page in pages:
        away = [address for address in Loaded(page.read_text()).found if re.match(r"(https?:)?//", address)]
        assert away == [], page
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", style.read_text()), style


def test_markers_of_tests_are_left_out(site):
    for page in site.rglob("*.html"):
        assert "<!-- test:" not in page.read_text(), page


def test_every_page_is_in_the_navigation(site):
    text = (site / "index.html").read_text()
    for page in site.rglob("*.html"):
        name = page.relative_to(site).as_posix()
        assert name in {"404.html", "index.html"} or f'href="{name}"' in text, name


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_fit_the_screen_and_ask_nothing_of_the_network(browser, site, size):
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for kind in ("browser", "performance"):
        browser.get_log(kind)  # what was before
    for name in PAGES:
        browser.get((site / name).as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, name
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_search_works_without_a_server(browser, site):
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.set_window_size(*DESK)
    browser.get((site / "index.html").as_uri())
    browser.find_element(By.CSS_SELECTOR, "input[name=query]").send_keys("near-duplicates")
    end = time.monotonic() + 20
    found = []
    while time.monotonic() < end and not found:
        found = [
            link.get_attribute("href") for link in browser.find_elements(By.CSS_SELECTOR, ".md-search-result__link")
        ]
        time.sleep(0.1)
    assert any("reference/steps.html" in link for link in found), found
