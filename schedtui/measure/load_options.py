"""Options of built-in loads that a person can set: ``--load 'request_service -R 800'``."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from schedtui.measure.catalogue import REQUEST_SERVICE
from schedtui.model.goal import Metric
from schedtui.model.text import safe_text
from schedtui.model.trial import WorkloadSpec

_NAMES: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,14}(,[a-z0-9][a-z0-9-]{0,14}){0,2}")


@dataclass(frozen=True, slots=True)
class LoadOption:
    """One option of a load's program, as that explains it under ``--help``."""

    flag: str
    meaning: str
    """With its unit."""
    low: int = 0
    high: int = 0
    """Largest value; 0 for one that takes no number."""


NAMES: Final = LoadOption("--names", "process names, one for each role: a,b")
"""What every load takes."""

_FIXED_RATE: Final = LoadOption("-R", "open loop: requests per second", 1, 1_000_000)
_FIXED_USE: Final = LoadOption("-A", "open loop: per cent of all CPUs to be busy", 1, 100)
_CALIBRATE: Final = LoadOption("-C", "no spin locks, requests without their sleep")
_MESSAGE: Final = LoadOption(
    "-p", "bytes of a message to copy there and back, no other work", 1, 1 << 20
)
_KINDS: Final = (_FIXED_RATE, _FIXED_USE, _CALIBRATE, _MESSAGE)
"""Of which one at most is possible."""

OPTIONS: Final = {
    REQUEST_SERVICE.name: (
        LoadOption("-m", "message threads", 1, 64),
        LoadOption("-t", "workers of each", 1, 1024),
        LoadOption("-n", "multiplications per request", 1, 10_000),
        LoadOption("-F", "KB of matrices per worker", 1, 65_536),
        LoadOption("-s", "microseconds slept per request", 0, 1_000_000),
        LoadOption("-L", "no spin locks"),
        *_KINDS,
    )
}
"""What loads take beside names."""

_WAKEUP: Final = "wake-up latency: from the wake-up call to the worker running"
_ARRIVING: Final = (
    "request latency: from a request being due, which the clock says, to its end, its wait for a "
    f"worker included; {_WAKEUP}; rate: finished requests per second"
)
_REPORTS: Final = {
    _FIXED_RATE.flag: _ARRIVING,
    _FIXED_USE.flag: _ARRIVING,
    _CALIBRATE.flag: "request latency: from the end of its sleep to the end of the request, "
    f"without locks; {_WAKEUP}; rate: finished requests per second",
    _MESSAGE.flag: f"{_WAKEUP}; rate: messages copied there and back per second",
}


def with_options(spec: WorkloadSpec, words: Sequence[str]) -> WorkloadSpec:
    """Return ``spec`` with options set. Raises ValueError with a sentence."""
    given = dict(_read(spec, words))
    kinds = [option.flag for option in _KINDS if option.flag in given]
    if len(kinds) > 1:
        raise ValueError(f"only one of {', '.join(kinds)} is possible")
    if not given:
        return spec
    kept = [word for pair in _pairs(spec.arguments) if pair[0] not in given for word in pair]
    added = [
        word for flag, value in given.items() for word in ((flag, value) if value else (flag,))
    ]
    kind = kinds[0] if kinds else ""
    return dataclasses.replace(
        spec,
        title=" ".join((spec.name, *added)),
        arguments=(*added, *kept),
        objective=Metric.WAKEUP_P99 if kind == _MESSAGE.flag else spec.objective,
        reports=_REPORTS.get(kind, spec.reports),
    )


def serves_requests(spec: WorkloadSpec) -> bool:
    """Tell whether a request service does the work of requests, and so reports their latency."""
    return _MESSAGE.flag not in spec.arguments


def _pairs(arguments: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield each option with its value."""
    starts = [at for at, word in enumerate(arguments) if word.startswith("-")]
    for start, end in zip(starts, (*starts[1:], len(arguments)), strict=True):
        yield tuple(arguments[start:end])


def _read(spec: WorkloadSpec, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    known = {option.flag: option for option in (*OPTIONS.get(spec.name, ()), NAMES)}
    left = iter(words)
    for word in left:
        option = known.get(word)
        if option is None:
            shown, flags = safe_text(word), ", ".join(known)
            raise ValueError(f"{spec.name} takes no option '{shown}'; it takes: {flags}")
        yield word, _value(option, next(left, "")) if option.high or option is NAMES else ""


def _value(option: LoadOption, text: str) -> str:
    if option is NAMES:
        if not _NAMES.fullmatch(text):
            raise ValueError(f"{option.flag} takes names of at most 15 small letters: a,b")
    elif not (text.isascii() and text.isdigit() and option.low <= int(text[:10]) <= option.high):
        raise ValueError(f"{option.flag} takes a number from {option.low} to {option.high}")
    return text
