# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""After everything is written: what the answers leave out goes, and git and DVC are set up."""

from railcrate.scaffold.hooks import after

after("{{ cookiecutter | jsonify | urlencode }}")
