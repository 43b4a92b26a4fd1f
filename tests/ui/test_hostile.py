"""Text from outside is shown as it is: never markup, never an action, never an escape."""

from __future__ import annotations

from schedtui.ui.paint import diff
from schedtui.ui.paint.text import cells
from tests.fakes import samples
from tests.fakes.engine import FakeEngine
from tests.ui.stage import WIDE, lines_of, opened, text_of, until

NAMES = samples.HOSTILE_NAMES


async def test_hostile_names_are_shown_literally() -> None:
    engine = FakeEngine(names=NAMES)
    async with opened(engine, WIDE) as (app, pilot):
        await engine.start_load("service")
        await until(lambda: "[@click=app.quit]x[/]" in text_of(app))
        shown = text_of(app)
        for name in ("[bold]x[/]", "a[i]", "[/tmp/x]", "\\x1b]0;owned"):
            assert name in shown
        assert all(cells(line) == WIDE[0] for line in lines_of(app))
        await pilot.click("#tasks", offset=(5, 3))
        await pilot.pause()
        assert app.is_running


async def test_a_hostile_goal_is_data() -> None:
    async with opened() as (app, pilot):
        app.pursue("refuse [bold]x[/] [@click=app.quit]y[/] \x1b[31m")
        await until(lambda: not app.desk.story.running)
        await pilot.pause()
        assert "[@click=app.quit]y[/]" in text_of(app)
        assert "\x1b" not in text_of(app)


def test_deceptive_characters_in_a_change_are_visible() -> None:
    before = "int a;\nif (admin)\n"
    after = "int a;\nif (\u202eadmin\u200b)\x0c // \u0430\n"
    found = diff.change(before, after)
    text = "\n".join(row.text for row in found.rows)
    assert "\\u{202e}" in text
    assert "\\u{200b}" in text
    assert "\\x0c" in text
    assert found.strange_lines == (2,)
    assert found.added == 1
