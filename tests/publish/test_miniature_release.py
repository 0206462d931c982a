# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A miniature is never released: not even its plan is made."""

import pytest
from publish_kit import study

from railcrate.publish.errors import ReleaseConfigError
from railcrate.publish.folder import FolderTarget
from railcrate.publish.progress import Lines
from railcrate.publish.release import release
from railcrate.study import paths
from railcrate.study.files import write_json


@pytest.mark.parametrize("how", [{}, {"dry_run": True}])
def test_a_miniature_is_refused(tmp_path, how):
    write_json(tmp_path / paths.MINIATURE_MARK, {"miniature_of": "A study", "note": ""})
    target = FolderTarget(tmp_path, Lines(print))

    def never(*_):
        raise AssertionError("nothing is built, and nothing is asked")

    with pytest.raises(ReleaseConfigError, match="this is a miniature of a study") as told:
        release(tmp_path, study(), target=target, builder=never, ask=never, **how)
    assert "the study itself" in told.value.hint
    assert [path.name for path in tmp_path.iterdir()] == [paths.MINIATURE_MARK]
