"""The row that no policy may win: only the answer to keep the default meets it."""

from __future__ import annotations

import pytest

from schedtui.model.sweep import Found
from tests.perf.policies import kept_default


@pytest.mark.parametrize("found", list(Found))
def test_no_answer_and_a_winner_both_miss_the_goal(found: Found) -> None:
    full = [{"place": {"objective": {"factor": 1.01}}}, {"place": {"objective": None}}]
    said = {"outcome": found.value, "sentence": "because", "full_trials": full}
    row = kept_default("uniform", said)
    assert row.met is (found is Found.KEEP)
    assert row.samples == (1.01,)
    assert row.detail == f"{found}: because"
