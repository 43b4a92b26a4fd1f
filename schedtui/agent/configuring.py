"""Chooses parameter values of a policy from measured figures, and states the arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schedtui.agent.layering import favoured
from schedtui.agent.processes import ProcessKind, kind_of
from schedtui.model.goal import NameProfile, WorkloadProfile
from schedtui.model.policy import NameWeight, Parameter, ParameterValue, Policy
from schedtui.policy.values import MAX_ROWS, fits_name

_TURN_HEADROOM: Final = 16
"""A turn is this many median service times: slow requests, and time stolen by a host, fit too."""

_SHORTEST_TURN_US: Final = 20_000
_LONGEST_TURN_US: Final = 60_000
"""Three hogs that wake at once take a whole turn each, and who waits for them should not notice."""
_FRAME_US: Final = 16_667
"""One frame at 60 Hz, where the load does not say its own rate."""

_HINT_HEADROOM: Final = 1.25
"""A job that outlives its hint loses its place, so hints are a quarter above the mean."""

_NOTABLE_SHARE: Final = 0.01
"""Share of the finished work below which a name is not worth a hint."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Chosen values and the reasons with their numbers."""

    parameters: tuple[tuple[str, ParameterValue], ...]
    why: tuple[str, ...]
    risks: tuple[str, ...] = ()


def configure(
    policy: Policy, profile: WorkloadProfile, cpus: int, *, named: str = ""
) -> Configuration:
    """Return values for all parameters of ``policy``; the defaults where no rule knows better.

    Args:
        policy: The policy.
        profile: What was measured.
        cpus: CPUs of the target.
        named: The words of the goal; what runs and they want better may be favoured.
    """
    rule = _RULES.get(policy.name)
    chosen = rule(policy, profile, cpus) if rule else Configuration((), ())
    if policy.name == "layers":
        chosen = _layers(profile, named)
    values = dict(chosen.parameters)
    whole = tuple((p.name, _within(p, values.get(p.name, p.default))) for p in policy.parameters)
    return Configuration(whole, chosen.why, chosen.risks)


def hints_of(profile: WorkloadProfile) -> tuple[NameWeight, ...]:
    """Return the expected run time per name of the jobs that ended, longest first.

    When there are more names than rows, those with most work are kept.
    """
    jobs = sorted(_jobs(profile), key=lambda name: (-_work_ms(name), name.name))[:MAX_ROWS]
    rows = [NameWeight(job.name, max(1, _hint_ms(job.mean_run_ms))) for job in jobs]
    return tuple(sorted(rows, key=lambda row: (-row.expected_ms, row.name)))


def job_skew(profile: WorkloadProfile) -> float:
    """Return the longest mean run time of a name over the shortest; 1 when all are alike."""
    means = [job.mean_run_ms for job in _jobs(profile) if job.mean_run_ms > 0]
    return max(means) / min(means) if means else 1.0


def _jobs(profile: WorkloadProfile) -> list[NameProfile]:
    ended = [name for name in profile.names if _is_job(name)]
    least = _NOTABLE_SHARE * sum(map(_work_ms, ended))
    return [job for job in ended if _work_ms(job) >= least]


def _work_ms(name: NameProfile) -> float:
    return name.finished * name.mean_run_ms


def _hint_ms(mean_ms: float) -> int:
    return math.ceil(round(_HINT_HEADROOM * mean_ms, 3))


def _is_job(name: NameProfile) -> bool:
    lasting = name.finished * 3 < name.tasks
    known_kernel = kind_of(name.name) is ProcessKind.KERNEL
    return name.finished > 0 and not lasting and not known_kernel and fits_name(name.name)


def _within(parameter: Parameter, value: ParameterValue) -> ParameterValue:
    if isinstance(value, tuple):
        low, high = parameter.minimum, parameter.maximum
        return tuple(NameWeight(r.name, min(max(r.expected_ms, low), high)) for r in value)
    if isinstance(value, bool):
        return value
    return min(max(value, parameter.minimum), parameter.maximum)


def _run_to_completion(policy: Policy, profile: WorkloadProfile, cpus: int) -> Configuration:
    service_us, source = _service_time(profile, cpus)
    if service_us <= 0:
        default = policy.parameter("slice_us").default
        words = f"no service time could be measured, so the turn is the default, {default} us"
        return Configuration((), (words,))
    wanted = min(max(_TURN_HEADROOM * service_us, _SHORTEST_TURN_US), _LONGEST_TURN_US)
    turn = _rounded_up(wanted)
    why = (
        f"a turn must be longer than one request's CPU time, {_ms(service_us)} ({source}): "
        f"{_TURN_HEADROOM} x {_ms(service_us)} = {_ms(_TURN_HEADROOM * service_us)}"
        f"{_bounded_words(service_us)}, rounded up to {_ms(turn)}"
    )
    risk = f"a task that wakes keeps its CPU for up to {_ms(turn)} while others wait"
    return Configuration((("slice_us", turn),), (why,), (risk,))


def _bounded_words(service_us: float) -> str:
    wanted = _TURN_HEADROOM * service_us
    if wanted < _SHORTEST_TURN_US:
        return f", at least {_ms(_SHORTEST_TURN_US)}"
    return f", at most {_ms(_LONGEST_TURN_US)}" if wanted > _LONGEST_TURN_US else ""


def _service_time(profile: WorkloadProfile, cpus: int) -> tuple[float, str]:
    """Return the CPU time of one request in microseconds and where it comes from."""
    load = dict(profile.load)
    if load.get("service_p50_us", 0) > 0:
        return load["service_p50_us"], "median, as the load reports it"
    busy_us = profile.utilisation * cpus * 1e6
    if load.get("rate_per_s", 0) > 0:
        return busy_us / load["rate_per_s"], "busy CPU time over requests"
    if load.get("request_p50_us", 0) > 0:
        waiting = max(1.0, profile.saturation)
        return load["request_p50_us"] / waiting, "median request over runnable tasks per CPU"
    if profile.switches_per_s > 0:
        return busy_us / profile.switches_per_s, "mean CPU time between two switches"
    return 0.0, ""


def _longest_first(policy: Policy, profile: WorkloadProfile, cpus: int) -> Configuration:
    hints = hints_of(profile)
    shown = ", ".join(f"{row.name} {row.expected_ms} ms" for row in hints[:4])
    more = f" and {len(hints) - 4} more" if len(hints) > 4 else ""
    why = [f"expected run times, the measured means and a quarter more: {shown}{more}"]
    ageing, words = _ageing(policy, profile, hints, cpus)
    why.append(words)
    return Configuration((("hints", hints), ("ageing_ms", ageing)), tuple(why))


def _ageing(
    policy: Policy, profile: WorkloadProfile, hints: Sequence[NameWeight], cpus: int
) -> tuple[int, str]:
    """Return the ageing limit: longer than the batch, or the order would be given up halfway."""
    limits = policy.parameter("ageing_ms")
    total = dict(profile.load).get("cpu_total_ms", 0.0)
    longest = hints[0].expected_ms if hints else 0
    length = max(total / cpus, longest) if total > 0 else 2.0 * longest
    default = limits.default if isinstance(limits.default, int) else limits.minimum
    ageing = min(max(default, math.ceil(1.5 * length / 100) * 100), limits.maximum)
    origin = "all work over CPUs, or its longest job" if total > 0 else "twice its longest job"
    return ageing, (
        f"a task waits at most about {ageing} ms for longer ones: 1.5 x the batch's "
        f"{length:.0f} ms ({origin}), between {default} and {limits.maximum} ms"
    )


def _virtual_time(policy: Policy, profile: WorkloadProfile, cpus: int) -> Configuration:
    turn = _FRAME_US // 4 // 1000 * 1000
    why = [f"turns of {_ms(turn)}: about a quarter of a frame at 60 per second"]
    values: list[tuple[str, ParameterValue]] = [("slice_us", turn), ("preempt_on_wakeup", True)]
    loop = _interactive_name(profile, cpus)
    if loop is not None:
        burst, per = _frame_work(loop, profile)
        default = policy.parameter("sleeper_credit_us").default
        floor = default if isinstance(default, int) else 0
        credit = min(max(math.ceil(2 * burst / 1000) * 1000, floor), 50_000)
        values.append(("sleeper_credit_us", credit))
        why.append(
            f"{loop.name} uses {100 * loop.running_share:.0f} % of a CPU, {_ms(burst)} {per}; a "
            f"credit of twice that, at least {_ms(floor)} and at most 50 ms: {_ms(credit)}"
        )
    return Configuration(tuple(values), tuple(why))


def _frame_work(loop: NameProfile, profile: WorkloadProfile) -> tuple[float, str]:
    """Return CPU time per frame in microseconds; a starved game finishes fewer than 60."""
    frames = dict(profile.load).get("frames", 0.0)
    if frames > 1:
        return loop.running_share * 1e6 / frames, "per finished frame"
    return loop.running_share * _FRAME_US, "per frame at 60 per second"


def _interactive_name(profile: WorkloadProfile, cpus: int) -> NameProfile | None:
    known = [
        name
        for name in profile.names
        if kind_of(name.name) is ProcessKind.INTERACTIVE
        and name.finished * 3 < max(1, name.tasks)
        and name.running_share < 0.6 * cpus
    ]
    return max(known, key=lambda name: name.running_share, default=None)


def _rounded_up(microseconds: float) -> int:
    """Return the next number with one digit other than zero that is not smaller."""
    power = int(10 ** math.floor(math.log10(microseconds)))
    return math.ceil(microseconds / power - 1e-6) * power


def _layers(profile: WorkloadProfile, named: str) -> Configuration:
    upper = favoured(profile, named)
    if not upper:
        words = "the goal names nothing that runs, so nice values decide who is in which layer"
        return Configuration((), (words,), ("without nice values all tasks are in one layer",))
    shown = ", ".join(row.name for row in upper)
    return Configuration(
        (("upper", upper),), (f"the goal names what runs before the rest: {shown}",)
    )


def _ms(microseconds: float) -> str:
    return f"{microseconds / 1000:.3g} ms"


_RULES: Final[Mapping[str, Callable[[Policy, WorkloadProfile, int], Configuration]]] = {
    "fifo_rtc": _run_to_completion,
    "longest_first": _longest_first,
    "vtime_fair": _virtual_time,
}
