"""The settings of a policy that a tuning may try: only what types and ranges allow."""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from schedtui.model.policy import (
    Parameter,
    ParameterType,
    ParameterValue,
    ParameterValues,
    Policy,
)

_WIDE: Final = 10
"""A range whose ends differ by this factor is searched by its logarithm."""
_DIGITS: Final = 2
"""Digits of a value that are tried: more would say more than pairs can tell apart."""
_SEARCHED: Final = frozenset({ParameterType.INTEGER, ParameterType.BOOLEAN})
_ROUNDS: Final = 20
"""Samples that are drawn at most until enough settings differ."""


@dataclass(frozen=True, slots=True)
class Space:
    """The parameters that are searched, and where they stand by default."""

    knobs: tuple[Parameter, ...]
    defaults: ParameterValues
    """Of the knobs, in their order."""

    def setting(self, shares: Collection[float]) -> ParameterValues:
        """Return the setting at ``shares`` of each range, each from 0 to below 1."""
        pairs = zip(self.knobs, shares, strict=True)
        return tuple((knob.name, value_at(knob, share)) for knob, share in pairs)


def space_of(policy: Policy, fixed: Collection[str]) -> Space:
    """Return what can be searched of a policy.

    Integers and booleans are; a table of names describes the load and is for a person to give.

    Args:
        policy: The policy.
        fixed: Names of parameters that are given already.
    """
    knobs = tuple(
        each
        for each in policy.parameters
        if each.type in _SEARCHED and each.name not in fixed and not _single(each)
    )
    return Space(knobs, tuple((knob.name, knob.default) for knob in knobs))


def logarithmic(knob: Parameter) -> bool:
    """Tell whether a range is searched by its logarithm."""
    return knob.minimum > 0 and knob.maximum >= _WIDE * knob.minimum


def value_at(knob: Parameter, share: float) -> ParameterValue:
    """Return the value at a share of a parameter's range, 0 to below 1, in few digits."""
    if knob.type is ParameterType.BOOLEAN:
        return share >= 0.5
    low, high = knob.minimum, knob.maximum
    even = low + (high - low) * share
    return plain(knob, low * (high / low) ** share if logarithmic(knob) else even)


def plain(knob: Parameter, value: float) -> int:
    """Return an integer parameter's value in two digits that matter, within its range."""
    size = abs(value)
    places = _DIGITS - 1 - math.floor(math.log10(size)) if size >= 1 else 0
    return min(max(round(round(value, min(places, 0))), knob.minimum), knob.maximum)


def latin_hypercube(space: Space, count: int, seed: int) -> tuple[ParameterValues, ...]:
    """Return at most ``count`` settings that differ from each other and from the defaults.

    Every parameter's range is cut into as many slices as there are settings, and each slice is
    used once: so few settings still reach all of every range. The same seed gives the same
    settings. There are fewer where the space holds no more.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample, not secrets
    found: dict[ParameterValues, None] = {}
    for _ in range(_ROUNDS):
        for setting in _sample(space, count, chance):
            if setting != space.defaults and len(found) < count:
                found[setting] = None
    return tuple(found)


def _sample(space: Space, count: int, chance: random.Random) -> Iterator[ParameterValues]:
    columns = [_strata(count, chance) for _ in space.knobs]
    for shares in zip(*columns, strict=True):
        yield space.setting(shares)


def _strata(count: int, chance: random.Random) -> list[float]:
    return [(slot + chance.random()) / count for slot in chance.sample(range(count), count)]


def _single(knob: Parameter) -> bool:
    return knob.type is ParameterType.INTEGER and knob.minimum >= knob.maximum
