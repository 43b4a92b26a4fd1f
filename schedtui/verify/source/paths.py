"""What is certain to have happened on every path through a function.

A must-analysis on the parse tree: on each path, is one of the given *deeds* (for example "a task
is put into a queue") certain to be done before the function ends? Where two paths meet, the
deed counts only if both did it; a loop counts only if it surely runs; a call counts by the
summary of the called function. What cannot be known counts as not done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from schedtui.verify.source.deeds import (
    FALSE,
    NOT_DONE,
    TRUE,
    Deed,
    Exit,
    UnreadableStatementError,
    kept_results,
)
from schedtui.verify.source.expressions import Expressions
from schedtui.verify.source.tree import Node
from schedtui.verify.source.unit import Function, called
from schedtui.verify.source.walk import Walk


class Paths:
    """Answers for a set of functions and a table of deeds by function name."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        deeds: Mapping[str, Deed],
        constants: Mapping[str, int],
        at: Mapping[int, Deed] | None = None,
    ) -> None:
        """Take deeds by function name; ``at`` has those of single calls, by the call's place."""
        self._functions = functions
        self._at = at or {}
        self._constants = constants
        self._deeds = dict(deeds)
        self._kept: dict[str, dict[str, str]] = {}
        self._settle()

    def exits(self, function: Function) -> tuple[Exit, ...]:
        """Return all ways out. Raises UnreadableStatementError."""
        return tuple(Walk(self._expressions(function), self._constants, function).run())

    def repeated(self, function: Function) -> tuple[Node, ...]:
        """Return calls that do the deed where it is certain to be done already."""
        expressions = self._expressions(function)
        Walk(expressions, self._constants, function).run()
        return tuple(expressions.repeated.values())

    @property
    def deeds(self) -> Mapping[str, Deed]:
        """What calls have done, by function; functions that were followed included."""
        return self._deeds

    def deed(self, function: str) -> Deed:
        """Return what a call of a function is certain to have done."""
        return self._deeds.get(function, NOT_DONE)

    def _expressions(self, function: Function) -> Expressions:
        kept = self._kept.get(function.name)
        if kept is None:
            kept = self._kept[function.name] = kept_results(function.body)
        return Expressions(self._deeds, kept, self._at)

    def _settle(self) -> None:
        """Summarise all functions, from "does nothing" upwards until nothing changes."""
        own = {n: f for n, f in self._functions.items() if n not in self._deeds}
        callers: dict[str, list[str]] = defaultdict(list)
        for name, function in own.items():
            for call in dict.fromkeys(called(n) for n in function.body.below("call_expression")):
                callers[call].append(name)
        # Only what calls a changed function is looked at again: long chains stay cheap.
        waiting = dict.fromkeys(own)
        while waiting:
            name = next(iter(waiting))
            del waiting[name]
            summary = self._summary(own[name])
            if summary != self._deeds.get(name, NOT_DONE):
                waiting.update(dict.fromkeys(callers[name]))
            self._deeds[name] = summary

    def _summary(self, function: Function) -> Deed:
        try:
            exits = self.exits(function)
        except UnreadableStatementError:
            return NOT_DONE
        always = all(e.done for e in exits)
        if_true = all(e.done for e in exits if e.value not in FALSE)
        if_false = all(e.done for e in exits if e.value not in TRUE)
        return Deed(always, if_true, if_false)
