"""The table of commands is the only place where commands are."""

from __future__ import annotations

from collections import Counter

from schedtui.ui.app import SchedtuiApp
from schedtui.ui.commands import BY_ID, COMMANDS, Situation, bindings, everywhere, key_words
from schedtui.ui.options import ScreenOptions
from schedtui.ui.paint import pages, verdict
from schedtui.ui.paint.text import plain
from tests.fakes.engine import FakeEngine


def test_every_command_is_done_somewhere_and_nothing_else_is() -> None:
    app = SchedtuiApp(FakeEngine(), options=ScreenOptions())
    assert set(app.doing.by_id) == set(BY_ID)


def test_ids_and_keys_are_used_once() -> None:
    assert len(BY_ID) == len(COMMANDS)
    keys = Counter(key for command in COMMANDS for key in command.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_the_application_binds_exactly_the_keys_of_the_table() -> None:
    wanted = {key for command in COMMANDS for key in command.keys}
    bound = {
        key
        for key, binding in SchedtuiApp(FakeEngine(), options=ScreenOptions())._bindings
        if "command(" in binding.action
    }
    assert bound == wanted


def test_help_lists_every_command_with_its_keys() -> None:
    text = "\n".join(plain(line) for line in pages.help_page(Situation(), 200))
    for command in COMMANDS:
        assert command.help in text
        assert key_words(command) in text


def test_what_makes_no_sense_is_listed_with_its_reason() -> None:
    text = "\n".join(plain(line) for line in pages.help_page(Situation(live=False), 100))
    assert "not now: the target is not open yet" in text
    assert "not now: no goal is being pursued" in text


def test_the_footer_keeps_help_quit_and_rollback_at_sixty_columns() -> None:
    text = plain(verdict.footer(COMMANDS, Situation(ours_deployed=True), 60))
    assert len(text) == 60
    for words in ("r roll back", "? help", "q quit"):
        assert words in text


def test_rollback_and_quit_work_while_a_dialog_is_open() -> None:
    assert {"rollback", "quit", "quit_now"} == {command.id for command in everywhere()}
    taken = {binding.key for binding in bindings(COMMANDS) if binding.priority}
    assert taken == {"g", "ctrl+c", "ctrl+q"}
