"""The story of a recorded goal, as far as it was told at a moment."""

from __future__ import annotations

from collections.abc import Sequence

from schedtui.model.events import Finished, GoalRead
from schedtui.tape.tape import Told
from schedtui.ui import bridge
from schedtui.ui.story import NO_STORY, Story, begun

UNKNOWN: str = "a goal whose beginning was not recorded"


class Retelling:
    """Tells recorded events again, from the last goal that had begun."""

    def __init__(self, told: Sequence[Told] = ()) -> None:
        self._told = tuple(told)
        self._known: tuple[int, Story] = (0, NO_STORY)

    def at(self, at_ms: int) -> Story:
        """Return the story at a moment."""
        count = sum(told.at_ms <= at_ms for told in self._told)
        if count != self._known[0]:
            self._known = (count, self._fold(count))
        return self._known[1]

    def _fold(self, count: int) -> Story:
        begin = max((place + 1 for place, told in enumerate(self._told[: max(0, count - 1)])
                     if isinstance(told.event, Finished)), default=0)  # fmt: skip
        if begin >= count:
            return NO_STORY
        story = begun(self._text(begin))
        for told in self._told[begin:count]:
            story = bridge.tell(story, told.event, told.at_ms / 1000)
        return story

    def _text(self, begin: int) -> str:
        for told in self._told[begin:]:
            if isinstance(told.event, GoalRead):
                return told.event.goal.text
            if isinstance(told.event, Finished):
                break
        return UNKNOWN
