"""A goal on its way: events in, story out, and the approver in between."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from schedtui.engine.port import EngineError
from schedtui.model import events as ev
from schedtui.model.deployment import Approval, ApprovalRequest, Stage
from schedtui.model.text import safe_text
from schedtui.ui.screens.dialog import Choice, MenuScreen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from schedtui.ui.app import SchedtuiApp


class Pursuit:
    """Runs one goal at a time for the application."""

    def __init__(self, app: SchedtuiApp) -> None:
        self._app = app
        self._desk = app.desk
        self._stage: Stage | None = None

    async def run(self, text: str) -> None:
        """Follow a goal to its end; cancelling this coroutine cancels the pursuit."""
        self._stage = None
        stream = self._app.engine.pursue(text, self.approve)
        try:
            async with aclosing(cast("AsyncGenerator[ev.Event]", stream)) as told:
                async for event in told:
                    self._take(event)
            self._desk.end_story(failure="the pursuit ended without a result")
        except EngineError as error:
            self._desk.end_story(failure=f"{error.sentence}. {error.fix}")
            self._app.tell_fault(error)
        except asyncio.CancelledError:
            self._desk.end_story(cancelled=True)
            raise
        finally:
            self._app.renew()

    def _take(self, event: ev.Event) -> None:
        self._desk.tell(event)
        self._note(event)
        self._app.renew()
        if isinstance(event, ev.Asked):
            self._ask(event)

    def _note(self, event: ev.Event) -> None:
        """Write what changed the target, or ended the goal, into the action log."""
        match event:
            case ev.DeploymentChanged(deployment) if deployment.stage is not self._stage:
                self._stage = deployment.stage
                reason = f": {safe_text(deployment.reason)}" if deployment.reason else ""
                style = "text" if deployment.live else "strong"
                self._desk.note(f"{deployment.scheduler} {deployment.stage.value}{reason}", style)
            case ev.ApprovalAnswered(approved, by):
                words = f"approved by {safe_text(by)}" if approved else "not approved"
                self._desk.note(words)
            case ev.Refused(refusal):
                self._desk.note(f"not pursued: {safe_text(refusal.reason)}", "warn")
            case ev.Finished(code, summary):
                self._desk.note(safe_text(summary), "text" if code == 0 else "warn")
            case _:
                pass

    def _ask(self, event: ev.Asked) -> None:
        question = event.clarification
        choices = [Choice(choice, safe_text(choice)) for choice in question.choices]
        if choices:
            intro = safe_text(question.question)
            title = "One question before I start"
            self._app.push_screen(MenuScreen(title, choices, intro), self._fill_goal)

    def _fill_goal(self, text: str | None) -> None:
        if text is not None:
            self._app.live.edit_goal(safe_text(text))

    async def approve(self, request: ApprovalRequest) -> Approval | None:
        """Show the review of a passed candidate; anything else is never put to a person."""
        if not request.verdict.passed:
            return None
        from schedtui.ui.screens.review import ReviewScreen  # noqa: PLC0415 - keeps the first frame fast

        answer: asyncio.Future[Approval | None] = asyncio.get_running_loop().create_future()

        def decided(approval: Approval | None) -> None:
            if not answer.done():
                answer.set_result(approval)

        screen = ReviewScreen(request)
        self._app.push_screen(screen, decided)
        try:
            return await answer
        except asyncio.CancelledError:
            screen.withdraw()
            raise
