"""Each option of the request service changes what it says."""

from __future__ import annotations

import functools
import os
import subprocess
from pathlib import Path

import pytest

from schedtui.measure.load_options import OPTIONS
from tests.fakes.programs import Brief, briefly, compared_again, workload_programs

SMALL = ("-m", "1", "-t", "2", "-n", "1", "-F", "16", "-s", "0")


@pytest.fixture(scope="module")
def programs() -> Path:
    return workload_programs()


@pytest.fixture
def served(programs: Path) -> Brief:
    return functools.partial(briefly, programs, "request_service", figures=("rate_per_s",))


def test_its_help_says_what_can_be_set(programs: Path) -> None:
    said = subprocess.run(
        [programs / "request_service", "--help"], capture_output=True, timeout=5, check=True
    )
    lines = [" ".join(line.split()) for line in said.stdout.decode().splitlines()]
    for each in OPTIONS["request_service"]:
        limits = f" ({each.low} to {each.high})" if each.high else ""
        assert f"{each.flag} {each.meaning}{limits}" in lines


@compared_again
def test_work_and_footprint_are_what_a_request_costs(served: Brief) -> None:
    usual = served(*SMALL)
    more, larger = served(*SMALL, "-n", "20"), served(*SMALL, "-F", "256")
    assert more["service_p50_us"] > 4 * usual["service_p50_us"]
    # The side grows by four, and with it the work by 64.
    assert larger["service_p50_us"] > 10 * usual["service_p50_us"]
    assert usual["workers"] == 2


def test_sleep_is_part_of_a_request_but_not_of_a_calibration(served: Brief) -> None:
    slept = served(*SMALL, "-s", "20000")
    assert slept["request_p50_us"] >= 20_000
    calibrated = served(*SMALL, "-s", "20000", "-C")
    assert calibrated["request_p50_us"] < 20_000
    # Its bounds are those of a closed loop with the sleep in it.
    assert "sleep_us" in slept
    assert "sleep_us" not in calibrated


@compared_again
def test_an_open_loop_has_the_rate_that_is_asked_for(served: Brief) -> None:
    slow, fast = served(*SMALL, "-R", "200"), served(*SMALL, "-R", "1000")
    for seen, wanted in ((slow, 200), (fast, 1000)):
        assert seen["due_per_s"] == pytest.approx(wanted, rel=0.2)
        assert seen["rate_per_s"] == pytest.approx(seen["due_per_s"], rel=0.2)
        assert seen["left_out_pct"] == 0
        assert "workers" not in seen
    assert fast["busy_pct"] > slow["busy_pct"]


@compared_again
def test_an_open_loop_counts_the_wait_for_a_worker(served: Brief) -> None:
    """A closed loop would not see it: there nobody asks before being served."""
    alone = ("-m", "1", "-t", "1", "-n", "1", "-F", "16", "-s", "20000")
    closed, late = served(*alone), served(*alone, "-R", "2000")
    assert late["left_out_pct"] > 50
    assert late["rate_per_s"] <= 50
    assert late["request_p99_us"] > 5 * closed["request_p99_us"]


@compared_again
def test_cpus_are_as_busy_as_asked_for(served: Brief) -> None:
    # Little enough for a machine that has other work, and workers enough for one with many CPUs.
    own = (*SMALL, "-L", "-n", "20", "-t", str(2 * (os.cpu_count() or 1)))
    little, much = served(*own, "-A", "2"), served(*own, "-A", "8")
    assert little["busy_pct"] == pytest.approx(2, rel=0.6)
    assert much["busy_pct"] == pytest.approx(8, rel=0.6)
    assert much["due_per_s"] > 2 * little["due_per_s"]


@compared_again
def test_messages_are_copied_and_nothing_else_is_done(served: Brief) -> None:
    small, large = served(*SMALL, "-p", "1"), served(*SMALL, "-p", "1048576")
    assert small["rate_per_s"] > 2 * large["rate_per_s"]
    assert small["wakeup_p99_us"] > 0
    assert not {"request_p99_us", "service_p50_us", "workers"} & (small.keys() | large.keys())


@pytest.mark.parametrize(
    "options", [("-R", "5", "-A", "5"), ("-C", "-p", "1"), ("-R", "0"), ("-A", "101"), ("-p", "0")]
)
def test_what_does_not_go_together_is_refused(programs: Path, options: tuple[str, ...]) -> None:
    done = subprocess.run(
        [programs / "request_service", *options], capture_output=True, timeout=5, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")
