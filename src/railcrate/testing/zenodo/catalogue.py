# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""One fault of every sort by its name, to be put before each request of a run in turn.

```python
for name, fault in CATALOGUE.items():
    for n in range(1, calls + 1):
        server.faults[:] = [replace(fault, nth=n)]
```

Those that concern all requests count all; the others count only those that they could meet.
"""

from __future__ import annotations

from railcrate.testing.zenodo.faults import Fault

UPLOAD = "draft.file.upload"

CATALOGUE: dict[str, Fault] = {
    "429 with Retry-After": Fault("rate-limit", seconds=1),
    "429 with X-RateLimit-Reset alone": Fault("rate-limit", seconds=1, after=True),
    "502 before the effect": Fault("status", status=502),
    "502 after the effect": Fault("status", status=502, after=True),
    "504 before the effect": Fault("status", status=504),
    "504 after the effect": Fault("status", status=504, after=True),
    "500 before the effect": Fault("status", status=500, message="Internal server error"),
    "503 three times": Fault("status", status=503, times=3),
    "a page with 200": Fault("status", status=200),
    "reset before the effect": Fault("reset"),
    "reset within an upload": Fault("reset", "PUT", UPLOAD, at=100),
    "answer lost": Fault("lost"),
    "never answered": Fault("hang"),
    "never answered after the effect": Fault("hang", after=True),
    "answer drips": Fault("drip", rate=20_000),
    "answer cut": Fault("cut", at=10),
    "401": Fault("status", status=401, message="Unauthorized."),
    "403": Fault("status", status=403, message="Permission denied."),
    "quota": Fault("status", "PUT", UPLOAD, status=400, message="Bucket quota exceeded."),
    "413 of a proxy": Fault("status", "PUT", UPLOAD, status=413),
    "byte corrupted": Fault("corrupt", "PUT", UPLOAD),
    "upload truncated": Fault("truncate", "PUT", UPLOAD, at=3),
    "sent twice": Fault("twice", "POST"),
    "changed by somebody else": Fault("conflict", "PUT", "draft.update"),
    "a stranger's file": Fault("foreign"),
    "published after a 504": Fault("late", "POST", "draft.publish", status=504, seconds=2),
    "500 on versions": Fault("status", "*", "/versions", status=500, times=0),
}
