"""The slots of the composer: what a policy may decide without being a whole scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SlotName(StrEnum):
    """A decision that the scaffold asks for; in the order in which the source has them."""

    CLASSIFY = "classify"
    ORDER = "order"
    SLICE = "slice"
    CPU = "cpu"
    PREEMPT = "preempt"
    CREDIT = "credit"
    CHARGE = "charge"


@dataclass(frozen=True, slots=True)
class SlotFilling:
    """What a policy puts into one slot."""

    slot: SlotName
    code: str
    """One expression in C, or statements that return one on every way."""


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """Where a filling stands in a composed source. Lines are 1-based."""

    slot: SlotName
    first_line: int
    last_line: int
