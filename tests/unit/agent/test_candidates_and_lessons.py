"""Execution and learning: complete source with its hash, one line per trial."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from schedtui.agent.execution import make_candidate
from schedtui.agent.learning import LESSON_LIMIT, lesson
from schedtui.model.goal import Direction, Metric
from schedtui.model.plan import Layer, Plan
from schedtui.model.policy import Policy
from schedtui.model.trial import Effect, Outcome, TrialResult, WorkloadSpec
from schedtui.policy.errors import PolicyError
from schedtui.policy.repository import load_repository
from tests.fakes import samples


@pytest.fixture(scope="module")
def policies() -> tuple[Policy, ...]:
    return load_repository()


def a_plan(**changes: object) -> Plan:
    base = replace(
        samples.plan("cut the p99"),
        layer=Layer.CONFIGURE,
        policy="fifo_rtc",
        base="fifo_rtc",
        parameters=(("slice_us", 50_000),),
    )
    return replace(base, **changes)  # type: ignore[arg-type] # the tests name real fields


def effect(outcome: Outcome, factor: float, metric: str = Metric.REQUEST_P99) -> Effect:
    return Effect(
        metric, Direction.LOWER, factor, 0.9 * factor, 1.1 * factor, 5, 100.0, 20.0, outcome
    )


def trial(objective: Effect, *rails: Effect, starved: tuple[str, ...] = ()) -> TrialResult:
    spec = WorkloadSpec("request_service", "Service", (), 4.0, Metric.REQUEST_P99, "")
    return TrialResult(spec, (), objective, rails, starved, 30.0, 30.0, "boot", 60.0)


def test_a_candidate_is_complete_source_with_its_hash(policies: tuple[Policy, ...]) -> None:
    made = make_candidate(a_plan(), policies)
    assert "const volatile u64 slice_us = 50000;" in made.source
    assert made.source_sha256 == hashlib.sha256(made.source.encode()).hexdigest()
    assert (made.name, made.policy, made.base_name) == ("fifo_rtc",) * 3
    assert made.parameters == (("slice_us", 50_000),)


def test_the_diff_to_the_base_is_the_parameter_line_alone(policies: tuple[Policy, ...]) -> None:
    made = make_candidate(a_plan(), policies)
    before, after = made.base_source.splitlines(), made.source.splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["const volatile u64 slice_us = 50000;"]


def test_parameters_left_out_are_recorded_with_their_defaults(
    policies: tuple[Policy, ...],
) -> None:
    made = make_candidate(a_plan(policy="vtime_fair", base="", parameters=()), policies)
    assert dict(made.parameters)["sleeper_credit_us"] == 10_000
    assert made.base_source == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"layer": Layer.KEEP, "policy": ""},
        {"policy": "unheard_of"},
        {"base": "unheard_of"},
        {"parameters": (("slice_us", 1),)},
        {"parameters": (("unheard_of", 1),)},
    ],
)
def test_what_cannot_be_built_is_refused(
    changes: dict[str, object], policies: tuple[Policy, ...]
) -> None:
    with pytest.raises(PolicyError):
        make_candidate(a_plan(**changes), policies)


def test_a_lesson_is_one_short_line_with_the_measured_figures() -> None:
    line = lesson(trial(effect(Outcome.BETTER, 4.0)), a_plan())
    assert line == (
        "fifo_rtc for oversubscribed_service at 4.2 tasks per CPU: p99 request latency "
        "4.00 times lower [3.60, 4.40], 5 pairs"
    )


def test_a_lesson_says_what_was_expected_in_vain() -> None:
    line = lesson(trial(effect(Outcome.NO_DIFFERENCE, 1.0)), a_plan())
    assert "did not change" in line
    assert "less than the expected 3.0 to 6.0" in line


def test_a_lesson_names_who_paid_and_who_starved() -> None:
    worse = effect(Outcome.WORSE, 0.7, Metric.RATE)
    line = lesson(trial(effect(Outcome.BETTER, 9.0), worse, starved=("cc1",)), a_plan())
    assert "throughput paid for it, 0.70 times as good" in line
    assert "starved cc1" in line
    assert "more than the expected" in line


def test_a_lesson_stays_one_plain_line_whatever_the_names() -> None:
    names = tuple("\x1b]0;x\x07[bold]" * 40 for _ in range(5))
    line = lesson(trial(effect(Outcome.UNDECIDED, 1.2), starved=names), a_plan())
    assert len(line) <= LESSON_LIMIT
    assert "\x1b" not in line
