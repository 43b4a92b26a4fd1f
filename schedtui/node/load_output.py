"""Reads what a running workload says: report lines, bounded, and nothing else.

A report line is ``{"kind": "second" | "final", "metrics": {name: number}}``.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final

from schedtui.model.text import safe_text

Metrics = tuple[tuple[str, float], ...]
"""Pairs of metric name (with unit suffix, e.g. ``request_p99_us``) and value."""

_NAME: Final = re.compile(r"[a-z0-9_]{1,30}")
_KINDS: Final = ("second", "final")
_MOST_METRICS: Final = 32
_LINE_BYTES: Final = 4096


class ReportLines:
    """Keeps the latest report of each kind, and counts what was none.

    Attributes:
        second: Metrics of the last second reported.
        final: Metrics of the whole run; None until it has ended.
        ignored: Number of lines that were not reports.
        last_words: The latest of those lines, sanitised.
    """

    def __init__(self) -> None:
        self.second: Metrics = ()
        self.final: Metrics | None = None
        self.ignored = 0
        self.last_words = ""
        self._rest = b""
        self._too_long = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of output, cut anywhere. Never keeps more than one line."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._too_long:
                self._too_long = False
            else:
                self._take(line)
        if len(self._rest) > _LINE_BYTES:
            self.ignored += not self._too_long
            self._too_long, self._rest = True, b""

    def _take(self, line: bytes) -> None:
        report = _parsed(line) if len(line) <= _LINE_BYTES else None
        if report is None:
            self.ignored += 1
            self.last_words = safe_text(line)
        elif report[0] == "second":
            self.second = report[1]
        else:
            self.final = report[1]


def _parsed(line: bytes) -> tuple[str, Metrics] | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("kind") not in _KINDS:
        return None
    metrics = data.get("metrics")
    if not isinstance(metrics, dict) or len(metrics) > _MOST_METRICS:
        return None
    if not all(_is_metric(name, value) for name, value in metrics.items()):
        return None
    return data["kind"], tuple((name, float(value)) for name, value in metrics.items())


def _is_metric(name: str, value: object) -> bool:
    if not _NAME.fullmatch(name) or isinstance(value, bool):
        return False
    # The bound comes first: a whole number of hundreds of digits is no float at all.
    return isinstance(value, int | float) and abs(value) < 1e18 and math.isfinite(value)
