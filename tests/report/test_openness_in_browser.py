# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The page on openness in a real browser: a reviewer finds the evidence, on a telephone and on paper, too."""

import re
import zipfile
from urllib.parse import unquote, urlsplit

import pytest

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
DESK = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
OPEN = "document.querySelectorAll('details').forEach(part => part.open = true)"
LINKS = (
    "return [...document.querySelectorAll('#openness a')].map(a => ({href: a.href, file: a.className === 'file',"
    " after: a.nextSibling ? a.nextSibling.textContent : ''}))"
)
MISSING = (
    "return [...document.querySelectorAll('a[href^=\"#\"]')].map(a => decodeURIComponent(a.hash.slice(1)))"
    ".filter(id => !document.getElementById(id))"
)
# Contrast of text with what is behind it, by WCAG 2.2; of the words in the page's part on openness.
CONTRAST = """
const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(x => x / 255).map(
  x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
  if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
const low = {};
for (const e of document.querySelectorAll('#openness :not(svg *), #configuration *, #footprint *')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
  const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) low[e.tagName + '.' + e.className] = (a + 0.05) / (b + 0.05); }
return low;
"""


@pytest.fixture
def opened(browser):
    """Open a page at a size and in a color scheme."""

    def open_page(file, size=DESK, scheme="light", media=""):
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        browser.get("about:blank")
        browser.get(file.as_uri())
        return browser

    yield open_page
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_every_link_of_the_study_has_its_end(opened, finished_study):
    page = opened(finished_study / "results" / "report.html")
    links = page.execute_script(LINKS)
    files = [unquote(urlsplit(link["href"]).path) for link in links if link["file"]]
    assert len(set(files)) >= 10
    for path in files:
        assert path.startswith(f"{finished_study}/")
        assert finished_study.joinpath(path).exists(), path
    assert page.execute_script(MISSING) == []


def test_every_link_of_the_bundle_has_its_end(opened, finished_bundle):
    """A file's link leads to the file, or to the archive that has it, at the path that is named."""
    page = opened(finished_bundle / "report.html")
    links = [link for link in page.execute_script(LINKS) if link["href"].startswith("file:")]
    told = set()
    for link in links:
        target = unquote(urlsplit(link["href"]).path)
        if target == f"{finished_bundle}/report.html":
            continue
        assert finished_bundle.joinpath(target).is_file(), target
        found = re.match(r" \((\S+) in (\S+?)\)", link["after"])
        if target.endswith(".zip"):
            told.add((found[1], target.rpartition("/")[2]))
            assert found[2] == target.rpartition("/")[2]
    for path, archive in told:
        with zipfile.ZipFile(finished_bundle / archive) as packed:
            assert any(name == path or name.startswith(f"{path}/") for name in packed.namelist()), path
    assert {archive for _, archive in told} >= {"results.zip", "records.zip", "code.zip"}
    assert page.execute_script(MISSING) == []
    text = page.execute_script("return document.getElementById('openness').innerText")
    assert "is no part of this bundle" not in text
    assert "as results/report.html" not in text


def test_evidence_is_two_clicks_away_and_the_keyboard_does_as_well(opened, finished_study):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    page = opened(finished_study / "results" / "report.html")
    framework = page.find_element(By.CSS_SELECTOR, ".framework:nth-of-type(2)")
    link = framework.find_element(By.CSS_SELECTOR, '.evidence a[href^="#config."]')
    assert not link.is_displayed()
    framework.find_element(By.TAG_NAME, "summary").click()
    assert link.is_displayed()
    link.click()
    key = page.execute_script("return document.querySelector(':target')")
    box, frame = key.rect, page.find_element(By.ID, "config").rect
    scrolled = page.execute_script("return document.getElementById('config').scrollTop")
    assert frame["y"] <= box["y"] < frame["y"] + frame["height"] + scrolled
    last = page.find_element(By.CSS_SELECTOR, ".framework:last-of-type summary")
    last.send_keys(Keys.ENTER)
    assert page.execute_script("return arguments[0].parentElement.open", last)
    # A link to a line opens what it is in.
    page.execute_script("document.querySelectorAll('details').forEach(part => part.open = false)")
    page.execute_script("location.hash = 'osaid-1.0.training'")
    assert page.find_element(By.ID, "osaid-1.0.training").is_displayed()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_fits_a_telephone_and_can_be_read(opened, finished_study, scheme):
    page = opened(finished_study / "results" / "report.html", PHONE, scheme)
    page.execute_script(OPEN)
    assert page.execute_script("return document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.execute_script(CONTRAST) == {}
    size = "return Math.min(...[...document.querySelectorAll('.tally svg')].filter(s => s.clientWidth).map("
    scale = page.execute_script(size + "s => s.clientWidth / s.viewBox.baseVal.width))")
    assert 13 * scale >= 9  # pixels of a figure in the heat map


def test_on_paper_every_line_is_there(opened, finished_study):
    page = opened(finished_study / "results" / "report.html", media="print")
    heights = "return [...document.querySelectorAll('.lines li')].map(line => line.getBoundingClientRect().height)"
    lines = page.execute_script(heights)
    assert len(lines) > 300
    assert min(lines) > 10
