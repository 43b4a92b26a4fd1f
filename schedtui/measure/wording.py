"""A trial's figures in words, the same in the terminal and on the page."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from schedtui.measure.catalogue import COMMAND
from schedtui.measure.contamination import clean, median_score, windows_of
from schedtui.measure.objectives import HOST_ENERGY, direction_of
from schedtui.measure.sides import SETTING, Sides, sides, sides_of
from schedtui.measure.statistics import MeasureError, Standing, effect, sampled
from schedtui.measure.trial import WARM_UP_S
from schedtui.model.policy import ParameterValue, ParameterValues
from schedtui.model.results import NO_RESULT, UNFIT, GuardrailJudged, Judgement, ResultRow
from schedtui.model.sweep import Leaving, Place
from schedtui.model.trial import Control, Effect, Outcome, Pair, TrialResult, Window, WorkloadSpec

UNFIT_FIX: Final = (
    "end what else runs on this host, or bear its noise with longer windows (--seconds) and more "
    "pairs (--pairs 20)"
)
"""What a person can do about a host that is too noisy."""

NO_RESULT_FIX: Final = (
    "run it again; if the load itself has nothing to compare, with longer windows (--seconds), "
    "another --metric or another --load"
)
"""What a person can do about a trial without a result."""

_LEAST_PLAIN: Final = 0.0001  # what is smaller, Python writes with an exponent
_MOST_PLACES: Final = 12

_COSTLY: Final = frozenset({Outcome.BETTER, Outcome.NO_DIFFERENCE, Outcome.UNDECIDED})
"""Outcomes that sound as if nothing had been lost."""


def fix(outcome: str) -> str:
    """Return what a person can do where there is no answer, empty where there is one."""
    return {UNFIT: UNFIT_FIX, NO_RESULT: NO_RESULT_FIX}.get(outcome, "")


def headline(row: ResultRow) -> str:
    """Return the answer in one line; a gain that costs too much elsewhere is not told alone."""
    judgement = row.judgement
    lost = judgement is not None and not judgement.held and row.outcome in _COSTLY
    cost = ", but not every guardrail held" if lost else ""
    tuned = bool(row.baseline_parameters)
    what = "tuning" if tuned else "sweep"
    where = f" in round {row.sweep_round} of a {what}" if row.sweep_round else ""
    pairs = row.trial.pairs if row.trial else ()
    known = pairs[0].baseline.scheduler if pairs else SETTING
    against = f", against {sides(known).brief}" if tuned else ""
    return f"{_tuned_name(row)} on {load_name(row.workload)}{against}: {row.outcome}{where}{cost}"


def load_name(spec: WorkloadSpec) -> str:
    """Return the name of a load; commands of a person's own and options set are told apart."""
    told = spec.name == COMMAND or spec.title.startswith(f"{spec.name} ")
    return spec.title if told else spec.name


def _tuned_name(row: ResultRow) -> str:
    """Return the policy, with what its setting changed where that was measured."""
    if not row.baseline_parameters:
        return row.policy
    before = dict(row.baseline_parameters)
    changed = tuple(each for each in row.parameters if before.get(each[0]) != each[1])
    return f"{row.policy} ({', '.join(assignments(changed))})"


def figures_text(seen: Effect) -> str:
    """Return a factor with its interval and the number of its pairs."""
    return f"{seen.factor:.2f}x [{seen.low:.2f}, {seen.high:.2f}] in {seen.pairs} pairs"


def medians_text(trial: TrialResult) -> str:
    """Return the metric itself, before and after."""
    seen = trial.objective
    return sides_text(seen.baseline_median, seen.candidate_median, sides_of(trial.pairs))


def sides_text(before: float, after: float, called: Sides) -> str:
    """Return a metric's value under either scheduler."""
    return f"{figure_text(before)} {called.before}, {figure_text(after)} {called.after}"


def figure_text(value: float) -> str:
    """Return a metric's value with about four digits that matter, never with an exponent."""
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size == 0 or size >= _LEAST_PLAIN:
        return f"{value:.4g}"
    places = min(3 - math.floor(math.log10(size)), _MOST_PLACES)
    return f"{value:.{places}f}".rstrip("0").rstrip(".")


def detectable_text(judgement: Judgement) -> str:
    """Return what the host can show today."""
    return f"improvements of {judgement.minimum_detectable:.0%} or more"


def sign_flip_text(judgement: Judgement, pairs: int) -> str:
    """Return the p of the test, and the least that so many pairs allow."""
    p, least = (_p_text(p) for p in (judgement.sign_flip_p, judgement.sign_flip_least))
    how = ", sampled" if sampled(pairs) else ""
    return f"p = {p}{how}; so many pairs cannot give less than {least}"


def _p_text(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else f"{p:.5f}"


def guardrail_text(rail: GuardrailJudged) -> str:
    """Return a guardrail with what became of it."""
    held = "held" if rail.held else "NOT held"
    proof = "not proved either way" if rail.standing == Standing.UNPROVEN else "proved"
    allowed = f"at most {rail.guardrail.tolerance:.0%} worse allowed"
    return f"{rail.effect.metric} {figures_text(rail.effect)}, {allowed}: {held}, {proof}"


def waits_text(trial: TrialResult) -> str:
    """Return the longest waits and who made no progress."""
    starved = f"; no progress: {', '.join(trial.starved)}" if trial.starved else ""
    return (
        f"longest {trial.max_wait_ms:.0f} ms, {sides_of(trial.pairs).under} "
        f"{trial.baseline_max_wait_ms:.0f} ms{starved}"
    )


def energy_text(trial: TrialResult) -> str:
    """Return what the host's processors used meanwhile, empty where nobody counts it."""
    try:
        seen = effect(trial.pairs, HOST_ENERGY, direction_of(HOST_ENERGY))
    except MeasureError:
        return ""
    before, after = seen.baseline_median, seen.candidate_median
    return (
        f"{sides_text(before, after, sides_of(trial.pairs))}, joules of the whole host in a "
        f"window; {figures_text(seen)}, not judged"
    )


def ceiling_text(judgement: Judgement) -> str:
    """Return the ceiling with its arithmetic and the share of it that was reached."""
    if judgement.ceiling is None:
        return "none can be computed for this metric and load"
    share = judgement.share_of_ceiling
    reached = "" if share is None else f"; {share:.0%} of the possible improvement reached"
    return f"{judgement.ceiling.factor:.2f}x: {judgement.ceiling.arithmetic}{reached}"


def fate_text(place: Place) -> str:
    """Return what became of a policy in its trial. Why a host is unfit is told elsewhere."""
    fate = str(place.leaves) if place.leaves else "goes on"
    reason = "" if place.leaves is Leaving.UNFIT else place.reason
    return ": ".join(part for part in (fate, reason) if part)


def objective_text(judgement: Judgement, seen: Effect) -> str:
    """Return the objective with its figures and why no more is claimed.

    Why a host is unfit stands in the line of the control, and there alone.
    """
    return judgement.sentence if judgement.fit else f"{seen.metric} {figures_text(seen)}"


def warm_up_text(spec: WorkloadSpec) -> str:
    """Return what runs and does not count."""
    first = f"one window of {WARM_UP_S} s" if spec.seconds else "one whole run"
    if not spec.settle_s:
        return f"{first} under each scheduler; then windows count from their beginning"
    return f"{first} under each scheduler, and the first {spec.settle_s:g} s of every window"


def host_text(trial: TrialResult) -> str:
    """Return what the host did meanwhile, and which pairs that has cost."""
    windows = windows_of(trial.pairs)
    kept = median_score(windows)
    if kept is None:
        return "nobody could see what it did meanwhile"
    sides = ", ".join(_kept_text(trial.pairs, baseline=side) for side in (True, False))
    return (
        f"kept {kept:.0%} of its CPU time from the guest ({sides}), {_others_text(windows)}; "
        f"{_dropped_text(trial)}"
    )


def _others_text(windows: Sequence[Window]) -> str:
    seen = [each.disturbance for each in windows if each.disturbance]
    used = statistics.median(each.others for each in seen)
    names = Counter(each.busiest for each in seen if each.busiest).most_common(1)
    whose = f", most of that to {names[0][0]}" if names else ""
    return f"{used:.0%} of its own went to other processes{whose}"


def _kept_text(pairs: Sequence[Pair], *, baseline: bool) -> str:
    called = sides_of(pairs)
    side = [pair.baseline if baseline else pair.candidate for pair in pairs]
    word = called.brief if baseline else "candidate"
    return f"{word} {median_score(side) or 0.0:.0%}"


def _dropped_text(trial: TrialResult) -> str:
    dropped = [*(trial.control.dropped if trial.control else ()), *trial.dropped]
    said = f"{_count(len(dropped), 'pair')} dropped and repeated"
    if dropped:
        said += f", the first as {dropped[0].contaminated}"
    if spoilt := len(trial.pairs) - len(clean(trial.pairs)):
        said += f"; {spoilt} more of the same kind count, for no more are repeated"
    return said


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def control_text(control: Control | None) -> str:
    """Return what the A/A control says of the host."""
    if control is None:
        return "none"
    word = f"unfit: {control.unfit}" if control.unfit else "fit"
    seen = figures_text(control.effect)
    itself = sides_of(control.pairs).itself
    return f"{itself} {seen}, scatter {control.spread:.0%}: {word}"


def when_text(row: ResultRow) -> str:
    """Return when a trial ended."""
    try:
        return f"{datetime.fromtimestamp(row.unix_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, OSError, ValueError):
        return "at no time"


def machine_text(row: ResultRow) -> str:
    """Return the kernel and the machine."""
    machine = row.trial.machine if row.trial else None
    parts = [f"kernel {row.kernel_release}"]
    if machine is not None:
        parts += [f"{machine.cpus} CPUs", f"{machine.memory_mb} MB", machine.accelerator]
    return ", ".join(part for part in parts if part)


def parameters_text(parameters: ParameterValues) -> str:
    """Return all parameters with their values."""
    return ", ".join(assignments(parameters)) or "none"


def assignments(parameters: ParameterValues) -> tuple[str, ...]:
    """Return parameters as the command line takes them after ``--set``."""
    return tuple(f"{name}={_value_text(value)}" for name, value in parameters)


def _value_text(value: ParameterValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return ",".join(f"{row.name}:{row.expected_ms}" for row in value)
