"""The line that says what a deployment brought, the newest log line, and the keys."""

from __future__ import annotations

from collections.abc import Sequence

from schedtui.model.deployment import Stage
from schedtui.model.goal import Direction
from schedtui.model.trial import Effect, Outcome
from schedtui.ui.commands import Command, Situation
from schedtui.ui.keynames import key_word
from schedtui.ui.paint import past, units
from schedtui.ui.paint.glyphs import Glyphs
from schedtui.ui.paint.text import EMPTY, Line, chosen, cut, fitted, spread
from schedtui.ui.view import View


def verdict(view: View, width: int) -> Line:
    """Return before and after on this target, or where one is in the past while that is shown."""
    deployment = view.deployment
    if view.paused:
        return past.scrub(view, width)
    if deployment is None or deployment.stage in {Stage.APPROVED, Stage.REFUSED}:
        return _waiting(view, width)
    if not deployment.live:
        return _ended(view, width)
    parts = [(0, _side("before", view, after=False)), (1, _side("after", view, after=True))]
    effect = effect_words(view.story.effect, view.glyphs)
    parts += [(2, effect[:2]), (4, effect[3:]), (3, _ceiling(view))]
    if not view.story.live:
        parts = [(0, (("measuring before and after on this target", "muted"),)), *parts[2:]]
    return fitted(((" ", "text"), *chosen(parts, width - 1, ("   ", "text"))), width)


def _waiting(view: View, width: int) -> Line:
    words = "nothing of ours is deployed"
    hint = f"press {view.key('goal')} and say what this machine should do well"
    if view.story.running:
        words = f"pursuing a goal: {view.story.stage or 'starting'}"
        hint = f"{view.key('cancel')} cancels"
        if view.snapshot and view.snapshot.load and view.snapshot.load.paused:
            hint += "   the load is paused during the trial"
    room = max(0, width - len(words) - 5)
    hint = cut(hint, room, view.glyphs.ellipsis)
    return fitted(((f" {words}", "text"), ("   ", "text"), (hint, "muted")), width)


def _ended(view: View, width: int) -> Line:
    deployment = view.deployment
    if deployment is None:
        return EMPTY
    bad = deployment.stage in {Stage.EJECTED, Stage.GUARDED}
    mark = view.glyphs.no if bad else view.glyphs.yes
    words = f" {mark} {deployment.scheduler}: {deployment.stage.value}"
    reason = f"   {deployment.reason}" if deployment.reason else ""
    return fitted(((words, "bad" if bad else "text"), (reason, "text")), width)


def _side(title: str, view: View, *, after: bool) -> Line:
    values = [
        f"{units.metric_title(live.metric)} "
        + units.metric_value(live.metric, live.after if after else live.before, view.glyphs)
        for live in view.story.live[:2]
    ]
    if not values:
        return EMPTY
    return ((f"{title} {view.glyphs.cursor} ", "muted"), ("  ".join(values), "strong"))


def effect_words(effect: Effect | None, glyphs: Glyphs) -> Line:
    """Return an effect in words: ``5.3x lower [4.1, 7.0]  7 pairs``."""
    if effect is None:
        return EMPTY
    span = f" [{units.factor(effect.low)}, {units.factor(effect.high)}]"
    pairs = (pairs_word(effect.pairs), "muted")
    if effect.outcome in {Outcome.NO_DIFFERENCE, Outcome.UNDECIDED}:
        return ((f"{effect.outcome.value} {units.factor(effect.factor)}x", "strong"),
                (span, "text"), ("  ", "text"), pairs)  # fmt: skip
    better = effect.outcome is Outcome.BETTER
    lower = (effect.direction is Direction.LOWER) == better
    size = units.factor(effect.factor)
    if not better:
        size = units.inverse(effect.factor)
        span = f" [{units.inverse(effect.high)}, {units.inverse(effect.low)}]"
    words = f"{size}{glyphs.times} {'lower' if lower else 'higher'}"
    return ((words, "good" if better else "bad"), (span, "text"), ("  ", "text"), pairs)


def pairs_word(count: int) -> str:
    """Return a number of pairs in words."""
    return "1 pair" if count == 1 else f"{count} pairs"


def _ceiling(view: View) -> Line:
    plan = view.story.plan
    if plan is None or plan.ceiling is None:
        return EMPTY
    return ((f"ceiling {units.factor(plan.ceiling.factor)}x", "muted"),)


def log_line(view: View, width: int) -> Line:
    """Return the newest line of the action log with its age."""
    if not view.log:
        return fitted(EMPTY, width)
    entry = view.log[-1]
    age = f"{units.clock(view.now - entry.at)} ago "
    room = max(1, width - len(age) - 2)
    words: Line = ((" " + cut(entry.text, room - 1, view.glyphs.ellipsis), entry.style),)
    return spread(words, ((age, "faint"),), width)


def _pause_word(now: Situation) -> str:
    if now.recorded:
        return "hold" if now.playing else "play"
    return "run on" if now.paused else "pause"


def footer(commands: Sequence[Command], now: Situation, width: int) -> Line:
    """Return the keys that matter now; what makes no sense is dimmed, not hidden."""
    places = {command.id: command.past if now.paused else command.rank for command in commands}
    ranked = sorted((c for c in commands if places[c.id]), key=lambda command: places[command.id])
    must = {"help": -2, "quit": -1, "rollback": 0}
    parts: list[tuple[int, Line]] = []
    for command in ranked:
        reason = command.why_not(now)
        key = "faint" if reason else "key"
        words = _pause_word(now) if command.id == "pause" else command.title
        line = (
            (f"{key_word(command.keys[0])} ", key),
            (words, "faint" if reason else "text"),
        )
        parts.append((must.get(command.id, places[command.id]), line))
    return fitted(((" ", "text"), *chosen(parts, width - 1, ("   ", "text"))), width)
