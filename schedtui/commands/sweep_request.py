"""What ``schedtui sweep`` is asked to compare, read whole before anything starts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from schedtui.commands.beside import externals_beside
from schedtui.commands.context import Context
from schedtui.commands.external_request import external_request
from schedtui.commands.options import Options, UsageError
from schedtui.commands.trial_request import (
    command_line,
    policy_request,
    read_aim,
    read_load,
)
from schedtui.engine.sweeping import SweepRequest
from schedtui.engine.trying import TrialRequest
from schedtui.measure.fitting import fitting, lacking
from schedtui.model.external import External, Listed
from schedtui.model.sweep import LeftOut
from schedtui.model.text import safe_text
from schedtui.model.trial import WorkloadSpec
from schedtui.verify.trial_gate import TrialAim

OFFERED: Final = frozenset({"sched_ext", "cgroup v2 with the cpu controller"})
"""What every sandbox has of that which policies require."""


async def read_sweep(context: Context) -> SweepRequest:
    """Return what the command line asks for. Raises UsageError and EngineError."""
    options = context.options
    spec = read_load(context)
    aim = await read_aim(spec, options)
    listed: tuple[Listed, ...] = (*context.services.policies(), *externals_beside(context))
    policies, left_out = _chosen(listed, spec, options)
    settings = _settings(policies, options.settings)
    trials = [await _request(policy, aim, settings[policy.name], context) for policy in policies]
    asked = ["sweep", "--policies", ",".join(settings)]
    return SweepRequest(tuple(trials), left_out, aim, command_line(asked, aim, options))


async def _request(
    policy: Listed, aim: TrialAim, settings: Sequence[str], context: Context
) -> TrialRequest:
    options = dataclasses.replace(context.options, settings=settings)
    if isinstance(policy, External):
        return await external_request(policy, aim, options, context)
    return policy_request(policy, aim, options)


def _settings(policies: Sequence[Listed], given: Sequence[str]) -> dict[str, list[str]]:
    """Return the parameters that are set, as ``NAME=VALUE`` for each policy."""
    settings: dict[str, list[str]] = {policy.name: [] for policy in policies}
    for text in given:
        name, dot, setting = text.partition(".")
        if not dot or name not in settings:
            known = ", ".join(settings)
            form = f"'{safe_text(text)}' is not of the form POLICY.NAME=VALUE"
            raise UsageError(f"{form}; policies: {known}")
        settings[name].append(setting)
    return settings


def _chosen(
    policies: Sequence[Listed], spec: WorkloadSpec, options: Options
) -> tuple[tuple[Listed, ...], tuple[LeftOut, ...]]:
    if options.policies:
        return _named(policies, options.policies), ()
    fit, left_out = fitting(policies, spec, OFFERED)
    if not fit:
        known = _known(policies)
        raise UsageError(f"no policy fits {spec.name}; name some with --policies: {known}")
    return fit, left_out


def _named(policies: Sequence[Listed], text: str) -> tuple[Listed, ...]:
    """Return the policies that are named, which may be made for other loads."""
    names = {name.strip() for name in text.split(",")} - {""}
    unknown = sorted(names - {policy.name for policy in policies})
    if unknown or not names:
        word = f"there is no policy called '{safe_text(unknown[0])}'" if unknown else "no policy"
        raise UsageError(f"--policies: {word}; known: {_known(policies)}")
    chosen = tuple(policy for policy in policies if policy.name in names)
    for policy in chosen:
        if reason := lacking(policy, OFFERED):
            raise UsageError(f"{policy.name} cannot be compared here: {reason}")
    return chosen


def _known(policies: Sequence[Listed]) -> str:
    return ", ".join(policy.name for policy in policies)
