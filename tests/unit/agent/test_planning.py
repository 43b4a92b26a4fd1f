"""Planning: keep the default when nothing is to be gained, else a policy with reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schedtui.agent.execution import make_candidate
from schedtui.agent.explain import (
    expectation_sentence,
    goal_sentence,
    plan_sentence,
    profile_sentence,
)
from schedtui.agent.intake import read_goal
from schedtui.agent.observation import profile
from schedtui.agent.planning import KEEP_NAME, plan
from schedtui.measure.catalogue import workload
from schedtui.measure.ceiling import ceiling_of
from schedtui.model.goal import (
    Clarification,
    Family,
    GoalSpec,
    Metric,
    NameProfile,
    Refusal,
    WorkloadProfile,
)
from schedtui.model.plan import Ceiling, Layer, Plan
from schedtui.model.policy import NameWeight, Policy
from schedtui.model.telemetry import Snapshot
from schedtui.policy.errors import PolicyError
from schedtui.policy.repository import load_repository
from tests.unit.agent import observed

SERVICE_WISH = "cut the p99 latency of the request service, throughput must not drop"
BATCH_WISH = "finish this batch of jobs sooner"
GAME_WISH = "my game must not stutter while I compile"


@pytest.fixture(scope="module")
def policies() -> tuple[Policy, ...]:
    return load_repository()


def goal(text: str) -> GoalSpec:
    read = read_goal(text)
    assert isinstance(read, GoalSpec)
    return read


def from_load(wish: GoalSpec, seen: WorkloadProfile, cpus: int) -> Ceiling | None:
    return ceiling_of(wish.objective, dict(seen.load), cpus)


def unknown(wish: GoalSpec, seen: WorkloadProfile, cpus: int) -> Ceiling | None:
    return None


def planned(text: str, seen: WorkloadProfile, policies: tuple[Policy, ...]) -> Plan:
    decision = plan(goal(text), seen, policies, 2, ceiling_of=from_load)
    assert isinstance(decision, Plan), decision
    return decision


def test_saturated_service_gets_turns_longer_than_its_requests(
    policies: tuple[Policy, ...],
) -> None:
    seen = profile(observed.service_with_report(), 2)
    chosen = planned(SERVICE_WISH, seen, policies)
    assert (chosen.layer, chosen.policy, chosen.base) == (
        Layer.CONFIGURE,
        "fifo_rtc",
        "fifo_rtc",
    )
    assert chosen.workload == "request_service"
    turn = dict(chosen.parameters)["slice_us"]
    assert isinstance(turn, int)
    assert turn >= 16 * 2550
    assert any("16 x 2.55 ms = 40.8 ms" in line for line in chosen.why)
    assert [rail.metric for rail in chosen.goal.guardrails] == [Metric.RATE]


def test_the_ceiling_bounds_what_is_expected(policies: tuple[Policy, ...]) -> None:
    seen = profile(observed.service_with_report(), 2)
    low_ceiling = Ceiling("request_p99_us", 1.5, "110 ms / 73 ms = 1.5")
    decision = plan(goal(SERVICE_WISH), seen, policies, 2, ceiling_of=lambda *_: low_ceiling)
    assert isinstance(decision, Plan)
    assert decision.ceiling == low_ceiling
    assert 1.0 <= decision.expected_low <= decision.expected_high <= 1.5


def test_service_time_is_estimated_when_no_load_reports_it(
    policies: tuple[Policy, ...],
) -> None:
    chosen = planned(SERVICE_WISH, profile(observed.service(), 2), policies)
    # Busy CPU time over 2 x 200 switches per second, times 16, is more than a turn may be.
    assert any("mean CPU time between two switches" in line for line in chosen.why)
    assert dict(chosen.parameters)["slice_us"] == 60_000
    assert any("at most 60 ms" in line for line in chosen.why)
    assert any("between two switches" in line for line in chosen.why)


def test_skewed_batch_gets_hints_largest_first(policies: tuple[Policy, ...]) -> None:
    chosen = planned(BATCH_WISH, profile(observed.batch(), 2), policies)
    assert (chosen.policy, chosen.workload) == ("longest_first", "uneven_batch")
    hints = dict(chosen.parameters)["hints"]
    assert hints == (NameWeight("stage-b", 1250), NameWeight("stage-a", 63))
    assert make_candidate(chosen, policies).source.count('{ "stage-b", 1250 }') == 1


def test_hints_leave_out_what_does_not_end_or_has_no_usable_name(
    policies: tuple[Policy, ...],
) -> None:
    seen = profile(observed.batch(), 2)
    names = (
        *seen.names,
        NameProfile("daemon", 1, 0.3, 3000.0),
        NameProfile("kworker/0:1", 9, 0.2, 30.0, 9),
        NameProfile("a-name-of-more-than-15-bytes", 9, 0.2, 30.0, 9),
    )
    chosen = planned(BATCH_WISH, replace(seen, names=names), policies)
    hints = dict(chosen.parameters)["hints"]
    assert isinstance(hints, tuple)
    assert [row.name for row in hints] == ["stage-b", "stage-a"]


def test_at_most_sixteen_hints(policies: tuple[Policy, ...]) -> None:
    seen = profile(observed.batch(), 2)
    names = tuple(NameProfile(f"job-{i}", 5, 0.1, 50.0 * (i + 1), 5) for i in range(40))
    chosen = planned(BATCH_WISH, replace(seen, names=names), policies)
    hints = dict(chosen.parameters)["hints"]
    assert isinstance(hints, tuple)
    assert len(hints) == 16
    assert hints[0].name == "job-39"


def test_game_beside_compile_gets_a_sleeper_credit(policies: tuple[Policy, ...]) -> None:
    chosen = planned(GAME_WISH, profile(observed.game_beside_compile(), 2), policies)
    assert (chosen.policy, chosen.workload) == ("vtime_fair", "game_compile")
    values = dict(chosen.parameters)
    assert values["preempt_on_wakeup"] is True
    assert values["slice_us"] == 4000
    assert values["sleeper_credit_us"] == 11_000  # twice 0.3 CPU x 16.67 ms, in whole ms
    assert any("game uses 30 % of a CPU" in line for line in chosen.why)


@pytest.mark.parametrize(
    ("text", "snapshots", "words"),
    [
        (GAME_WISH, observed.idle(), "4 % busy"),
        (SERVICE_WISH, observed.service(waiting=0.02), "hardly any task waits"),
        (BATCH_WISH, observed.one_name_batch(), "about equal length"),
        (BATCH_WISH, observed.hogs(), "about equal length"),
        ("process more jobs per hour in the batch", observed.batch(), "no order of tasks"),
        (
            "speed up the build without making my game stutter",
            observed.game_beside_compile(),
            "no order of tasks",
        ),
    ],
)
def test_the_default_is_kept_with_the_reason(
    text: str, snapshots: list[Snapshot], words: str, policies: tuple[Policy, ...]
) -> None:
    kept = planned(text, profile(snapshots, 2), policies)
    assert kept.layer is Layer.KEEP
    assert words in kept.why[0]
    assert (kept.policy, kept.base, kept.parameters) == ("", "", ())
    assert kept.considered[0].policy == KEEP_NAME
    assert (kept.expected_low, kept.expected_high) == (1.0, 1.0)
    with pytest.raises(PolicyError):
        make_candidate(kept, policies)


def test_no_room_below_the_ceiling_keeps_the_default(policies: tuple[Policy, ...]) -> None:
    seen = profile(observed.service_with_report(), 2)
    ceiling = Ceiling("request_p99_us", 1.02, "10.2 ms / 10.0 ms = 1.02")
    kept = plan(goal(SERVICE_WISH), seen, policies, 2, ceiling_of=lambda *_: ceiling)
    assert isinstance(kept, Plan)
    assert kept.layer is Layer.KEEP
    assert "10.2 ms / 10.0 ms" in kept.why[0]


def test_every_policy_and_the_default_are_considered(policies: tuple[Policy, ...]) -> None:
    chosen = planned(SERVICE_WISH, profile(observed.service_with_report(), 2), policies)
    names = [item.policy for item in chosen.considered]
    assert sorted(names) == sorted([KEEP_NAME, *(policy.name for policy in policies)])
    assert names[0] == chosen.policy
    assert all(0 <= item.score <= 1 and item.why for item in chosen.considered)


def test_words_that_name_their_subject_win_over_the_measurement(
    policies: tuple[Policy, ...],
) -> None:
    seen = profile(observed.service(), 2)
    chosen = planned(GAME_WISH, seen, policies)
    assert chosen.policy == "vtime_fair"
    assert any("goal names" in line and "words are followed" in line for line in chosen.why)


def test_measurement_wins_over_words_without_a_subject(policies: tuple[Policy, ...]) -> None:
    seen = profile(observed.game_beside_compile(), 2)
    wish = replace(goal("lower the p99"), objective=Metric.WAKEUP_P99)
    decision = plan(wish, seen, policies, 2, ceiling_of=unknown)
    assert isinstance(decision, Plan)
    assert decision.policy == "vtime_fair"
    assert any("the measurement is followed" in line for line in decision.why)


def test_a_metric_that_does_not_occur_in_what_runs_is_asked(
    policies: tuple[Policy, ...],
) -> None:
    asked = plan(
        goal("reduce missed frames"),
        profile(observed.service(), 2),
        policies,
        2,
        ceiling_of=unknown,
    )
    assert isinstance(asked, Clarification)
    assert "missed frames" in asked.question
    assert all(isinstance(read_goal(choice), GoalSpec) for choice in asked.choices)


def test_a_guardrail_that_the_trial_cannot_judge_is_said(policies: tuple[Policy, ...]) -> None:
    text = "my game must not stutter, the compile may take 10 % longer"
    chosen = planned(text, profile(observed.game_beside_compile(), 2), policies)
    assert chosen.goal.guardrails == ()
    assert any("not proved" in risk and "10 % longer" in risk for risk in chosen.risks)


def test_a_guardrail_that_the_running_load_reports_is_kept(
    policies: tuple[Policy, ...],
) -> None:
    text = "my game must not stutter, the compile may take 10 % longer"
    seen = profile(observed.game_beside_compile(), 2)
    reporting = replace(seen, load=(("missed_frames_pct", 40.0), ("rate_per_s", 20.0)))
    chosen = planned(text, reporting, policies)
    assert [rail.metric for rail in chosen.goal.guardrails] == [Metric.RATE]


def test_what_can_be_set_while_it_runs_is_told_before_it_is_approved(
    policies: tuple[Policy, ...],
) -> None:
    seen = profile(observed.service_with_report(), 2)
    chosen = planned(SERVICE_WISH, seen, policies)
    before = next(each for each in policies if each.name == chosen.policy)
    assert not any("while it runs" in risk for risk in chosen.risks)
    live = tuple(replace(each, live=each.name == "slice_us") for each in before.parameters)
    others = tuple(each for each in policies if each is not before)
    again = planned(SERVICE_WISH, seen, (*others, replace(before, parameters=live)))
    assert "slice_us can be set while it runs, from 1000 to 1000000 us" in again.risks


def test_risks_come_from_the_limits_of_the_policy(policies: tuple[Policy, ...]) -> None:
    chosen = planned(SERVICE_WISH, profile(observed.service_with_report(), 2), policies)
    limits = next(policy.limits for policy in policies if policy.name == chosen.policy)
    assert set(limits) <= set(chosen.risks)


def test_an_empty_repository_keeps_the_default() -> None:
    kept = plan(goal(SERVICE_WISH), profile(observed.service(), 2), (), 2, ceiling_of=unknown)
    assert isinstance(kept, Plan)
    assert kept.layer is Layer.KEEP


def test_trial_workloads_exist(policies: tuple[Policy, ...]) -> None:
    for text, snapshots in (
        (SERVICE_WISH, observed.service()),
        (BATCH_WISH, observed.batch()),
        (GAME_WISH, observed.game_beside_compile()),
    ):
        name = planned(text, profile(snapshots, 2), policies).workload
        assert workload(name).name == name


def test_every_family_and_metric_gets_an_answer(policies: tuple[Policy, ...]) -> None:
    seen = profile(observed.service_with_report(), 2)
    wish = goal(SERVICE_WISH)
    for family in Family:
        for metric in Metric:
            decision = plan(
                replace(wish, objective=metric),
                replace(seen, family=family),
                policies,
                2,
                ceiling_of=from_load,
            )
            assert isinstance(decision, Plan | Clarification | Refusal)


def test_sentences_are_short_and_carry_the_figures(policies: tuple[Policy, ...]) -> None:
    seen = profile(observed.service_with_report(), 2)
    chosen = planned(SERVICE_WISH, seen, policies)
    assert goal_sentence(chosen.goal) == ("p99 request latency lower; throughput at most 2 % worse")
    assert "4.0 runnable tasks per CPU" in profile_sentence(seen)
    assert plan_sentence(chosen) == "fifo_rtc with slice_us = 50000"
    assert "times lower, at best" in expectation_sentence(chosen)
    kept = planned(GAME_WISH, profile(observed.idle(), 2), policies)
    assert plan_sentence(kept).startswith("keep the default scheduler: ")
    assert expectation_sentence(kept) == "no change is expected"
