"""A probe that is switched on when first needed and may fail at any time."""

from __future__ import annotations

from typing import Protocol

from schedtui.node.probe import ProbeError, ProbeReading
from schedtui.node.probe_layout import Wait


class ProbePort(Protocol):
    """What sampling needs of :class:`schedtui.node.probe.Probe`. All of it raises ProbeError."""

    def start(self) -> None:
        """Switch the probe on."""
        ...

    def stop(self) -> None:
        """Switch the probe off."""
        ...

    def read(self) -> ProbeReading:
        """Return a reading."""
        ...

    def waits(self, floor_ms: float = 0.0) -> tuple[Wait, ...]:
        """Return the tasks whose present or worst wait is longer."""
        ...

    def longest(self) -> tuple[Wait, ...]:
        """Return per CPU the longest wait that ended there."""
        ...

    def forget_waits(self) -> None:
        """Forget finished waits."""
        ...


class LiveProbe:
    """Guards a probe: a failure ends its use for good and leaves the reason behind."""

    def __init__(self, probe: ProbePort | None, reason: str) -> None:
        """Take the probe, or None with the reason why there is none."""
        self._probe = probe
        self._started = False
        self.reason = reason
        self.failed = False
        """True when there was a probe that broke; false when there never was one."""

    @property
    def usable(self) -> bool:
        """Tell whether there is a probe."""
        return self._probe is not None

    def read(self) -> ProbeReading | None:
        """Return a reading, None without a probe."""
        try:
            probe = self._running()
            return probe.read() if probe else None
        except ProbeError as error:
            self._fail(error)
        return None

    def waits(self, floor_ms: float) -> tuple[Wait, ...]:
        """Return present and finished waits above a floor, those of ended tasks included."""
        try:
            probe = self._running()
            if probe is None:
                return ()
            ended = (wait for wait in probe.longest() if wait.worst_ns > floor_ms * 1e6)
            return (*probe.waits(floor_ms), *ended)
        except ProbeError as error:
            self._fail(error)
        return ()

    def forget_waits(self) -> None:
        """Forget finished waits."""
        try:
            probe = self._running()
            if probe is not None:
                probe.forget_waits()
        except ProbeError as error:
            self._fail(error)

    def stop(self) -> None:
        """Switch the probe off until it is needed again."""
        if self._probe is not None and self._started:
            self._probe.stop()
        self._started = False

    def _running(self) -> ProbePort | None:
        if self._probe is not None and not self._started:
            self._probe.start()
            self._started = True
        return self._probe

    def _fail(self, error: ProbeError) -> None:
        self._probe, self.reason, self.failed = None, str(error), True
