"""The row of the default scheduler against itself, and that a run which was ended goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.model.trial import Outcome
from tests.perf.same import row_of
from tests.perf.sessions import Session, Sessions

SAME = Session(1.01, Outcome.NO_DIFFERENCE)
WIN = Session(1.3, Outcome.BETTER)
LOSS = Session(0.8, Outcome.WORSE)


@pytest.mark.parametrize(("wins", "met"), [(0, True), (1, True), (2, False)])
def test_at_most_one_false_win(wins: int, met: bool) -> None:
    row = row_of([SAME] * (18 - wins) + [WIN] * wins + [LOSS] * 2)
    assert (row.value, row.met) == (wins, met)
    assert row.detail.startswith("20 sessions, factors 0.80 to 1.")
    assert row.detail.endswith("called worse than itself: 2")
    assert len(row.samples) == 20


def test_a_run_goes_on_with_what_the_same_things_measured(tmp_path: Path) -> None:
    path = tmp_path / "build" / "kept.jsonl"
    first = Sessions(path, "this guest")
    first.add(SAME)
    first.add(WIN)
    Sessions(path, "another guest").add(LOSS)
    with path.open("a") as file:
        file.write('{"basis": "this guest", "unix_s": 0, "factor": 1.0, "outcome": "better"}\n')
        file.write('{"basis": "this gu')
    again = Sessions(path, "this guest")
    assert again.done == [SAME, WIN]
    again.forget()
    assert Sessions(path, "this guest").done == []
