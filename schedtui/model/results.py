"""What is kept of a trial: the answer, and everything that it takes to come to it again."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.goal import Direction, Guardrail
from schedtui.model.plan import Ceiling
from schedtui.model.policy import ParameterValues
from schedtui.model.trial import Effect, Outcome, TrialResult, WorkloadSpec

REJECTED = "rejected"
UNFIT = "host unfit"
NO_RESULT = "no result"
RANKED = "ranked"
"""Compared in a round of a sweep, which claims nothing."""


@dataclass(frozen=True, slots=True)
class GuardrailJudged:
    """A guardrail and how it came out."""

    guardrail: Guardrail
    effect: Effect
    standing: str
    """``kept`` or ``broken`` where the interval proves it, else ``unproven``."""
    held: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What may be claimed from a trial."""

    outcome: Outcome
    sentence: str
    """For people: the outcome with its figures, and why no more is claimed."""
    minimum_detectable: float
    """Improvements below this share cannot be told here and now; 0.05 is 5 %."""
    sign_flip_p: float
    """Two-sided p of "no effect" on the objective, exact up to 12 pairs and sampled beyond."""
    sign_flip_least: float
    """The smallest p that so many pairs can give."""
    guardrails: tuple[GuardrailJudged, ...]
    """None where the host is unfit: nothing is claimed of them either."""
    ceiling: Ceiling | None
    share_of_ceiling: float | None
    """Share of the possible improvement that was reached; null without a ceiling or a fit host."""
    fit: bool
    """False when the A/A control found the host unfit."""

    @property
    def held(self) -> bool:
        """Tell whether every guardrail held."""
        return all(rail.held for rail in self.guardrails)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One trial, whole."""

    unix_ms: int
    """When it ended."""
    version: str
    """Of schedtui."""
    command: tuple[str, ...]
    """The command that does it again."""
    policy: str
    """Policy of the repository, or name of the file."""
    scheduler: str
    """Name that the kernel showed."""
    parameters: ParameterValues
    source_sha256: str
    object_sha256: str
    compiler: str
    kernel_release: str
    kernel_build_id: str
    kernel_btf_sha256: str
    workload: WorkloadSpec
    metric: str
    direction: Direction
    max_pairs: int
    """Most pairs that were allowed."""
    control_pairs: int
    """Pairs of the A/A control before it was looked at again."""
    guardrails: tuple[Guardrail, ...]
    rejections: tuple[str, ...]
    """Sentences of the trial gate against the candidate."""
    trial: TrialResult | None
    """Raw pairs, A/A control and machine; null when the trial was stopped."""
    judgement: Judgement | None
    no_result: str = ""
    """Why there is no result, though nothing speaks against the candidate; else empty."""
    sweep_round: int = 0
    """Round of a sweep in which it was measured, with others; 0 for a trial by itself."""
    control_for: int = 0
    """Most pairs of the full trial of the sweep, for which a round's control judged the host."""
    baseline_parameters: ParameterValues = ()
    """Of the policy itself, where it was the baseline with these; empty for the default scheduler.
    """
    baseline_source_sha256: str = ""
    """Empty for the default scheduler."""
    program_sha256: str = ""
    """Of an external scheduler's program. The object is then the manifest of program, libraries and
    options, and there is no source."""
    carried: tuple[tuple[str, str], ...] = ()
    """Path and SHA-256 of the files that a person's own command had in the guest."""
    live: tuple[str, ...] = ()
    """Parameters that were set in a loaded policy, window by window. Source and object are then
    those that were loaded, with the parameters of the baseline."""

    @property
    def outcome(self) -> str:
        """The answer in a word or two: an Outcome, or that there is none, and why."""
        if self.rejections:
            return REJECTED
        if self.judgement is None:
            return NO_RESULT
        if not self.judgement.fit:
            return UNFIT
        return RANKED if self.sweep_round else self.judgement.outcome.value


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it was read back."""

    id: int
    row: ResultRow | None
    problem: str
    """Why the row is not to be believed, empty when it is as it was written."""
