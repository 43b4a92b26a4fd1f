"""A sweep or a tuning as it goes on: its rounds, its trials, and the time left."""

from __future__ import annotations

from collections.abc import Callable

from schedtui.commands.following import Following
from schedtui.commands.pace import SweepPace
from schedtui.commands.sweep_lines import round_lines
from schedtui.model.sweep import RoundBegan, RoundEnded, SweepEvent, TrialBegan


class Telling:
    """Tells events line by line; ``them`` is what is compared, in the plural."""

    def __init__(self, say: Callable[[str], None], them: str = "policies") -> None:
        self._say = say
        self._them = them
        self._pace = SweepPace()
        self._following = Following()

    def __call__(self, event: SweepEvent) -> None:
        """Tell one event."""
        match event:
            case RoundBegan():
                self._round(event)
            case TrialBegan():
                self._trial(event)
            case RoundEnded():
                for text in round_lines(event.done):
                    self._say(text)
            case _:
                words = self._pace.left(event)
                for text in self._following.lines(event):
                    self._say(f"{text}{words}")

    def _round(self, began: RoundBegan) -> None:
        self._pace.expect(began.pairs_ahead)
        each = f"{len(began.policies)} {self._them}, {began.pairs} pairs each"
        more = f"about {began.pairs_ahead} pairs to come in all"
        self._say(f"round {began.number}: {each}; {more}")

    def _trial(self, began: TrialBegan) -> None:
        self._following = Following(ranking=began.number > 0)
        if began.pairs_ahead:
            self._pace.expect(began.pairs_ahead)
        which = f"round {began.number}" if began.number else f"full trial against {began.baseline}"
        self._say(f"{began.policy}, {which}")
