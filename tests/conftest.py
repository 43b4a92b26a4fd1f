"""Which tests run side by side, when there is more than one worker to run them.

What a guest does in a second depends on who else uses the CPUs. So tests whose guests are judged by
their times run one after the other in one worker, and all others in the rest, with less priority.
"""

from __future__ import annotations

import contextlib
import os
from typing import Final

import pytest

TIMED: Final = "timed guests"
ASKED: Final = "guests that are asked"
"""What a kernel refuses or ends does not depend on how fast it is."""
_ASKED_FOLDER: Final = "tests/vm/faults/"
_LOWER: Final = 5


def group_of(item: pytest.Item) -> str:
    """Return the name of the tests that never run at the same time as this one."""
    path = item.nodeid.partition("::")[0]
    if item.get_closest_marker("vm") is None:
        return path
    return ASKED if path.startswith(_ASKED_FOLDER) else TIMED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest groups at both ends: one worker begins with the first and stays with it."""
    order = {TIMED: 0, ASKED: 2}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: order.get(group_of(item), 1))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let timed guests go first on the CPUs."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    # Without rights a worker that has stepped back stays there, which costs time and no result.
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, 0 if group_of(item) == TIMED else _LOWER)
