"""How schedulers end and what survives whom: recipes that are commands and no sources.

One guest of the default kernel with a rogue as its first process does them all.
"""

from __future__ import annotations

import pytest

from schedtui.model.text import safe_text
from tests.vm.faults.corpus import DEFAULT
from tests.vm.faults.harm.guest.lives import LIVES
from tests.vm.faults.harm.guest.seen import Seen
from tests.vm.faults.harm.shown import shown

pytestmark = pytest.mark.vm

BUSY = "Device or resource busy"


def told_of(deed: str) -> Seen:
    """Return what a life showed; the guest is booted at the first call."""
    return shown(DEFAULT, tuple(LIVES)).of(deed)


def test_f44_a_second_scheduler_is_refused_while_one_is_active() -> None:
    told = told_of("second_scheduler")
    assert (told.word("answer"), told.word("still")) == (BUSY, "plain_fifo")


def test_f45_a_link_never_changes_its_scheduler() -> None:
    told = told_of("link_update")
    assert (told.word("answer"), told.word("still")) == ("Operation not supported", "plain_fifo")


def test_f46_of_two_schedulers_in_one_object_the_first_gets_in() -> None:
    told = told_of("two_in_one_object")
    assert told.number("maps") == 2
    assert (told.word("answer"), told.word("still")) == (BUSY, "two_schedulers")


def test_f81_the_link_dies_with_its_loader() -> None:
    assert told_of("loader_killed").number("gone_s") < 1


def test_f84_a_loader_that_stands_still_keeps_its_scheduler() -> None:
    told = told_of("loader_stopped")
    assert told.word("stopped") == "plain_fifo"
    assert told.number("gone_s") < 1


def test_a_client_that_goes_away_leaves_no_scheduler_behind_in_a_node_that_lives() -> None:
    told = told_of("client_gone")
    assert told.word("before") == "plain_fifo"
    assert told.number("gone_s") < 2
    assert told.word("ended") == "the client went away"


def test_f85_a_cpu_that_goes_ends_a_scheduler_without_hotplug_operations() -> None:
    told = told_of("cpu_offline")
    assert (told.number("kind"), told.word("code")) == (66, "0x1000100000000")


def test_f86_the_emergency_key_ends_it_and_the_dump_key_does_not() -> None:
    told = told_of("emergency_keys")
    assert told.word("after_dump") == "plain_fifo"
    assert told.number("kind") == 67
    assert told.number("gone_s") < 1


def test_f87_without_an_exit_operation_only_the_kernel_log_knows() -> None:
    told = told_of("no_exit_operation")
    assert "no_exit_record" in told.word("told")
    assert ".data.exit_record" not in told.word("maps").split()
    assert told.number("gone_s") < 4


def test_f88_thirty_reloads_leave_nothing_behind() -> None:
    told = told_of("reloads")
    assert told.number("grown") == 30
    assert told.number("files_left") == 0
    assert told.word("state") == "disabled"


def test_f90_escapes_in_a_process_name_arrive_as_plain_text() -> None:
    told = told_of("escapes_in_a_name")
    assert b"\x1b]0;x" in bytes.fromhex(told.word("raw"))
    message = bytes.fromhex(told.word("message")).decode()
    assert "\\x1b]0;x\\x07" in message
    assert message == safe_text(message)


def test_f91_a_real_time_watcher_goes_on_while_nobody_is_scheduled() -> None:
    told = told_of("total_stall")
    assert told.number("kind") == 1026
    assert told.number("ordinary_ms") > 700
    assert told.number("realtime_ms") < told.number("ordinary_ms") / 3


def test_f92_what_is_attached_between_stop_and_start_is_noticed() -> None:
    told = told_of("taken_between")
    assert "another scheduler is attached" in told.word("refused")
    assert told.word("still") == "delay_below_the_watchdog"
    assert told.number("grown") == 2


def test_f92_a_scheduler_that_took_over_is_noticed_and_left_alone() -> None:
    told = told_of("taken_over")
    assert told.word("said")
    assert told.word("still") == told.word("after") == "delay_below_the_watchdog"
