"""One user at a command line: benches that measure, a place for results, commands."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path
from typing import Any

from schedtui.cli import read_options
from schedtui.commands.output import Output
from schedtui.commands.run import run
from schedtui.measure.catalogue import WORKLOADS
from schedtui.model.policy import Policy
from schedtui.store.results import Results
from tests.fakes.cli_services import ScriptedServices
from tests.fakes.trying import BenchVerifier


class CommandDesk:
    """Runs commands and remembers the last one's exit code and what it said beside its answer."""

    def __init__(self, folder: Path, verifier: BenchVerifier, policies: tuple[Policy, ...]) -> None:
        self.verifier = verifier
        self.store = Results(folder / "results.sqlite3")
        self.services = ScriptedServices(
            checker=self.verifier,
            store=self.store,
            known_policies=policies,
            known_loads=WORKLOADS,
        )
        self.code = 0
        self.talk = ""

    def called(self, line: str) -> str:
        """Run a command line and return what it answers."""
        out, talk = io.StringIO(), io.StringIO()
        options = read_options(shlex.split(line))
        self.code = run(options, self.services, Output(out, talk, options.json))
        self.talk = talk.getvalue()
        return out.getvalue()

    def document(self, line: str) -> Any:
        """Run a command line and return its one JSON document."""
        (one,) = self.called(f"{line} --json").splitlines()
        return json.loads(one)
