"""What the verbs need from the rest of the program, as ports.

The shipped implementation is :mod:`schedtui.commands.wiring`; tests ship another one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from schedtui.commands.options import Options
from schedtui.engine.port import Engine, EngineError, Progress
from schedtui.model.events import Event
from schedtui.model.exchange import Exported, Imported
from schedtui.model.external import External, ProgramHelp
from schedtui.model.lab import LabStatus
from schedtui.model.policy import Policy
from schedtui.model.results import ResultRow, StoredRow
from schedtui.model.screen import KeyTable, ThemeTable
from schedtui.model.trial import WorkloadSpec

if TYPE_CHECKING:  # the gates load a parser of C, which most verbs do without
    from schedtui.policy.external.bundle import Bundle
    from schedtui.verify.trial_gate import TrialAim


_EXTRAS: Final = {"mcp": "python3 -m pip install 'schedtui[mcp]'"}
"""What installs the packages that only one verb needs."""


def package_missing(error: ModuleNotFoundError) -> EngineError | None:
    """Return the error to show when somebody else's package is not installed, else None."""
    package = (error.name or "schedtui").partition(".")[0]
    if package == "schedtui":
        return None
    usual = "run `make run`, which installs it into .venv, or: python3 -m pip install schedtui"
    return EngineError(
        f"the Python package {package} is not installed", _EXTRAS.get(package, usual)
    )


class Verifier(Protocol):
    """Takes a source file through the gates without deploying it."""

    def verify(self, name: str, source: str, load: str) -> AsyncIterator[Event]:
        """Yield the gates' events; the last one is Verified.

        ``name`` is the file's name, for people. The trial gate runs only when ``load`` names a
        built-in load. Closing the iterator cancels. Raises EngineError when a gate cannot run.
        """
        ...

    def trial(self, name: str, source: str, aim: TrialAim) -> AsyncIterator[Event]:
        """Yield the gates' events, those of the trial among them; the last one is Verified.

        Otherwise as ``verify``.
        """
        ...

    def holding(self) -> AbstractAsyncContextManager[None]:
        """Keep what is loaded from trial to trial, as long as it is the same, until the end."""
        ...

    def trial_program(self, bundle: Bundle, aim: TrialAim) -> AsyncIterator[Event]:
        """The same for an external scheduler."""
        ...


class Results(Protocol):
    """The results of trials."""

    def prepare(self) -> None:
        """Make sure that rows can be appended; raises an error with a sentence otherwise."""
        ...

    def append(self, row: ResultRow) -> int:
        """Keep one row and return its number."""
        ...

    def rows(self) -> tuple[StoredRow, ...]:
        """Return all rows, oldest first."""
        ...


class Lab(Protocol):
    """The sandbox as a thing to prepare and to look into."""

    def status(self) -> LabStatus:
        """Read what is there, without booting and within a tenth of a second."""
        ...

    async def prepare(self, progress: Progress) -> LabStatus:
        """Fetch, build and save whatever is missing. Raises EngineError."""
        ...

    async def externals(self, progress: Progress) -> tuple[str, ...]:
        """Build two external schedulers and return their paths. Raises EngineError."""
        ...

    async def shell(self, progress: Progress) -> int:
        """Boot a throw-away guest with this terminal as its console; returns its exit code."""
        ...


class Terminal(Protocol):
    """The person at the keyboard."""

    @property
    def present(self) -> bool:
        """Tell whether there is a person who can be asked."""
        ...

    async def ask(self, question: str) -> str:
        """Show ``question`` and return the line typed after it, without what was typed before.

        Returns the empty string at end of input.
        """
        ...


class Probes(Protocol):
    """What the doctor reads from this host."""

    def python(self) -> tuple[int, int, int]:
        """Return the version of the running Python."""
        ...

    def which(self, program: str) -> str:
        """Return the path of a program, empty when it is not installed."""
        ...

    def first_line(self, *command: str) -> str:
        """Return the first line that a command prints, empty when it fails."""
        ...

    def file_text(self, path: str) -> str:
        """Return a small file's text without surrounding space, empty when unreadable."""
        ...

    def has_module(self, name: str) -> bool:
        """Tell whether a Python package is installed."""
        ...

    def library(self, name: str) -> str:
        """Return the file name of a shared library on this host, empty when absent."""
        ...


class OwnPolicies(Protocol):
    """The user's own policies, joined with those that come with the program."""

    @property
    def folder(self) -> Path:
        """Where they are, one folder each; it need not be there."""
        ...

    @property
    def faults(self) -> tuple[str, ...]:
        """What could not be read of them, a sentence with the file each."""
        ...

    def export(self, policy: Policy, folder: Path) -> Exported:
        """Write a policy and its manifest into a new folder. Raises EngineError."""
        ...

    async def take_in(self, folder: Path) -> Imported:
        """Check a folder that somebody exported and, if nothing is wrong, keep a copy."""
        ...


class Externals(Protocol):
    """The external schedulers of this machine."""

    @property
    def schedulers(self) -> tuple[External, ...]:
        """All that are installed, sorted by name; no program is started for it."""
        ...

    @property
    def faults(self) -> tuple[str, ...]:
        """Why other programs of that kind are not used, a sentence each."""
        ...

    async def asked(self, scheduler: External) -> tuple[External, ProgramHelp]:
        """Return the scheduler as the installed version offers it, and what that says itself."""
        ...

    async def ready(self, scheduler: External, arguments: tuple[str, ...]) -> Bundle:
        """Return all files that it takes to start a scheduler elsewhere. Raises PolicyError."""
        ...


class Services(Protocol):
    """Everything that a verb may reach for. Each call imports what it needs and no more."""

    def engine(self, options: Options) -> Engine:
        """Return an engine for the target, not yet open."""
        ...

    def policies(self) -> tuple[Policy, ...]:
        """Return the repository, without starting anything."""
        ...

    def own_policies(self) -> OwnPolicies:
        """Return the repository as this user keeps it, without starting anything."""
        ...

    def externals(self) -> Externals:
        """Return the external schedulers of this machine, without starting anything."""
        ...

    def loads(self) -> tuple[WorkloadSpec, ...]:
        """Return the built-in loads, without starting anything."""
        ...

    def keys(self) -> KeyTable:
        """Return the keys of the screen with this user's own, without starting anything."""
        ...

    def themes(self) -> ThemeTable:
        """Return the themes of the screen with this user's own, without starting anything."""
        ...

    def session_name(self, options: Options) -> str:
        """Return the name under which a session on the target listens and is called."""
        ...

    def verifier(self, options: Options) -> Verifier:
        """Return the Execution Verifier of the target."""
        ...

    def results(self) -> Results:
        """Return the results of this user's trials."""
        ...

    def state_folder(self) -> Path:
        """Return the folder of what is kept for this user alone. Raises EngineError."""
        ...

    def lab(self, options: Options) -> Lab:
        """Return the sandbox."""
        ...

    def terminal(self) -> Terminal:
        """Return the terminal that the program was started in."""
        ...

    def probes(self) -> Probes:
        """Return the doctor's eyes."""
        ...

    def screen(self, engine: Engine, options: Options) -> int:
        """Run the full-screen program until it ends; returns its exit code."""
        ...

    def screen_possible(self) -> bool:
        """Tell whether standard input and output are a terminal."""
        ...
