"""What the command line said, and the exit codes that every verb keeps to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from schedtui.model.battery import Depth


class Exit(IntEnum):
    """Exit codes of every verb."""

    DONE = 0
    """Done, or the verdict is pass."""
    NO = 1
    """The answer is no: rejected, ejected, a guard fired, or a person said no."""
    USAGE = 2
    """The command line asks for something that is not offered."""
    MISSING = 3
    """Something needed is missing; the fix was named."""
    INTERNAL = 4
    """A fault of the program itself."""
    INTERRUPTED = 130
    """Ctrl-C."""
    HUNG_UP = 141
    """The reader of standard output went away."""


class UsageError(Exception):
    """The command line is well formed but asks for something that is not offered."""


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, read."""

    verb: str
    """Empty for the screen."""
    action: str = ""
    """Second word of ``lab``, ``policies`` and ``loads``."""
    subject: str = ""
    """Goal text, file, policy name or words to search for."""
    folder: Path = Path()
    """The folder that ``policies export`` makes, or ``policies import`` reads."""
    family: str = ""
    """Only policies made for it are answers of ``policies search``; empty for all."""
    target: str = "sandbox"
    json: bool = False
    stream: bool = False
    yes: bool = False
    again: bool = False
    """``lab setup`` makes the saved guest anew."""
    kernel: Path | None = None
    compiler: str = "zig"
    load: str = ""
    hold_s: float = 0.0
    seconds: float = 0.0
    """How long ``watch`` runs; 0 means until Ctrl-C. For trials, the length of a window."""
    explain: str = ""
    """Code of a finding to explain instead of verifying."""
    per_cpu: bool = False
    ascii: bool = False
    mouse: bool = True
    theme: str = ""
    battery: str = ""
    """How much of the battery is run: none, quick or full; empty leaves it to ``depth``."""
    command: str = ""
    """A command of the person's own that is measured instead of a built-in load."""
    files: Sequence[Path] = ()
    """What it needs in the guest besides its program."""
    metric: str = ""
    """Metric that a trial is judged by; empty means the usual one of the load."""
    pairs: int = 0
    """Most pairs of a trial; 0 means the default."""
    policies: str = ""
    """Policies that a sweep compares, apart by commas; empty for all that fit."""
    settings: Sequence[str] = ()
    """Parameters of a policy as ``NAME=VALUE``; for a sweep as ``POLICY.NAME=VALUE``."""
    out: Path | None = None
    """Where ``policies compose`` writes the source; None for standard output."""
    against: Sequence[str] = ()
    """Parameters of the policy as the baseline of its trial, as ``NAME=VALUE``, or ``defaults``;
    empty for the default scheduler."""
    trials: int = 0
    """Most settings that ``tune`` tries; 0 means the default."""
    seed: int = 0
    """Of the settings that ``tune`` tries; 0 means the default."""
    sampler: str = ""
    """Where ``tune`` has its settings from; empty for Optuna where it is installed."""
    report: Path | None = None
    """Where ``trial``, ``sweep`` or ``tune`` writes its page."""
    http_port: int | None = None
    """Port of the loopback that ``mcp`` serves on, 0 for a free one; None for standard streams."""
    model: str = "auto"
    """Who plans a goal besides the rules: ``auto``, ``offline``, or the name of a model."""
    max_cost: float | None = None
    """Most dollars that models may cost for one goal; None for the default."""
    max_turns: int = 0
    """Most turns of models for one goal; 0 means the default."""
    hz: float = 0.0
    """Sampling rate; 0 means the default of the verb."""

    @property
    def replayed(self) -> bool:
        """The target is a recording."""
        return self.target.startswith("replay:")

    @property
    def depth(self) -> Depth:
        """How much of the battery is run.

        Who only verifies has time for all of it, and so has a host that is to be kept well; the
        sandbox is thrown away in the end. A trial measures, in a guest of its own.
        """
        if self.battery:
            return Depth(self.battery)
        if self.verb in {"trial", "sweep", "tune"}:
            return Depth.NONE
        throwaway = self.target == "sandbox" and self.verb != "verify"
        return Depth.QUICK if throwaway else Depth.FULL
