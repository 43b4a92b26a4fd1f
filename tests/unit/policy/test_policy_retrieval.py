"""Retrieval: the fitting policy comes first, every score has its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schedtui.model.goal import Direction, Family, GoalSpec, Metric
from schedtui.model.policy import Policy
from schedtui.policy.repository import load_repository
from schedtui.policy.retrieval import FAMILY_WORDS, weigh
from tests.fakes import samples


@pytest.fixture(scope="module")
def policies() -> tuple[Policy, ...]:
    return load_repository()


def goal(text: str, objective: Metric, *families: Family) -> GoalSpec:
    return GoalSpec(text, objective, Direction.LOWER, (), (), families, ())


WISHES = (
    ("cut the p99 of the request service", Metric.REQUEST_P99, Family.SERVICE, "fifo_rtc"),
    ("finish the whole batch sooner", Metric.MAKESPAN, Family.BATCH_SKEWED, "longest_first"),
    ("my game must not stutter", Metric.MISSED_FRAMES, Family.INTERACTIVE, "vtime_fair"),
)


@pytest.mark.parametrize(("text", "metric", "family", "best"), WISHES)
def test_measured_and_named_family_wins(
    text: str, metric: Metric, family: Family, best: str, policies: tuple[Policy, ...]
) -> None:
    profile = replace(samples.profile(), family=family)
    weighed = weigh(policies, goal(text, metric, family), profile)
    assert weighed[0].policy == best
    assert "measured" in weighed[0].why
    assert "the goal names it" in weighed[0].why
    made_for_it = {policy.name for policy in policies if family in policy.families}
    others = [item for item in weighed if item.policy not in made_for_it]
    assert weighed[0].score > 2 * others[0].score


@pytest.mark.parametrize(("text", "metric", "family", "best"), WISHES)
def test_words_alone_find_the_policy(
    text: str, metric: Metric, family: Family, best: str, policies: tuple[Policy, ...]
) -> None:
    profile = replace(samples.profile(), family=Family.OTHER)
    assert weigh(policies, goal(text, metric), profile)[0].policy == best


def test_measurement_weighs_more_than_words(policies: tuple[Policy, ...]) -> None:
    wish = goal("my game must not stutter", Metric.MISSED_FRAMES)
    profile = replace(samples.profile(), family=Family.SERVICE, confidence=0.9)
    made_for_it = {each.name for each in policies if Family.SERVICE in each.families}
    assert "fifo_rtc" in made_for_it
    best = {item.policy for item in weigh(policies, wish, profile)[: len(made_for_it)]}
    assert best == made_for_it


def test_scores_are_shares_and_sorted(policies: tuple[Policy, ...]) -> None:
    for family in Family:
        profile = replace(samples.profile(), family=family)
        weighed = weigh(policies, goal("anything at all", Metric.RATE, family), profile)
        scores = [item.score for item in weighed]
        assert all(0 <= score <= 1 for score in scores)
        assert scores == sorted(scores, reverse=True)
        assert all(item.why.endswith(".") for item in weighed)


def test_the_order_of_the_repository_does_not_matter(policies: tuple[Policy, ...]) -> None:
    wish = goal("cut the p99", Metric.REQUEST_P99)
    profile = samples.profile()
    assert weigh(policies, wish, profile) == weigh(policies[::-1], wish, profile)


def test_ties_go_by_name(policies: tuple[Policy, ...]) -> None:
    twins = tuple(replace(policies[0], name=name) for name in ("zebra", "ant"))
    profile = replace(samples.profile(), family=Family.OTHER)
    weighed = weigh(twins, goal("", Metric.RATE), profile)
    assert [item.policy for item in weighed] == ["ant", "zebra"]


def test_odd_text_and_an_empty_repository_are_fine(policies: tuple[Policy, ...]) -> None:
    profile = samples.profile()
    assert weigh((), goal("x", Metric.RATE), profile) == ()
    odd = goal("\ud800 \x1b[31m 名前 %%%", Metric.RATE)
    assert len(weigh(policies, odd, profile)) == len(policies)


def test_every_family_has_words() -> None:
    assert set(FAMILY_WORDS) == set(Family)
