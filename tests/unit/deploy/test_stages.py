"""The table of stages holds no way around the canary."""

from __future__ import annotations

import itertools

import pytest

from schedtui.deploy.stages import Happening, IllegalStepError, next_stage
from schedtui.model.deployment import Stage

ENDS = {Stage.ROLLED_BACK, Stage.EJECTED, Stage.GUARDED, Stage.REFUSED}


def test_only_a_passed_canary_promotes() -> None:
    promoting = []
    for stage, happening in itertools.product(Stage, Happening):
        try:
            if next_stage(stage, happening) is Stage.PROMOTED:
                promoting.append((stage, happening))
        except IllegalStepError:
            continue
    assert promoting == [(Stage.CANARY, Happening.CANARY_PASSED)]


@pytest.mark.parametrize("stage", sorted(ENDS))
@pytest.mark.parametrize("happening", list(Happening))
def test_nothing_leaves_an_end(stage: Stage, happening: Happening) -> None:
    with pytest.raises(IllegalStepError):
        next_stage(stage, happening)


@pytest.mark.parametrize("stage", [Stage.APPROVED, Stage.CANARY, Stage.PROMOTED])
def test_rollback_is_possible_from_every_live_stage(stage: Stage) -> None:
    assert next_stage(stage, Happening.ROLLED_BACK) is Stage.ROLLED_BACK
