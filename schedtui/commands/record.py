"""``schedtui record``: samples and the events of goals into a file, to be replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from schedtui.commands.context import Context, at_most, closing
from schedtui.commands.options import Exit, UsageError
from schedtui.engine.control import follow
from schedtui.engine.port import EngineError
from schedtui.engine.relay import Sent, received
from schedtui.model.machine import Hello
from schedtui.model.telemetry import Snapshot
from schedtui.model.text import safe_text
from schedtui.model.wire import WireError
from schedtui.store.recorder import Recorder
from schedtui.store.recording_file import RecordingError

LONGEST_S: Final = 8 * 3600.0
"""How long is recorded unless asked otherwise, in seconds."""

RECORD_HZ: Final = 2.0


async def run(context: Context) -> int:
    """Record the running session, goals included, or open the target and record that."""
    context.require_known_load()
    path = Path(context.options.subject)
    if path.exists():
        raise UsageError(f"{safe_text(str(path))} is there already; name another file")
    taking = Taking(context, path)
    try:
        # A load can only be started in a target of our own.
        if not context.options.load:
            await taking.session()
        if not taking.began:
            await taking.own()
    except RecordingError as error:
        raise EngineError(error.sentence, error.fix, missing=False) from error
    finally:
        taking.close()
    return Exit.DONE


class Taking:
    """One recording from its first sample to its last."""

    def __init__(self, context: Context, path: Path) -> None:
        self._context = context
        self._path = path
        self._recorder: Recorder | None = None

    @property
    def began(self) -> bool:
        """Tell whether there was something to record."""
        return self._recorder is not None

    async def session(self) -> None:
        """Record what the running session shows; nothing happens when none runs."""
        name, seconds = self._context.session_name, self._context.options.seconds
        async with at_most(seconds or LONGEST_S), closing(follow(name, "record")) as answers:
            async for answer in answers:
                try:
                    self._take(received(answer))
                except WireError as error:
                    sentence = "the running session is of another version"
                    raise EngineError(sentence, "end it first") from error
                if self._full:
                    return

    async def own(self) -> None:
        """Open the target and record its samples."""
        options, engine = self._context.options, self._context.served()
        try:
            self._take(await engine.open(self._context.progress))
            if options.load:
                await engine.start_load(options.load)
            await engine.set_rate(options.hz or RECORD_HZ)
            async with at_most(options.seconds or LONGEST_S), closing(engine.snapshots()) as stream:
                async for snapshot in stream:
                    self._take(snapshot)
                    if self._full:
                        return
        finally:
            await engine.close()

    @property
    def _full(self) -> bool:
        return self._recorder is not None and self._recorder.full

    def _take(self, sent: Sent) -> None:
        if isinstance(sent, Hello):
            self._recorder = Recorder(self._path, sent)
            self._context.output.say(f"recording {safe_text(sent.target)}; Ctrl-C ends it")
        elif self._recorder is not None and isinstance(sent, Snapshot):
            self._recorder.add(sent)
        elif self._recorder is not None and not isinstance(sent, Snapshot):
            self._recorder.tell(sent)

    def close(self) -> None:
        """Close the file and say what is in it."""
        if self._recorder is None:
            return
        self._recorder.close()
        shown = safe_text(str(self._path))
        facts = {"file": shown, "samples": self._recorder.samples, "bytes": self._recorder.size,
                 "full": self._recorder.full}  # fmt: skip
        full = " (the file has reached its limit)" if self._recorder.full else ""
        words = f"{self._recorder.samples} samples in {shown}{full}; schedtui replay {shown}"
        self._context.output.answer(facts, words)
