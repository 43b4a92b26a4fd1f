"""From a finished trial to what may be claimed: never more than pairs and control bear."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from schedtui.measure.ceiling import ceiling_of, share_reached
from schedtui.measure.contamination import LIMIT, clean, uneven
from schedtui.measure.statistics import (
    ERROR,
    MINIMUM_DETECTABLE,
    log_ratio,
    sign_flip_least,
    sign_flip_p,
    standing,
)
from schedtui.measure.trial import broken_guardrails
from schedtui.measure.wording import figures_text, host_text
from schedtui.model.goal import Guardrail, Metric
from schedtui.model.plan import Ceiling
from schedtui.model.results import GuardrailJudged, Judgement
from schedtui.model.trial import Effect, Outcome, TrialResult

_CLAIMS = {Outcome.BETTER, Outcome.WORSE}


def judge_trial(result: TrialResult, guardrails: Sequence[Guardrail]) -> Judgement:
    """Return what may be claimed from a trial.

    The outcome is that of the objective's interval, unless

    * the A/A control found the host unfit: then nothing is claimed, of guardrails neither;
    * it is a gain smaller than the host can reliably show today;
    * the host kept notably more of its CPU time from the side that lost;
    * the pairs that the host has not spoilt, or there being none, speak against it; or
    * there are pairs enough for the sign-flip test to speak, and it does not agree.

    Each of these makes it UNDECIDED, and the sentence says why. Guardrails are judged apart.
    """
    seen = result.objective
    ratios = [log_ratio(pair, seen.metric, seen.direction) for pair in result.pairs]
    p, least_p = sign_flip_p(ratios), sign_flip_least(len(ratios))
    least = max(MINIMUM_DETECTABLE, result.control.detectable if result.control else 0.0)
    unfit = result.control.unfit if result.control else ""
    doubt = _doubt(seen, unfit, least, p, least_p) or _spoilt(result)
    ceiling = _ceiling(result)
    share = share_reached(seen, ceiling) if ceiling and not unfit else None
    return Judgement(
        outcome=Outcome.UNDECIDED if doubt else seen.outcome,
        sentence=f"{seen.metric} {figures_text(seen)}{doubt or _bound(seen)}",
        minimum_detectable=least,
        sign_flip_p=p,
        sign_flip_least=least_p,
        guardrails=() if unfit else _judged(result, guardrails),
        ceiling=ceiling,
        share_of_ceiling=share,
        fit=not unfit,
    )


def _doubt(seen: Effect, unfit: str, least: float, p: float, least_p: float) -> str:
    """Return why less is claimed than the interval says, empty when it stands."""
    if unfit:
        return f"; this host is too noisy: {unfit}"
    if seen.outcome is Outcome.BETTER and seen.factor < 1 + least:
        return f"; too small a gain for this host, which reliably shows {least:.0%} or more"
    if seen.outcome in _CLAIMS and least_p <= ERROR < p:
        return f"; the sign-flip test does not agree (p = {p:.2f})"
    return ""


def _bound(seen: Effect) -> str:
    """Return how large an effect is ruled out where there is no difference."""
    if seen.outcome is not Outcome.NO_DIFFERENCE:
        return ""
    return f"; any effect is smaller than {MINIMUM_DETECTABLE:.0%}"


def _spoilt(result: TrialResult) -> str:
    """Return why a claim may be the host's doing, empty when it is not."""
    seen = result.objective
    if seen.outcome not in _CLAIMS:
        return ""
    sign = 1 if seen.outcome is Outcome.BETTER else -1
    if sign * uneven(result.pairs) > LIMIT:
        return f"; but the host was not even-handed: it {host_text(result)}"
    unspoilt = clean(result.pairs)
    ratios = [sign * log_ratio(pair, seen.metric, seen.direction) for pair in unspoilt]
    if len(unspoilt) < len(result.pairs) and sum(ratios) <= 0:
        spoilt = len(result.pairs) - len(unspoilt)
        return f"; it hangs on {spoilt} of {len(result.pairs)} pairs that the host has spoilt"
    return ""


def _judged(result: TrialResult, guardrails: Sequence[Guardrail]) -> tuple[GuardrailJudged, ...]:
    broken = [rail for rail, _ in broken_guardrails(result, guardrails)]
    return tuple(
        GuardrailJudged(rail, seen, standing(seen, rail).value, rail not in broken)
        for rail, seen in zip(guardrails, result.guardrails, strict=True)
    )


def _ceiling(result: TrialResult) -> Ceiling | None:
    """Return the ceiling, from what the load reported of itself under the default scheduler."""
    if result.machine is None or result.objective.metric not in Metric.__members__.values():
        return None
    windows = [dict(pair.baseline.metrics) for pair in result.pairs]
    known = set.intersection(*(set(window) for window in windows))
    load = {name: statistics.median(window[name] for window in windows) for name in known}
    return ceiling_of(Metric(result.objective.metric), load, result.machine.cpus)
