"""The facts of a review: what a person needs beside the change to say yes or no."""

from __future__ import annotations

from schedtui.model.deployment import ApprovalRequest
from schedtui.model.policy import ParameterValue
from schedtui.model.text import safe_text
from schedtui.model.trial import Effect, TrialResult
from schedtui.model.verdict import Verdict
from schedtui.ui.paint import trial, units
from schedtui.ui.paint.diff import Change
from schedtui.ui.paint.glyphs import Glyphs
from schedtui.ui.paint.text import EMPTY, Line, chosen, left, paragraph, spread, wrapped
from schedtui.ui.paint.verdict import effect_words

_LABEL = 9


def head(request: ApprovalRequest, counted: Change, width: int, glyphs: Glyphs) -> list[Line]:
    """Return three lines: what it is, why, and how to undo it."""
    made = request.candidate
    origin = f"from {made.base_name}" if made.base_source else "new"
    if made.base_source and made.base_name == made.name:
        origin = "with other parameters"
    parts: list[tuple[int, Line]] = [
        (0, ((" Review", "bar_muted"), (f"  {safe_text(made.name)}", "bar_strong"))),
        (2, ((origin, "bar"),)),
        (1, ((f"to {safe_text(request.target)}", "bar"),)),
        (3, ((f"+{counted.added} {glyphs.minus}{counted.removed} lines", "bar"),)),
    ]
    why = " ".join(request.plan.why) or "no reason was given"
    author = f"({safe_text(request.plan.author)})"
    reason = wrapped(f"{safe_text(why)} {author}", width - 8)
    return [
        spread(chosen(parts, width - 2, ("   ", "bar")), (("", "bar"),), width, "bar"),
        ((" why   ", "muted"), (reason[0] + (" " + glyphs.ellipsis if reason[1:] else ""), "text")),
        ((" undo  ", "muted"), (safe_text(request.undo), "text")),
    ]


def facts(request: ApprovalRequest, counted: Change, width: int, glyphs: Glyphs) -> list[Line]:
    """Return everything that was proved, measured, or has to be accepted."""
    told = _strange(counted, width, glyphs)
    told += _gates(request, width, glyphs)
    told += _plan(request, width)
    if request.verdict.trial is not None:
        told += [EMPTY, *_trial(request.verdict.trial, width, glyphs)]
    told += [EMPTY, *_consequences(request, width, glyphs), EMPTY, *_identity(request, width)]
    return told


def _strange(counted: Change, width: int, glyphs: Glyphs) -> list[Line]:
    if not counted.strange_lines:
        return []
    numbers = ", ".join(str(number) for number in counted.strange_lines[:6])
    words = f"hidden or foreign characters in line {numbers}: read them twice"
    return [*paragraph(words, width, "bad", "  ", ((f"{glyphs.warn} ", "bad"),)), EMPTY]


def _gates(request: ApprovalRequest, width: int, glyphs: Glyphs) -> list[Line]:
    told: list[Line] = []
    for result in request.verdict.gates:
        sign, style = (glyphs.yes, "good") if result.passed else (glyphs.no, "bad")
        lead: Line = ((f"{sign} ", style), (left(result.gate.value, 8), "strong"))
        told += paragraph(safe_text(result.summary), width, "text", " " * 10, lead)
        for finding in result.findings:
            words = f"{finding.code} {safe_text(finding.sentence)}"
            lead = (("  ", "text"), (f"{glyphs.warn} ", "warn"))
            told += paragraph(words, width, "muted", "    ", lead)
    return told


def _fact(name: str, value: str, width: int, style: str = "text") -> list[Line]:
    return paragraph(value, width, style, " " * _LABEL, ((left(name, _LABEL), "muted"),))


def _plan(request: ApprovalRequest, width: int) -> list[Line]:
    plan = request.plan
    told = [
        EMPTY,
        *_fact("expects", f"{plan.expected_low:.1f}x to {plan.expected_high:.1f}x", width),
    ]
    if plan.ceiling is not None:
        words = f"{plan.ceiling.factor:.1f}x at most: {safe_text(plan.ceiling.arithmetic)}"
        told += _fact("ceiling", words, width)
    for name, value in request.candidate.parameters:
        told += _fact("set", f"{name} = {_value(value)}", width)
    return told


def _value(value: ParameterValue) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{safe_text(row.name)} {row.expected_ms} ms" for row in value)
    return str(value)


def _trial(result: TrialResult, width: int, glyphs: Glyphs) -> list[Line]:
    told = _effect(result.objective, width, glyphs)
    for guardrail in result.guardrails:
        told += _effect(guardrail, width, glyphs)
    starved = ", ".join(safe_text(name) for name in result.starved[:4])
    told += _fact("starved", starved or "none", width, "bad" if result.starved else "text")
    waits = (
        f"{units.millis(result.max_wait_ms, glyphs)} "
        f"(default {units.millis(result.baseline_max_wait_ms, glyphs)})"
    )
    told += _fact("longest", f"single wait {waits}", width)
    return told


def _effect(effect: Effect, width: int, glyphs: Glyphs) -> list[Line]:
    return [
        ((trial.facts(effect, glyphs), "strong"),),
        (("  ", "text"), *effect_words(effect, glyphs)),
        *trial.interval(effect, width, glyphs)[1:],
    ]


def _consequences(request: ApprovalRequest, width: int, glyphs: Glyphs) -> list[Line]:
    told = _fact("reaches", safe_text(request.blast_radius), width, "strong")
    canary = f"{request.canary_s:.0f} s, then everything if the guards stay green"
    told += _fact("canary", canary, width)
    for risk in request.risks:
        told += paragraph(safe_text(risk), width, "text", "  ", ((f"{glyphs.warn} ", "warn"),))
    return told


def _identity(request: ApprovalRequest, width: int) -> list[Line]:
    verdict = request.verdict
    kernel = f"{safe_text(verdict.kernel_release)} {verdict.kernel_build_id[:8]}"
    return [
        *_fact("object", f"{verdict.object_sha256[:24]}{'' if width < 40 else ' sha256'}", width),
        *_fact("source", verdict.source_sha256[:24], width),
        *_fact("kernel", kernel, width),
        *_fact("with", _tools(verdict), width),
    ]


def _tools(verdict: Verdict) -> str:
    """Return what the gates judged with beside the kernel, each once."""
    used = dict.fromkeys(tool for gate in verdict.gates for tool in gate.basis.used)
    named = (tool for tool in used if not tool.name.startswith("kernel"))
    return ", ".join(safe_text(f"{tool.name} {tool.version}") for tool in named)
