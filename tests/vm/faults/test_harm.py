"""What the kernel's verifier lets through does real harm: shown with every gate of ours off.

A guest of the default kernel is booted with a rogue as its first process, which loads the objects
of ``harm/`` as they are; all four kernels show it in ``make bench-verify``. The last demonstration
ends the guest.
"""

from __future__ import annotations

import pytest

from tests.vm.faults.harm.shown import PANIC, NotShownError, on_default

pytestmark = pytest.mark.vm


@pytest.mark.parametrize("deed", ["kill_by_kfunc", "kill_by_helper"])
def test_a_verified_scheduler_kills_a_process_and_stays_healthy(deed: str) -> None:
    told = on_default().of(deed)
    assert told.word("fate") == "signal 9"
    assert (told.word("state"), told.number("kind")) == ("enabled", 0)


def test_it_copies_the_environment_of_another_process() -> None:
    told = on_default().of("read_environment")
    assert told.number("found") == 1
    assert (told.word("state"), told.number("kind")) == ("enabled", 0)


def test_it_refuses_every_fork_of_one_process_and_stays_healthy() -> None:
    told = on_default().of("refuse_forks")
    assert told.number("before") > 0
    assert told.number("refused") > 0
    assert told.number("allowed") == 0
    assert (told.word("state"), told.number("kind")) == ("enabled", 0)


def test_programs_of_other_kinds_load_beside_it_and_act() -> None:
    told = on_default().of("hidden_programs")
    for section in ("kprobe/do_exit", "lsm/file_open", "xdp", "tp_btf/sched_process_fork"):
        assert section in told.word("loaded").split()
    assert told.number("switches") > 0
    assert told.word("state") == "enabled"


@pytest.mark.parametrize("deed", ["batch_int_max", "dump_two_gib"])
def test_a_number_in_its_operations_makes_the_kernel_warn(deed: str) -> None:
    told = on_default().of(deed)
    assert told.word("splat")
    assert told.word("state") == "disabled"


def test_the_same_number_brings_down_a_machine_that_panics_on_warnings() -> None:
    with pytest.raises(NotShownError):
        on_default().of(PANIC)
    assert "panic_on_warn" in on_default().panic


@pytest.mark.parametrize(
    ("deed", "name"), [("legacy_section", "legacy_section"), ("pinned_link", "plain_fifo")]
)
def test_a_scheduler_outlives_the_loader_that_was_killed(deed: str, name: str) -> None:
    told = on_default().of(deed)
    assert told.word("survived") == name
    assert told.number("gone_s") < 3


def test_a_sound_partial_canary_stays_where_the_ext_class_has_a_deadline_server() -> None:
    assert on_default().of("partial").number("kind") == 0


def test_a_time_bomb_passes_a_short_trial_and_strikes_later() -> None:
    told = on_default().of("time_bomb")
    assert told.word("state") == "enabled"
    assert told.number("longest_ms") < 1000
    assert told.number("kind") == 1026
    assert told.number("struck_s") > 4


def test_a_cpu_count_bomb_passes_on_two_cpus() -> None:
    told = on_default().of("cpu_count_bomb")
    assert (told.number("cpus"), told.number("kind")) == (2, 0)


def test_a_delay_of_one_and_a_half_seconds_is_nothing_to_the_kernel() -> None:
    told = on_default().of("delay_below_the_watchdog")
    assert told.number("longest_ms") > 1300
    assert (told.word("state"), told.number("kind")) == ("enabled", 0)
