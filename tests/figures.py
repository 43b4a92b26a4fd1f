"""What tests have to say of the Execution Verifier, and the table of it that a run ends with.

A test says it by pytest's own properties, which come back from every worker. Nothing else is in the
table: of what did not run in this run, there is no line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final, cast

import pytest

from schedtui.model.verdict import GateName, GateResult
from schedtui.model.wire import from_json, to_json

_SHOWN: Final = 6
_NO_KERNEL: Final = "without a kernel"


@dataclass(frozen=True, slots=True)
class FaultJudged:
    """A fault at the gate that is stated for it."""

    id: str
    gate: GateName
    as_stated: bool
    alone: bool
    """Another gate stops it earlier, so this one was asked by itself."""


@dataclass(frozen=True, slots=True)
class GoodJudged:
    """A sound source at the gates."""

    name: str
    kernel: str
    """Release, empty before any kernel was asked."""
    passed: bool


@dataclass(frozen=True, slots=True)
class GateAsked:
    """One answer of a gate."""

    gate: GateName
    seconds: float
    kernel: str


@dataclass(frozen=True, slots=True)
class Mutated:
    """What became of damaged input of one kind."""

    kind: str
    tried: int
    accepted: int
    """Still whole in spite of the damage, as a second look confirmed."""
    crashed: int
    """Ended in another way than by the declared refusal."""


Figure = FaultJudged | GoodJudged | GateAsked | Mutated
_SHAPES: Final = {shape.__name__: shape for shape in (FaultJudged, GoodJudged, GateAsked, Mutated)}


class Mutations:
    """Counts damaged inputs of one kind while they are tried."""

    def __init__(self) -> None:
        self.tried = self.accepted = self.crashed = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Try one; whatever is raised inside is a crash."""
        self.tried += 1
        try:
            yield
        except Exception:
            self.crashed += 1
            raise


class Figures:
    """What one test says."""

    def __init__(self, record: Callable[[str, object], None]) -> None:
        self._record = record

    def fault(self, identity: str, result: GateResult, *, as_stated: bool, alone: bool) -> None:
        """Say what a gate made of a fault."""
        self._say(FaultJudged(identity, result.gate, as_stated, alone))

    def good(self, name: str, result: GateResult) -> None:
        """Say what the last gate that was asked made of a sound source."""
        self._say(GoodJudged(name, _kernel(result), result.passed))

    def gates(self, *results: GateResult) -> None:
        """Say how long gates took."""
        for result in results:
            self._say(GateAsked(result.gate, result.seconds, _kernel(result)))

    @contextmanager
    def mutations(self, kind: str) -> Iterator[Mutations]:
        """Count damaged inputs of a kind; what was counted is said at the end, come what may."""
        counted = Mutations()
        try:
            yield counted
        finally:
            self._say(Mutated(kind, counted.tried, counted.accepted, counted.crashed))

    def _say(self, figure: Figure) -> None:
        self._record(type(figure).__name__, to_json(figure))


def _kernel(result: GateResult) -> str:
    return next((tool.version for tool in result.basis.used if tool.name == "kernel"), "")


def said(reports: Iterable[pytest.TestReport]) -> list[Figure]:
    """Return what tests said, each once: a test that is run again says the same again."""
    found: dict[tuple[str, Figure], None] = {}
    for report in reports:
        for name, value in report.user_properties if report.when == "teardown" else ():
            if name in _SHAPES:
                figure = cast("Figure", from_json(_SHAPES[name], value))
                found[report.nodeid, figure] = None
    return [figure for _, figure in found]


def table(figures: list[Figure]) -> list[str]:
    """Return the lines of the table, none when nothing was said."""
    faults = [each for each in figures if isinstance(each, FaultJudged)]
    asked = [each for each in figures if isinstance(each, GateAsked)]
    return [
        *_faults("faults stopped where stated", [each for each in faults if not each.alone]),
        *_faults("gates alone said what is stated", [each for each in faults if each.alone]),
        *_good([each for each in figures if isinstance(each, GoodJudged)]),
        *_kernels(asked),
        *_times(asked),
        *_mutations([each for each in figures if isinstance(each, Mutated)]),
    ]


def _line(title: str, value: object, detail: str = "") -> str:
    return f"{title:<32} {value:>9}  {detail}".rstrip()


def _faults(title: str, faults: list[FaultJudged]) -> Iterator[str]:
    if not faults:
        return
    each = Counter(fault.gate for fault in faults)
    right = Counter(fault.gate for fault in faults if fault.as_stated)
    parts = [f"{gate.value} {right[gate]}/{each[gate]}" for gate in GateName if each[gate]]
    missed = sorted({fault.id for fault in faults if not fault.as_stated})
    more = f"; not so: {', '.join(missed[:_SHOWN])}" if missed else ""
    yield _line(title, f"{right.total()}/{each.total()}", ", ".join(parts) + more)


def _good(sources: list[GoodJudged]) -> Iterator[str]:
    if not sources:
        return
    each = Counter(source.kernel for source in sources)
    refused = Counter(source.kernel for source in sources if not source.passed)
    parts = [f"{refused[on]}/{each[on]} {f'by {on}' if on else _NO_KERNEL}" for on in sorted(each)]
    yield _line("good sources refused", f"{refused.total()}/{each.total()}", ", ".join(parts))


def _kernels(asked: list[GateAsked]) -> Iterator[str]:
    answers = Counter(each.kernel for each in asked if each.kernel)
    for number, (kernel, count) in enumerate(sorted(answers.items())):
        yield _line("" if number else "answers of kernels", count, kernel)


def _times(asked: list[GateAsked]) -> Iterator[str]:
    for gate in GateName:
        if seconds := [each.seconds for each in asked if each.gate is gate]:
            took = f"{median(seconds) * 1000:.0f} ms"
            yield _line(f"{gate.value} gate, median", took, f"of {len(seconds)} answers")


def _mutations(counted: list[Mutated]) -> Iterator[str]:
    for kind in sorted({each.kind for each in counted}):
        of_kind = [each for each in counted if each.kind == kind]
        accepted, crashed = (
            sum(each.accepted for each in of_kind),
            sum(each.crashed for each in of_kind),
        )
        detail = f"tried, {accepted} accepted, {crashed} crashed"
        yield _line(f"mutations: {kind}", sum(each.tried for each in of_kind), detail)
