"""How long a verdict takes, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from schedtui.model.battery import Depth
from schedtui.model.policy import Policy
from schedtui.policy.repository import load_repository
from schedtui.target.sandbox.lab import Lab, LabOptions, prepare
from schedtui.verify.gate import Draft, Gate
from schedtui.verify.verifier import verify
from tests.perf.row import Row, of_samples
from tests.perf.sandbox import kernel_verdicts
from tests.vm.faults.gates import plain_gates
from tests.vm.faults.running.proof import battery_gates

_ROUNDS = 9
_QUICK_ROUNDS = 3


async def times(_: tuple[str, ...]) -> list[Row]:
    """Time the repository's policies, in turn, to each kind of verdict."""
    lab = await prepare(LabOptions(), lambda _: None)

    short = await _timed(plain_gates, _ROUNDS)
    kernel = await kernel_verdicts(lab, _policies(), _ROUNDS)
    quick = await _battery(lab, Depth.QUICK, _QUICK_ROUNDS)
    full = await _battery(lab, Depth.FULL, 1)
    where = lab.accelerator
    return [
        of_samples("rules + compile + object", short, "s", 0.5),
        of_samples("to the kernel's verdict", kernel, "s", 1.5, where),
        of_samples("to the quick battery's verdict", quick, "s", 20.0, where),
        of_samples("to the full battery's verdict", full, "s", 120.0, where),
    ]


def _policies() -> list[Policy]:
    return [policy for policy in load_repository() if policy.source]


async def _battery(lab: Lab, depth: Depth, rounds: int) -> list[float]:
    # Once unmeasured, so that the guests of all shapes are saved.
    await _timed(lambda: battery_gates(lab, depth), 1)
    return await _timed(lambda: battery_gates(lab, depth), rounds)


async def _timed(gates: Callable[[], Sequence[Gate]], rounds: int) -> list[float]:
    policies, samples = _policies(), []
    for number in range(rounds):
        policy = policies[number % len(policies)]
        # Another comment each time, so that nothing is taken from a cache of compiled objects.
        source = f"{policy.source}/* {number} {time.time_ns()} */\n"
        started = time.monotonic()
        said, _ = await verify(Draft(policy.name, source), gates(), lambda _: None)
        samples.append(time.monotonic() - started)
        assert said.passed, [result for result in said.gates if not result.passed]
    return samples
