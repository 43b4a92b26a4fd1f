"""Reads the fault corpus: hostile schedulers, each with the gate and code that must stop it.

A fault is a file ``<group>/<id>_<name>.bpf.c`` whose first comment, after the licence line, holds
``key: value`` lines; see README.md for the keys. What cannot be a text file is a ``Made`` of
``made.py``: the same fields, and a function that makes the source or the object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from schedtui.model.verdict import GateName

SERIES: Final = ("6.16", "6.18", "7.0", "7.2")
"""Kernel series that the corpus is run on."""
DEFAULT: Final = "7.0"
"""The one that statements without a series are about."""

FOLDER: Final = Path(__file__).parent

ChangeObject = Callable[[bytes], bytes]
"""Makes a hostile object out of the object of a good scheduler."""


class CorpusError(ValueError):
    """A fault is described wrongly; the message names it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a fault must end. ``codes`` empty: the gate accepts it, however harmful it is."""

    gate: GateName
    codes: tuple[str, ...]
    """One of these must be among the gate's errors."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One hostile scheduler."""

    id: str
    """Recipe and variant, such as ``F32a``; recipes: F of failures, T of threats."""
    name: str
    group: str
    sentence: str
    """What it does, for people."""
    stops: Stop
    overrides: tuple[tuple[str, Stop], ...] = ()
    """Kernel series on which another gate or code must stop it."""
    alone: tuple[Stop, ...] = ()
    """What gates behind the one that stops it say when all gates before them are off."""
    alone_overrides: tuple[tuple[str, Stop], ...] = ()
    harm: str = ""
    """Word for the harm that is shown with the gate off, empty when none is."""
    source: str = ""
    change: ChangeObject | None = None
    """For a fault that is an object: what is done to the object of ``source``."""

    def stops_on(self, series: str) -> Stop:
        """Return where it must end on a kernel series."""
        return dict(self.overrides).get(series, self.stops)

    def alone_on(self, gate: GateName, series: str = "") -> Stop | None:
        """Return what a gate must say of it by itself, None when that is not stated."""
        special = [s for on, s in self.alone_overrides if (on, s.gate) == (series, gate)]
        stated = [*special, *(s for s in self.alone if s.gate is gate)]
        return stated[0] if stated else None


@cache
def faults() -> tuple[Fault, ...]:
    """Return the whole corpus, by group and id. Raises CorpusError."""
    from tests.vm.faults.made import MADE  # noqa: PLC0415 - made.py needs the types above

    groups = sorted({path.parent for path in FOLDER.glob("*/*_*.bpf.c")} - {FOLDER / "good"})
    read = [read_fault(path) for group in groups for path in sorted(group.glob("*.bpf.c"))]
    return without_duplicates([*read, *MADE])


def group(name: str) -> tuple[Fault, ...]:
    """Return the faults of one group, such as ``static``. Raises CorpusError."""
    return tuple(fault for fault in faults() if fault.group == name)


def without_duplicates(found: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults in order. Raises CorpusError when an id stands for two."""
    known: dict[str, Fault] = {}
    for fault in found:
        if fault.id in known:
            raise CorpusError(f"{fault.id} is both {known[fault.id].name} and {fault.name}")
        known[fault.id] = fault
    return tuple(sorted(known.values(), key=lambda fault: (fault.group, fault.id)))


def read_fault(path: Path) -> Fault:
    """Read one file. Raises CorpusError."""
    match = _FILE.fullmatch(path.name)
    if match is None:
        raise CorpusError(f"{path.name} is no name for a fault")
    # Some faults are texts that are not UTF-8: their bytes go through as they are.
    source = path.read_bytes().decode("utf-8", "surrogateescape")
    return described(
        match["id"], match["name"], path.parent.name, _fields(path.name, source), source
    )


def described(
    identity: str,
    name: str,
    group_name: str,
    fields: Mapping[str, str],
    source: str,
    change: ChangeObject | None = None,
) -> Fault:
    """Return a fault out of its fields. Raises CorpusError."""
    where = f"{identity}_{name}"
    left = dict(fields)
    said, _, sentence = _needed(where, left, "fault").partition(" - ")
    if said != identity or not sentence:
        raise CorpusError(f"{where}: 'fault: {identity} - ...' is needed, not {said!r}")
    fault = Fault(
        id=identity,
        name=name,
        group=group_name,
        sentence=sentence,
        stops=_stop(where, _needed(where, left, "stops")),
        overrides=_overrides(where, left),
        alone=tuple(_alone(where, left, "")),
        alone_overrides=tuple((s, a) for s in SERIES for a in _alone(where, left, f" on {s}")),
        harm=left.pop("harm", ""),
        source=source,
        change=change,
    )
    if left:
        raise CorpusError(f"{where}: unknown field {min(left)!r}")
    return fault


_FILE: Final = re.compile(r"(?P<id>[FT]\d\d[a-z]?)_(?P<name>[a-z0-9_]+)\.bpf\.c")
_COMMENT: Final = re.compile(r"/\*(?P<text>.*?)\*/", re.DOTALL)
_FIELD: Final = re.compile(r"(?P<key>fault|harm|[a-z]+(?: on \d+\.\d+)?): +(?P<value>.+)")
_CONTINUED: Final = "   "
"""What a line that goes on with the field before begins with."""
_CODE: Final = re.compile(r"[A-Z]{3}\d{3}")
_ALONE: Final = (GateName.COMPILE, GateName.OBJECT, GateName.KERNEL)
_ACCEPTS: Final = "accepts"


def _fields(where: str, source: str) -> dict[str, str]:
    match = _COMMENT.match(source)
    lines = match["text"].splitlines() if match else []
    if not lines or "SPDX-License-Identifier" not in lines[0]:
        raise CorpusError(f"{where}: the licence line is missing")
    fields: dict[str, str] = {}
    key = ""
    for line in (line.strip().removeprefix("*") for line in lines[1:]):
        if key and line.startswith(_CONTINUED):
            fields[key] += " " + line.strip()
            continue
        field = _FIELD.fullmatch(line.strip())
        if field is None:
            if key and line:
                raise CorpusError(f"{where}: {line.strip()!r} is no field")
            continue
        key = field["key"]
        if key in fields:
            raise CorpusError(f"{where}: {key} is there twice")
        fields[key] = field["value"]
    return fields


def _needed(where: str, fields: dict[str, str], key: str) -> str:
    try:
        return fields.pop(key)
    except KeyError as error:
        raise CorpusError(f"{where}: the field {key!r} is missing") from error


def _stop(where: str, text: str) -> Stop:
    gate, _, codes = text.partition(" ")
    if gate not in set(GateName):
        raise CorpusError(f"{where}: {gate!r} is no gate")
    return Stop(GateName(gate), _codes(where, codes))


def _codes(where: str, text: str) -> tuple[str, ...]:
    codes = tuple(code.strip() for code in text.split(","))
    if bad := [code for code in codes if not _CODE.fullmatch(code)]:
        raise CorpusError(f"{where}: {bad[0]!r} is no code")
    return codes


def _overrides(where: str, fields: dict[str, str]) -> tuple[tuple[str, Stop], ...]:
    keys = {series: f"stops on {series}" for series in SERIES}
    return tuple((s, _stop(where, fields.pop(k))) for s, k in keys.items() if k in fields)


def _alone(where: str, fields: dict[str, str], ending: str) -> Iterable[Stop]:
    for gate in _ALONE:
        if text := fields.pop(f"{gate.value}{ending}", ""):
            yield Stop(gate, () if text == _ACCEPTS else _codes(where, text))
