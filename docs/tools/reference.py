# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Write docs/reference anew from the code, or say whether it is in step with it.

python docs/tools/reference.py
python docs/tools/reference.py --check
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable
from pathlib import Path

from doc_reference import bundle, commands, configuration, exit_codes, licenses, models, openness, steps

FOLDER = Path(__file__).resolve().parents[1] / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "configuration.md": configuration.page,
    "commands.md": commands.page,
    "steps.md": steps.page,
    "licenses.md": licenses.page,
    "openness.md": openness.page,
    "models.md": models.page,
    "exit-codes.md": exit_codes.page,
    "bundle.md": bundle.page,
}


def differences() -> dict[str, str]:
    """Compare the pages with the code.

    Returns:
        For each page that is not in step, what differs.
    """
    found = {}
    for name, write in PAGES.items():
        path = FOLDER / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = write()
        if before != after:
            lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, "the code", lineterm="", n=1)
            found[name] = "\n".join(lines)
    return found


def main() -> int:
    """Write the pages, or check them.

    Returns:
        0 where all is in step, 1 otherwise.
    """
    parser = argparse.ArgumentParser(prog="python docs/tools/reference.py", description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; say what is not in step")
    if parser.parse_args().check:
        found = differences()
        for text in found.values():
            print(text)
        if found:
            print(f"\n{', '.join(found)}: not in step with the code. Run: python docs/tools/reference.py")
        return 1 if found else 0
    FOLDER.mkdir(exist_ok=True)
    for name, write in PAGES.items():
        (FOLDER / name).write_text(write(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
