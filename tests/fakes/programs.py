"""The real workload programs, built once per test run where an unprivileged user may run them."""

from __future__ import annotations

import asyncio
import atexit
import functools
import tempfile
from pathlib import Path

from schedtui.toolchain.native import build_workloads


@functools.cache
def workload_programs() -> Path:
    """Return the folder with the built programs; removed when the test run ends."""
    folder = tempfile.TemporaryDirectory(prefix="schedtui-programs-")
    atexit.register(folder.cleanup)
    root = Path(folder.name)
    root.chmod(0o755)
    paths = asyncio.run(build_workloads(root, lambda _: None))
    return next(iter(paths.values())).parent
