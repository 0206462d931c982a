# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Go through pages of the documentation as their readers do, and say what is not so.

    python docs/tools/pages.py docs/how-to/slurm.md     # run one page
    python docs/tools/pages.py --list README.md         # what is done with each block, without running
    python docs/tools/pages.py --write docs/tutorial.md # put real output into its text blocks

docs/tools/README.md tells of the markers that pages may have.
"""

from __future__ import annotations

import argparse
import importlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

from doc_pages.blocks import Block, PageError, read_page
from doc_pages.prose import problems_in_prose
from doc_pages.run import go_through
from doc_pages.states import StateError, States
from doc_pages.write import with_outputs

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Go through the pages that are named.

    Returns:
        0 where all is so, 1 otherwise.
    """
    parser = argparse.ArgumentParser(prog="python docs/tools/pages.py", description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="+", type=Path, help="Markdown files")
    parser.add_argument("--list", action="store_true", help="list the blocks with their markers, and run nothing")
    parser.add_argument("--write", action="store_true", help="put what is printed into the text blocks that differ")
    parser.add_argument("--fresh", action="store_true", help="make the states anew that pages begin with")
    given = parser.parse_args()
    kept = Path(tempfile.gettempdir()) / "railcrate-pages"
    if given.fresh:
        shutil.rmtree(kept, ignore_errors=True)
    wrong = 0
    for path in given.pages:
        try:
            wrong += _show(path) if given.list else _try(path.resolve(), kept, write=given.write)
        except (PageError, StateError) as error:
            print(error)
            wrong += 1
    return 1 if wrong else 0


def _show(path: Path) -> int:
    for step in read_page(path.resolve(), ROOT).steps:
        if isinstance(step, Block):
            markers = "; ".join(f"{marker.word} {marker.rest}".strip() for marker in step.markers)
            print(f"{path}:{step.line}: {step.language or 'free text'}{f' ({markers})' if markers else ''}")
        else:
            print(f"{path}:{step.line}: {step.word} {step.rest}")
    return 0


def _try(path: Path, kept: Path, *, write: bool) -> int:
    page = read_page(path, ROOT)
    states = States(kept, lambda: _finished(kept))
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="railcrate-page-") as folder:
        outcome = go_through(page, states, Path(folder))
    findings = [*outcome.findings, *problems_in_prose(page, ROOT)]
    for finding in sorted(findings, key=lambda finding: finding.line):
        print(f"{page.name}:{finding.line}: {finding.message}\n")
    if write and outcome.outputs:
        path.write_text(with_outputs(page, outcome.outputs), encoding="utf-8")
    blocks = f"{len(outcome.done)} of {len(list(page.blocks))} blocks"
    print(f"{page.name}: {blocks}, {len(findings)} findings, {time.monotonic() - begun:.0f} s")
    return len(findings)


def _finished(kept: Path) -> Path:
    """The small real study that the tests have, run once."""
    from filelock import FileLock

    sys.path.insert(0, str(ROOT / "tests" / "e2e"))
    kit = importlib.import_module("study_kit")

    folder = kept / "finished"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            new = kept / "finished-being-made"
            shutil.rmtree(new, ignore_errors=True)
            kit.make_study(new)
            kit.snakemake(new)
            kit.commit(new)
            new.rename(folder)
    return folder


if __name__ == "__main__":
    sys.exit(main())
