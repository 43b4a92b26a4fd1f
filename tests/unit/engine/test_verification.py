"""What the verifier says where there is no sandbox to try anything in."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from schedtui.engine.port import EngineError
from schedtui.engine.verification import GuestVerifying, aim_of
from schedtui.model.events import Event, Verified
from schedtui.model.policy import NameWeight, ParameterValue
from schedtui.model.verdict import GateName
from schedtui.target.port import TargetError
from schedtui.target.sandbox.lab import Lab
from schedtui.toolchain.confinement import CONFINEMENTS, Confinement
from tests.fakes.samples import plan
from tests.unit.verify.sources import scheduler, with_enqueue


async def no_sandbox() -> Lab:
    """Say what a machine without QEMU says."""
    raise TargetError("there is no QEMU", "install qemu-system-x86")


async def said_of(source: str, ways: Sequence[Confinement] = CONFINEMENTS) -> list[Event]:
    verifying = GuestVerifying(no_sandbox, "zig", confinements=ways)
    return [event async for event in verifying.verify_source("", source, "")]


async def test_a_source_against_the_rules_is_refused_without_one() -> None:
    last = (await said_of(with_enqueue("")))[-1]
    assert isinstance(last, Verified)
    assert not last.verdict.passed
    assert [gate.gate for gate in last.verdict.gates] == [GateName.RULES]


async def test_a_source_within_the_rules_needs_one() -> None:
    with pytest.raises(EngineError, match="no QEMU") as caught:
        await said_of(scheduler())
    assert caught.value.fix == "install qemu-system-x86"


async def test_a_machine_that_confines_no_compiler_asks_the_sandbox_for_it() -> None:
    last = (await said_of(scheduler(), ways=()))[-1]
    assert isinstance(last, Verified)
    (refused,) = last.verdict.gates[-1].findings
    assert refused.code == "CMP008"
    assert "a throw-away guest" in refused.sentence
    assert "there is no QEMU" in refused.sentence


@pytest.mark.parametrize(
    ("value", "named"), [(5, False), ((), False), ((NameWeight("service-worker", 5),), True)]
)
def test_only_a_plan_that_goes_by_names_is_tried_with_them(
    value: ParameterValue, *, named: bool
) -> None:
    made = plan("cut the p99 latency of my service")
    made = dataclasses.replace(made, workload="request_service", parameters=(("upper", value),))
    aim = aim_of(made)
    assert ("service-worker,service-message" in aim.workload.arguments) is named
    assert aim.metric == made.goal.objective
