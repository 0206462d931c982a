# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""How long the command line and a run without work take, against Python and Snakemake alone.

python benchmarks/startup.py [FOLDER OF A FINISHED STUDY]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from common import BIN, best, finished_study, ratio

BARE = 'rule all:\n    output: "done"\n    shell: "touch {output}"\n'


def main() -> None:
    """Measure and print."""
    here = Path.cwd()
    python = best([sys.executable, "-c", "pass"], here, 5)
    help_ = best([str(BIN / "railcrate"), "--help"], here, 5)
    above = help_.seconds - python.seconds
    print(f"railcrate --help: {help_.seconds:.2f} s, {above:.2f} of them above Python itself (wanted: under 0.3)")

    study = finished_study(sys.argv[1] if len(sys.argv) > 1 else None)
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "Snakefile").write_text(BARE)
        snakemake = [str(BIN / "snakemake"), "--cores", "2"]
        best(snakemake, Path(scratch), 1)
        bare = best(snakemake, Path(scratch))
        ours = best(snakemake, study)
    print(f"snakemake on a finished study: {ours.seconds:.2f} s (wanted: under 3)")
    ratio("  against snakemake on a finished workflow of one rule", ours.seconds, bare.seconds)


main()
