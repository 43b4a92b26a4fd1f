"""What ``schedtui tune`` is asked to search, read whole before anything starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schedtui.commands.context import Context
from schedtui.commands.options import Options, UsageError
from schedtui.commands.sweep_request import OFFERED
from schedtui.commands.trial_request import command_line, measuring_words, read_aim, read_load
from schedtui.engine.port import EngineError
from schedtui.engine.tuning import TuneRequest
from schedtui.measure.fitting import lacking
from schedtui.measure.proposing import OPTUNA, SAMPLE, Proposer, proposer
from schedtui.measure.settings import Space, latin_hypercube, space_of
from schedtui.model.policy import ParameterValues, Policy
from schedtui.model.text import safe_text
from schedtui.policy.assignments import read_assignments
from schedtui.policy.errors import PolicyError

USUAL_TRIALS: Final = 12
USUAL_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Search:
    """Where a tuning searches, and how."""

    request: TuneRequest
    space: Space
    sampler: str
    """``sample`` or ``optuna``."""
    trials: int
    seed: int

    def proposer(self) -> Proposer:
        """Return who proposes the settings."""
        return proposer(self.sampler, self.space, self.trials, self.seed)


async def read_tune(context: Context) -> Search:
    """Return what the command line asks for. Raises UsageError, or EngineError without Optuna."""
    options = context.options
    spec = read_load(context)
    aim = await read_aim(spec, options)
    policy = _named(context.services.policies(), options.subject)
    given = _given(policy, options)
    space = space_of(policy, [name for name, _ in given])
    if not space.knobs:
        raise UsageError(f"{policy.name} has no number and no switch left that could be tuned")
    installed = context.services.probes().has_module(OPTUNA)
    sampler = _sampler(options, installed=installed)
    trials, seed = options.trials or USUAL_TRIALS, options.seed or USUAL_SEED
    if not latin_hypercube(space, trials, seed):
        raise UsageError(f"{policy.name} has no setting but its defaults that could be tried")
    asked = ["tune", policy.name, "--trials", str(trials)]
    asked += ["--sampler", sampler, "--seed", str(seed)]
    command = command_line(asked, aim, options)
    request = TuneRequest(policy, given, aim, measuring_words(aim, options), command)
    return Search(request, space, sampler, trials, seed)


def _named(policies: tuple[Policy, ...], name: str) -> Policy:
    policy = next((each for each in policies if each.name == name), None)
    if policy is None:
        known = ", ".join(each.name for each in policies)
        raise UsageError(f"there is no policy called '{safe_text(name)}'; known: {known}")
    if reason := lacking(policy, OFFERED):
        raise UsageError(f"{policy.name} cannot be tuned here: {reason}")
    return policy


def _given(policy: Policy, options: Options) -> ParameterValues:
    try:
        return tuple(read_assignments(policy, options.settings).items())
    except PolicyError as error:
        raise UsageError(str(error).rstrip(".")) from error


def _sampler(options: Options, *, installed: bool) -> str:
    if options.sampler == OPTUNA and not installed:
        fix = "python3 -m pip install 'schedtui[tune]', or leave --sampler out"
        raise EngineError("Optuna is not installed", fix)
    return options.sampler or (OPTUNA if installed else SAMPLE)
