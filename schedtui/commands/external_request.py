"""The trial of an external scheduler, made ready: its options checked, its files read."""

from __future__ import annotations

from collections.abc import Sequence

from schedtui.commands.context import Context
from schedtui.commands.options import Options, UsageError
from schedtui.commands.trial_request import subject_command
from schedtui.engine.port import EngineError
from schedtui.engine.trying import TrialRequest
from schedtui.model.external import External
from schedtui.policy.assignments import read_assignments
from schedtui.policy.errors import PolicyError
from schedtui.policy.external.bundle import Bundle
from schedtui.policy.external.notes import command_arguments
from schedtui.policy.render import complete
from schedtui.verify.trial_gate import TrialAim


async def external_request(
    scheduler: External, aim: TrialAim, options: Options, context: Context
) -> TrialRequest:
    """Return the trial of an external scheduler. Raises UsageError and EngineError."""
    if options.against:
        raise UsageError(f"{scheduler.name} is an external scheduler: it takes no --against")
    installed, said = await context.services.externals().asked(scheduler)
    if said.trouble:
        raise EngineError(f"{scheduler.name}: {said.trouble}", "install it anew")
    values = _values(installed, options.settings)
    ready = await _ready(installed, command_arguments(installed, values), context)
    command = subject_command(options, aim, scheduler.name)
    parameters = complete(installed, values)
    return TrialRequest(scheduler.name, "", parameters, aim, command, bundle=ready)


def _values(scheduler: External, settings: Sequence[str]) -> dict[str, int | bool]:
    try:
        values = read_assignments(scheduler, settings)
    except PolicyError as error:
        raise UsageError(str(error).rstrip(".")) from error
    return {name: value for name, value in values.items() if isinstance(value, int)}


async def _ready(scheduler: External, arguments: tuple[str, ...], context: Context) -> Bundle:
    try:
        return await context.services.externals().ready(scheduler, arguments)
    except PolicyError as error:
        sentence = f"{scheduler.name} cannot be taken into the sandbox: {error}"
        raise EngineError(sentence.rstrip("."), "install it anew") from error
