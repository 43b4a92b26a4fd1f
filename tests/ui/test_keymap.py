"""Keys of the user's own: what is right counts, what is wrong is one message, nothing crashes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from schedtui.ui.commands import BY_ID, COMMANDS
from schedtui.ui.fixed_keys import FIXED_KEYS, Place, taken_from
from schedtui.ui.keymap import Keymap, parse_keymap, read_keymap
from schedtui.ui.keynames import key_name, key_word
from schedtui.ui.options import ScreenOptions
from tests.ui.stage import NARROW, WIDE, lines_of, opened, text_of, until


def keys_of(keymap: Keymap, id_: str) -> tuple[str, ...]:
    return next(command.keys for command in keymap.commands if command.id == id_)


def parsed(rows: str) -> Keymap:
    return parse_keymap(f"[keys]\n{rows}", "keys.toml")


def test_a_row_replaces_all_keys_of_its_command() -> None:
    keymap = parsed('zoom = "x"\nhelp = ["!", "f2"]')
    assert keymap.faults == ()
    assert keys_of(keymap, "zoom") == ("x",)
    assert keys_of(keymap, "help") == ("exclamation_mark", "f2")
    assert set(keymap.own) == {"zoom", "help"}
    changed = {"zoom", "help"}
    others = [command for command in keymap.commands if command.id not in changed]
    assert others == [command for command in COMMANDS if command.id not in changed]


def test_two_commands_may_change_places() -> None:
    keymap = parsed('zoom = "t"\ntheme = "z"')
    assert keymap.faults == ()
    assert (keys_of(keymap, "zoom"), keys_of(keymap, "theme")) == (("t",), ("z",))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('zoomm = "x"', "there is no command called zoomm"),
        ('zoom = "t"', "t would be the key of zoom and theme"),
        ('zoom = "x"\ntheme = "x"', "x would be the key of zoom and theme"),
        ('zoom = "tab"\nnext_pane = "enter"', "enter (next_pane) has a fixed meaning"),
        ('zoom = "enter"', "enter (zoom) has a fixed meaning"),
        ('rollback = "j"', "j (rollback) has a fixed meaning"),
        ('quit = "a"', "a would be the key of agent and quit"),
        ('quit_now = "x"', "quit_now keeps its keys"),
        ('zoom = "alt+x"', "alt+x (zoom) is no key that every terminal sends"),
        ('zoom = "ctrl+m"', "ctrl+m (zoom) is no key"),
        ("zoom = 3", "zoom must be a key"),
        ("zoom = []", "zoom must be a key"),
        ("zoom = [3]", "3 (zoom) is no key"),
        ('"\\u001b[31m" = "x"', "there is no command called \\x1b"),
    ],
)
def test_what_is_wrong_is_named_and_leaves_the_usual_keys(rows: str, words: str) -> None:
    keymap = parsed(rows)
    assert words in keymap.message
    assert keymap.message.startswith("keys.toml: ")
    assert "\x1b" not in keymap.message
    assert keymap.commands == COMMANDS


def test_only_going_between_panes_may_have_tab() -> None:
    keymap = parsed('zoom = "tab"\nnext_pane = "x"')
    assert keymap.message == "keys.toml: tab (zoom) has a fixed meaning"
    assert keys_of(keymap, "next_pane") == ("x",)
    assert parsed('next_pane = "shift+tab"\nprevious_pane = "tab"').faults == ()


def test_a_partner_that_is_left_out_takes_what_depends_on_it_along() -> None:
    keymap = parsed('zoom = "t"\ntheme = ["z", "q"]\nlog = "x"')
    assert keys_of(keymap, "log") == ("x",)
    assert keys_of(keymap, "zoom") == BY_ID["zoom"].keys
    assert keys_of(keymap, "theme") == BY_ID["theme"].keys
    assert keymap.message.endswith("and 1 more, see: schedtui keys")


@pytest.mark.parametrize(
    "text",
    [
        "keys = ",
        "",
        "[keys]\n[other]\n",
        "keys = 3",
        "x = " + "[" * 100_000,
        f"[keys]\nzoom = {'1' * 5000}",
    ],
)
def test_a_bad_file_is_one_message(text: str) -> None:
    keymap = parse_keymap(text, "keys.toml")
    assert keymap.message.startswith("keys.toml: ")
    assert keymap.commands == COMMANDS


def test_only_a_small_plain_file_is_read(tmp_path: Path) -> None:
    assert read_keymap(tmp_path / "none.toml") == Keymap()
    path = tmp_path / "keys.toml"
    os.mkfifo(path)
    assert read_keymap(path).message == "keys.toml: is not a plain file"
    path.unlink()
    path.mkdir()
    assert read_keymap(path).faults
    path.rmdir()
    path.write_bytes(b"\xff")
    assert read_keymap(path).message == "keys.toml: is not UTF-8"
    path.write_text("#" * 70_000)
    assert "is larger" in read_keymap(path).message


def test_usual_keys_are_never_taken_from_a_place() -> None:
    clashing = {c.id for c in COMMANDS for key in c.keys if key in taken_from(c)}
    assert clashing == set()


def test_every_key_can_be_written_and_read() -> None:
    every = {key for command in COMMANDS for key in command.keys}
    every |= {key for row in FIXED_KEYS for key in row.keys}
    assert {key: key_name(key_word(key)) for key in every} == {key: key for key in every}


def with_file(tmp_path: Path, rows: str) -> ScreenOptions:
    (tmp_path / "keys.toml").write_text(f"[keys]\n{rows}\n")
    return ScreenOptions(own_keys=tmp_path / "keys.toml")


async def test_own_keys_work_and_the_usual_ones_no_longer_do(tmp_path: Path) -> None:
    rows = 'goal = "i"\nzoom = "g"\nhelp = "X"\nnext_pane = ","\nlog = ";"'
    async with opened(options=with_file(tmp_path, rows), size=WIDE) as (app, pilot):
        states = []
        for key in "ggz":
            await pilot.press(key)
            states.append(app.live.zoomed)
        assert states == [True, False, False]
        here = app.live.current
        await pilot.press("comma")
        assert app.live.current is not here
        assert "i goal" in lines_of(app)[-1]
        assert "X help" in lines_of(app)[-1]
        assert "press i and say" in text_of(app)
        assert "press i, then one sentence" in text_of(app)
        await pilot.press("i", *"agix")
        await pilot.pause()
        assert "agix" in text_of(app)
        await pilot.press("escape", "X")
        await pilot.pause()
        assert "  X " in text_of(app)
        await pilot.press("escape", "question_mark")
        assert app.screen is app.live
        await pilot.press("semicolon")
        await pilot.pause()
        assert "Action log" in text_of(app)


async def test_a_screen_too_small_names_the_own_key_to_leave(tmp_path: Path) -> None:
    async with opened(options=with_file(tmp_path, 'quit = "!"'), size=(40, 10)) as (app, _):
        shown = " ".join(text_of(app).split())
        assert "! quits" in shown
        assert "q quits" not in shown


async def test_rollback_on_its_own_key_also_works_over_a_dialog(tmp_path: Path) -> None:
    options = with_file(tmp_path, 'rollback = "!"')
    async with opened(options=options) as (app, pilot):
        await pilot.press("question_mark", "r")
        assert not app.desk.view().log
        await pilot.press("exclamation_mark")
        assert app.screen is not app.live
        assert "nothing of ours is deployed" in app.desk.view().log[-1].text


async def test_a_bad_file_is_one_message_on_the_screen(tmp_path: Path) -> None:
    options = with_file(tmp_path, 'zoom = "t"\nnothing = "x"')
    async with opened(options=options, size=NARROW) as (app, pilot):
        await until(lambda: "keys.toml: there is no command called nothing" in text_of(app))
        assert sum("keys.toml" in entry.text for entry in app.desk.view().log) == 1
        await pilot.press("z")
        assert app.live.zoomed


async def test_no_file_is_no_message(tmp_path: Path) -> None:
    options = replace(ScreenOptions(), own_keys=tmp_path / "keys.toml")
    async with opened(options=options) as (app, _):
        assert not [entry for entry in app.desk.view().log if "keys" in entry.text]


def test_places_are_all_used() -> None:
    assert {row.place for row in FIXED_KEYS} == set(Place)
