"""Findings of the battery and of the trial gate: TRL. Those of the battery are in another file."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes.battery import ENDINGS, HARMS, LIMITS
from schedtui.verify.codes.entry import Entry, error

_TRIAL: Final[tuple[Entry, ...]] = (
    error(
        "TRL001",
        "The trial was stopped: {reason}.",
        "Look at the reason: a stall means a task was forgotten or a queue never taken; an error"
        " names a queue, CPU or flag that was wrong.",
        "The candidate ran in a throw-away machine and did not get to the end of the trial. What"
        " the kernel throws out there, it would throw out here.",
    ),
    error(
        "TRL002",
        "These tasks made no progress: {names}.",
        "Make sure every queue is taken from, and that no class of tasks can starve another: add"
        " ageing or a share for the lower class.",
        "A scheduler must let every runnable task run. The kernel's watchdog notices only what"
        " waits for seconds; the trial looks at every task.",
    ),
    error(
        "TRL003",
        "A task waited {wait} ms for a CPU; at most {limit} ms are allowed.",
        "Bound the wait: shorter slices, ageing, or an order by time of arrival.",
        "The limit is 250 ms or five times what the baseline needs under the same load,"
        " whichever is more.",
    ),
    error(
        "TRL004",
        "{metric}, a guardrail, became worse by a factor of {factor}.",
        "Weaken the change: a longer slice, a smaller bias, or another policy.",
        "A guardrail is what may not get worse for the sake of the objective. Either the whole"
        " interval of the measurement is on the wrong side of its tolerance, or the estimate is"
        " and nothing is proved.",
    ),
    error(
        "TRL005",
        "There is no result, also from a second throw-away machine: {reason}.",
        "Look at the kernel's last words. If they name the scheduler, mend that; otherwise try"
        " again.",
        "The guest kernel died or its node went away during the trial, also in a second, fresh"
        " guest. That may be the candidate's doing or the emulator's; without a result nothing is"
        " allowed to run.",
    ),
    error(
        "TRL033",
        "The load gives nothing to compare under the default scheduler either: {reason}.",
        "The candidate was never attached; leave it as it is. Ask for longer windows, another"
        " metric or another load.",
        "Before the pairs, windows of the default scheduler are compared with each other. A metric"
        " that they do not report, or that is zero, cannot judge a candidate. This says nothing"
        " against the candidate; without a result nothing is allowed to run.",
    ),
)

ENTRIES: Final[tuple[Entry, ...]] = (*_TRIAL, *ENDINGS, *HARMS, *LIMITS)
