"""How long a throw-away guest takes to a loaded scheduler and to a verdict."""

from __future__ import annotations

import time

from schedtui.engine.throwaway import GuestInspector
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import TokenMode
from schedtui.policy.repository import load_repository
from schedtui.target.sandbox.lab import LabOptions, prepare
from schedtui.target.sandbox.target import open_guest
from schedtui.verify.compile_gate import CompileGate
from schedtui.verify.gate import Draft, Gate
from schedtui.verify.kernel_gate import KernelGate
from schedtui.verify.object_gate import ObjectGate
from schedtui.verify.rules_gate import RulesGate
from schedtui.verify.verifier import verify
from tests.fakes.schedulers import compiled, deploy_args
from tests.perf.row import Row, of_samples

_ROUNDS = 9


async def attach() -> list[Row]:
    """Restore, load, kernel verifier, attached and proved."""
    lab = await prepare(LabOptions(), lambda _: None)
    data = await compiled("fifo_rtc")
    samples = []
    for _ in range(_ROUNDS):
        started = time.monotonic()
        guest = await open_guest(lab, throwaway=True)
        key = guest.link.session_key
        args = deploy_args("fifo_rtc", data, guest.hello, key, TokenMode.TRIAL)
        state = await guest.link.call("deploy", args, SchedulerState)
        samples.append(time.monotonic() - started)
        assert state.ops == "fifo_rtc"
        await guest.end()
    return [of_samples("restore -> verified -> attached", samples, "s", 1.0, lab.accelerator)]


async def verdict() -> list[Row]:
    """From source text to the kernel verifier's answer, compile included."""
    lab = await prepare(LabOptions(), lambda _: None)
    source = next(p.source for p in load_repository() if p.name == "fifo_rtc")
    samples = []
    for number in range(_ROUNDS):
        # Another comment each time, so that nothing is taken from a cache of compiled objects.
        draft = Draft(name="fifo_rtc", source=f"{source}/* {number} {time.time_ns()} */\n")
        gates: list[Gate] = [
            RulesGate(),
            CompileGate(),
            ObjectGate(),
            KernelGate(GuestInspector(lab)),
        ]
        started = time.monotonic()
        said, _ = await verify(draft, gates, lambda _: None)
        samples.append(time.monotonic() - started)
        assert said.passed, said
    return [of_samples("source -> kernel verdict", samples, "s", 1.5, "no trial")]
