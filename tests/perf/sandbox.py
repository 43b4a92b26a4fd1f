"""How long a throw-away guest takes to a loaded scheduler and to a verdict."""

from __future__ import annotations

import time
from collections.abc import Sequence

from schedtui.model.events import Verified
from schedtui.model.policy import Policy
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import TokenMode
from schedtui.policy.repository import load_repository
from schedtui.target.sandbox.lab import Lab, LabOptions, prepare
from schedtui.target.sandbox.target import open_guest
from tests.fakes.schedulers import compiled, deploy_args
from tests.fakes.verifying import up_to_the_kernel
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
    policies = [policy for policy in load_repository() if policy.name == "fifo_rtc"]
    samples = await kernel_verdicts(lab, policies, _ROUNDS)
    return [of_samples("source -> kernel verdict", samples, "s", 1.5, "no trial")]


async def kernel_verdicts(lab: Lab, policies: Sequence[Policy], rounds: int) -> list[float]:
    """Return the seconds of so many verifications up to the kernel's answer, policies in turn."""
    verifying = up_to_the_kernel(lab)
    samples = []
    for number in range(rounds):
        policy = policies[number % len(policies)]
        # Another comment each time, so that nothing is taken from a cache of compiled objects.
        source = f"{policy.source}/* {number} {time.time_ns()} */\n"
        started = time.monotonic()
        events = [event async for event in verifying.verify_source(policy.name, source, "")]
        samples.append(time.monotonic() - started)
        last = events[-1]
        assert isinstance(last, Verified)
        assert last.verdict.passed, last.verdict
    return samples
