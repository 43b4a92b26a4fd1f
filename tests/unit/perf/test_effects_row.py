from __future__ import annotations

from collections import Counter

import pytest

from tests.perf.effects import row


@pytest.mark.parametrize(
    ("counts", "met"),
    [
        ({"passed": 16}, True),
        ({"passed": 9, "skipped": 7}, True),
        ({"passed": 15, "failed": 1}, False),
        ({"skipped": 16}, False),
        ({}, False),
    ],
)
def test_only_what_was_compared_and_held_is_good(counts: dict[str, int], met: bool) -> None:
    assert row(Counter(counts)).met is met
