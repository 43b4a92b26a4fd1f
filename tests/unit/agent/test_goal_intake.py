"""Goals in words: what is read, what is asked, what is refused."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Final

import pytest

from schedtui.agent.intake import DEFAULT_TOLERANCE, read_goal
from schedtui.agent.lexicon import GOAL_LEXICON, LOAD_LEXICON, UNSAFE_LEXICON
from schedtui.agent.refusals import SAFETY, STARVATION
from schedtui.agent.spec import TEXT_LIMIT
from schedtui.model.goal import (
    Clarification,
    Direction,
    Family,
    GoalSpec,
    Guardrail,
    Layer,
    Metric,
    Refusal,
)
from schedtui.model.text import safe_text

GOALS: Final = Path(__file__).with_name("development_goals.toml")
SHORT: Final[dict[str, str]] = {
    Metric.REQUEST_P99: "request",
    Metric.WAKEUP_P99: "wakeup",
    Metric.RATE: "rate",
    Metric.MAKESPAN: "makespan",
    Metric.MISSED_FRAMES: "frames",
    Metric.COMPLETION: "completion",
    Metric.START_P99: "start",
    Metric.STEP_P99: "step",
    Metric.MISSED_PERIODS: "periods",
    Metric.PROGRESS: "fairness",
    Family.SERVICE: "service",
    Family.BATCH_SKEWED: "batch",
    Family.INTERACTIVE: "interactive",
    Family.BUILD: "build",
    Family.OLTP: "oltp",
    Family.OLAP: "olap",
    Family.MICROSERVICES: "micro",
    Family.SERVERLESS: "serverless",
    Family.LOADING: "loading",
    Family.BARRIER: "barrier",
    Family.INFERENCE: "inference",
    Family.PERIODIC: "realtime",
    Family.TENANTS: "tenants",
    Family.PHASES: "phases",
    Family.ABUSE: "hostile",
}
LEAST_SCORE: Final = 0.92


def development_goals() -> list[tuple[str, str]]:
    tables = tomllib.loads(GOALS.read_text(encoding="utf-8"))
    return [(text, expected) for expected, table in tables.items() for text in table["goals"]]


def in_short(read: GoalSpec | Clarification | Refusal) -> str:
    if not isinstance(read, GoalSpec):
        return "ask" if isinstance(read, Clarification) else "no"
    family = SHORT[read.families[0]] if read.families else "-"
    rails = [f"{SHORT[rail.metric]}:{rail.tolerance:g}" for rail in read.guardrails]
    return " ".join([SHORT[read.objective], family, *rails])


def understood(text: str) -> GoalSpec:
    read = read_goal(text)
    assert isinstance(read, GoalSpec), read
    return read


def test_development_goals_are_many_and_varied() -> None:
    goals = development_goals()
    assert len(goals) >= 120
    assert len({text for text, _ in goals}) == len(goals)
    kinds = [expected.split()[0] for _, expected in goals]
    assert all(kinds.count(kind) >= 5 for kind in (*list(SHORT.values())[:5], "ask", "no"))


def test_development_goals_are_read() -> None:
    goals = development_goals()
    wrong = [
        f"{text!r}: {got}, not {expected}"
        for text, expected in goals
        if (got := in_short(read_goal(text))) != expected
    ]
    assert 1 - len(wrong) / len(goals) >= LEAST_SCORE, "\n".join(wrong)


def test_no_unsafe_goal_is_accepted() -> None:
    unsafe = [text for text, expected in development_goals() if expected == "no"]
    accepted = [text for text in unsafe if not isinstance(read_goal(text), Refusal)]
    assert not accepted


def test_the_wish_of_the_first_hour() -> None:
    goal = understood("cut the p99 latency of the request service, throughput must not drop")
    assert goal.objective is Metric.REQUEST_P99
    assert goal.direction is Direction.LOWER
    assert goal.guardrails == (
        Guardrail(Metric.RATE, Direction.HIGHER, DEFAULT_TOLERANCE, "throughput must not drop"),
    )
    assert goal.subjects == ("request service",)
    assert goal.families == (Family.SERVICE,)


def test_the_reading_says_which_words_led_to_what() -> None:
    goal = understood("Cut the p99 of my API, but throughput may fall 5 % at most")
    objective, rail, family = goal.reading
    assert "cut the p99 of my api" in objective
    assert "request_p99_us lower" in objective
    assert "throughput may fall 5 % at most" in rail
    assert "at most 5 % worse" in rail
    assert '"api"' in family
    assert "oversubscribed_service" in family


@pytest.mark.parametrize(
    ("words", "tolerance"),
    [
        ("throughput may fall 5 % at most", 0.05),
        ("throughput may fall by up to 7.5%", 0.075),
        ("throughput must not fall more than three percent", 0.03),
        ("at least 95 % of the throughput must remain", 0.05),
        ("throughput must not drop below 90 %", 0.1),
        ("throughput may drop a little", 0.05),
        ("throughput may drop by a tenth", 0.1),
        ("der Durchsatz darf um höchstens 2,5 Prozent sinken", 0.025),
    ],
)
def test_bounds_become_tolerances(words: str, tolerance: float) -> None:
    goal = understood(f"cut the p99 of the service, {words}")
    assert [rail.metric for rail in goal.guardrails] == [Metric.RATE]
    assert goal.guardrails[0].tolerance == pytest.approx(tolerance)


def test_released_metrics_are_no_guardrail_and_are_named() -> None:
    goal = understood("cut the p99 of the service, I don't care about throughput")
    assert goal.guardrails == ()
    assert any("rate_per_s may suffer" in line for line in goal.reading)


def test_conflicting_wishes_get_one_question_with_readable_choices() -> None:
    asked = read_goal("more throughput and a lower p99 for the web server")
    assert isinstance(asked, Clarification)
    assert "first" in asked.question
    objectives = {understood(choice).objective for choice in asked.choices}
    assert objectives == {Metric.RATE, Metric.REQUEST_P99}


def test_every_choice_of_an_unreadable_goal_is_readable() -> None:
    asked = read_goal("do something nice")
    assert isinstance(asked, Clarification)
    assert len(asked.question) < 80
    assert all(isinstance(read_goal(choice), GoalSpec) for choice in asked.choices)


@pytest.mark.parametrize(
    "words",
    [
        "cut the p99 latency of the request service but change nothing",
        "keep the default scheduler and lower the p99",
        "cut the p99 latency of the request service but do not deploy anything",
        "lower the p99 of the api without changing anything",
    ],
)
def test_to_improve_and_to_change_nothing_is_one_question(words: str) -> None:
    asked = read_goal(words)
    assert isinstance(asked, Clarification)
    assert "or leave everything as it is?" in asked.question
    better, left = (understood(choice) for choice in asked.choices)
    assert (better.layer, left.layer) == (Layer.CONFIGURE, Layer.KEEP)


@pytest.mark.parametrize(
    "words",
    [
        "everything is fine, but the p99 of the service is too high",
        "cut the p99 of the api and change nothing else",
        "cut the p99 of the api while the other cores do nothing",
    ],
)
def test_words_for_nothing_that_are_no_wish_are_not_asked_about(words: str) -> None:
    assert understood(words).objective is Metric.REQUEST_P99


def test_a_guardrail_that_allows_everything_is_asked() -> None:
    asked = read_goal("cut the p99 of the service, throughput may fall 99 %")
    assert isinstance(asked, Clarification)
    assert "throughput" in asked.question


def test_refusals_say_why_and_what_instead() -> None:
    for text in ("guarantee every deadline", "starve all others", "disable the watchdog"):
        refused = read_goal(text)
        assert isinstance(refused, Refusal)
        assert refused.reason.endswith(".")
        assert refused.instead.endswith(".")


@pytest.mark.parametrize(
    "words",
    [
        "auto-approve everything",
        "approve it for me",
        "no need to review it",
        "don't roll back",
        "never roll back",
        "skip the tests",
        "no human in the loop",
        "even if a guard fires",
        "extend the lease forever",
    ],
)
def test_safety_is_not_switched_off_in_other_words(words: str) -> None:
    for text in (words, f"cut the p99 of the service, {words}"):
        assert read_goal(text) is SAFETY, text


@pytest.mark.parametrize(
    "text",
    [
        "pause all other processes",
        "stop other tenants from running",
        "make my game smooth even if my backup starves",
        "let my backup starve while I play",
        "my game starves the rest",
        "the others starve",
    ],
)
def test_harm_to_others_is_still_refused(text: str) -> None:
    assert read_goal(text) is STARVATION


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("my audio thread starves while I compile", Metric.MISSED_FRAMES),
        ("my request service is starving, lower its p99", Metric.REQUEST_P99),
        ("stop other tenants from hurting the p99 of my service", Metric.REQUEST_P99),
        ("health checks time out, remove the latency of the api", Metric.REQUEST_P99),
        ("drop the latency of the token service", Metric.REQUEST_P99),
    ],
)
def test_complaints_in_words_like_unsafe_ones_are_goals(text: str, metric: Metric) -> None:
    assert understood(text).objective is metric


def test_tokens_and_a_latency_are_a_question_which_comes_first() -> None:
    asked = read_goal("more tokens per second from llama, drop the latency")
    assert isinstance(asked, Clarification)
    assert "Which comes first" in asked.question


@pytest.mark.parametrize(
    "text",
    [
        "throughput must drop",
        "my game must stutter",
        "make bob's game stutter",
        "make the batch finish later",
        "kill the batch",
        "slow down the batch of jobs",
        "the p99 of the service must rise",
        "i want my game to stutter",
    ],
)
def test_a_wish_for_harm_is_asked_about(text: str) -> None:
    asked = read_goal(text)
    assert isinstance(asked, Clarification)
    assert "worse" in asked.question


@pytest.mark.parametrize(
    "text",
    [
        "builds make my game stutter",
        "backups kill the throughput of the service",
        "kill the stutter in my game",
        "make my laggy game playable",
        "the build must slow down my game less",
        "p99 of the service must drop",
        "the p99 of the api is too high, it must fall",
        "the batch finishes later every day",
    ],
)
def test_a_complaint_about_harm_is_a_goal(text: str) -> None:
    assert isinstance(read_goal(text), GoalSpec)


def test_a_hostile_goal_comes_back_plain() -> None:
    text = "cut the p99 of the \x1b[31m[bold]service[/] \u202e, throughput must not drop\x07"
    goal = understood(text)
    shown = [goal.text, *goal.subjects, *goal.reading, *(r.said for r in goal.guardrails)]
    assert all(line == safe_text(line, TEXT_LIMIT + 100) for line in shown)
    assert not any("\x1b" in line for line in shown)


def test_the_same_goal_is_always_read_alike() -> None:
    for text, _ in development_goals()[::7]:
        assert read_goal(text) == read_goal(text)


def test_spelling_and_spacing_do_not_matter() -> None:
    plain = understood("cut the p99 latency of the request service, throughput must not drop")
    for text in (
        "CUT THE P99 LATENCY OF THE REQUEST SERVICE, THROUGHPUT MUST NOT DROP",
        "  cut   the p99 latency\nof the request service;\tthroughput mustn\u2019t drop. ",
        "cut the P-99 latency of the request-service - throughput must not drop!",
    ):
        read = understood(text)
        assert (read.objective, read.families) == (plain.objective, plain.families)
        assert [rail.metric for rail in read.guardrails] == [Metric.RATE]


def test_no_text_raises() -> None:
    chance = random.Random(20)  # noqa: S311 - test data, not a secret
    words = [word for text, _ in development_goals() for word in text.split()]
    for _ in range(400):
        letters = "".join(chr(chance.randrange(1, 0x2FFF)) for _ in range(chance.randrange(60)))
        mixed = " ".join(chance.choices(words, k=chance.randrange(1, 25)))
        for text in (letters, mixed, f"{mixed} {letters} {chance.random():.3f} % {mixed}"):
            assert isinstance(read_goal(text), GoalSpec | Clarification | Refusal)


@pytest.mark.parametrize(
    "text",
    [
        "\ud800",
        "%" * 5000,
        "p99 " * 5000,
        "," * 3000,
        "9" * 4000 + " %",
        "\u2019" * 100,
        "\0\x1b]0;x\x07",
    ],
)
def test_odd_text_is_answered(text: str) -> None:
    assert isinstance(read_goal(text), GoalSpec | Clarification | Refusal)


def test_the_lexicons_have_no_phrase_twice() -> None:
    assert GOAL_LEXICON.repeated() == ()
    assert UNSAFE_LEXICON.repeated() == ()
    assert LOAD_LEXICON.repeated() == ()


@pytest.mark.parametrize(
    "text",
    [
        "everything checks out, cut the p99 of the service",
        "there is no deadline, finish the batch of jobs sooner",
        "the absolute maximum of requests per second from the server",
        "the service is loaded to death, lower its p99",
        "don't disable the watchdog, just cut the p99 of nginx",
        "kick off the build and verify that my game does not stutter",
        "tell me what to do so that the game does not stutter for other players",
        "kill the latency spikes of the other services",
        "generate more tokens per second with llama without losing quality",
        "the password service must answer faster under load",
        "Musik soll gut laufen und nicht knacken",
    ],
)
def test_harmless_words_like_unsafe_ones_are_not_refused(text: str) -> None:
    assert not isinstance(read_goal(text), Refusal)
