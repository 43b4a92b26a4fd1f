"""The table of commands is the only place where commands are."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter
from dataclasses import replace
from pathlib import Path

from textual.binding import Binding
from textual.dom import DOMNode

from schedtui import ui
from schedtui.model.machine import Capability
from schedtui.ui import screens, widgets
from schedtui.ui.app import SchedtuiApp
from schedtui.ui.commands import BY_ID, COMMANDS, Situation, bindings, everywhere, key_words
from schedtui.ui.fixed_keys import FIXED_KEYS
from schedtui.ui.key_table import COMMAND, key_table, page
from schedtui.ui.options import ScreenOptions
from schedtui.ui.paint import pages, verdict
from schedtui.ui.paint.text import plain
from schedtui.ui.widgets.bars import GoalInput
from tests.fakes import samples
from tests.fakes.engine import FakeEngine
from tests.ui.stage import WIDE, opened, text_of, until

ROOT = Path(__file__).resolve().parents[2]


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


def test_the_page_is_the_table() -> None:
    written = (ROOT / "docs" / "keys.md").read_text("utf-8")
    assert written == page(), f"docs/keys.md is old; write it anew with: {COMMAND}"


def test_the_page_says_where_a_dialog_takes_the_keys_as_text() -> None:
    typed = [line for line in page().splitlines() if "not where text is typed" in line]
    assert [line.split("`")[3] for line in typed] == ["rollback", "quit"]


def test_the_page_has_every_command_and_every_fixed_key() -> None:
    text = page()
    for command in COMMANDS:
        assert f"| `{command.id}` | {command.help} | {command.why_not.words}" in text
    for row in FIXED_KEYS:
        assert f"| {row.help} |" in text


def test_every_reason_belongs_to_a_need_in_words() -> None:
    never = Situation(live=False, sampled=False, colours=False)
    assert all(command.why_not.words for command in COMMANDS)
    free = [command.id for command in COMMANDS if not command.why_not(never)]
    assert free == [c.id for c in COMMANDS if c.why_not.words == "always"]


def _own_bindings(kind: type[DOMNode]) -> set[tuple[str, str]]:
    rows = vars(kind).get("BINDINGS", [])
    assert all(isinstance(row, Binding) for row in rows)
    return {(key, row.action) for row in rows for key in row.key.split(",")}


def _kinds(package: Path, name: str) -> list[type[DOMNode]]:
    found = []
    for path in package.glob("*.py"):
        module = importlib.import_module(f"{name}.{path.stem}")
        found += [kind for _, kind in inspect.getmembers(module, inspect.isclass)
                  if issubclass(kind, DOMNode) and kind.__module__ == module.__name__]  # fmt: skip
    return found


def test_no_screen_and_no_widget_has_a_key_of_its_own() -> None:
    allowed = {(key, row.action) for row in FIXED_KEYS for key in row.keys if row.action}
    allowed |= {(row.key, row.action) for row in bindings(COMMANDS)}
    home = Path(ui.__file__).parent
    kinds: list[type[DOMNode]] = [SchedtuiApp, *_kinds(home / "screens", screens.__name__),
             *_kinds(home / "widgets", widgets.__name__)]  # fmt: skip
    found = set().union(*(_own_bindings(kind) for kind in kinds))
    assert found == allowed


def test_rows_of_the_table_say_whose_keys_they_are(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text('[keys]\nzoom = "x"\nnothing = "y"\n')
    table = key_table(tmp_path / "keys.toml")
    own = [(row.id, row.keys) for row in table.commands if row.origin == "yours"]
    assert own == [("zoom", ("x",))]
    assert len(table.faults) == 1
    assert table.file == str(tmp_path / "keys.toml")


async def test_the_search_lists_all_with_keys_and_reasons_and_does_what_is_chosen() -> None:
    async with opened(size=WIDE) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(lambda: "not now:" in text_of(app))
        assert "c   not now: no goal is being pursued" in text_of(app)
        await pilot.press(*"zoom")
        await until(lambda: "z   Give the screen to one pane" in text_of(app))
        await pilot.press("enter")
        await until(lambda: app.live.zoomed)


async def test_the_search_shows_a_hostile_reason_as_it_is() -> None:
    reason = "[/tmp/x] a[i] [@click=app.quit]y[/]"
    hello = samples.hello()
    lack = Capability("loads", available=False, reason=reason, fix="")
    others = tuple(one for one in hello.capabilities if one.name != "loads")
    engine = FakeEngine(hello=replace(hello, capabilities=(*others, lack)))
    async with opened(engine, WIDE) as (app, pilot):
        await pilot.press("colon")
        await until(lambda: f"l   not now: {reason}" in text_of(app))


async def test_the_search_opens_from_the_goal_line_and_its_other_key_is_a_sign_there() -> None:
    async with opened(size=WIDE) as (app, pilot):
        await pilot.press("g", "a", "colon")
        assert app.live.query_one(GoalInput).value == "a:"
        await pilot.press("ctrl+p")
        await until(lambda: "Search all commands" in text_of(app))
