"""Trials that are compared with each other: each is kept and told, and ends in a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schedtui.engine.port import EngineError
from schedtui.engine.trying import Keeper, TrialRequest, Trier, stopped, try_and_keep
from schedtui.measure.halving import place_in_full_trial, place_in_round
from schedtui.measure.sides import sides
from schedtui.model.sweep import FullTrial, Leaving, Place, SweepEvent, TrialBegan


class Contest:
    """Runs the trials of a sweep or of a tuning, one after the other."""

    def __init__(self, trier: Trier, keeper: Keeper, emit: Callable[[SweepEvent], None]) -> None:
        self._trier = trier
        self._keeper = keeper
        self.emit = emit
        self._reached_a_trial = False
        self.host_judged = False
        """Whether an A/A control has been measured."""
        self.trouble: EngineError | None = None
        """Why the first row that could not be kept was not."""

    async def heat(self, who: str, request: TrialRequest, number: int) -> Place:
        """Run the pairs of ``who`` in a round."""
        self.emit(TrialBegan(who, number))
        tried = await self._tried(who, request, number)
        self.host_judged |= tried.result is not None and tried.result.trial is not None
        return tried.place

    async def full_trial(self, who: str, request: TrialRequest, later: int = 0) -> FullTrial:
        """Run a trial that decides; at most ``later`` pairs come after it.

        Like ``heat`` it raises EngineError for what is missing for the first trial, and so for
        all; a machine that is lost later is one machine.
        """
        aim = request.aim
        ahead = aim.control_pairs + aim.max_pairs + later
        self.emit(TrialBegan(who, 0, ahead, sides(aim.baseline).baseline))
        return await self._tried(who, request, 0)

    async def _tried(self, who: str, request: TrialRequest, number: int) -> FullTrial:
        try:
            tried = await try_and_keep(request, self._trier, self._keeper, self.emit, number)
        except EngineError as error:
            if error.fix and not self._reached_a_trial:
                raise
            return FullTrial(Place(who, None, Leaving.NO_RESULT, error.sentence), None)
        if tried.row is None:
            return FullTrial(stopped(who, tried.verdict), None)
        self._reached_a_trial = True
        self.trouble = self.trouble or tried.kept.trouble
        judge = place_in_round if number else place_in_full_trial
        place = judge(tried.row, tried.kept.number)
        return FullTrial(replace(place, policy=who), tried.row)
