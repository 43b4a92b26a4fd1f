"""Approval and deployment of a verified candidate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schedtui.model.plan import Candidate, Plan
from schedtui.model.verdict import Verdict


class Stage(StrEnum):
    """Stages of a deployment, in order; the last four are ends."""

    APPROVED = "approved"
    CANARY = "canary"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    EJECTED = "ejected"
    GUARDED = "guard fired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """Everything a person needs to say yes or no. Frozen when the review opens."""

    candidate: Candidate
    plan: Plan
    verdict: Verdict
    target: str
    blast_radius: str
    """Who is affected, in words."""
    canary_s: float
    undo: str
    risks: tuple[str, ...]

    @property
    def short_hash(self) -> str:
        """First four hex digits of the object: what a person types to approve."""
        return self.verdict.object_sha256[:4]


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes to exact bytes."""

    object_sha256: str
    by: str
    how: str
    """``screen``, ``terminal`` or ``--yes``."""
    unix_ms: int


@dataclass(frozen=True, slots=True)
class Deployment:
    """State of the current or last deployment."""

    scheduler: str
    stage: Stage
    object_sha256: str
    target: str
    canary_left_s: float = 0.0
    reason: str = ""
    enable_seq: int = 0

    @property
    def live(self) -> bool:
        """Tell whether our scheduler should be in charge now."""
        return self.stage in {Stage.CANARY, Stage.PROMOTED}
