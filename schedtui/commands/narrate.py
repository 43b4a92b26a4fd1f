"""A goal's events as readable lines, for a person who follows on standard error."""

from __future__ import annotations

from functools import singledispatch

from schedtui.measure.sides import sides_of
from schedtui.measure.wording import parameters_text
from schedtui.model import events
from schedtui.model.deployment import ApprovalRequest
from schedtui.model.text import safe_text
from schedtui.model.trial import Effect, Pair
from schedtui.model.verdict import Finding, Verdict


@singledispatch
def narrate(_event: object) -> tuple[str, ...]:
    """Return the lines for one event; most have one, signs of life have none."""
    return ()


@narrate.register
def _(event: events.StageStarted) -> tuple[str, ...]:
    return (f"{event.stage}: {event.doing}",)


@narrate.register
def _(event: events.GoalRead) -> tuple[str, ...]:
    goal = event.goal
    kept = ", ".join(
        f"{rail.metric} at most {rail.tolerance:.0%} worse" for rail in goal.guardrails
    )
    lines = [f"  goal      {goal.objective} {goal.direction}" + (f"; keep {kept}" if kept else "")]
    lines += [f"            {line}" for line in goal.reading]
    return tuple(lines)


@narrate.register
def _(event: events.Asked) -> tuple[str, ...]:
    ask = event.clarification
    return (f"  question  {ask.question}", *(f"            - {choice}" for choice in ask.choices))


@narrate.register
def _(event: events.Refused) -> tuple[str, ...]:
    return (f"  refused   {event.refusal.reason}", f"  instead   {event.refusal.instead}")


@narrate.register
def _(event: events.Observed) -> tuple[str, ...]:
    profile = event.profile
    head = (
        f"  observed  {profile.family} (confidence {profile.confidence:.2f}), "
        f"{profile.saturation:.1f} runnable per CPU, {profile.utilisation:.0%} busy"
    )
    return (
        head,
        *(f"            {line}" for line in profile.signals),
        *(f"            not seen: {line}" for line in profile.unseen),
    )


@narrate.register
def _(event: events.Thought) -> tuple[str, ...]:
    return (f"  {'model says' if event.aloud else 'model thinks'}: {event.text}",)


@narrate.register
def _(event: events.ToolCalled) -> tuple[str, ...]:
    return (f"  model asks {event.tool} {event.arguments}",)


@narrate.register
def _(event: events.ToolAnswered) -> tuple[str, ...]:
    return (f"  answer    {'' if event.ok else 'no: '}{event.summary}",)


@narrate.register
def _(event: events.Decided) -> tuple[str, ...]:
    return (f"  decided   {event.what}: {event.why}",)


@narrate.register
def _(event: events.Spent) -> tuple[str, ...]:
    total = event.total
    price = "at an unknown price" if total.dollars is None else f"${total.dollars:.4f}"
    return (f"  spent     {price} in {total.turns} turns, {total.seconds:.1f} s ({event.model})",)


@narrate.register
def _(event: events.Planned) -> tuple[str, ...]:
    plan = event.plan
    chosen = f"{plan.layer} {plan.policy}".strip()
    lines = [f"  weighed   {c.policy} {c.score:.2f}: {c.why}" for c in plan.considered]
    lines.append(f"  plan      {chosen} (by {plan.author})")
    lines += [f"            {line}" for line in plan.why]
    if plan.policy:
        lines.append(f"  expected  {plan.expected_low:.1f}x to {plan.expected_high:.1f}x better")
    if plan.ceiling:
        lines.append(f"  ceiling   {plan.ceiling.factor:.1f}x: {plan.ceiling.arithmetic}")
    return tuple(lines)


@narrate.register
def _(event: events.CandidateMade) -> tuple[str, ...]:
    candidate = event.candidate
    origin = f"from {candidate.base_name}" if candidate.base_name else "new"
    return (f"  candidate {candidate.name}, {origin}, source {candidate.source_sha256[:12]}",)


@narrate.register
def _(event: events.ControlMeasured) -> tuple[str, ...]:
    itself = sides_of((event.pair,)).itself
    return (f"            {itself}, {_bare_text(event.pair, event.effect)}",)


@narrate.register
def _(event: events.ControlJudged) -> tuple[str, ...]:
    control = event.control
    if control.unfit:
        return (f"  control   this host is too noisy: {control.unfit}",)
    word = f"fit; improvements from {control.detectable:.0%} up would show"
    return (f"  control   {word}",)


@narrate.register
def _(event: events.PairMeasured) -> tuple[str, ...]:
    text = f": {effect_text(event.effect)}" if event.effect else ""
    return (f"            pair {event.pair.index + 1}{text}",)


@narrate.register
def _(event: events.PairDropped) -> tuple[str, ...]:
    pair = event.pair
    return (f"            pair {pair.index + 1} dropped, to be repeated: {pair.contaminated}",)


def bare_pair(event: events.PairMeasured) -> str:
    """Return the line of a pair of which nothing may be claimed."""
    return f"            {_bare_text(event.pair, event.effect)}"


def _bare_text(pair: Pair, effect: Effect | None) -> str:
    return f"pair {pair.index + 1}" + (
        f": {_figures(effect)}, {effect.pairs} pairs" if effect else ""
    )


@narrate.register
def _(event: events.GateFinished) -> tuple[str, ...]:
    result = event.result
    word = "pass" if result.passed else "FAIL"
    head = f"  gate      {result.gate:<8} {word}  {result.seconds:.2f} s  {result.summary}"
    return (head, *(finding_text(finding) for finding in result.findings))


@narrate.register
def _(event: events.Verified) -> tuple[str, ...]:
    verdict = event.verdict
    if not verdict.passed:
        return ("  verdict   rejected",)
    proved = f"object {verdict.object_sha256[:12]} on {verdict.kernel_release}"
    return (f"  verdict   pass, {proved}, {battery_text(verdict)}",)


@narrate.register
def _(event: events.ApprovalAnswered) -> tuple[str, ...]:
    word = "approved" if event.approved else "not approved"
    return (f"  answer    {word}" + (f" by {event.by}" if event.by else ""),)


@narrate.register
def _(event: events.DeploymentChanged) -> tuple[str, ...]:
    now = event.deployment
    reason = f": {now.reason}" if now.reason else ""
    return (f"  deployed  {now.scheduler} on {now.target}: {now.stage}{reason}",)


@narrate.register
def _(event: events.LiveEffect) -> tuple[str, ...]:
    return (f"  live      {event.metric}: {event.before:,.1f} before, {event.after:,.1f} after",)


@narrate.register
def _(event: events.Finished) -> tuple[str, ...]:
    return (f"{event.summary}",)


def battery_text(verdict: Verdict) -> str:
    """Return how much of the battery a verdict rests on."""
    return f"{verdict.battery.depth} battery" if verdict.battery else "no battery"


def effect_text(effect: Effect) -> str:
    """Return an effect with its interval, e.g. ``request_p99_us 5.3x [4.1, 7.0] better``."""
    return f"{_figures(effect)} {effect.outcome}, {effect.pairs} pairs"


def _figures(effect: Effect) -> str:
    return f"{effect.metric} {effect.factor:.2f}x [{effect.low:.2f}, {effect.high:.2f}]"


def finding_text(finding: Finding) -> str:
    """Return one finding of a gate on one line."""
    place = f"line {finding.line}: " if finding.line else ""
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"            {finding.code} {finding.severity}: {place}{finding.sentence}{hint}"


def request_text(request: ApprovalRequest) -> tuple[str, ...]:
    """Return what a person must know before saying yes, one fact a line."""
    verdict, given = request.verdict, parameters_text(request.candidate.parameters)
    gates = ", ".join(f"{g.gate} {'pass' if g.passed else 'FAIL'}" for g in verdict.gates)
    lines = [
        f"Approve {request.candidate.name}?",
        f"  object    {verdict.object_sha256}",
        f"  goal      {safe_text(request.plan.goal.text)}",
        f"  plan      {request.plan.layer} {request.plan.policy}, parameters: {given}",
        f"  target    {request.target}: {request.blast_radius}",
        f"  gates     {gates}; {battery_text(verdict)}",
    ]
    if verdict.trial:
        effects = (verdict.trial.objective, *verdict.trial.guardrails)
        lines += [f"  evidence  {effect_text(effect)}" for effect in effects]
    lines += [f"  risk      {risk}" for risk in request.risks]
    lines += [f"  canary    {request.canary_s:.0f} s, then everything if the guards stay green"]
    return (*lines, f"  undo      {request.undo}")
