"""The composer: a whole scheduler from a few slots on trusted scaffolding."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from schedtui.model.composition import Composed, Composition
from schedtui.model.policy import Parameter
from schedtui.model.slots import SlotName, SlotPlace
from schedtui.policy import tables
from schedtui.policy.errors import PolicyError
from schedtui.policy.facts import Fact, Source, Subject, table_facts
from schedtui.policy.filling import Reading, read_filling
from schedtui.policy.grammar import as_statements
from schedtui.policy.needs import Needs
from schedtui.policy.plainness import idea_lines, require_plain
from schedtui.policy.render import declared
from schedtui.policy.scaffold import filled, joined_operations
from schedtui.policy.slots import SLOTS, Slot, slot_of

_COLUMNS: Final = 100
_KNOWN: Final = (Source.KNOWN, Source.GROUPS, Source.NAMED, Source.BEGUN, Source.LONGEST)
_CACHE_LINE_WORDS: Final = 8


def compose(composition: Composition) -> str:
    """Return the source that a composition becomes; the same one every time.

    Raises:
        PolicyError: A filling is not a bounded, pure decision, a slot is filled twice or reads
            what the others do not bring about, or a parameter decides nothing. The sentence
            names the slot and the line within it.
    """
    return composed(composition).source


def composed(composition: Composition) -> Composed:
    """Return the source and where each filling stands in it. Raises PolicyError."""
    require_plain(composition)
    needs = Needs(_readings(composition))
    _require_all_used(composition, needs.readings)
    lines = _Writer(composition, needs).lines()
    return Composed(composition.name, "\n".join(lines) + "\n", tuple(_places(lines, needs)))


def origin_of(name: str) -> list[str]:
    """Return the lines of a source that say from what it was composed."""
    return _wrapped(
        " * ",
        f"Composed: the slots below come from {name}.toml, everything else from the scaffold, "
        "which bounds what they say. Change them there and compose again.",
    )


def _readings(composition: Composition) -> tuple[Reading, ...]:
    named = [filling.slot for filling in composition.fillings]
    if not named:
        raise PolicyError(f"{composition.name} fills no slot.")
    if len(set(named)) != len(named):
        raise PolicyError(f"{composition.name} fills a slot twice.")
    by_slot = sorted(composition.fillings, key=lambda filling: list(SlotName).index(filling.slot))
    return tuple(read_filling(filling, composition.parameters) for filling in by_slot)


def _require_all_used(composition: Composition, readings: Iterable[Reading]) -> None:
    used = {word for reading in readings for word in reading.words}
    used |= {fact.name for reading in readings for fact in reading.facts}
    for parameter in composition.parameters:
        if used.isdisjoint({parameter.name, *(fact.name for fact in table_facts(parameter.name))}):
            raise PolicyError(f"No slot reads the parameter {parameter.name}.")


def _places(lines: Sequence[str], needs: Needs) -> Iterator[SlotPlace]:
    at = {line: number for number, line in enumerate(lines, start=1)}
    for reading in needs.readings:
        signature = _signature(slot_of(reading.filling.slot), reading).split("\n")
        if signature[0] in at:
            first = at[signature[0]] + len(signature) + 1
            count = as_statements(reading.filling.code.strip("\n")).count("\n")
            yield SlotPlace(reading.filling.slot, first, first + count)


def _signature(slot: Slot, reading: Reading | None) -> str:
    def argument(kind: str, subject: Subject) -> str:
        used = reading is not None and any(f.subject is subject for f in reading.facts)
        return f"const struct {kind} *{subject}" + ("" if used else " __unused")

    arguments = [argument("facts", Subject.TASK)]
    if slot.name is SlotName.PREEMPT:
        arguments.append(argument("runner", Subject.OTHER))
    head = f"static __always_inline u64 slot_{slot.name}("
    line = head + ", ".join(arguments) + ")"
    if len(line) <= _COLUMNS:
        return line
    indent = "\t" * (len(head) // 8) + " " * (len(head) % 8)
    return (",\n" + indent).join([head + arguments[0], arguments[1] + ")"])


class _Writer:
    """Writes the lines that depend on a composition."""

    def __init__(self, composition: Composition, needs: Needs) -> None:
        self._composition = composition
        self._needs = needs

    def lines(self) -> list[str]:
        composition, needs = self._composition, self._needs
        puts = {
            "idea": [f" * {line}".rstrip() for line in idea_lines(composition.idea)],
            "origin": origin_of(composition.name),
            "parameters": [x for p in composition.parameters for x in _parameter(p)],
            "padding": self._padding(),
            "tables": list(tables.declared(needs)),
            "facts": list(self._structures()),
            "slots": [x for slot in SLOTS for x in self._slot(slot)],
            "known": self._filled_in("\ttask.", *_KNOWN),
            "remembered": self._filled_in("\t\ttask.", Source.HABITS, Source.WAITS),
            "placed": self._filled_in("\ttask->", Source.PLACED, Source.CLOCK),
            "waked": self._filled_in("\ttask.", Source.WOKEN),
            "turned": self._filled_in("\ttask.", Source.TURN),
            "running": self._filled_in("\tother.", Source.RUNNING),
            "learn_tables": tables.learnt(needs),
            "operations": self._operations(),
        }
        return [x.rstrip() for line in filled(needs.flags, puts) for x in line.split("\n")]

    def _slot(self, slot: Slot) -> Iterator[str]:
        reading = self._needs.reading(slot.name)
        if reading is None and not slot.default:
            return
        if slot.name is SlotName.ORDER and "plain" in self._needs.flags:
            return
        code = slot.default if reading is None else reading.filling.code.strip("\n")
        yield from _wrapped_comment(f"Slot {slot.name}. {slot.meaning} Unit: {slot.unit}.")
        yield _signature(slot, reading)
        yield "{"
        # Also its empty lines are lines, with a tab until all is tidy: a place counts them.
        yield from (f"\t{line}" for line in as_statements(code).split("\n"))
        yield "}"
        yield ""

    def _structures(self) -> Iterator[str]:
        yield "/* What slots read of a task. */"
        yield from _structure("facts", self._needs.facts(Subject.TASK))
        if SlotName.PREEMPT in self._needs.filled:
            yield "/* What they read of one that runs. */"
            yield from _structure("runner", self._needs.facts(Subject.OTHER))

    def _filled_in(self, left: str, *sources: Source) -> list[str]:
        facts = (*self._needs.facts(Subject.TASK), *self._needs.facts(Subject.OTHER))
        return [f"{left}{f.name} = {f.value};" for f in facts if f.source in sources and f.value]

    def _padding(self) -> list[str]:
        free = _CACHE_LINE_WORDS - self._needs.turn_words
        return [f"\tu64 unused[{free}];"] if free > 0 else []

    def _operations(self) -> list[str]:
        named = (f".{name} = OP({name})" for name in self._needs.operations)
        return joined_operations("SCHEDTUI_OPS(", [self._composition.name, *named], _COLUMNS)


def _parameter(parameter: Parameter) -> Iterator[str]:
    unit = {"us": "In microseconds.", "ms": "In milliseconds."}.get(parameter.unit, "")
    yield from _wrapped_comment(f"{parameter.meaning} {unit}".strip())
    yield declared(parameter, parameter.default)


def _structure(name: str, facts: Iterable[Fact]) -> Iterator[str]:
    yield f"struct {name} {{"
    for fact in facts:
        unit = f", in {fact.unit}" if fact.unit else ""
        yield f"\t/* {fact.meaning[0].upper()}{fact.meaning[1:]}{unit}. */"
        yield f"\t{fact.type} {fact.name};"
    yield "};"
    yield ""


def _wrapped_comment(text: str) -> list[str]:
    if len(text) + 6 <= _COLUMNS:
        return [f"/* {text} */"]
    return ["/*", *_wrapped(" * ", text), " */"]


def _wrapped(mark: str, text: str) -> list[str]:
    return [mark + line for line in textwrap.wrap(text, _COLUMNS - len(mark))]
