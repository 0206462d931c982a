# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Before anything is written: are the answers right?"""

import sys

try:
    from railcrate.scaffold.hooks import before
except ImportError as error:
    sys.exit(
        f"This template needs railcrate in the Python that runs cookiecutter ({sys.executable}): {error}\n"
        "  Install it there: pip install railcrate. Or use its own command: railcrate new"
    )

before("{{ cookiecutter | jsonify | urlencode }}")
