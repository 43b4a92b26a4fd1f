"""What each life must show, on every kernel: tests ask it of one, ``make bench-verify`` of all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schedtui.model.text import safe_text
from tests.vm.faults.harm.guest.lives import APART, LIVES
from tests.vm.faults.harm.guest.seen import Seen

ISOLATED: Final = "isolcpus=1"
"""Word on the command line of the guest for ``APART``."""
_BUSY: Final = "Device or resource busy"


def _second_scheduler(told: Seen) -> bool:
    return (told.word("answer"), told.word("still")) == (_BUSY, "plain_fifo")


def _link_update(told: Seen) -> bool:
    return (told.word("answer"), told.word("still")) == ("Operation not supported", "plain_fifo")


def _two_in_one_object(told: Seen) -> bool:
    answers = told.number("maps"), told.word("answer"), told.word("still")
    return answers == (2, _BUSY, "two_schedulers")


def _loader_killed(told: Seen) -> bool:
    return told.number("gone_s") < 1


def _loader_stopped(told: Seen) -> bool:
    return told.word("stopped") == "plain_fifo" and told.number("gone_s") < 1


def _cpu_offline(told: Seen) -> bool:
    return (told.number("kind"), told.word("code")) == (66, "0x1000100000000")


def _emergency_keys(told: Seen) -> bool:
    ended = told.number("kind") == 67 and told.number("gone_s") < 1
    return told.word("after_dump") == "plain_fifo" and ended


def _no_exit_operation(told: Seen) -> bool:
    recorded = ".data.exit_record" in told.word("maps").split()
    return "no_exit_record" in told.word("told") and not recorded and told.number("gone_s") < 4


def _reloads(told: Seen) -> bool:
    left = told.number("grown"), told.number("files_left"), told.word("state")
    return left == (30, 0, "disabled")


def _escapes_in_a_name(told: Seen) -> bool:
    raw = bytes.fromhex(told.word("raw"))
    message = bytes.fromhex(told.word("message")).decode()
    plain = "\\x1b]0;x\\x07" in message and message == safe_text(message)
    return b"\x1b]0;x" in raw and plain


def _total_stall(told: Seen) -> bool:
    ordinary, realtime = told.number("ordinary_ms"), told.number("realtime_ms")
    return told.number("kind") == 1026 and ordinary > 700 and realtime < ordinary / 3


def _taken_between(told: Seen) -> bool:
    noticed = "another scheduler is attached" in told.word("refused")
    left = told.word("still"), told.number("grown")
    return noticed and left == ("delay_below_the_watchdog", 2)


def _taken_over(told: Seen) -> bool:
    still = {told.word("still"), told.word("after")}
    return bool(told.word("said")) and still == {"delay_below_the_watchdog"}


def _client_gone(told: Seen) -> bool:
    in_time = told.number("gone_s") < 2
    words = (told.word("before"), told.word("ended"))
    return in_time and words == ("plain_fifo", "the client went away")


def _spinning_enable(told: Seen) -> bool:
    slower = told.number("slow_s") > told.number("plain_s") + 0.4
    return slower and told.word("state") == "disabled"


def _isolated_cpus(told: Seen) -> bool:
    refused = told.word("answer") == "Invalid argument" and "isolcpus=" in told.word("said")
    return refused and "isolcpus" in told.word("told") and told.word("state") == "disabled"


ENDS: Final[dict[str, Callable[[Seen], bool]]] = {
    judge.__name__.removeprefix("_"): judge
    for judge in (
        *(_second_scheduler, _link_update, _two_in_one_object, _loader_killed, _loader_stopped),
        *(_cpu_offline, _emergency_keys, _no_exit_operation, _reloads, _escapes_in_a_name),
        *(_total_stall, _taken_between, _taken_over, _client_gone),
        *(_spinning_enable, _isolated_cpus),
    )
}
"""By life: whether what it showed is what it must show."""


def recipe(deed: str) -> str:
    """Return which recipe a life is, such as ``F44``."""
    return str((LIVES | APART)[deed].__doc__).partition(":")[0]
