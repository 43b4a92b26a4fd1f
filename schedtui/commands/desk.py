"""What the MCP server may reach for, made of the services that the verbs use."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from schedtui.commands.approve import user_name
from schedtui.commands.beside import externals_beside
from schedtui.commands.change import change_lines
from schedtui.commands.context import Context, closing
from schedtui.commands.following import Following
from schedtui.commands.goal_record import GoalRecord
from schedtui.commands.narrate import request_text
from schedtui.commands.options import Options, UsageError
from schedtui.commands.trial_lines import evidence_lines
from schedtui.commands.trial_request import policy_request, read_aim, read_load
from schedtui.commands.watch import snapshot_of
from schedtui.engine.control import Answer, Approvals, call, follow
from schedtui.engine.port import Engine, EngineError
from schedtui.engine.trying import TrialRequest, Tried, try_and_keep
from schedtui.mcp.port import Tell, TrialWish, VerifyWish
from schedtui.model.deployment import ApprovalRequest
from schedtui.model.events import Event
from schedtui.model.exchange import Manifest
from schedtui.model.external import Listed
from schedtui.model.policy import Policy
from schedtui.model.results import ResultRow, StoredRow
from schedtui.model.telemetry import Snapshot
from schedtui.model.text import safe_text
from schedtui.model.trial import WorkloadSpec
from schedtui.policy.errors import PolicyError
from schedtui.policy.own import parcel_of


class CommandDesk:
    """The desk of one call of ``schedtui mcp``."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def target(self) -> str:
        """See the port."""
        return self._context.options.target

    def user(self) -> str:
        """See the port."""
        return user_name()

    def engine(self, approvals: Approvals) -> Engine:
        """See the port."""
        return self._context.served(approvals)

    async def session(self, call_name: str) -> Answer | None:
        """See the port."""
        return await call(self._context.session_name, call_name)

    async def samples(self) -> AsyncGenerator[Snapshot]:
        """See the port."""
        async with closing(follow(self._context.session_name)) as answers:
            async for answer in answers:
                yield snapshot_of(answer)

    def policies(self) -> tuple[Listed, ...]:
        """See the port."""
        return (*self._context.services.policies(), *externals_beside(self._context))

    def manifest(self, policy: Policy) -> Manifest:
        """See the port."""
        try:
            return parcel_of(policy, self._context.services.own_policies().folder).manifest
        except PolicyError as error:
            raise EngineError(f"{policy.name} has no manifest: {error}", missing=False) from error

    def loads(self) -> tuple[WorkloadSpec, ...]:
        """See the port."""
        return self._context.services.loads()

    def rows(self) -> tuple[StoredRow, ...]:
        """See the port."""
        return self._context.services.results().rows()

    def evidence(self, row: ResultRow) -> tuple[str, ...]:
        """See the port."""
        return tuple(evidence_lines(row))

    def verify(self, wish: VerifyWish) -> AsyncIterator[Event]:
        """See the port."""
        options = dataclasses.replace(self._inside("verify"), battery=wish.battery)
        verifier = self._context.services.verifier(options)
        return verifier.verify(wish.name, wish.source, wish.load)

    async def trial(self, wish: TrialWish, tell: Tell) -> Tried:
        """See the port."""
        try:
            request, options = await self._trial_request(wish)
        except UsageError as error:
            raise EngineError(str(error), "see `list_policies` and `list_loads`") from error
        results = self._context.services.results()
        # A store that cannot be written to must not show only when everything is measured.
        results.prepare()
        verifier = self._context.services.verifier(options)
        return await try_and_keep(request, verifier, results, tell)

    async def _trial_request(self, wish: TrialWish) -> tuple[TrialRequest, Options]:
        options = dataclasses.replace(
            self._inside("trial"),
            subject=wish.policy,
            load=wish.load,
            metric=wish.metric,
            pairs=wish.pairs,
            seconds=float(wish.seconds),
            settings=wish.settings,
        )
        # A name that no policy has is never taken for a file.
        named = [each for each in self._context.services.policies() if each.name == wish.policy]
        if not named:
            raise UsageError(f"there is no policy with a source called {safe_text(wish.policy)}")
        spec = read_load(dataclasses.replace(self._context, options=options))
        return policy_request(named[0], await read_aim(spec, options), options), options

    def _inside(self, verb: str) -> Options:
        """Return the command line of a verb that works in throw-away guests of the sandbox."""
        return dataclasses.replace(self._context.options, verb=verb, target="sandbox", battery="")

    def story(self) -> Callable[[Event], tuple[str, ...]]:
        """See the port."""
        following, record = Following(), GoalRecord("")

        def lines(event: Event) -> tuple[str, ...]:
            if record.repeats(event):
                return ()
            record.take(event)
            return following.lines(event)

        return lines

    def question(self, request: ApprovalRequest) -> tuple[str, ...]:
        """See the port."""
        return (*request_text(request), *change_lines(request.candidate))
