# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import json

import pytest

from railcrate.licensing.catalogue import find
from railcrate.licensing.errors import LicenseError
from railcrate.licensing.upstream import fetch_text
from railcrate.study.errors import EnvironmentProblem
from tests.servers.files import Trouble, file_server


def at(url):
    return find("LicenseRef-deepseek-1.0").model_copy(update={"upstream": url})


def test_a_text_is_fetched_with_where_it_is_from(tmp_path):
    with file_server() as server:
        server.files["/LICENSE"] = b"DeepSeek License\n"
        file = fetch_text(at(server.url("/LICENSE")), tmp_path / "licenses")
        assert file.read_text() == "DeepSeek License\n"
        about = json.loads((tmp_path / "licenses" / "LicenseRef-deepseek-1.0.source.json").read_text())
        assert about == {"url": server.url("/LICENSE"), "sha256": hashlib.sha256(b"DeepSeek License\n").hexdigest()}


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"<!DOCTYPE html><p>License", "page for readers"), (b"\xff\xfe\x00", "UTF-8"), (b"x" * 1_000_001, "too many")],
)
def test_what_is_no_license_text_is_refused(tmp_path, content, told):
    with file_server() as server:
        server.files["/LICENSE"] = content
        with pytest.raises(LicenseError, match=told) as caught:
            fetch_text(at(server.url("/LICENSE")), tmp_path)
    assert "in a browser" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_reached_is_told(tmp_path):
    with file_server() as server:
        url = server.url("/LICENSE")
        server.troubles += [Trouble(status=503)]
        with pytest.raises(EnvironmentProblem, match="cannot be reached: HTTPError"):
            fetch_text(at(url), tmp_path)
    with pytest.raises(EnvironmentProblem, match="cannot be reached: ConnectionError") as caught:
        fetch_text(at(url), tmp_path, wait=0.01)
    assert "LicenseRef-deepseek-1.0.txt" in caught.value.hint
