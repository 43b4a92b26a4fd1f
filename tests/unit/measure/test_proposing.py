"""Who proposes settings, and what it learns."""

from __future__ import annotations

import importlib.util
import math

import pytest

from schedtui.measure.proposing import (
    OPTUNA,
    SAMPLE,
    Proposer,
    SampledProposer,
    proposer,
    score,
)
from schedtui.measure.settings import Space, latin_hypercube
from schedtui.model.policy import ParameterValues
from schedtui.model.sweep import Leaving
from tests.fakes.heats import gone, place
from tests.unit.measure.test_settings import SWITCH, integer, space

WIDE = space(integer(1, 1_000_000, default=10))

needs_optuna = pytest.mark.skipif(
    importlib.util.find_spec("optuna") is None, reason="Optuna is not installed (the extra `tune`)"
)
KINDS = [SAMPLE, pytest.param(OPTUNA, marks=needs_optuna)]


def worth(setting: ParameterValues, best: int) -> float:
    """Best at one value, and worse by its logarithmic distance."""
    value = setting[-1][1]
    assert isinstance(value, int)
    return -abs(math.log(max(value, 1) / best))


def searched(asked: Proposer, best: int = 20_000) -> list[ParameterValues]:
    """Ask for all settings, each learnt before the next."""
    seen = []
    for _ in range(asked.count):
        seen.append(asked.propose())
        asked.learn(seen[-1], worth(seen[-1], best))
    return seen


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", [WIDE, space(SWITCH), space(SWITCH, integer(1, 4))])
def test_each_setting_is_proposed_once_and_the_defaults_never(kind: str, where: Space) -> None:
    asked = proposer(kind, where, 12, seed=1)
    seen = searched(asked)
    assert len(seen) == len(set(seen)) == asked.count
    assert where.defaults not in seen
    assert asked.count == len(latin_hypercube(where, 12, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_repeats_a_search(kind: str) -> None:
    first, again = (searched(proposer(kind, WIDE, 10, seed=4)) for _ in range(2))
    assert first == again
    assert first != searched(proposer(kind, WIDE, 10, seed=5))


@needs_optuna
def test_optuna_comes_nearer_than_the_sample_it_began_with() -> None:
    seen = searched(proposer(OPTUNA, WIDE, 24, seed=2))
    ahead = seen[:12]
    assert set(ahead) <= set(latin_hypercube(WIDE, 24, 2))
    assert max(worth(each, 20_000) for each in seen[12:]) > max(
        worth(each, 20_000) for each in ahead
    )


@needs_optuna
def test_a_setting_without_figures_teaches_nothing_and_breaks_nothing() -> None:
    asked = proposer(OPTUNA, WIDE, 6, seed=2)
    for _ in range(6):
        asked.learn(asked.propose(), None)


def test_a_sample_may_be_asked_by_name() -> None:
    assert isinstance(proposer(SAMPLE, WIDE, 3, 1), SampledProposer)


def test_the_score_is_the_log_ratio_and_refused_is_bad() -> None:
    assert score(place("a", math.e)) == pytest.approx(1.0)
    assert score(gone("a", Leaving.REJECTED)) == score(gone("a", Leaving.GUARDRAIL)) == -1.0
    assert score(gone("a", Leaving.NO_RESULT)) is None
    assert score(gone("a", Leaving.UNFIT)) is None
