"""The repository from the command line: search, and policies of the user's own."""

from __future__ import annotations

import pytest

from schedtui.cli import read_options
from tests.fakes.cli_services import ScriptedServices
from tests.unit.cli.test_cli_verbs import Call


def policies(services: ScriptedServices, action: str, subject: str = "", **options: object) -> Call:
    return Call(services, verb="policies", action=action, subject=subject, **options)


def test_search_shows_the_score_the_words_and_where_they_stand() -> None:
    call = policies(ScriptedServices(), "search", "a FIFO for my backend")
    assert call.code == 0
    assert "  fifo_rtc: Run to completion (built-in)\n" in call.out
    assert "fifo: name, tags\n" in call.out
    assert "backend (as service): use cases\n" in call.out


def test_search_is_one_document() -> None:
    call = policies(ScriptedServices(), "search", "fifo", json=True)
    (match,) = call.document["matches"]
    assert call.document["words"] == "fifo"
    assert (match["name"], match["origin"]) == ("fifo_rtc", "built-in")
    assert match["words"] == [{"word": "fifo", "term": "fifo", "fields": ["name", "tags"]}]
    assert 0 < match["score"] < 1


def test_no_match_is_no_in_one_sentence() -> None:
    for words in ("xylophone", "the of", ""):
        call = policies(ScriptedServices(), "search", words)
        assert (call.code, call.talk) == (1, "")
        assert call.out == f"none of the policies has any of the words in: {words}\n"
    whole = policies(ScriptedServices(), "search", "xylophone", json=True)
    assert (whole.code, whole.document["matches"]) == (1, [])


def test_a_family_is_a_filter_and_an_unknown_one_is_usage() -> None:
    family = "oversubscribed_service"
    assert policies(ScriptedServices(), "search", "fifo", family=family).code == 0
    other = policies(ScriptedServices(), "search", "fifo", family="idle")
    assert other.code == 1
    assert "of the family idle" in other.out
    unknown = policies(ScriptedServices(), "search", "fifo", family="\x1b[31m")
    assert (unknown.code, unknown.out) == (2, "")
    assert "batch_skewed, batch_uniform" in unknown.talk
    assert "\x1b" not in unknown.talk


def test_words_are_shown_literally_and_bounded() -> None:
    call = policies(ScriptedServices(), "search", "\x1b[2J\udc9b\u202e[bold]x")
    assert call.out.endswith("\\x1b[2J\\u{dc9b}\\u{202e}[bold]x\n")
    assert policies(ScriptedServices(), "search", "fifo " * 201).code == 2


@pytest.mark.parametrize("line", ["game p99 --family idle", "--family idle game p99"])
def test_words_need_no_quotes(line: str) -> None:
    options = read_options(["policies", "search", *line.split()])
    assert (options.subject, options.family) == ("game p99", "idle")
