"""Reads the slots of a policy file: ``idea`` and the table ``slots``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schedtui.model.composition import Composition
from schedtui.model.slots import SlotFilling, SlotName
from schedtui.model.text import safe_text
from schedtui.policy.errors import PolicyError
from schedtui.policy.fields import read_constants, text_of

KEYS: Final = frozenset({"idea", "slots"})
"""What a policy file has in addition when the policy is composed."""


def is_slotted(data: Mapping[str, object]) -> bool:
    """Tell whether a policy file has slots, or half of what they need."""
    return not KEYS.isdisjoint(data)


def composition_of(data: Mapping[str, object]) -> Composition:
    """Return the composition that a policy file describes, unchecked but for its form.

    Raises:
        PolicyError: A key is missing, unknown or of the wrong type.
    """
    fillings = fillings_of(data)
    idea = data.get("idea")
    if not isinstance(idea, str):
        raise PolicyError("idea is missing or not text; a policy with slots needs one.")
    return Composition(text_of(data, "name"), idea, read_constants(data), fillings)


def fillings_of(data: Mapping[str, object]) -> tuple[SlotFilling, ...]:
    """Return what a policy file puts into slots, in the order of a source. Raises PolicyError."""
    slots = data.get("slots")
    if not isinstance(slots, dict) or not slots:
        raise PolicyError("slots is missing or not a table of slots and what is in them.")
    unknown = slots.keys() - set(SlotName)
    if unknown:
        known = ", ".join(SlotName)
        shown = safe_text(str(min(unknown)), 40)
        raise PolicyError(f"There is no slot called {shown!r}; there are {known}.")
    return tuple(_filling(name, slots[name]) for name in SlotName if name in slots)


def _filling(name: SlotName, code: object) -> SlotFilling:
    if not isinstance(code, str):
        raise PolicyError(f"What is in the slot {name} is not text.")
    return SlotFilling(name, code.strip("\n"))
