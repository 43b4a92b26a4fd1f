"""Puts an engine together for a target."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from schedtui.agent.backends.opening import ModelChoice
from schedtui.engine.port import Engine, EngineError
from schedtui.engine.verification import GuestVerifying
from schedtui.model.battery import Depth
from schedtui.model.events import Event
from schedtui.policy.external.bundle import Bundle
from schedtui.store.audit import Audit, state_dir
from schedtui.target.local import LocalTarget
from schedtui.target.port import Target
from schedtui.target.sandbox.lab import Lab, LabOptions, prepare
from schedtui.target.sandbox.target import SandboxTarget
from schedtui.verify.trial_gate import TrialAim

if TYPE_CHECKING:
    from schedtui.agent.deliberation.planner import Planner

REPLAY = "replay:"
"""What the name of a recording as a target begins with."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What a person may choose."""

    kernel: Path | None = None
    compiler: str = "zig"
    hertz: float = 2.0
    battery: Depth = Depth.QUICK
    """How much of the battery a candidate must survive."""
    model: ModelChoice = field(default_factory=ModelChoice)
    """Who plans besides the rules."""

    @property
    def lab(self) -> LabOptions:
        """The part of it that the sandbox needs."""
        return LabOptions(kernel=self.kernel, compiler=self.compiler)


def make_engine(target: str, options: EngineOptions) -> Engine:
    """Return an engine, not yet open. Raises EngineError.

    Args:
        target: ``sandbox``, ``local``, or ``replay:`` with the path of a recording.
        options: What a person chose.
    """
    if target.startswith(REPLAY):
        from schedtui.engine.replay import Replay  # noqa: PLC0415

        return Replay(Path(target.removeprefix(REPLAY)))
    places: dict[str, Target] = {"sandbox": SandboxTarget(options.lab), "local": LocalTarget()}
    if target not in places:
        raise EngineError(f"there is no target called {target}", "--target sandbox or local")
    # The verifier alone must not load everything that a session needs.
    from schedtui.engine.session import Session  # noqa: PLC0415

    verifying = GuestVerifying(_LabFinder(options), options.compiler, battery=options.battery)
    audit = Audit(state_dir() / "audit.jsonl")
    planner = partial(_planner, options.model)
    return Session(places[target], verifying, audit, options.hertz, planner=planner)


def _planner(model: ModelChoice) -> Planner:
    from schedtui.agent.deliberation.planner import Planner  # noqa: PLC0415
    from schedtui.store.results import Results  # noqa: PLC0415

    return Planner(model, Results(state_dir() / "results.sqlite3").rows)


class _Verifier:
    """The verifier by itself, without a session."""

    def __init__(self, verifying: GuestVerifying) -> None:
        self._verifying = verifying

    def verify(self, name: str, source: str, load: str) -> AsyncIterator[Event]:
        """Yield the gates' events; the last one is Verified."""
        return self._verifying.verify_source(name, source, load)

    def trial(self, name: str, source: str, aim: TrialAim) -> AsyncIterator[Event]:
        """Yield the gates' events, those of the trial among them; the last one is Verified."""
        return self._verifying.try_source(name, source, aim)

    def holding(self) -> AbstractAsyncContextManager[None]:
        """Keep what is loaded from trial to trial, as long as it is the same, until the end."""
        return self._verifying.holding()

    def trial_program(self, bundle: Bundle, aim: TrialAim) -> AsyncIterator[Event]:
        """Yield the events of an external scheduler's trial; the last one is Verified."""
        return self._verifying.try_program(bundle, aim)


def make_verifier(target: str, options: EngineOptions) -> _Verifier:
    """Return the Execution Verifier; every target is verified in throw-away guests."""
    del target
    return _Verifier(GuestVerifying(_LabFinder(options), options.compiler, battery=options.battery))


class _LabFinder:
    """Prepares the lab at the first use and remembers it."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._lab: Lab | None = None

    async def __call__(self) -> Lab:
        if self._lab is None:
            self._lab = await prepare(self._options.lab, _say_nothing)
        return self._lab


def _say_nothing(_: str) -> None:
    return None
