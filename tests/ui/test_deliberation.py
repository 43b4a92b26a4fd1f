"""What the screen shows of a model: whose words, which answers, and the price."""

from __future__ import annotations

from schedtui.model.events import (
    CandidateMade,
    Decided,
    Event,
    Observed,
    Spent,
    Thought,
    ToolAnswered,
    ToolCalled,
    Verified,
)
from schedtui.model.spending import Spending, Usage
from schedtui.ui.bridge import tell
from schedtui.ui.paint import story
from schedtui.ui.paint.glyphs import ASCII, UNICODE
from schedtui.ui.paint.text import line_cells, plain
from schedtui.ui.story import MOST_SAID, Story
from tests.fakes import samples

USED = Usage(400, 5200, 0, 320)
WHO = "claude-sonnet-5-5"
EVENTS: tuple[Event, ...] = (
    Observed(samples.profile()),
    Thought(WHO, aloud=False, text="Several tasks per CPU wait for each other."),
    ToolCalled(WHO, "search_policies", '{"query": "tail latency"}'),
    ToolAnswered("search_policies", ok=True, summary="3 of 13 policies", tokens=1250),
    ToolAnswered("deploy", ok=False, summary="There is no tool called 'deploy'.", tokens=200),
    Thought(WHO, aloud=True, text="[bold]Long turns[/] should help."),
    Decided("rules go on without the model", "the budget: all 12 turns are used"),
    Spent(WHO, USED, 0.017, Spending(1, 2.0, USED, 0.017)),
)


def told(*events: Event) -> Story:
    so_far = Story(text="cut p99", running=True)
    for event in events:
        so_far = tell(so_far, event, 0.0)
    return so_far


def test_words_have_their_speaker_and_the_head_the_price() -> None:
    page = story.Page(76, UNICODE, 0)
    lines = [plain(line).rstrip() for line in story.lines(told(*EVENTS), page)]
    at = next(n for n, line in enumerate(lines) if "With a model" in line)
    assert lines[at].endswith("claude-sonnet-5-5  1 turn  $0.017")
    assert [line.strip() for line in lines[at + 1 : at + 9]] == [
        "model thinks Several tasks per CPU wait for each other.",
        'model asks   search_policies {"query": "tail latency"}',
        "answer       3 of 13 policies",
        "answer: no   There is no tool called 'deploy'.",
        "model says   [bold]Long turns[/] should help.",
        "decided      rules go on without the model: the budget: all 12 turns are",
        "used",
        "",
    ]


def test_it_fits_narrow_panes_and_is_plain_where_asked() -> None:
    for width in (40, 58):
        lines = story.lines(told(*EVENTS), story.Page(width, ASCII, 0))
        assert max(map(line_cells, lines)) <= width
        assert all(plain(line).isascii() for line in lines)


def test_an_unknown_price_is_said_and_not_nothing() -> None:
    spent = Spent("house", USED, None, Spending(2, 2.0, USED, None))
    lines = story.lines(told(*EVENTS, spent), story.Page(76, UNICODE, 0))
    assert any("house  2 turns  price unknown" in plain(line) for line in lines)


def test_only_the_newest_lines_are_kept() -> None:
    many = [Thought(WHO, aloud=True, text=str(n)) for n in range(MOST_SAID + 5)]
    kept = told(*many).said
    assert (len(kept), kept[-1]) == (MOST_SAID, many[-1])


def test_a_new_candidate_leaves_nothing_of_the_one_before() -> None:
    rejected = told(Verified(samples.verdict(passed=False)))
    begun = tell(rejected, CandidateMade(samples.candidate()), 0.0)
    assert (begun.verdict, begun.gates) == (None, ())
