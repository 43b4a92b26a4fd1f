"""Which settings of a policy a tuning may try."""

from __future__ import annotations

import pytest

from schedtui.measure.settings import (
    Space,
    latin_hypercube,
    logarithmic,
    plain,
    space_of,
    value_at,
)
from schedtui.model.policy import Parameter, ParameterType
from schedtui.policy.own import whole_repository
from schedtui.policy.render import render

POLICIES = whole_repository().policies


def integer(low: int, high: int, default: int = 0, name: str = "knob") -> Parameter:
    return Parameter(name, ParameterType.INTEGER, default or low, "", "", low, high)


SWITCH = Parameter("switch", ParameterType.BOOLEAN, False, "", "")


def space(*knobs: Parameter) -> Space:
    return Space(knobs, tuple((knob.name, knob.default) for knob in knobs))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_proposed_setting_is_one_that_the_policy_takes(policy: object) -> None:
    (found,) = (each for each in POLICIES if each is policy)
    where = space_of(found, ())
    settings = latin_hypercube(where, 16, seed=3)
    assert len(settings) == len(set(settings)) == 16
    for setting in settings:
        assert setting != where.defaults
        assert render(found, dict(setting))


def test_tables_of_names_and_what_is_given_are_not_searched() -> None:
    (layers,) = (policy for policy in POLICIES if policy.name == "layers")
    where = space_of(layers, ["slice_us"])
    assert [knob.name for knob in where.knobs] == ["by_nice", "ageing_ms"]
    assert where.defaults == (("by_nice", True), ("ageing_ms", 200))


def test_a_range_of_one_value_is_not_searched() -> None:
    (layers,) = (policy for policy in POLICIES if policy.name == "layers")
    assert space_of(layers, [each.name for each in layers.parameters]).knobs == ()


def test_wide_ranges_are_searched_by_their_logarithm() -> None:
    wide = integer(1000, 1_000_000)
    assert logarithmic(wide)
    assert [value_at(wide, share) for share in (0.0, 1 / 3, 2 / 3)] == [1000, 10_000, 100_000]
    assert not logarithmic(integer(0, 1_000_000))
    assert not logarithmic(integer(1, 8))
    assert value_at(integer(0, 100), 0.25) == 25


def test_values_have_two_digits_and_stay_in_range() -> None:
    knob = integer(1234, 56_789)
    assert [plain(knob, value) for value in (1234, 1251, 9876.5, 56_789)] == [
        *(1234, 1300, 9900, 56_789)
    ]
    assert plain(integer(0, 8), 0.3) == 0


def test_a_sample_reaches_all_of_every_range() -> None:
    where = space(integer(0, 800, name="a"), integer(0, 800, name="b"))
    settings = [dict(each) for each in latin_hypercube(where, 8, seed=1)]
    for name in ("a", "b"):
        values = sorted(int(str(each[name])) for each in settings)
        slices = zip(values, range(8), strict=True)
        assert all(100 * n - 5 <= value <= 100 * (n + 1) + 5 for value, n in slices)


def test_the_seed_decides() -> None:
    where = space(integer(1, 10_000))
    assert latin_hypercube(where, 8, 1) == latin_hypercube(where, 8, 1)
    assert latin_hypercube(where, 8, 1) != latin_hypercube(where, 8, 2)


def test_a_small_space_gives_no_more_than_it_holds() -> None:
    assert latin_hypercube(space(SWITCH), 12, 1) == ((("switch", True),),)
    few = latin_hypercube(space(SWITCH, integer(1, 3)), 12, 1)
    assert len(few) == 5
