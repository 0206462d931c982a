# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""Every fault at every request of a release, of a first version and of a new one."""

import random
from dataclasses import replace

import pytest
from publish_kit import FAILURES, RUNS, Builder, Releasing, make_folder
from release_invariants import broken, until_done

from railcrate.publish.errors import PublishedDiffersError
from railcrate.testing.zenodo import CATALOGUE, zenodo_server

# What the catalogue has in seconds of a real server, at the pace of these tests.
PACE = {
    "published after a 504": {"seconds": 0.1},
    "answer drips": {"rate": 50_000},
}
RUNS_OF_SEVERAL = 10
STRANGER = "a stranger's file"
FAULTS = {name: replace(fault, **PACE.get(name, {})) for name, fault in CATALOGUE.items()}


class FirstVersions:
    """Each release is that of a new study."""

    def __init__(self, server, folder):
        self.server, self.folder, self.count = server, folder, 0

    def next(self) -> Releasing:
        self.count += 1
        releasing = Releasing(make_folder(self.folder / f"study-{self.count}"), self.server.address, self.server.token)
        releasing.builder = Builder("1.0.0", f"data of study {self.count}")
        return releasing


class NewVersions(FirstVersions):
    """Each release is the next version of a study, which has several in a row."""

    IN_A_ROW = 8
    versions = 0

    def next(self) -> Releasing:
        if self.versions % self.IN_A_ROW == 0:
            self.releasing = super().next()
            assert self.releasing.run().state == "published"
        self.count, self.versions = self.count + 1, self.versions + 1
        self.releasing.builder = Builder(f"{self.count + 1}.0.0", f"data of version {self.count}")
        self.releasing.said.clear()
        self.releasing.errors.clear()
        return self.releasing


# A first version asks nothing of /versions.
CASES = [(series, name) for series in (FirstVersions, NewVersions) for name in FAULTS
         if (series, name) != (FirstVersions, "500 on versions")]  # fmt: skip


@pytest.mark.parametrize(("series", "name"), CASES)
def test_release_survives_fault_at_every_request(series, name, tmp_path, record_property):
    fault = FAULTS[name]
    with zenodo_server(tmp_path / "zenodo") as server:
        studies = series(server, tmp_path)
        clean = studies.next()
        server.requests.clear()
        clean.run()
        meets = [one for one in server.requests if fault.meets(one.method, one.route, one.path)]
        assert meets, "no request of this release can meet it"
        failures, struck = [], 0
        for nth in range(1, len(meets) + 1):
            releasing = studies.next()
            del server.requests[:]
            server.faults[:] = [replace(fault, nth=nth)]
            if name == STRANGER and _is_last_look(meets, nth):
                with pytest.raises(PublishedDiffersError, match="foreign.txt is not of the bundle"):
                    releasing.run()
                studies.versions = 0  # a person has to look after this one
                server.faults.clear()
                continue
            outcome, commands = until_done(releasing, server)
            struck += any(request.fault for request in server.requests)
            server.faults.clear()
            wrong = broken(releasing, server, outcome)
            if wrong:
                failures.append((nth, meets[nth - 1].method, meets[nth - 1].path, commands, wrong))
        record_property(RUNS, len(meets))
        record_property(FAILURES, len(failures))
        assert not failures
        assert struck == len(meets) - (name == STRANGER)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("series", [FirstVersions, NewVersions])
def test_release_survives_several_faults(series, seed, tmp_path, record_property):
    """Three faults in one release, each anywhere: drawn, and the same each time that the tests run."""
    drawn = random.Random(seed)
    names = [name for name in FAULTS if name != STRANGER]
    with zenodo_server(tmp_path / "zenodo") as server:
        studies, failures = series(server, tmp_path), []
        for _ in range(RUNS_OF_SEVERAL):
            releasing = studies.next()
            chosen = [(name, drawn.randint(1, 25)) for name in drawn.sample(names, 3)]
            server.faults[:] = [replace(FAULTS[name], nth=nth) for name, nth in chosen]
            outcome, _ = until_done(releasing, server)
            server.faults.clear()
            wrong = broken(releasing, server, outcome)
            if wrong:
                failures.append((chosen, wrong))
        record_property(RUNS, RUNS_OF_SEVERAL)
        record_property(FAILURES, len(failures))
        assert not failures


def _is_last_look(meets, nth) -> bool:
    """Whether this is the last request before publishing: what a stranger does after it can only be told, not kept out.

    The server publishes whatever is in the draft at that moment, and takes no condition with the request.
    """
    return nth < len(meets) and meets[nth].route == "draft.publish"
