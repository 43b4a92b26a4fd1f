"""Settles which family counts when the goal's words and the measurement may differ."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.agent.loads import RESEMBLES
from schedtui.model.goal import Family, GoalSpec, WorkloadProfile
from schedtui.policy.retrieval import FAMILY_WORDS


@dataclass(frozen=True, slots=True)
class Agreement:
    """The family that counts, and what is to be said about it."""

    family: Family
    why: tuple[str, ...]
    differs: bool = False
    """Whether words and measurement point to different families."""


def agree(goal: GoalSpec, profile: WorkloadProfile) -> Agreement:
    """Return the family to plan for.

    The measurement is followed, unless it is unsure of any family or the words name their
    subject clearly. An idle machine stays idle whatever the words say.
    """
    measured = profile.family
    finer = _finer(goal, measured)
    if finer is not None:
        words = f"{_measured_words(profile)}; the goal's words say what it is: {_kind(finer)}"
        return Agreement(finer, (words,))
    if measured is Family.IDLE or measured in goal.families:
        return Agreement(measured, (_measured_words(profile),))
    if not goal.families:
        words = f"{_measured_words(profile)}; the goal's words name no kind of load"
        return Agreement(measured, (words,))
    named = goal.families[0]
    if measured is Family.OTHER:
        words = f"the measurement fits no known kind; the goal's words point to {_kind(named)}"
        return Agreement(named, (words,), differs=True)
    return _settled(goal, profile, named)


def _finer(goal: GoalSpec, measured: Family) -> Family | None:
    """Return the kind that the words name when it is measured as what was measured.

    A build is not told more finely: what matters of it is how long its jobs are.
    """
    named = goal.families[0] if goal.families else None
    if named is None or named is Family.BUILD or measured not in RESEMBLES.get(named, ()):
        return None
    return named


def _settled(goal: GoalSpec, profile: WorkloadProfile, named: Family) -> Agreement:
    both = (
        f"the goal's words point to {_kind(named)}, but what was measured looks like "
        f"{_kind(profile.family)} (confidence {100 * profile.confidence:.0f} %)"
    )
    if not goal.subjects:
        return Agreement(profile.family, (f"{both}; the measurement is followed",), differs=True)
    subjects = " and ".join(f'"{subject}"' for subject in goal.subjects[:2])
    words = f"{both}; the goal names {subjects}, so the words are followed: check that it runs"
    return Agreement(named, (words,), differs=True)


def _measured_words(profile: WorkloadProfile) -> str:
    return (
        f"measured over {profile.seconds:.0f} s: {_kind(profile.family)} "
        f"(confidence {100 * profile.confidence:.0f} %)"
    )


def _kind(family: Family) -> str:
    return FAMILY_WORDS[family]
