"""Numbers of a goal: bounds, budgets, layers, and what no scheduler can reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schedtui.agent.intake import read_goal
from schedtui.agent.layering import favoured
from schedtui.agent.observation import profile
from schedtui.agent.planning import plan
from schedtui.measure.ceiling import ceiling_of
from schedtui.model.goal import (
    Budget,
    Clarification,
    GoalSpec,
    Layer,
    NameProfile,
    Refusal,
    WorkloadProfile,
)
from schedtui.model.plan import Ceiling, Plan
from schedtui.model.policy import NameWeight
from schedtui.policy.repository import load_repository
from tests.unit.agent import observed


def understood(text: str) -> GoalSpec:
    read = read_goal(text)
    assert isinstance(read, GoalSpec), read
    return read


def planned(text: str, seen: WorkloadProfile) -> Plan | Clarification | Refusal:
    def from_load(goal: GoalSpec, measured: WorkloadProfile, cpus: int) -> Ceiling | None:
        return ceiling_of(goal.objective, dict(measured.load), cpus)

    return plan(understood(text), seen, load_repository(), 2, ceiling_of=from_load)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("p99 of the api below 50 ms", 50_000.0),
        ("SLO is p99 < 2.5ms for the auth service", 2500.0),
        ("cut the wake-up latency to at most 300 us", 300.0),
        ("die p99-Latenz des Dienstes soll unter 20 ms sinken", 20_000.0),
        ("bring the p99 of the service from 180 ms down to 40 ms", 40_000.0),
    ],
)
def test_a_figure_for_a_latency_is_read_in_microseconds(text: str, value: float) -> None:
    bound = understood(text).bound
    assert bound is not None
    assert bound.value == pytest.approx(value)
    assert bound.factor is None


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("cut the p99 of the service by 50 %", 2.0),
        ("halve the p99 of the service", 2.0),
        ("raise the throughput of the service by 20 %, p99 may rise by 5 %", 1.2),
        ("double the requests per second of nginx", 2.0),
        ("double the throughput of the service", 2.0),
        ("twice as many requests per second from nginx", 2.0),
        ("finish the batch of jobs 1.5 times faster", 1.5),
    ],
)
def test_a_relative_figure_is_a_factor(text: str, factor: float) -> None:
    bound = understood(text).bound
    assert bound is not None
    assert bound.factor == pytest.approx(factor)


@pytest.mark.parametrize(
    "text",
    [
        "cut the p99 of the service, throughput may fall 5 % at most",
        "p99 of the api went from 40ms to 180ms",
        "my game must not stutter",
        "cut the p99 of the request service, wake-up latency must stay below 1 ms",
        "cut the p99 of the api while a backup of 2 ms chunks runs",
        "cut the p99 of the api while a backup runs in turns below 2 ms",
        "the api has a p99 latency of 40 ms, cut it",
        "cut the p99 of the service, spend at most 300 s",
        "double check the result and cut the p99 of the service",
    ],
)
def test_figures_of_something_else_are_no_bound(text: str) -> None:
    assert understood(text).bound is None


def test_the_bound_is_said_in_the_reading() -> None:
    goal = understood("cut the p99 of the service below 50 ms")
    assert any("bound: at most 50000 us" in line for line in goal.reading)


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("wake-up latency of 0 ns for the audio thread", "1 us"),
        ("p99 of the service below 10 nanoseconds", "1 us"),
        ("cut the p99 of the service by 100 %", "zero"),
        ("finish the batch of jobs 3x faster", "2 - 1/CPUs"),
    ],
)
def test_what_no_scheduler_reaches_is_refused_with_the_bound(text: str, states: str) -> None:
    refused = read_goal(text)
    assert isinstance(refused, Refusal)
    assert states in refused.reason


def test_what_this_load_cannot_reach_is_refused_with_its_ceiling() -> None:
    seen = profile(observed.service_with_report(), 2)
    refused = planned("increase the requests per second of the service by 900 %", seen)
    assert isinstance(refused, Refusal)
    assert "10 times better is wanted" in refused.reason
    assert "CPUs/service" in refused.reason
    below = planned("cut the p99 of the service below 2 ms", seen)
    assert isinstance(below, Refusal)
    assert isinstance(planned("cut the p99 of the service by 50 %", seen), Plan)


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("cut the p99 of the service, spend at most 5 minutes", Budget(seconds=300.0)),
        ("cut the p99 of the service, 30 s of trying is enough", Budget(seconds=30.0)),
        ("cut the p99 of the service, budget $0.20", Budget(dollars=0.2)),
        ("cut the p99 of the service, error budget is gone", Budget()),
    ],
)
def test_a_budget_is_read(text: str, budget: Budget) -> None:
    assert understood(text).budget == budget


@pytest.mark.parametrize(
    ("words", "end"),
    [("spend at most 5 minutes", "; noted, not yet held"), ("budget $0.20", " at most for models")],
)
def test_the_reading_says_what_a_budget_limits(words: str, end: str) -> None:
    (line,) = (r for r in understood(f"cut the p99 of nginx, {words}").reading if "budget" in r)
    assert line.endswith(end)


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("write a new scheduler that cuts the p99 of the service", Layer.CREATE),
        ("modify the policy so that the p99 of the service falls", Layer.MODIFY),
        ("leave it as it is", Layer.KEEP),
        ("lass alles wie es ist", Layer.KEEP),
        ("cut the p99 of the service", Layer.CONFIGURE),
    ],
)
def test_the_layer_that_is_asked_for(text: str, layer: Layer) -> None:
    assert understood(text).layer is layer


def test_a_plan_goes_no_deeper_than_it_must() -> None:
    seen = profile(observed.service(), 2)
    chosen = planned("write a new scheduler that cuts the p99 of the service", seen)
    assert isinstance(chosen, Plan)
    assert chosen.layer is Layer.CONFIGURE
    assert any("asks for a new policy" in line for line in chosen.why)
    kept = planned("do not change anything", seen)
    assert isinstance(kept, Plan)
    assert kept.layer is Layer.KEEP
    assert kept.why[0] == "the goal asks to change nothing"


def test_a_policy_asked_for_by_name_comes_first() -> None:
    seen = profile(observed.service(), 2)
    chosen = planned("cut the p99 of the service with vtime_fair", seen)
    assert isinstance(chosen, Plan)
    assert chosen.policy == "vtime_fair"
    common = planned("cut the p99 of the service, all layers of it", seen)
    assert isinstance(common, Plan)
    assert common.policy == "fifo_rtc"


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("but do not use vtime_fair", "fifo_rtc"),
        ("don't use cache_local or frame_deadline", "fifo_rtc"),
        ("anything but cache_local, please", "fifo_rtc"),
        ("anything but vtime_fair", "fifo_rtc"),
        ("vtime_fair must not be used", "fifo_rtc"),
        ("not with vtime_fair but with cache_local", "cache_local"),
        ("use cache_local instead of vtime_fair", "cache_local"),
        ("throughput must not drop, use vtime_fair", "vtime_fair"),
        ("and try lottery", "lottery"),
    ],
)
def test_a_policy_that_the_goal_rules_out_is_not_taken(words: str, taken: str) -> None:
    seen = profile(observed.service(), 2)
    chosen = planned(f"cut the p99 latency of the request service, {words}", seen)
    assert isinstance(chosen, Plan)
    assert chosen.policy == taken


@pytest.mark.parametrize(
    "words", ["anything but longest_first", "never longest_first", "no longest_first"]
)
def test_the_default_is_kept_when_the_only_policy_is_ruled_out(words: str) -> None:
    kept = planned(f"finish this batch of jobs sooner, {words}", profile(observed.batch(), 2))
    assert isinstance(kept, Plan)
    assert kept.layer is Layer.KEEP
    assert "the goal rules out every policy" in kept.why[0]


def test_little_is_expected_of_a_policy_that_is_made_for_another_load() -> None:
    seen = profile(observed.service(), 2)
    ours = planned("cut the p99 of the service", seen)
    other = planned("cut the p99 of the service with longest_first", seen)
    assert isinstance(ours, Plan)
    assert isinstance(other, Plan)
    assert (other.expected_low, other.expected_high) == (1.0, 1.1)
    assert ours.expected_high > 1.1


def test_a_family_without_a_policy_is_said() -> None:
    seen = profile(observed.hogs(), 2)
    others = tuple(p for p in load_repository() if p.name != "phase_switch")
    goal = understood("my job alternates between phases of computing and messages, more throughput")
    kept = plan(goal, seen, others, 2, ceiling_of=lambda *_: None)
    assert isinstance(kept, Plan)
    assert kept.layer is Layer.KEEP
    assert "no policy of the repository is made for a load that changes by phases" in kept.why[0]


def test_what_the_goal_names_and_runs_is_put_into_the_upper_layer() -> None:
    seen = profile(observed.service(), 2)
    chosen = planned("my pytorch dataloader workers get no cpu, the gpu is idle", seen)
    assert isinstance(chosen, Plan)
    assert chosen.policy == "layers"
    assert dict(chosen.parameters)["upper"] == (NameWeight("worker", 5),)
    assert any("worker" in line for line in chosen.why)


@pytest.mark.parametrize(
    ("text", "upper"),
    [
        ("cut the p99 of nginx while the backup worker runs", ("nginx",)),
        ("cut the p99 of nginx because the backup compresses logs", ("nginx",)),
        ("nginx matters more than the backup, cut its p99", ("nginx",)),
        ("the backup slows down nginx", ("nginx",)),
        ("lower the p99 of nginx, the backup may be 10 % slower", ("nginx",)),
        ("lower the latency of nginx with layers", ("nginx",)),
        ("lower the p99 of the api", ()),
    ],
)
def test_only_what_the_goal_wants_better_is_favoured(text: str, upper: tuple[str, ...]) -> None:
    running = ("nginx", "backup", "worker", "latency-probe", "lower-mgr", "with-this")
    names = tuple(NameProfile(name, 1, 0.5, 10.0) for name in running)
    seen = replace(profile(observed.service(), 2), names=names)
    assert tuple(row.name for row in favoured(seen, text)) == upper


def test_a_misspelt_word_is_read_as_the_word_it_is_close_to() -> None:
    for text in ("lower the p99 lateny of the databse", "lower the p99 latnecy of the database"):
        assert understood(text).subjects == (text.split()[-1],)
    # A plural, or a short word that is only alike, is another word.
    assert isinstance(read_goal("make my gane better"), Clarification)
