"""Does each policy do to a load what its description says?"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.perf.row import Row

_FILE = "tests/vm/policy_effects.py"


class Outcomes:
    """Counts how tests end."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test by its call, or by what kept it from being called."""
        if report.when == "call" or report.outcome != "passed":
            self.counts[report.outcome] += 1


async def effects() -> list[Row]:
    """Compare each policy with the default scheduler in what it is made for."""
    outcomes = Outcomes()
    options = ["-q", "-p", "no:cacheprovider", _FILE]
    await asyncio.to_thread(pytest.main, options, [outcomes])
    return [row(outcomes.counts)]


def row(counts: Counter[str]) -> Row:
    """Return what was counted. What a crowded host left undecided is neither good nor bad."""
    tried = counts["passed"] + counts["failed"]
    detail = f"{tried} comparisons, {counts['skipped']} undecided on a crowded host"
    # Where none was tried, nothing is shown.
    wrong = counts["failed"] if tried else 1
    return Row("policies that do not what they say", wrong, "", 0, at_most=True, detail=detail)
