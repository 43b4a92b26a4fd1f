"""The stages of a deployment as one explicit table."""

from __future__ import annotations

from enum import StrEnum

from schedtui.model.deployment import Stage


class Happening(StrEnum):
    """What can happen to a deployment."""

    ATTACHED = "attached"
    CANARY_PASSED = "canary passed"
    ROLLED_BACK = "rolled back"
    KERNEL_EJECTED = "kernel ejected it"
    GUARD_FIRED = "guard fired"
    NODE_REFUSED = "node refused"


_TABLE: dict[tuple[Stage, Happening], Stage] = {
    (Stage.APPROVED, Happening.ATTACHED): Stage.CANARY,
    (Stage.APPROVED, Happening.NODE_REFUSED): Stage.REFUSED,
    (Stage.APPROVED, Happening.ROLLED_BACK): Stage.ROLLED_BACK,
    (Stage.CANARY, Happening.CANARY_PASSED): Stage.PROMOTED,
    (Stage.CANARY, Happening.ROLLED_BACK): Stage.ROLLED_BACK,
    (Stage.CANARY, Happening.KERNEL_EJECTED): Stage.EJECTED,
    (Stage.CANARY, Happening.GUARD_FIRED): Stage.GUARDED,
    (Stage.PROMOTED, Happening.ROLLED_BACK): Stage.ROLLED_BACK,
    (Stage.PROMOTED, Happening.KERNEL_EJECTED): Stage.EJECTED,
    (Stage.PROMOTED, Happening.GUARD_FIRED): Stage.GUARDED,
}


class IllegalStepError(Exception):
    """A happening that cannot occur in a stage. Reaching this is a fault of ours."""


def next_stage(stage: Stage, happening: Happening) -> Stage:
    """Return the stage that follows. Raises IllegalStepError."""
    try:
        return _TABLE[stage, happening]
    except KeyError as error:
        raise IllegalStepError(f"{happening} in stage {stage}") from error
