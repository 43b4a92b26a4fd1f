"""What one guest of the battery showed."""

from __future__ import annotations

from dataclasses import dataclass, field

from schedtui.measure.trial import InconclusiveError
from schedtui.model.battery import Exercise
from schedtui.model.verdict import Finding
from schedtui.verify.battery.complaint import Complaint
from schedtui.verify.battery.judging import Place
from schedtui.verify.battery.reading import Reading
from schedtui.verify.gate import rejects


@dataclass(slots=True)
class Seen:
    """Filled while the guest runs."""

    cpus: int
    exercises: list[Exercise] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    reloads: int = 0
    worst_gap_ms: float = 0.0
    worst_exercise: str = ""
    complaint: Complaint | None = None
    """What broke it off and is in doubt."""
    loss: InconclusiveError | None = None
    """The candidate was thrown out before that, and a host can cause it."""

    @property
    def rejected(self) -> bool:
        """Tell whether a finding rejects."""
        return rejects(self.findings)

    def keep(self, place: Place, baseline: Reading, candidate: Reading) -> None:
        """Remember the figures of one exercise."""
        figures = (baseline.figures, candidate.figures)
        self.exercises.append(Exercise(place.spec.name, place.spec.title, self.cpus, *figures))
        gap = candidate.wait_ms("victim_gap_ms") or 0.0
        if gap > self.worst_gap_ms:
            self.worst_gap_ms, self.worst_exercise = gap, place.words
