# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Take the picture of a report that the README shows: its beginning, and beside it comparisons and results.

    python docs/tools/pictures.py            # of the reference study, which must be finished
    python docs/tools/pictures.py FOLDER     # of another study

It needs chromium and chromedriver.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "assets" / "report.png"
LARGEST = 300_000  # bytes: a README is looked at on the way, too
WIDTH = 860  # of the report's window, in pixels
HEIGHT = 1080  # of what is shown of it
GAP = 24
PARTS = (("comparisons", 0.46), ("levels", 0.54))  # what stands on the right: sections, and how much of the height

PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #e7ecee; }}
main {{ display: grid; grid-template-columns: repeat(2, {width}px); gap: {gap}px; padding: {gap}px; }}
div {{ display: flex; flex-direction: column; gap: {gap}px; }}
img {{ display: block; box-shadow: 0 1px 6px #0004; }}
</style><main><div><img src="{left}"></div><div>{right}</div></main>"""


def take(study: Path, picture: Path) -> None:
    """Take the picture.

    Args:
        study: the folder of a finished study.
        picture: where to write it (PNG).

    Raises:
        SystemExit: when the study has no report, or the picture is too large.
    """
    report = study / "results" / "report.html"
    if not report.is_file():
        sys.exit(f"error: {report} is not there; run the study first")
    with _browser() as browser, tempfile.TemporaryDirectory() as folder:
        browser.set_window_size(WIDTH, HEIGHT)
        browser.get(report.as_uri())
        left = _clip(browser, 0, HEIGHT)
        free = HEIGHT - GAP * (len(PARTS) - 1)
        right = [_clip(browser, _top(browser, name), int(free * share)) for name, share in PARTS]
        page = Path(folder) / "page.html"
        images = "".join(f'<img src="{image}">' for image in right)
        page.write_text(PAGE.format(width=WIDTH, gap=GAP, left=left, right=images), encoding="utf-8")
        width, height = 2 * WIDTH + 3 * GAP, HEIGHT + 2 * GAP
        browser.set_window_size(width, height)
        browser.get(page.as_uri())
        content = _shot(browser, {"x": 0, "y": 0, "width": width, "height": height, "scale": 0.7})
    if len(content) > LARGEST:
        sys.exit(f"error: the picture has {len(content)} bytes, and may have {LARGEST}")
    picture.write_bytes(content)


def _browser() -> Any:
    webdriver = importlib.import_module("selenium.webdriver")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        sys.exit("error: chromium or chromedriver is missing; on Debian: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for switch in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(switch)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


def _top(browser: Any, section: str) -> int:
    found = browser.execute_script(f"return document.getElementById('{section}').getBoundingClientRect().top + scrollY")
    return int(found)


def _clip(browser: Any, top: int, height: int) -> str:
    clip = {"x": 0, "y": top, "width": WIDTH, "height": height, "scale": 1}
    return f"data:image/png;base64,{base64.b64encode(_shot(browser, clip)).decode()}"


def _shot(browser: Any, clip: dict[str, Any]) -> bytes:
    how = {"format": "png", "captureBeyondViewport": True, "clip": clip}
    return base64.b64decode(browser.execute_cdp_cmd("Page.captureScreenshot", how)["data"])


def main() -> int:
    """Take the picture of the study that is named.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(prog="python docs/tools/pictures.py", description=__doc__.split("\n")[0])
    parser.add_argument(
        "study", nargs="?", type=Path, default=ROOT, help="a finished study; the reference study by default"
    )
    take(parser.parse_args().study.resolve(), PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
