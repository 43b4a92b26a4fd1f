"""Which numbers of an object are taken for times."""

from __future__ import annotations

import pytest

from schedtui.verify.battery.times import constants_s
from tests.fakes.schedulers import compiled_source
from tests.unit.verify.sources import with_enqueue


async def times(condition: str, before: str = "") -> tuple[float, ...]:
    """Return the times of a scheduler whose slices depend on a condition."""
    deed = f"queue_insert(p, 0, {condition} ? 1000000 : 5000000, enq_flags);"
    return constants_s(await compiled_source(with_enqueue(deed, before)))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("now_ns() > 30 * NSEC_PER_SEC", (30.0,)),
        ("now_ns() > 2500 * NSEC_PER_MSEC", (2.5,)),
        ("now_ns() > 90 * NSEC_PER_SEC", (90.0,)),
        ("now_ns() >= 90 * NSEC_PER_SEC", (90.0,)),
        ("now_ns() > 3600 * NSEC_PER_SEC", (3600.0,)),
        ("now_ns() - 70 * NSEC_PER_SEC > p->scx.dsq_vtime", (70.0,)),
        ("now_ns() > 900 * NSEC_PER_MSEC", ()),
        ("(enq_flags & (1ULL << 41))", ()),
        ("now_ns() * 0x9e3779b97f4a7c15ULL > 7", ()),
        ("now_ns() > 0xffffffffffffULL", ()),
        ("now_ns() > 400ULL * 86400 * NSEC_PER_SEC", ()),
    ],
)
async def test_instructions_hold_nanoseconds(condition: str, expected: tuple[float, ...]) -> None:
    assert await times(condition) == expected


async def test_a_first_value_is_no_time() -> None:
    deed = "begin = 1000 * NSEC_PER_SEC;\nqueue_insert(p, 0, 5000000, enq_flags);"
    assert constants_s(await compiled_source(with_enqueue(deed, "static u64 begin;"))) == ()


@pytest.mark.parametrize(
    ("constant", "expected"),
    [
        ("patience_ms = 45000", (45.0,)),
        ("patience_s = 120", (120.0,)),
        ("patience = 120", ()),
    ],
)
async def test_constants_hold_the_unit_of_their_name(
    constant: str, expected: tuple[float, ...]
) -> None:
    name = constant.partition(" ")[0]
    assert await times(f"now_ns() > {name}", f"const volatile u64 {constant};") == expected


async def test_of_live_parameters_all_that_can_be_set_counts() -> None:
    declared = "LIVE_PARAMETER patience_ms = { 2000, 1, 45000 };"
    assert await times("now_ns() > live(&patience_ms)", declared) == (2.0, 45.0)


def test_what_is_no_object_holds_none() -> None:
    assert constants_s(b"no object") == ()
