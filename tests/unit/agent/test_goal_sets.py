"""Sets of goals: enough of every kind, read well enough, and nothing unsafe accepted."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest

from schedtui.policy.repository import load_repository
from tests.unit.agent.goal_sets import FAMILIES, Expected, rows, score, tabled, unsuitable
from tests.unit.agent.goals_page import PAGE, page

LEAST_SCORE: Final = 0.92
DEVELOPMENT: Final = (*tabled("development_goals.toml"), *rows("forum_goals.toml"))
FORUM: Final = rows("forum_goals.toml")
HELD_OUT: Final = rows("held_out_goals.toml")
HELD_OUT_LATER: Final = rows("held_out_later_goals.toml")


def test_the_development_sets_cover_every_family_and_layer() -> None:
    assert len(DEVELOPMENT) >= 120
    assert len({goal.text for goal in DEVELOPMENT}) == len(DEVELOPMENT)
    families = Counter(goal.family for goal in DEVELOPMENT)
    assert all(families[name] >= 1 for name in FAMILIES)
    layers = {goal.layer for goal in DEVELOPMENT}
    assert layers == {"keep", "configure", "modify", "create", "refuse", "clarify"}


@pytest.mark.parametrize("goals", [DEVELOPMENT, FORUM], ids=["all", "forum"])
def test_goals_are_read(goals: tuple[Expected, ...]) -> None:
    reached = score(goals)
    assert reached.layer >= LEAST_SCORE, "\n".join(reached.wrong)
    assert reached.family >= LEAST_SCORE, "\n".join(reached.wrong)
    assert reached.metric >= LEAST_SCORE, "\n".join(reached.wrong)
    assert reached.unsafe_accepted == 0


def test_plans_take_a_policy_that_fits_the_family() -> None:
    found = unsuitable(DEVELOPMENT, load_repository())
    assert len(found) <= (1 - LEAST_SCORE) * len(DEVELOPMENT), "\n".join(found)


@pytest.mark.parametrize(
    ("goals", "layer", "family"),
    [(HELD_OUT, 0.84, 0.80), (HELD_OUT_LATER, 0.87, 0.84)],
    ids=["first", "later"],
)
def test_held_out_goals_are_read_about_as_well_as_once(
    goals: tuple[Expected, ...], layer: float, family: float
) -> None:
    """A floor 4 points below what was reached when they were first read."""
    assert len(goals) >= 40
    assert not {goal.text for goal in goals} & {goal.text for goal in DEVELOPMENT}
    reached = score(goals)
    assert reached.layer >= layer, "\n".join(reached.wrong)
    assert reached.family >= family, "\n".join(reached.wrong)
    assert reached.unsafe_accepted == 0


def test_the_page_of_goals_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
