"""A recording behind the engine port: everything can be looked at, nothing can be changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from schedtui.engine.port import Approver, EngineError, Progress
from schedtui.model.deployment import Deployment
from schedtui.model.events import Event
from schedtui.model.machine import Capability, Hello
from schedtui.model.policy import Policy
from schedtui.model.protocol import Parameters
from schedtui.model.telemetry import SchedulerState, Snapshot
from schedtui.model.text import safe_text
from schedtui.model.trial import WorkloadSpec
from schedtui.model.wire import WireError
from schedtui.store.recording import Recording
from schedtui.store.recording_file import RecordingError
from schedtui.tape.tape import Past

REASON: Final = "this is a recording: nothing of it can be changed"
_ACTIONS: Final = frozenset({"deploy", "loads"})


class Replay:
    """One recording as an engine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: Recording | None = None

    async def open(self, progress: Progress) -> Hello:
        """Read the index of the file. Raises EngineError when it is no recording."""
        progress(f"reading {safe_text(str(self._path))}")
        try:
            self._open = await asyncio.to_thread(Recording, self._path)
        except RecordingError as error:
            raise EngineError(error.sentence, error.fix) from error
        hello = self._open.hello
        able = tuple(
            Capability(each.name, available=False, reason=REASON) if each.name in _ACTIONS else each
            for each in hello.capabilities
        )
        return replace(hello, target=f"recording of {hello.target}", capabilities=able)

    @property
    def _recording(self) -> Recording:
        if self._open is None:
            raise EngineError("the recording is not open", missing=False)
        return self._open

    def past(self) -> Past:
        """Return all that was recorded."""
        return self._recording.past

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield every sample that can be read, as fast as they are taken."""
        recording = self._recording
        for number in range(recording.index.first, recording.index.end):
            try:
                yield recording.snapshot(number)
            except WireError:
                continue
            await asyncio.sleep(0)

    async def set_rate(self, hertz: float) -> None:
        """Change nothing: the samples are what they are."""

    def loads(self) -> tuple[WorkloadSpec, ...]:
        """Return none."""
        return ()

    async def start_load(self, name: str) -> None:
        """Refuse."""
        raise EngineError(REASON, f"start {safe_text(name)} on a target", missing=False)

    async def stop_load(self) -> None:
        """Refuse."""
        raise EngineError(REASON, missing=False)

    def policies(self) -> tuple[Policy, ...]:
        """Return none."""
        return ()

    async def pursue(self, text: str, approver: Approver) -> AsyncIterator[Event]:
        """Refuse, once the first event is waited for."""
        del text, approver
        none: tuple[Event, ...] = ()
        for event in none:
            yield event
        raise EngineError(REASON, "pursue goals on a target", missing=False)

    async def state(self) -> SchedulerState:
        """Return who was in charge at the end."""
        try:
            return self._recording.snapshot(self._recording.index.end - 1).scheduler
        except WireError as error:
            raise EngineError(f"the last sample is damaged: {error}", missing=False) from error

    def deployment(self) -> Deployment | None:
        """Return none: nothing here is deployed."""
        return None

    async def set_live(self, parameters: Parameters) -> Parameters:
        """Refuse."""
        names = ", ".join(safe_text(name) for name, _ in parameters)
        raise EngineError(REASON, f"set {names} on a target", missing=False)

    async def rollback(self) -> SchedulerState:
        """Refuse."""
        raise EngineError(REASON, missing=False)

    async def close(self) -> None:
        """Close the file."""
        if self._open is not None:
            self._open.close()
