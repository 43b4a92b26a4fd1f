"""Which parts of the scaffold a composition needs: only what its slots read costs anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.slots import SlotName
from schedtui.policy.errors import PolicyError
from schedtui.policy.facts import FACTS, Fact, Source, Subject
from schedtui.policy.filling import Reading

_CLOCK_SLOTS: Final = {SlotName.CREDIT, SlotName.CHARGE}
_OPERATIONS: Final = (
    ("select_cpu", ""),
    ("runnable", "habits"),
    ("enqueue", ""),
    ("dispatch", ""),
    ("running", ""),
    ("stopping", "stops"),
    ("yield", "fifo"),
    ("init_task", "memory"),
    ("enable", ""),
    ("cgroup_init", "groups"),
    ("cgroup_exit", "groups"),
    ("cgroup_set_weight", "groups"),
    ("init", ""),
)


class Needs:
    """What the fillings of one composition ask the scaffold for."""

    def __init__(self, readings: tuple[Reading, ...]) -> None:
        """Judge fillings together. Raises PolicyError where they do not go together."""
        self.readings = readings
        self.filled = frozenset(reading.filling.slot for reading in readings)
        self._facts = {fact for reading in readings for fact in reading.facts}
        words = {word for reading in readings for word in reading.words}
        self._is_express = "EXPRESS" in words
        self._require_together()
        self.flags = frozenset(self._parts())

    def reading(self, slot: SlotName) -> Reading | None:
        """Return what fills a slot, None for nothing."""
        return next((r for r in self.readings if r.filling.slot is slot), None)

    def facts(self, subject: Subject) -> list[Fact]:
        """Return what is read of somebody, in a steady order, and what the scaffold needs."""
        left_out = "task->clock" if "plain" in self.flags else ""
        found = [f for f in self._every_fact() if f.subject is subject and f.access != left_out]
        return [f for f in found if f in self._facts or self._is_needed(f)]

    def tables(self, source: Source) -> list[str]:
        """Return the tables of which a kind of fact is read."""
        return sorted({fact.table for fact in self._facts if fact.source is source})

    @property
    def operations(self) -> list[str]:
        """Operations of the scheduler, in their order in the source."""
        return [name for name, part in _OPERATIONS if not part or part in self.flags]

    @property
    def turn_words(self) -> int:
        """Words of 64 bits that the scaffold notes of a turn."""
        words = {"turns": 1, "preempt": 1, "keeps": 1}
        words |= {"other.class": 1, "other.weight": 1, "other.late": 1}
        return sum(words.get(flag, 0) for flag in self.flags) + 3 * self._is_express

    def _every_fact(self) -> list[Fact]:
        tables = sorted(self._facts - set(FACTS), key=lambda fact: fact.name)
        return [*FACTS, *tables]

    def _is_needed(self, fact: Fact) -> bool:
        if fact.source is Source.GIVEN:
            return True
        if fact.source is Source.CLASS:
            return SlotName.CLASSIFY in self.filled
        return fact.subject is Subject.OTHER and fact.name == "key"

    def _require_together(self) -> None:
        if self._is_express and not self._says_express():
            raise PolicyError("EXPRESS is read, but the slot classify never says it.")
        reads_class = any(fact.name == "class" for fact in self._facts)
        if reads_class and SlotName.CLASSIFY not in self.filled:
            raise PolicyError("A class is read, but the slot classify is not filled.")
        if self.filled & _CLOCK_SLOTS and not self._has_clock():
            raise PolicyError("credit and charge need an order that reads task->clock.")
        if SlotName.PREEMPT in self.filled and SlotName.ORDER not in self.filled:
            raise PolicyError("preempt needs an order: who is interrupted goes on otherwise.")
        if self._is_virtual() and any(fact.name == "now" for fact in self._facts):
            raise PolicyError("order reads the time or virtual time, not both.")

    def _says_express(self) -> bool:
        reading = self.reading(SlotName.CLASSIFY)
        return reading is not None and "EXPRESS" in reading.words

    def _has_clock(self) -> bool:
        return any(fact.name == "clock" for fact in self._facts)

    def _parts(self) -> Iterator[str]:
        yield from (slot.value for slot in self.filled)
        yield from self._queue_parts()
        yield from self._memory_parts()
        yield from self._turn_parts()
        yield from (fact.access.replace("->", ".") for fact in self._facts)
        sources = {fact.source for fact in self._facts}
        yield from sources & {Source.NAMED, Source.BEGUN, Source.GROUPS}

    def _queue_parts(self) -> Iterator[str]:
        order = self.reading(SlotName.ORDER)
        yield "fifo" if order is None else "keyed"
        if self._is_express:
            yield "express"
        if order is not None and not (self._is_express and SlotName.PREEMPT not in self.filled):
            yield "early"
        if self._is_virtual():
            yield "clock"
            yield "plain" if self._is_plain() else "stored"

    def _is_virtual(self) -> bool:
        return any(fact.source is Source.CLOCK for fact in self._facts)

    def _is_plain(self) -> bool:
        """Tell whether the clock itself is the place, so that nothing else need remember it."""
        order = self.reading(SlotName.ORDER)
        return order is not None and order.lone == "task->clock"

    def _memory_parts(self) -> Iterator[str]:
        sources = {fact.source for fact in self._facts}
        learnt = sources & {Source.HABITS, Source.WAITS}
        if Source.HABITS in sources:
            yield "habits"
        if Source.WAITS in sources:
            yield "waits"
        if learnt:
            yield "remembers"
        if learnt or (self._is_virtual() and not self._is_plain()):
            yield "memory"

    def _turn_parts(self) -> Iterator[str]:
        preempts = SlotName.PREEMPT in self.filled
        if preempts or self._is_express or self._is_virtual():
            yield "turns"
            yield "stops"
        if preempts and not self._is_plain():
            yield "keeps"
            yield "sleeps"
        if Source.HABITS in {fact.source for fact in self._facts}:
            yield "stops"
            yield "sleeps"
        if self._is_virtual() or self._reads_class_of_other():
            yield "begins"

    def _reads_class_of_other(self) -> bool:
        return any(f.subject is Subject.OTHER and f.name == "class" for f in self._facts)
