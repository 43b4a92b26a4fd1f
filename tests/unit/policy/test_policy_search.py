"""Search: everyday words find the obvious policy, and each hit says why it is one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schedtui.model.goal import Direction, Family, GoalSpec, Metric
from schedtui.model.policy import Match, Origin, Policy, WordMatch
from schedtui.policy.index import WordIndex, terms_of
from schedtui.policy.repository import load_repository
from schedtui.policy.retrieval import weigh
from schedtui.policy.search import search
from tests.fakes import samples

NAMES = ("fifo_rtc", "longest_first", "vtime_fair")


@pytest.fixture(scope="module")
def policies() -> tuple[Policy, ...]:
    """Three policies of different kinds, whatever else the repository has."""
    return tuple(policy for policy in load_repository() if policy.name in NAMES)


def names(found: tuple[Match, ...]) -> list[str]:
    return [match.name for match in found]


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("my game stutters while compiling", "vtime_fair"),
        ("more FPS on the desktop", "vtime_fair"),
        ("the sound lags beside a build", "vtime_fair"),
        ("calls next to a rendering", "vtime_fair"),
        ("tail latency of our API", "fifo_rtc"),
        ("QPS of the backend", "fifo_rtc"),
        ("p999 of the web server", "fifo_rtc"),
        ("workers that hold locks", "fifo_rtc"),
        ("get the batch done", "longest_first"),
        ("stragglers", "longest_first"),
        ("test suites with long stages", "longest_first"),
        ("makespan of jobs by name", "longest_first"),
    ],
)
def test_the_obvious_policy_is_first(words: str, best: str, policies: tuple[Policy, ...]) -> None:
    found = search(policies, words)
    assert found[0].name == best
    assert 0 < found[0].score < 1
    assert len(found) == 1 or found[0].score > found[1].score


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("my game stutters while compiling", "vtime_fair"),
        ("tail latency of our API", "fifo_rtc"),
        ("get the batch done", "longest_first"),
        ("mean completion of uneven jobs", "shortest_first"),
        ("small jobs stuck behind large ones", "shortest_first"),
        ("virtual reality", "frame_deadline"),
        ("latency classes", "frame_deadline"),
        ("backups in the background", "layers"),
        ("important processes first", "layers"),
        ("containers with weights", "cgroup_weight"),
        ("a noisy neighbour", "cgroup_weight"),
        ("chiplets with their own L3", "cache_local"),
        ("warm caches", "cache_local"),
        ("save energy on a laptop", "warm_cores"),
        ("pack a light load", "warm_cores"),
        ("load that changes between day and night", "phase_switch"),
        ("adaptive mode", "phase_switch"),
        ("latency nice", "virtual_deadline"),
        ("request length by name", "virtual_deadline"),
        ("round trip through pipes", "partners"),
        ("message passing", "partners"),
        ("three to one ratio", "lottery"),
        ("tricks with yielding", "lottery"),
    ],
)
def test_the_whole_repository_keeps_them_apart(words: str, best: str) -> None:
    assert search(load_repository(), words)[0].name == best


def test_a_hit_says_which_word_stands_where(policies: tuple[Policy, ...]) -> None:
    best = search(policies, "The game must not Stutter, purple")[0]
    assert (best.name, best.title) == ("vtime_fair", "Virtual-time fair with latency bias")
    assert (best.origin, best.families) == (Origin.BUILT_IN, (Family.INTERACTIVE,))
    assert best.words == (
        WordMatch("game", "game", ("tags", "use_cases", "description")),
        WordMatch("stutter", "frame", ("tags", "use_cases", "description")),
    )


def test_a_name_is_found_by_its_parts(policies: tuple[Policy, ...]) -> None:
    for words in ("fifo_rtc", "FIFO-RTC", "rtc"):
        assert search(policies, words)[0].words[-1].fields[0] == "name"


def test_two_words_of_one_meaning_count_once(policies: tuple[Policy, ...]) -> None:
    once, twice = search(policies, "stutter"), search(policies, "stutter lag fps stutter")
    assert [match.score for match in once] == [match.score for match in twice]
    assert [word.word for word in twice[0].words] == ["stutter", "lag", "fps"]


def test_the_family_filters_and_leaves_the_scores(policies: tuple[Policy, ...]) -> None:
    whole = {match.name: match for match in search(policies, "job batch render")}
    assert len(whole) > 1
    only = search(policies, "job batch render", Family.INTERACTIVE)
    assert names(only) == ["vtime_fair"]
    assert only[0] == whole["vtime_fair"]
    assert search(policies, "makespan", Family.INTERACTIVE) == ()


@pytest.mark.parametrize("words", ["", "the of and", "%%% -- \x1b", "xylophone", "\ud800", "名前"])
def test_no_match_is_an_empty_answer(words: str, policies: tuple[Policy, ...]) -> None:
    assert search(policies, words) == ()


def test_neither_order_changes_the_answer(policies: tuple[Policy, ...]) -> None:
    there, back = search(policies, "job p99 game"), search(policies[::-1], "job p99 game")
    assert there == back
    other = search(policies, "game job p99")
    assert [(match.name, match.score) for match in there] == [
        (match.name, match.score) for match in other
    ]


def test_ties_go_by_name(policies: tuple[Policy, ...]) -> None:
    twins = tuple(replace(policies[0], name=name) for name in ("zebra", "ant"))
    assert names(search(twins, "fifo")) == ["ant", "zebra"]


def test_planning_weighs_words_by_the_same_index(policies: tuple[Policy, ...]) -> None:
    wish = GoalSpec("audio", Metric.RATE, Direction.HIGHER, (), (), (), ())
    weighed = weigh(policies, wish, replace(samples.profile(), family=Family.OTHER))
    index, terms = WordIndex(policies), terms_of("audio throughput rate")
    for consideration in weighed:
        expected = 0.25 * index.score(consideration.policy, terms)
        assert consideration.score == pytest.approx(expected, abs=0.001)
    found = search(policies, "audio throughput rate")
    assert names(found) == [item.policy for item in weighed if item.score]
