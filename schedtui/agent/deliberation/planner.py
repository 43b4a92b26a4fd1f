"""What a person chose of models, and what one goal uses of it: one backend and one budget."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.agent.backends.budget import Budget
from schedtui.agent.backends.opening import ModelChoice, OpenBackend, open_messages
from schedtui.agent.backends.port import Backend
from schedtui.agent.backends.routes import Size, routes
from schedtui.agent.deliberation.conversation import Asking, Emit
from schedtui.agent.deliberation.deliberation import Deliberation
from schedtui.agent.deliberation.reading import read_with
from schedtui.agent.tools.toolbox import Bench, Rows
from schedtui.model.goal import GoalSpec
from schedtui.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Planner:
    """Opens the counsel of a model for one goal after the other."""

    choice: ModelChoice
    rows: Rows
    opened: OpenBackend = open_messages

    def counsel(self, emit: Emit) -> Counsel:
        """Return the counsel for one goal; nothing is asked or loaded yet."""
        return Counsel(self, emit)


class Counsel:
    """Models for one goal. All that they do is within one budget."""

    def __init__(self, planner: Planner, emit: Emit) -> None:
        self._planner = planner
        self._emit = emit
        self._budget = Budget(planner.choice.limits)
        self._routes = routes(planner.choice.name)
        self._backend: Backend | None = None

    @property
    def lack(self) -> str:
        """Why no model can be asked though one is wanted; empty when one can, or none is."""
        return self._planner.choice.lack

    @property
    def there(self) -> bool:
        """Tell whether a model can be asked."""
        return self._planner.choice.asked

    async def read(self, text: str) -> GoalSpec | None:
        """Return a goal that rules cannot read, None when no model can either."""
        return await read_with(self._asking(), self._routes[Size.SMALL], text)

    def deliberation(self, bench: Bench, ruled: Plan) -> Deliberation:
        """Return a deliberation about what rules would do."""
        self._budget.hold(ruled.goal.budget.dollars)
        return Deliberation(self._asking(), self._routes, bench, ruled, self._planner.rows)

    async def close(self) -> None:
        """Let go of the backend."""
        if self._backend is not None:
            await self._backend.close()

    def _asking(self) -> Asking:
        if self._backend is None:
            self._backend = self._planner.opened(self._planner.choice.credentials)
        return Asking(self._backend, self._budget, self._emit)
