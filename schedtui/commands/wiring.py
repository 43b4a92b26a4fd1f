"""The services of the real program. Every room is imported only when it is used."""

from __future__ import annotations

import contextlib
import ctypes.util
import dataclasses
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from schedtui.commands.options import Options
from schedtui.commands.services import (
    Lab,
    Probes,
    Results,
    Terminal,
    Verifier,
    package_missing,
)
from schedtui.engine.port import Engine, EngineError, Progress
from schedtui.model.lab import LabStatus
from schedtui.model.policy import Policy
from schedtui.model.screen import KeyTable, ThemeTable
from schedtui.model.trial import WorkloadSpec

if TYPE_CHECKING:
    from schedtui.agent.backends.opening import ModelChoice
    from schedtui.engine.externals import Externals
    from schedtui.engine.factory import EngineOptions
    from schedtui.engine.own_policies import OwnPolicies
    from schedtui.ui.options import Alternative, ScreenOptions


class RealServices:
    """Sessions, sandbox, screen and host of this machine."""

    def __init__(self) -> None:
        from schedtui.agent.backends.credentials import taken

        # Before anything is started: no compiler, guest or node inherits the key.
        self._credentials = taken(os.environ)
        self._own: OwnPolicies | None = None
        self._externals: Externals | None = None

    def engine(self, options: Options) -> Engine:
        """Return a session on the target, not yet open."""
        with _engine_words():
            from schedtui.engine.factory import make_engine

        return make_engine(options.target, _engine_options(options, self._model(options)))

    def _model(self, options: Options) -> ModelChoice:
        from schedtui.agent.backends.opening import Limits, ModelChoice

        usual = Limits()
        limits = Limits(
            usual.dollars if options.max_cost is None else options.max_cost,
            options.max_turns or usual.turns,
            strict=options.max_cost is not None,
        )
        return ModelChoice(options.model, limits, self._credentials)

    def policies(self) -> tuple[Policy, ...]:
        """Return the repository."""
        return self.own_policies().policies

    def own_policies(self) -> OwnPolicies:
        """Return the repository as this user keeps it, read once."""
        from schedtui.engine.own_policies import OwnPolicies
        from schedtui.policy.own import own_folder

        if self._own is None:
            self._own = OwnPolicies(own_folder())
        return self._own

    def externals(self) -> Externals:
        """Return the external schedulers on this user's search path, looked for once."""
        from schedtui.engine.externals import Externals
        from schedtui.policy.external.programs import search_path

        if self._externals is None:
            self._externals = Externals(search_path())
        return self._externals

    def loads(self) -> tuple[WorkloadSpec, ...]:
        """Return the catalogue of workloads."""
        from schedtui.measure.catalogue import WORKLOADS

        return WORKLOADS

    def keys(self) -> KeyTable:
        """Return the keys of the screen, with those of this user's key file."""
        from schedtui.ui.key_table import key_table
        from schedtui.ui.keymap import own_file

        return key_table(own_file())

    def themes(self) -> ThemeTable:
        """Return the themes of the screen, with those in this user's folder."""
        from schedtui.ui.theme_table import theme_table
        from schedtui.ui.themes import own_folder

        return theme_table(own_folder())

    def session_name(self, options: Options) -> str:
        """Return the target itself: a user has one session per target."""
        return options.target

    def verifier(self, options: Options) -> Verifier:
        """Return the Execution Verifier of the target."""
        with _engine_words():
            from schedtui.engine.factory import make_verifier

        return make_verifier(options.target, _engine_options(options))

    def results(self) -> Results:
        """Return the results below this user's state folder."""
        from schedtui.store.results import Results as Stored

        return Stored(self.state_folder() / "results.sqlite3")

    def state_folder(self) -> Path:
        """Return this user's state folder, made where it is missing."""
        from schedtui.store.audit import state_dir

        try:
            return state_dir()
        except OSError as error:
            sentence = f"the state folder cannot be made: {error.strerror}"
            raise EngineError(sentence, "set XDG_STATE_HOME to a folder of yours") from error

    def lab(self, options: Options) -> Lab:
        """Return the sandbox with the kernel and compiler that were asked for."""
        return RealLab(options)

    def terminal(self) -> Terminal:
        """Return the terminal of this process."""
        from schedtui.commands.terminal import OwnTerminal

        return OwnTerminal()

    def probes(self) -> Probes:
        """Return eyes on this host."""
        return HostProbes()

    def screen(self, engine: Engine, options: Options) -> int:
        """Run the Textual program."""
        from schedtui.ui.app import run_screen

        return run_screen(engine, self.screen_options(options))

    def screen_options(self, options: Options) -> ScreenOptions:
        """Return what the command line, the environment and this user's files ask of the screen."""
        from schedtui.ui.keymap import own_file
        from schedtui.ui.options import from_environment
        from schedtui.ui.themes import DEFAULT_THEME, own_folder

        return dataclasses.replace(
            from_environment(os.environ, options.theme or DEFAULT_THEME),
            ascii_only=options.ascii,
            mouse=options.mouse,
            rate_hz=options.hz or None,
            alternative=self._alternative(options),
            own_keys=own_file(),
            own_themes=own_folder(),
        )

    def _alternative(self, options: Options) -> Alternative | None:
        from schedtui.ui.options import Alternative

        if options.target == "local" or options.replayed:
            return None
        local = dataclasses.replace(options, target="local")
        return Alternative("watch this machine (no deployment)", lambda: self.engine(local))

    def screen_possible(self) -> bool:
        """Tell whether standard input and output are a terminal."""
        return sys.stdin.isatty() and sys.stdout.isatty()


def _engine_options(options: Options, model: ModelChoice | None = None) -> EngineOptions:
    from schedtui.agent.backends.opening import ModelChoice
    from schedtui.engine.factory import EngineOptions

    return EngineOptions(
        options.kernel, options.compiler, battery=options.depth, model=model or ModelChoice()
    )


@contextlib.contextmanager
def _engine_words() -> Iterator[None]:
    """Raise a target's error, or the lack of a package, as the error that commands show."""
    from schedtui.target.port import TargetError

    try:
        yield
    except TargetError as error:
        raise EngineError(error.sentence, error.fix) from error
    except ModuleNotFoundError as error:
        raise package_missing(error) or error from error


class RealLab:
    """The sandbox, with its errors in the engine's words."""

    def __init__(self, options: Options) -> None:
        with _engine_words():
            from schedtui.target.sandbox.lab import LabOptions

            self._options = LabOptions(
                kernel=options.kernel, compiler=options.compiler, again=options.again
            )

    def status(self) -> LabStatus:
        """See the port."""
        from schedtui.target.sandbox.status import status

        with _engine_words():
            return status(self._options)

    async def prepare(self, progress: Progress) -> LabStatus:
        """See the port."""
        from schedtui.target.sandbox.lab import prepare

        with _engine_words():
            await prepare(self._options, progress)
        return self.status()

    async def externals(self, progress: Progress) -> tuple[str, ...]:
        """See the port."""
        from schedtui.target.sandbox.crates import build_crates

        with _engine_words():
            return tuple(map(str, await build_crates(progress)))

    async def shell(self, progress: Progress) -> int:
        """See the port."""
        from schedtui.target.sandbox.lab import shell

        with _engine_words():
            return await shell(self._options, progress)


class HostProbes:
    """What the doctor reads, from this host."""

    def python(self) -> tuple[int, int, int]:
        """See the port."""
        return sys.version_info[:3]

    def which(self, program: str) -> str:
        """See the port."""
        return shutil.which(program) or ""

    def first_line(self, *command: str) -> str:
        """See the port."""
        try:
            done = subprocess.run(command, capture_output=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        text = done.stdout.decode("utf-8", "replace")
        return text.splitlines()[0] if done.returncode == 0 and text else ""

    def file_text(self, path: str) -> str:
        """See the port."""
        try:
            return Path(path).read_bytes()[:65536].decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def has_module(self, name: str) -> bool:
        """See the port."""
        return importlib.util.find_spec(name) is not None

    def library(self, name: str) -> str:
        """See the port."""
        return ctypes.util.find_library(name) or ""
