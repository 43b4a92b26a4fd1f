"""What ``schedtui trial`` is asked to try, read whole before anything starts."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from schedtui.commands.context import Context
from schedtui.commands.options import Options, UsageError
from schedtui.commands.source import read_source
from schedtui.engine.port import EngineError
from schedtui.engine.trying import TrialRequest
from schedtui.measure.catalogue import command, lasting
from schedtui.measure.control import CONTROL_PAIRS
from schedtui.measure.load_options import with_options
from schedtui.measure.objectives import direction_of, metrics_of, usual_guardrails
from schedtui.measure.sides import DEFAULTS
from schedtui.measure.trial import patience_s
from schedtui.model.parcel import EMPTY, Parcel
from schedtui.model.policy import ParameterValues, Policy
from schedtui.model.text import safe_text
from schedtui.model.trial import WorkloadSpec
from schedtui.policy.assignments import read_assignments
from schedtui.policy.errors import PolicyError
from schedtui.policy.render import complete, render
from schedtui.target.port import TargetError
from schedtui.target.sandbox.lab import RUNNING
from schedtui.target.sandbox.parcel import found, gather
from schedtui.verify.trial_gate import TrialAim

USUAL_PAIRS: Final = 7
_FEWEST_PAIRS_BEFORE_A_LOOK: Final = 3
_ATTACHING_S: Final = 30.0
"""More than it ever takes to attach, to detach and to read the waits of a pair."""


async def read_request(context: Context) -> TrialRequest:
    """Return what the command line asks for. Raises UsageError."""
    options = context.options
    spec = read_load(context)
    policies = context.services.policies()
    # A policy comes before a file of the same name.
    policy = next((each for each in policies if each.name == options.subject), None)
    if policy is not None:
        return policy_request(policy, await read_aim(spec, options), options)
    name, source = _file(policies, options)
    aim = await read_aim(spec, options)
    command = subject_command(options, aim, str(Path(options.subject).absolute()))
    return TrialRequest(name, source, (), aim, command)


def policy_request(policy: Policy, aim: TrialAim, options: Options) -> TrialRequest:
    """Return the trial of a policy of the repository. Raises UsageError."""
    source, parameters = _rendered(policy, options.settings)
    command = subject_command(options, aim, policy.name)
    baseline: ParameterValues = ()
    if options.against:
        if not policy.parameters:
            raise UsageError(f"{policy.name} has no parameters: it cannot be its own baseline")
        other, baseline = _rendered(policy, [text for text in options.against if text != DEFAULTS])
        given = baseline != complete(policy, {})
        aim = dataclasses.replace(aim, baseline_source=other, baseline_setting=given)
    return TrialRequest(policy.name, source, parameters, aim, command, baseline)


def read_load(context: Context) -> WorkloadSpec:
    """Return the load that is asked for, its windows as long as asked. Raises UsageError."""
    options, loads = context.options, context.services.loads()
    if options.target != "sandbox":
        raise UsageError(
            "trials run in a throw-away guest: --target sandbox; here each pair would put a policy "
            "in charge that nobody has approved"
        )
    if options.command:
        return _command_load(options)
    if options.files:
        raise UsageError("--with is for --command; built-in loads bring what they need")
    name, *words = options.load.split() or [""]
    for spec in loads:
        if spec.name == name:
            return _timed(_with_options(spec, words), int(options.seconds))
    known = ", ".join(spec.name for spec in loads)
    raise UsageError(f"{options.verb} needs --load, one of: {known}")


def _command_load(options: Options) -> WorkloadSpec:
    if options.seconds:
        raise UsageError("a command ends by itself; it takes no --seconds")
    try:
        words = shlex.split(options.command)
    except ValueError as error:
        raise UsageError(f"--command cannot be read: {error}") from error
    if not words:
        raise UsageError("--command needs a program to run")
    folder = Path.cwd()
    try:
        program = found(words[0], folder)
    except TargetError as error:
        raise EngineError(error.sentence, error.fix) from error
    return command([str(program), *words[1:]], str(folder))


async def _parcel(spec: WorkloadSpec, options: Options) -> Parcel:
    if not options.command:
        return EMPTY
    words = spec.arguments[spec.arguments.index("--") + 1 :]
    try:
        return await gather(words, options.files, Path.cwd())
    except TargetError as error:
        raise EngineError(error.sentence, error.fix) from error


def _with_options(spec: WorkloadSpec, words: Sequence[str]) -> WorkloadSpec:
    try:
        return with_options(spec, words)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _timed(spec: WorkloadSpec, seconds: int) -> WorkloadSpec:
    if not seconds:
        return spec
    try:
        return lasting(spec, seconds)
    except ValueError as error:
        raise UsageError(f"{spec.name} ends by itself; it takes no --seconds") from error


def _file(policies: Sequence[Policy], options: Options) -> tuple[str, str]:
    """Return name and source of the file that is named; the policies are for the refusal."""
    path = Path(options.subject)
    shown = safe_text(options.subject)
    if not path.name.endswith(".c") and not _there(path):
        known = ", ".join(policy.name for policy in policies)
        raise UsageError(f"'{shown}' is neither a policy nor a .bpf.c file; policies: {known}")
    if options.settings or options.against:
        raise UsageError(
            "--set and --against are for policies of the repository; change the file itself"
        )
    return safe_text(path.name), read_source(path)


def _there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise UsageError(f"cannot read {safe_text(str(path))}: {error.strerror}") from error
    return True


def _rendered(policy: Policy, settings: Sequence[str]) -> tuple[str, ParameterValues]:
    try:
        values = read_assignments(policy, settings)
        return render(policy, values), complete(policy, values)
    except PolicyError as error:
        raise UsageError(str(error).rstrip(".")) from error


async def read_aim(spec: WorkloadSpec, options: Options) -> TrialAim:
    """Return what the command line wants to be measured. Raises UsageError."""
    metric = options.metric or spec.objective
    if metric not in metrics_of(spec):
        known = ", ".join(metrics_of(spec))
        raise UsageError(f"{spec.name} has no metric '{safe_text(metric)}'; it has: {known}")
    pairs = options.pairs or USUAL_PAIRS
    return TrialAim(
        workload=spec,
        metric=str(metric),
        direction=direction_of(metric),
        guardrails=usual_guardrails(spec, metric),
        min_pairs=min(_FEWEST_PAIRS_BEFORE_A_LOOK, pairs),
        max_pairs=pairs,
        # More than it ever takes: the number of pairs ends a trial, not its time.
        budget_s=(pairs + 1) * (2 * patience_s(spec) + _ATTACHING_S),
        control_pairs=CONTROL_PAIRS,
        parcel=await _parcel(spec, options),
    )


def subject_command(options: Options, aim: TrialAim, subject: str) -> tuple[str, ...]:
    """Return the command line that asks for the same from any folder.

    Neither a policy's name nor a whole path begins with a hyphen: no ``--`` is needed before it.
    """
    return command_line(["trial", subject], aim, options)


def command_line(asked: Sequence[str], aim: TrialAim, options: Options) -> tuple[str, ...]:
    """Return the command line that asks for the same measurement, ``asked`` coming first in it."""
    # A command is found and run from the folder that it was asked for in.
    there = ["env", "-C", str(Path.cwd())] if options.command else []
    words = [*there, "schedtui", *asked, *measuring_words(aim, options)]
    for setting in options.settings:
        words += ["--set", setting]
    for setting in options.against:
        words += ["--against", setting]
    return tuple(safe_text(word, 4096) for word in words)


def measuring_words(aim: TrialAim, options: Options) -> tuple[str, ...]:
    """Return the options that ask for the same measurement, whatever is measured."""
    what = ["--command", options.command] if options.command else ["--load", options.load]
    words = [*what, "--metric", aim.metric, "--pairs", str(aim.max_pairs)]
    for path in options.files:
        words += ["--with", str(path)]
    if options.seconds:
        words += ["--seconds", f"{options.seconds:g}"]
    if options.kernel is not None:
        kernel = options.kernel if options.kernel == RUNNING else options.kernel.absolute()
        words += ["--kernel", str(kernel)]
    if options.compiler != "zig":
        words += ["--compiler", options.compiler]
    if options.battery:
        words += ["--battery", options.battery]
    return tuple(safe_text(word, 4096) for word in words)
