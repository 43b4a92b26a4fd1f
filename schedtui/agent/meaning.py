"""What one clause asks for: the grammar of mentions, actions, negation and permission."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schedtui.agent.clauses import MENTIONS, Clause
from schedtui.agent.harm import is_commanded, is_ordered
from schedtui.agent.lexicon import Mark
from schedtui.agent.terms import Kind
from schedtui.agent.words import plain


class Role(StrEnum):
    """What a clause does with a metric."""

    OBJECTIVE = "objective"
    GUARD = "guardrail"
    BARE = "bare mention"
    RELEASE = "released"
    WRONG = "wrong way"


@dataclass(frozen=True, slots=True)
class Desire:
    """One thing a clause asks for, in the goal's own words."""

    role: Role
    term: str
    """Value of the metric, symptom or virtue mark; empty when only a subject is named."""
    subject: str
    """Value of the subject mark closest to it; empty when the clause names none."""
    said: str
    share: float | None = None
    remaining: bool = False
    """Whether ``share`` is what must be left, as in "at least 95 %", not what may go."""
    symptom: bool = False
    subordinate: bool = False


_MORE_IS_BETTER: Final = frozenset({"rate", "qps", "fps", "smooth", "share", "short first"})
_VERBS: Final = {"finish": "batch", "respond": "service"}
"""Terms that are verbs, and the subject without which they say nothing alone."""

_SIGNS: Final = {"lower": -1, "fall": -1, "raise": 1, "rise": 1}
_TRANSITIVE: Final = frozenset({"lower", "raise"})
_SHORTENING: Final = ("short", "kurz", "verkurz", "raccourc", "acort")
"""Words that lower a time even when they name only its owner: "shorter builds"."""

_MOST_MENTIONS: Final = 8
"""A clause that names more is a list of words, not a wish."""

_CIRCUMSTANCE: Final = frozenset({"while", "because"})


def desires_of(clause: Clause, *, stands_alone: bool = False) -> tuple[Desire, ...]:
    """Return what ``clause`` asks for, in order.

    Args:
        clause: The clause.
        stands_alone: Read a ``while`` clause like a main one.
    """
    if clause.join == "than":
        return ()
    mentions = _mentions(clause)
    if not mentions:
        found = _of_subject(clause, stands_alone=stands_alone)
        return (found,) if found else ()
    desires = (_of_mention(clause, mention, stands_alone=stands_alone) for mention in mentions)
    return tuple(desire for desire in desires if desire)


def _mentions(clause: Clause) -> tuple[Mark, ...]:
    """Return what is measured; "p99" beside "wake-up latency" only says how."""
    mentions = clause.of(*MENTIONS)
    qualified = [mark for mark in mentions if mark.value in {"wakeup", "frametime", "input"}]
    told = (
        mark
        for mark in mentions
        if mark.value != "request" or all(_distance(mark, other) > 1 for other in qualified)
    )
    return tuple(itertools.islice(told, _MOST_MENTIONS))


def _of_mention(clause: Clause, mention: Mark, *, stands_alone: bool) -> Desire | None:
    action = _nearest(clause, mention)
    symptom = mention.kind is not Kind.METRIC
    if action is None:
        role = _without_action(clause, mention)
    else:
        role = _with_action(clause, mention, action, stands_alone=stands_alone)
    if role is None:
        return None
    subject = _subject_near(clause, mention)
    if action is None and mention.value in _VERBS and not _speaks(mention, subject):
        return None
    return Desire(
        role,
        mention.value,
        subject,
        clause.said,
        clause.share,
        _names_the_rest(clause),
        symptom,
        clause.subordinate,
    )


def _speaks(mention: Mark, subject: str) -> bool:
    wanted = _VERBS[mention.value]
    return subject == wanted or (wanted == "batch" and subject == "compile")


def _without_action(clause: Clause, mention: Mark) -> Role | None:
    if clause.has(Kind.RELEASE):
        return Role.RELEASE
    denied = clause.has(Kind.NEGATION) or clause.join == "without"
    if mention.kind is Kind.SYMPTOM:
        return _symptom_alone(clause, mention, denied=denied)
    if mention.kind is Kind.VIRTUE:
        # "a smoother game" asks for a change, "a smooth game" for a state.
        comparative = plain(mention.said).endswith("er")
        return Role.OBJECTIVE if denied or comparative else Role.GUARD
    if clause.has(Kind.KEEP) or _bounded(clause):
        return Role.GUARD
    if clause.join == "even if":
        return Role.RELEASE
    return None if clause.join in _CIRCUMSTANCE else Role.BARE


def _symptom_alone(clause: Clause, mention: Mark, *, denied: bool) -> Role | None:
    if denied or clause.has(Kind.KEEP):
        return Role.GUARD
    if clause.join == "even if" or clause.has(Kind.PERMISSION):
        return Role.GUARD if clause.share is not None else Role.RELEASE
    if is_commanded(clause, mention):
        return Role.WRONG
    # "when it stutters" tells the circumstance, "my game stutters" is the complaint.
    return None if clause.join == "because" else Role.OBJECTIVE


def _with_action(clause: Clause, mention: Mark, action: Mark, *, stands_alone: bool) -> Role | None:
    if clause.has(Kind.RELEASE):
        return Role.RELEASE
    if _towards_good(mention, action):
        return _wanted(clause, mention, action, stands_alone=stands_alone)
    return _unwanted(clause, mention, action, stands_alone=stands_alone)


def _wanted(clause: Clause, mention: Mark, action: Mark, *, stands_alone: bool) -> Role | None:
    if clause.has(Kind.KEEP):
        return Role.GUARD
    if clause.join == "without" or clause.has(Kind.NEGATION):
        if mention.kind is Kind.SYMPTOM:
            return Role.GUARD
        return Role.WRONG if action.value in _TRANSITIVE else Role.OBJECTIVE
    is_state = action.value in {"fall", "rise"}
    if clause.join in _CIRCUMSTANCE and is_state and not stands_alone:
        return None
    return Role.OBJECTIVE


def _unwanted(clause: Clause, mention: Mark, action: Mark, *, stands_alone: bool) -> Role | None:
    if clause.join == "without" or clause.has(Kind.NEGATION, Kind.KEEP):
        return Role.GUARD
    if _bounded(clause):
        return Role.GUARD
    if clause.has(Kind.PERMISSION) or clause.join == "even if":
        return Role.GUARD if clause.share is not None else Role.RELEASE
    transitive = action.value in _TRANSITIVE and action.at < mention.at
    if transitive or _harm_is_meant(clause, mention, action):
        return Role.WRONG
    if clause.join in _CIRCUMSTANCE and not stands_alone:
        return None
    return Role.OBJECTIVE


def _harm_is_meant(clause: Clause, mention: Mark, action: Mark) -> bool:
    if mention.kind is Kind.SYMPTOM:
        # "kill the stutter" is a wish; "make it stutter more" is none.
        return is_commanded(clause, mention)
    treasured = not mention.value or mention.value in _MORE_IS_BETTER
    return is_commanded(clause, action) or (treasured and is_ordered(clause))


def _towards_good(mention: Mark, action: Mark) -> bool:
    if action.value in {"improve", "harm", "complain"}:
        return action.value == "improve"
    good = 1 if mention.value in _MORE_IS_BETTER else -1
    return _SIGNS[action.value] == good


def _bounded(clause: Clause) -> bool:
    return clause.share is not None and clause.has(Kind.BOUND, Kind.PERMISSION)


def _names_the_rest(clause: Clause) -> bool:
    if clause.share is None or clause.share <= 0.5 or clause.share > 1:
        return False
    limits = {mark.value for mark in clause.of(Kind.BOUND)}
    return clause.has(Kind.KEEP) or bool(limits & {"least", "below"})


def _of_subject(clause: Clause, *, stands_alone: bool) -> Desire | None:
    """Read a clause that names no metric: "speed up my build", "without hurting the batch"."""
    actions = clause.of(Kind.ACTION)
    subjects = clause.of(Kind.SUBJECT)
    if not subjects or not (actions or clause.has(Kind.RELEASE, Kind.KEEP)):
        return None
    action = actions[0] if actions else None
    role = _subject_role(clause, action, stands_alone=stands_alone)
    if role is None:
        return None
    subject = _acted_on(subjects, action)
    return Desire(
        role,
        "",
        subject,
        clause.said,
        clause.share,
        _names_the_rest(clause),
        subordinate=clause.subordinate,
    )


def _subject_role(clause: Clause, action: Mark | None, *, stands_alone: bool) -> Role | None:
    if clause.has(Kind.RELEASE):
        return Role.RELEASE
    if action is None:
        return Role.GUARD
    if action.value in _SIGNS and not plain(action.said).startswith(_SHORTENING):
        return None
    stand_in = Mark(Kind.METRIC, "", action.at, action.end, action.said)
    if action.value in {"improve", *_SIGNS}:
        return _wanted(clause, stand_in, action, stands_alone=stands_alone)
    return _unwanted(clause, stand_in, action, stands_alone=stands_alone)


def _acted_on(subjects: Sequence[Mark], action: Mark | None) -> str:
    if action is not None:
        for subject in subjects:
            if subject.at >= action.end:
                return subject.value
    return subjects[-1].value if action is not None else subjects[0].value


def _nearest(clause: Clause, mention: Mark) -> Mark | None:
    actions = clause.of(Kind.ACTION)
    if not actions:
        return None
    return min(actions, key=lambda action: (_distance(action, mention), action.at > mention.at))


def _subject_near(clause: Clause, mention: Mark) -> str:
    subjects = clause.of(Kind.SUBJECT)
    if not subjects:
        return ""
    return min(subjects, key=lambda subject: _distance(subject, mention)).value


def _distance(left: Mark, right: Mark) -> int:
    return right.at - left.end if left.at < right.at else left.at - right.end
