"""One goal beside what was measured: everything that a plan is decided from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schedtui.agent.agreement import Agreement
from schedtui.agent.choices import reported, stand_in
from schedtui.model.goal import Family, GoalSpec, Metric, WorkloadProfile
from schedtui.model.plan import Ceiling
from schedtui.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Case:
    """Everything a decision is made from."""

    goal: GoalSpec
    profile: WorkloadProfile
    policies: Sequence[Policy]
    cpus: int
    agreement: Agreement
    ceiling: Ceiling | None

    @property
    def family(self) -> Family:
        """The family to plan for."""
        return self.agreement.family

    @property
    def workload(self) -> str:
        """Name of the built-in workload whose trial stands for it; empty when none does."""
        return stand_in(self.family, self.goal.objective)

    @property
    def measurable(self) -> frozenset[Metric]:
        """The metrics that a trial can judge here."""
        certain = reported(self.workload) if self.workload else frozenset()
        told = {name for name, _ in self.profile.load}
        # Only when the running load is of the same kind do its figures tell about the trial's.
        if told & certain:
            return certain | {metric for metric in Metric if metric in told}
        return certain
