# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""What mkdocs does to pages beside rendering them.

Pages are files of the repository, too: they link to files out of docs/ by relative paths, which
lead to the repository on the site. Markers of the tests are for authors, and left out.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

import mkdocs.plugins

ROOT = Path(__file__).resolve().parents[2]
log = mkdocs.plugins.get_plugin_logger("railcrate")

_LINK = re.compile(r"(\]\()((?:\.\./)+[^)\s]*)(\))")
_MARKER = re.compile(r"^[ \t]*<!--\s*test:.*?-->[ \t]*\n", re.DOTALL | re.MULTILINE)
_FENCED = re.compile(r"^([ \t]*)(`{3,}|~{3,}).*?^\1\2[ \t]*$", re.DOTALL | re.MULTILINE)


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """Leave the tests' markers out, and lead links that leave docs/ to the repository."""
    folder = posixpath.dirname(page.file.src_uri)

    def outward(found: re.Match[str]) -> str:
        target, _, anchor = found[2].partition("#")
        path = posixpath.normpath(posixpath.join("docs", folder, target))
        if path.startswith("docs/"):
            return found[0]
        if path.startswith("..") or not (ROOT / path).exists():
            log.warning(f"{page.file.src_uri}: the link {found[2]} leads to nothing in the repository")
            return found[0]
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        address = f"{config.repo_url}/{kind}/main/{path}".rstrip("/.")
        return f"{found[1]}{address}{f'#{anchor}' if anchor else ''}{found[3]}"

    done, place = [], 0
    text = _MARKER.sub("", markdown)
    for fence in _FENCED.finditer(text):
        done += [_LINK.sub(outward, text[place : fence.start()]), fence[0]]
        place = fence.end()
    return "".join([*done, _LINK.sub(outward, text[place:])])
