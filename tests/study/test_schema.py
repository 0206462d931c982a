# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The schema in the repository is the one that the models give, and it judges as they do."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import yaml

from railcrate.study.schema import schema_text

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "study.schema.json"


def test_the_file_is_in_step_with_the_models():
    assert SCHEMA.read_text() == schema_text(), "run: railcrate schema -o workflow/schemas/study.schema.json"


def test_the_schema_accepts_the_reference_study_and_refuses_an_unknown_key():
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    study = yaml.safe_load((ROOT / "config" / "study.yaml").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    assert not list(validator.iter_errors(study))
    assert list(validator.iter_errors({**study, "sedes": [1]}))
