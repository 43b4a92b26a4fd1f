"""The goal as it is pursued: what was read, seen, weighed, built, proved, asked and done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schedtui.model.deployment import Stage
from schedtui.model.goal import Metric
from schedtui.model.text import safe_text
from schedtui.ui.paint import deliberation, trial, units
from schedtui.ui.paint.glyphs import Glyphs, bar_of, spin
from schedtui.ui.paint.text import EMPTY, Line, cut, left, paragraph, right, spread
from schedtui.ui.paint.verdict import pairs_word
from schedtui.ui.story import GateStep, Story

_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Page:
    """Where a story is drawn: its width, the signs, and the time (seconds)."""

    width: int
    glyphs: Glyphs
    now: float

    def say(self, text: str, style: str = "text", lead: Line = ()) -> list[Line]:
        """Return ``text`` wrapped and indented; ``lead`` stands before the first row."""
        indent = " " * sum(len(part) for part, _ in lead) if lead else _INDENT
        return paragraph(text, self.width, style, indent, lead)

    def head(self, title: str, note: str = "") -> list[Line]:
        """Return the head line of a stage."""
        start: Line = ((f"{self.glyphs.cursor} ", "accent"), (title, "title"))
        return [EMPTY, spread(start, ((note, "faint"),), self.width)]

    def mark(self, *, good: bool) -> Line:
        """Return the sign for yes or no, as the start of a row."""
        sign, style = (self.glyphs.yes, "good") if good else (self.glyphs.no, "bad")
        return ((f"  {sign} ", style),)

    def busy(self) -> Line:
        """Return the spinner, as the start of a row."""
        return ((f"  {spin(self.now, self.glyphs)} ", "accent"),)


def lines(story: Story, page: Page) -> list[Line]:
    """Return the whole story, oldest first."""
    if not story.text:
        return _invitation(page)
    told: list[Line] = page.say(
        safe_text(story.text), "strong", ((f"goal {page.glyphs.prompt} ", "muted"),)
    )
    for part in (
        _reading,
        _observation,
        _model,
        _plan,
        _gates,
        _trial,
        _rejection,
        _approval,
        _deployed,
    ):
        told += part(story, page)
    return [*told, *_current(story, page), *_end(story, page)]


def _invitation(page: Page) -> list[Line]:
    words = (
        "Press g and say in one sentence what this machine should be good at. For example:",
        "cut the p99 latency of the request service, throughput must not drop",
        "finish the batch of jobs sooner",
        "my game must not stutter while I compile",
    )
    told = page.say(words[0], "text")
    for example in words[1:]:
        told += page.say(example, "accent", ((f"  {page.glyphs.dot} ", "faint"),))
    return [*told, EMPTY, *page.say("Nothing is changed before you approve it.", "muted")]


def _reading(story: Story, page: Page) -> list[Line]:
    told: list[Line] = []
    if story.goal is not None:
        told += page.head("How the goal was read")
        told += page.say(f"objective: {_wish(story)}", "text")
        for rail in story.goal.guardrails:
            words = f"guardrail: {units.metric_title(rail.metric)} at most "
            told += page.say(f"{words}{rail.tolerance * 100:g} % worse", "text")
        for row in story.goal.reading:
            told += page.say(safe_text(row), "muted", ((f"  {page.glyphs.dot} ", "faint"),))
    if story.clarification is not None:
        told += page.head("One question")
        told += page.say(safe_text(story.clarification.question), "strong")
        for number, choice in enumerate(story.clarification.choices, 1):
            told += page.say(safe_text(choice), "text", ((f"  {number} ", "key"),))
    if story.refusal is not None:
        told += page.head("Not pursued")
        told += page.say(safe_text(story.refusal.reason), "bad", page.mark(good=False))
        told += page.say(f"instead: {safe_text(story.refusal.instead)}", "text")
    return told


def _wish(story: Story) -> str:
    if story.goal is None:
        return ""
    subjects = f" of {', '.join(safe_text(s) for s in story.goal.subjects)}"
    metric: Metric = story.goal.objective
    return f"{units.metric_title(metric)}{subjects if story.goal.subjects else ''}, " + (
        story.goal.direction.value
    )


def _observation(story: Story, page: Page) -> list[Line]:
    profile = story.profile
    if profile is None:
        return []
    told = page.head("Observed", f"{profile.seconds:.0f} s")
    family = profile.family.value.replace("_", " ")
    told += page.say(f"{family}, confidence {profile.confidence * 100:.0f} %", "strong")
    told += page.say(
        f"util {units.percent(profile.utilisation)}, "
        f"{units.digits(profile.saturation)} runnable per CPU, "
        f"wake-up p99 {units.micros(profile.wakeup_p99_us, page.glyphs)}, "
        f"{units.count(profile.switches_per_s)} switches/s",
    )
    told += _bullets(profile.signals, page, "muted")
    return told + _bullets((f"not seen: {row}" for row in profile.unseen), page, "faint")


def _model(story: Story, page: Page) -> list[Line]:
    if not story.said:
        return []
    told = page.head("With a model", deliberation.price(story.spent))
    for said in story.said:
        who, style = deliberation.label(said)
        told += page.say(deliberation.words(said), style, ((left(f"  {who}", 15), "faint"),))
    return told


def _bullets(rows: Iterable[str], page: Page, style: str) -> list[Line]:
    lead: Line = ((f"  {page.glyphs.dot} ", "faint"),)
    return [line for row in rows for line in page.say(safe_text(row), style, lead)]


def _plan(story: Story, page: Page) -> list[Line]:
    plan = story.plan
    if plan is None:
        return []
    told = page.head("Weighed")
    for item in plan.considered:
        chosen = item.policy == plan.policy
        lead: Line = (
            (f"  {page.glyphs.cursor if chosen else ' '} ", "accent"),
            (left(item.policy, 14), "strong" if chosen else "text"),
            (bar_of(item.score, 5, page.glyphs), "spark"),
            (f" {item.score:.2f}  ", "text"),
        )
        told += page.say(safe_text(item.why), "muted", lead)
    told += page.head("Plan", plan.author)
    base = f", from {plan.base}" if plan.base and plan.base != plan.policy else ""
    told += page.say(f"{plan.layer.value} {plan.policy}{base}", "strong")
    if plan.policy:
        told += page.say(f"expects {plan.expected_low:.1f}x to {plan.expected_high:.1f}x")
    if plan.ceiling is not None:
        words = f"ceiling {plan.ceiling.factor:.1f}x: {safe_text(plan.ceiling.arithmetic)}"
        told += page.say(words)
    told += _bullets(plan.why, page, "text")
    risk: Line = ((f"  {page.glyphs.warn} ", "warn"),)
    return told + [line for row in plan.risks for line in page.say(safe_text(row), "text", risk)]


def _gates(story: Story, page: Page) -> list[Line]:
    if not story.gates:
        return []
    told = page.head("Gates", story.candidate.name if story.candidate else "")
    for step in story.gates:
        told += gate(step, page)
    return told


def gate(step: GateStep, page: Page) -> list[Line]:
    """Return the row of one gate: running, passed or not."""
    name: Line = ((left(step.gate.value, 9), "text"),)
    if step.result is None:
        steps = f"{step.done} of {step.total}  " if step.total else ""
        return page.say(steps + safe_text(step.note or step.doing), "muted", (*page.busy(), *name))
    took = f"{step.result.seconds:.1f} s"
    lead = (*page.mark(good=step.result.passed), *name)
    rows = paragraph(safe_text(step.result.summary), page.width - 8, "text", " " * 13, lead)
    rows[0] = spread(rows[0], ((right(took, 6), "faint"),), page.width)
    for finding in step.result.findings:
        if step.result.passed:
            words = f"{finding.code} {safe_text(finding.sentence)}"
            rows += page.say(words, "muted", ((f"      {page.glyphs.warn} ", "warn"),))
    return rows


def _trial(story: Story, page: Page) -> list[Line]:
    if not story.pairs:
        return []
    told = page.head("Trial", f"{pairs_word(len(story.pairs))} against the default scheduler")
    metric = story.effect.metric if story.effect else story.goal.objective if story.goal else ""
    told += trial.pair_rows(story.pairs, metric, page.width, page.glyphs)
    if story.effect is not None:
        told += trial.interval(story.effect, page.width, page.glyphs)
    return told


def _rejection(story: Story, page: Page) -> list[Line]:
    if story.verdict is None or story.verdict.passed:
        return []
    told = page.head("Rejected")
    for result in (gate for gate in story.verdict.gates if not gate.passed):
        told += page.say(f"{result.gate.value}: {safe_text(result.summary)}", "bad",
                         page.mark(good=False))  # fmt: skip
        for finding in result.findings:
            told += page.say(f"{finding.code} {safe_text(finding.sentence)}", "strong")
            told += _excerpt(story, finding.line, page)
            if finding.hint:
                told += page.say(f"hint: {safe_text(finding.hint)}", "muted")
    return told


def _excerpt(story: Story, line: int, page: Page) -> list[Line]:
    """The source around ``line`` (1-based), the line itself marked."""
    source = story.candidate.source.splitlines() if story.candidate else []
    if not 1 <= line <= len(source):
        return []
    told: list[Line] = []
    for number in range(max(1, line - 2), min(len(source), line + 2) + 1):
        here = number == line
        mark = page.glyphs.cursor if here else " "
        text = safe_text(source[number - 1].expandtabs(4))
        code = cut(text, max(8, page.width - 10), page.glyphs.ellipsis)
        told.append(((f"  {mark} {number:>4} ", "bad" if here else "gutter"),
                     (code, "remove" if here else "code")))  # fmt: skip
    return told


def _approval(story: Story, page: Page) -> list[Line]:
    if story.request is None:
        return []
    told = page.head("Approval", f"object {story.request.verdict.object_sha256[:12]}")
    if story.answer is None:
        return told + page.say("a person decides now", "strong", page.busy())
    words = f"approved by {safe_text(story.answer.by)}"
    if not story.answer.approved:
        words = "not approved; nothing was deployed"
    return told + page.say(words, "text", page.mark(good=story.answer.approved))


def _deployed(story: Story, page: Page) -> list[Line]:
    deployment = story.deployment
    if deployment is None:
        return []
    told = page.head("Deployment", deployment.target)
    if deployment.stage is Stage.CANARY and story.canary_s:
        left_s = story.canary_left_s(page.now)
        share = 1 - left_s / story.canary_s
        lead: Line = (*page.busy(), (f"canary {bar_of(share, 20, page.glyphs)} ", "text"))
        told += page.say(f"{left_s:.0f} s left, guards watch", "text", lead)
    else:
        good = deployment.live or deployment.stage is Stage.ROLLED_BACK
        reason = f": {safe_text(deployment.reason)}" if deployment.reason else ""
        words = f"{deployment.scheduler} {deployment.stage.value}{reason}"
        told += page.say(words, "strong", page.mark(good=good))
    for live in story.live:
        before = units.metric_value(live.metric, live.before, page.glyphs)
        after = units.metric_value(live.metric, live.after, page.glyphs)
        told += page.say(f"{units.metric_title(live.metric)} {before} {page.glyphs.arrow} {after}")
    return told


def _current(story: Story, page: Page) -> list[Line]:
    # A gate on its way has a row of its own that moves.
    if not story.running or any(step.result is None for step in story.gates):
        return []
    doing = story.stages[-1] if story.stages else None
    words = f"{doing.stage}: {safe_text(doing.doing)}" if doing else "starting"
    return [EMPTY, *page.say(words, "text", page.busy())]


def _end(story: Story, page: Page) -> list[Line]:
    if story.cancelled:
        return [EMPTY, *page.say("cancelled", "warn", ((f"  {page.glyphs.warn} ", "warn"),))]
    if story.failure:
        return [EMPTY, *page.say(safe_text(story.failure), "bad", page.mark(good=False))]
    if story.finished is None:
        return []
    good = story.finished.exit_code == 0
    summary = safe_text(story.finished.summary)
    ended = story.deployment
    if good and ended is not None and not ended.live:
        summary = f"{ended.scheduler} was in charge of {ended.target}; now {ended.stage.value}"
    return [EMPTY, *page.say(summary, "strong" if good else "bad", page.mark(good=good))]
