"""Which tests run side by side, when there is more than one worker to run them.

What a guest does in a second depends on who else uses the CPUs. So tests whose guests are judged by
their times run one after the other in one worker, and all others in the rest, with less priority.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from schedtui.agent.backends.credentials import taken
from tests.figures import Figures, said, table

# No test asks a real model, whatever this user's environment has.
taken(os.environ)

TIMED: Final = "timed guests"
ASKED: Final = "guests that are asked"
"""What a kernel refuses or ends does not depend on how fast it is."""
_TIMED_IN_VM: Final = (
    "battery_gate",
    "battery_exercises",
    "composed",
    "deploy",
    "guest",
    "guest_clock",
    "hang",
    "live",
    "trial_verb",
    "baseline_policy",
)
_STARTS: Final = {
    "tests/e2e/": TIMED,
    **{f"tests/vm/test_{name}.py": TIMED for name in _TIMED_IN_VM},
    "tests/vm/": ASKED,
}
_PLACES: Final = {TIMED: 0, ASKED: 1}
_LAST: Final = 2
_NICE: Final = (0, 8, 12)
"""Priority of each place: guests that are judged by their times have the CPUs when they want them,
the others fill what is left."""
LOST_GUEST: Final = "LinkError: the node (ended|did not answer)"
"""QEMU loses an emulated guest once in several hundred attaches (CONTRIBUTING.md says why). A test
that ends by this error is run once more, and counted as such."""


def group_of(nodeid: str) -> str:
    """Return the name of the tests that never run at the same time as this one."""
    path = nodeid.partition("::")[0]
    return next((group for start, group in _STARTS.items() if path.startswith(start)), path)


def place_of(nodeid: str) -> int:
    """Return where a test comes: 0 for timed guests, 1 for other guests, 2 for the rest."""
    return _PLACES.get(group_of(nodeid), _LAST)


class Groups(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Gives a group to one worker, the next one to whoever has nothing left to do."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups:
    """Deal tests out by groups."""
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long groups first, one for each worker: the short ones then fill what is left."""
    items.sort(key=lambda item: place_of(item.nodeid))
    for item in items:
        if item.get_closest_marker("vm"):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=LOST_GUEST))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let timed guests go first on the CPUs."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    # Without rights a worker that has stepped back stays there, which costs time and no result.
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICE[place_of(item.nodeid)])


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """What this test has to say of the Execution Verifier, for the table at the end."""
    return Figures(record_property)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the Execution Verifier did in this run, before pytest's closing line."""
    reports = [
        report
        for kept in terminalreporter.stats.values()
        for report in kept
        if isinstance(report, pytest.TestReport)
    ]
    if lines := table(said(reports)):
        terminalreporter.section("the Execution Verifier in this run")
        for line in lines:
            terminalreporter.line(line)
