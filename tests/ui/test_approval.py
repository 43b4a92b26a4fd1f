"""A yes that cannot be given by accident."""

from __future__ import annotations

from schedtui.ui.screens.review import GRACE_S, IDLE_S, ReviewScreen
from schedtui.ui.widgets.approval import CancelButton
from tests.fakes.engine import FakeEngine
from tests.ui.stage import MIDDLE, NARROW, opened, released, text_of, to_review, until, wait

HASH = "9f31"


async def test_the_whole_way_from_a_sentence_to_an_approval() -> None:
    engine = FakeEngine()
    async with opened(engine, MIDDLE) as (app, pilot):
        screen = await to_review(app, pilot)
        await released(screen)
        shown = text_of(app)
        assert "5.3x lower [4.1, 7.0]" in shown
        assert "longest" in shown
        assert "scx_bpf_dsq_insert(p, SHARED" in shown
        await pilot.press("tab", *HASH, "ctrl+y")
        await until(lambda: bool(engine.approvals))
        approval = engine.approvals[0]
        assert approval.by == "ada"
        assert approval.how == "screen"
        assert approval.object_sha256 == screen.request.verdict.object_sha256
        await until(lambda: not app.desk.story.running)
        await until(lambda: "ours" in text_of(app))
        assert "before" in text_of(app)


async def test_typing_ahead_is_ignored_and_restarts_the_hold() -> None:
    engine = FakeEngine()
    async with opened(engine, NARROW) as (app, pilot):
        screen = await to_review(app, pilot)
        for key in ("tab", *HASH, "ctrl+y", "enter", "escape", "q"):
            wait(screen, IDLE_S - 0.05)
            await pilot.press(key)
            assert app.screen is screen
            assert screen.on_hold
        assert screen.field.typed == ""
        await released(screen)
        assert app.screen is screen
        assert not engine.approvals


async def test_the_hold_lasts_a_second_without_a_key_and_half_a_second_of_paint() -> None:
    async with opened() as (app, pilot):
        screen = await to_review(app, pilot)
        assert screen.on_hold
        assert "keys do nothing yet" in text_of(app)
        assert IDLE_S > GRACE_S
        wait(screen, 0.98)
        held = screen.on_hold
        wait(screen, 0.03)
        assert (held, screen.on_hold) == (True, False)
        await until(lambda: "keys do nothing yet" not in text_of(app))


async def test_the_focus_starts_on_cancel_and_enter_says_no() -> None:
    engine = FakeEngine()
    async with opened(engine) as (app, pilot):
        screen = await to_review(app, pilot)
        await released(screen)
        assert isinstance(app.focused, CancelButton)
        await pilot.press("enter")
        await until(lambda: not app.desk.story.running)
        assert not engine.approvals
        assert "not approved" in text_of(app)


async def test_neither_a_wrong_hash_nor_enter_nor_the_key_alone_approves() -> None:
    engine = FakeEngine()
    async with opened(engine) as (app, pilot):
        screen = await to_review(app, pilot)
        await released(screen)
        await pilot.press("ctrl+y")
        assert app.screen is screen
        await pilot.press("9", "f", "3", "2", "ctrl+y")
        assert app.screen is screen
        await pilot.press("backspace", "1", "enter", "g", "space")
        assert app.screen is screen
        assert screen.field.matches
        await pilot.press("escape")
        await until(lambda: app.screen is app.live)
        assert not engine.approvals


async def test_digits_typed_on_cancel_go_nowhere() -> None:
    async with opened() as (app, pilot):
        screen = await to_review(app, pilot)
        await released(screen)
        await pilot.press(*HASH, "ctrl+y")
        assert screen.field.typed == ""
        assert app.screen is screen


async def test_a_rejected_candidate_is_never_put_to_a_person() -> None:
    engine = FakeEngine()
    async with opened(engine, MIDDLE) as (app, pilot):
        await pilot.press("g", *"reject", "enter")
        await until(lambda: not app.desk.story.running)
        await pilot.pause()
        assert app.screen is app.live
        shown = text_of(app)
        assert "refused enqueue: a pointer is" in shown
        assert "15" in shown
        assert "hint: Check the" in shown


async def test_a_cancelled_pursuit_takes_its_review_away() -> None:
    engine = FakeEngine()
    async with opened(engine) as (app, pilot):
        screen = await to_review(app, pilot)
        app.cancel_pursuit()
        await until(lambda: app.screen is app.live)
        assert not isinstance(app.screen, ReviewScreen)
        assert not engine.approvals
        assert screen not in app.screen_stack


async def test_facts_and_change_are_both_reachable_on_a_small_screen() -> None:
    async with opened(size=NARROW) as (app, pilot):
        screen = await to_review(app, pilot)
        await released(screen)
        assert "✓ rules" in text_of(app)
        await pilot.press("v")
        await pilot.pause()
        assert "const volatile u64 slice_ns" in text_of(app)
        await pilot.press("w", "n", "down", "v")
        await pilot.pause()
        assert "✓ rules" in text_of(app)
