"""The external schedulers of this machine, each asked for its help at most once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from schedtui.model.external import External, ProgramHelp
from schedtui.policy.external.bundle import Bundle, bundle
from schedtui.policy.external.help import ask
from schedtui.policy.external.notes import external, joined
from schedtui.policy.external.programs import Found, Trust, find_programs


class Externals:
    """What is installed, joined with our notes."""

    def __init__(self, folders: Iterable[Path], trust: Trust | None = None) -> None:
        self._folders = tuple(folders)
        self._trust = trust
        self._help: dict[str, ProgramHelp] = {}

    @cached_property
    def _found(self) -> Found:
        return find_programs(self._folders, self._trust)

    @cached_property
    def schedulers(self) -> tuple[External, ...]:
        """All of them, sorted by name, with what the notes say; no program has been started."""
        return tuple(external(name, program) for name, program in self._found.programs)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why other programs of that kind are not used, a sentence each."""
        return self._found.faults

    async def asked(self, scheduler: External) -> tuple[External, ProgramHelp]:
        """Return the scheduler as the installed version offers it, and what that says itself."""
        if scheduler.name not in self._help:
            self._help[scheduler.name] = await ask(scheduler.program)
        said = self._help[scheduler.name]
        return joined(scheduler, said), said

    async def ready(self, scheduler: External, arguments: tuple[str, ...]) -> Bundle:
        """Return all files that it takes to start a scheduler elsewhere. Raises PolicyError."""
        return await bundle(scheduler, arguments, self._trust)
