"""All gates, in the order they are asked, for people and for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.model.verdict import GateName
from schedtui.verify.battery_gate import BatteryGate
from schedtui.verify.compile_gate import CompileGate
from schedtui.verify.gate import Cost
from schedtui.verify.kernel_gate import KernelGate
from schedtui.verify.object_gate import ObjectGate
from schedtui.verify.rules_gate import RulesGate
from schedtui.verify.trial_gate import TrialGate


@dataclass(frozen=True, slots=True)
class Place:
    """One gate in the row. ``letters`` begin the codes of its findings."""

    name: GateName
    title: str
    costs: tuple[Cost, ...]
    """How long it takes; more than one when that depends on how deep it looks."""
    needs: tuple[str, ...]
    letters: str


PLACES: Final = (
    Place(RulesGate.name, "source rules", (RulesGate.cost,), RulesGate.needs, "SRC"),
    Place(CompileGate.name, "compile", (CompileGate.cost,), CompileGate.needs, "CMP"),
    Place(ObjectGate.name, "object rules", (ObjectGate.cost,), ObjectGate.needs, "OBJ"),
    Place(KernelGate.name, "kernel verifier", (KernelGate.cost,), KernelGate.needs, "KRN"),
    Place(BatteryGate.name, "battery", (Cost.SECONDS, Cost.MINUTES), BatteryGate.needs, "TRL"),
    Place(TrialGate.name, "trial", (TrialGate.cost,), TrialGate.needs, "TRL"),
)
OWN_LETTERS: Final = "VER"
"""Begin the codes of what the verifier says of itself."""
