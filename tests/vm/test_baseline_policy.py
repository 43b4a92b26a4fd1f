"""Settings of a policy against its defaults on the real kernel: two objects, one guest, in turn."""

from __future__ import annotations

import os

import pytest

from schedtui.engine.factory import EngineOptions, make_verifier
from schedtui.engine.trying import rejections
from schedtui.measure.catalogue import lasting, workload
from schedtui.measure.objectives import direction_of
from schedtui.measure.sides import DEFAULTS
from schedtui.model.battery import Depth
from schedtui.model.events import Verified
from schedtui.model.trial import TrialResult
from schedtui.policy.render import render
from schedtui.policy.repository import load_repository
from schedtui.target.sandbox.lab import Lab
from schedtui.verify.trial_gate import TrialAim
from tests.processes import guests

pytestmark = pytest.mark.vm


async def tried() -> TrialResult | None:
    """Return two pairs of ``vtime_fair`` with short turns and with its defaults."""
    policy = next(each for each in load_repository() if each.name == "vtime_fair")
    spec = lasting(workload("messages"), 1)
    aim = TrialAim(
        spec, spec.objective, direction_of(spec.objective), min_pairs=2, max_pairs=2,
        budget_s=120, baseline_source=render(policy, {}),
    )  # fmt: skip
    source = render(policy, {"slice_us": 2000})
    verifier = make_verifier("sandbox", EngineOptions(battery=Depth.NONE))
    events = [event async for event in verifier.trial("settings", source, aim)]
    verified = events[-1]
    assert isinstance(verified, Verified)
    assert rejections(verified.verdict.gates) == ()
    return verified.verdict.trial


async def test_settings_take_turns_with_the_defaults(lab: Lab) -> None:
    # A guest can be lost; two in a row are a fault.
    trial = await tried() or await tried()
    assert not guests(os.getpid())
    assert trial is not None
    assert len(trial.pairs) == 2
    for pair in trial.pairs:
        assert pair.baseline.scheduler == DEFAULTS
        assert pair.candidate.scheduler == "vtime_fair"
