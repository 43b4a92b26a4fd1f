"""One transcript with one model: the tool loop. It is only ever appended to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from schedtui.agent.backends.budget import Budget
from schedtui.agent.backends.port import (
    Backend,
    BackendError,
    Message,
    Reply,
    Request,
    Tool,
    ToolUse,
)
from schedtui.agent.backends.routes import Route
from schedtui.agent.tools.answer import Answer, refused
from schedtui.agent.tools.toolbox import REQUEST_DEPLOY, Toolbox
from schedtui.model.events import Event, Spent, Thought, ToolAnswered, ToolCalled
from schedtui.model.spending import Usage
from schedtui.model.text import safe_name, safe_text
from schedtui.model.wire import Json

Emit = Callable[[Event], None]

_TRIES: Final = 2
"""Times that a turn is asked which broke off for a reason that passes."""

_ARGUMENTS: Final = 300
_REMINDER: Final = "Go on with a tool. Your answer is a call of request_deploy."
_CUT: Final = "The turn was cut off at its limit, so nothing was called. Write less."
_MOST_CALLS: Final = 8
_MANY: Final = f"Not answered: at most {_MOST_CALLS} calls in one turn."
_LATER: Final = "Not answered: a proposal goes to the gates, and comes alone."


class EndedError(Exception):
    """No more can be had of this model; the sentence says why."""


class Asking:
    """A backend within a budget, with everything that it does told as events."""

    def __init__(self, backend: Backend, budget: Budget, emit: Emit) -> None:
        self._backend = backend
        self._budget = budget
        self.emit = emit
        self.who = ""
        """Who answered last."""

    async def turn(self, request: Request) -> Reply:
        """Ask once, or again where that makes sense. Raises EndedError."""
        for left in reversed(range(_TRIES)):
            try:
                return await self._turn(request)
            except BackendError as error:
                if not (error.again and error.begun and left):
                    raise EndedError(f"{request.model}: {error.sentence}") from error
        raise AssertionError("the last try returns or raises")

    async def _turn(self, request: Request) -> Reply:
        self._budget.begin()
        counted = await self._backend.count(request)
        refusal = self._budget.against(request, counted)
        if refusal:
            raise EndedError(f"the budget: {refusal}")
        request = replace(request, seconds=min(request.seconds, self._budget.seconds_left))

        def hear(aloud: bool, line: str) -> None:
            self.emit(Thought(request.model, aloud, safe_text(line)))

        try:
            reply = await self._backend.turn(request, hear)
        except BackendError as error:
            self._pay(request, self._budget.worst(request, counted) if error.begun else Usage())
            raise
        self.who = _who(request.model, reply.model)
        # A server that states no usage is paid for all the same.
        stated = reply.usage != Usage()
        self._pay(request, reply.usage if stated else self._budget.worst(request, counted))
        if reply.stop == "refusal":
            kind = f" ({reply.refusal})" if reply.refusal else ""
            raise EndedError(f"{self.who} declines to answer{kind}")
        return reply

    def _pay(self, request: Request, usage: Usage) -> None:
        dollars = self._budget.end(request.model, usage)
        self.emit(Spent(self.who or request.model, usage, dollars, self._budget.spent))


def _who(asked: str, answered: str) -> str:
    """Return who answered; a server that names another model is shown to do so."""
    same = answered == asked or answered.startswith(f"{asked}-")
    return asked if same or not answered else f"{asked}, answered by {answered}"


class Conversation:
    """One transcript. Its beginning never changes, so that servers keep it."""

    def __init__(
        self, asking: Asking, route: Route, system: str, tools: tuple[Tool, ...], box: Toolbox
    ) -> None:
        self._asking = asking
        self._route = route
        self._system = system
        self._tools = tools
        self._box = box
        self._messages: tuple[Message, ...] = ()
        self._open: list[Json] = []
        """Answers to the last turn, but for the one of the proposal."""
        self._proposal = ""
        """Id of the call that proposed something and has no answer yet."""

    async def say(self, text: str) -> bool:
        """Say something and go on until something is proposed. Raises EndedError.

        Returns whether it proposed something.
        """
        self._append("user", text)
        return await self._go_on()

    async def answer(self, answer: Answer) -> bool:
        """Answer the proposal and go on until the next one. Raises EndedError."""
        results = [*self._open, _result(self._proposal, answer.text(600), ok=answer.ok)]
        self._open, self._proposal = [], ""
        self._append("user", results)
        return await self._go_on()

    async def _go_on(self) -> bool:
        reminded = False
        while True:
            reply = await self._asking.turn(self._request())
            self._append("assistant", list(reply.content) or "(nothing)")
            if reply.calls:
                if await self._answer_calls(reply):
                    return True
            elif reply.stop != "pause_turn":
                if reminded:
                    return False
                reminded = True
                self._append("user", _REMINDER)

    async def _answer_calls(self, reply: Reply) -> bool:
        """Answer all calls of a turn; tells whether one of them is a proposal that stands."""
        results: list[Json] = []
        for number, call in enumerate(reply.calls):
            text, ok = await self._called(call, self._against(reply, number))
            if ok and call.name == REQUEST_DEPLOY:
                self._proposal = call.id
            else:
                results.append(_result(call.id, text, ok=ok))
        if self._proposal:
            self._open = results
            return True
        self._append("user", results)
        return False

    def _against(self, reply: Reply, number: int) -> str:
        """Return why a call of a turn is not answered, empty when it is."""
        if reply.stop == "max_tokens":
            return _CUT
        if self._proposal:
            return _LATER
        return _MANY if number >= _MOST_CALLS else ""

    async def _called(self, call: ToolUse, against: str) -> tuple[str, bool]:
        arguments = safe_text(json.dumps(call.input, ensure_ascii=False), _ARGUMENTS)
        self._asking.emit(ToolCalled(self._route.model, safe_name(call.name), arguments))
        if against:
            answer = refused(against)
            self._tell(call, answer, 100)
            return answer.text(100), False
        told = await self._box.call(call.name, call.input)
        self._tell(call, told.answer, told.tokens)
        return told.text, told.answer.ok

    def _tell(self, call: ToolUse, answer: Answer, tokens: int) -> None:
        name, summary = safe_name(call.name), safe_text(answer.summary)
        self._asking.emit(ToolAnswered(name, answer.ok, summary, tokens))

    def _append(self, role: str, content: Json) -> None:
        self._messages = (*self._messages, {"role": role, "content": content})

    def _request(self) -> Request:
        return Request(
            model=self._route.model,
            effort=self._route.effort,
            system=self._system,
            messages=self._messages,
            tools=self._tools,
            max_tokens=self._route.max_tokens,
        )


def _result(call: str, text: str, *, ok: bool) -> Json:
    return {"type": "tool_result", "tool_use_id": call, "content": text, "is_error": not ok}
