# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""`python -m railcrate.scaffold`: write the template's cookiecutter.json from its prompts.yaml."""

from railcrate.scaffold.questions import cookiecutter_json, questions, template_folder
from railcrate.study.files import write_text

if __name__ == "__main__":
    write_text(template_folder() / "cookiecutter.json", cookiecutter_json(questions()))
