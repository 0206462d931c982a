# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""A server that behaves as Zenodo does, oddities included, and has bad days when it is told to.

```python
with zenodo_server(state=folder) as server:
    server.faults.append(Fault("status", method="POST", route="publish", status=504, after=True))
    publish_to(server.address, server.token)
    assert len(server.published()) == 1
```

From a shell: `python -m railcrate.testing.zenodo --state DIR`. docs/zenodo-test-server.md tells the rest.
"""

from railcrate.testing.zenodo.catalogue import CATALOGUE
from railcrate.testing.zenodo.faults import Fault, load_faults
from railcrate.testing.zenodo.limits import ZENODO_LIMITS, Limit
from railcrate.testing.zenodo.record import PublicFile, PublicRecord
from railcrate.testing.zenodo.requests_log import Request
from railcrate.testing.zenodo.routes import ROUTES
from railcrate.testing.zenodo.server import ZenodoServer, zenodo_server

__all__ = [
    "CATALOGUE",
    "ROUTES",
    "ZENODO_LIMITS",
    "Fault",
    "Limit",
    "PublicFile",
    "PublicRecord",
    "Request",
    "ZenodoServer",
    "load_faults",
    "zenodo_server",
]
