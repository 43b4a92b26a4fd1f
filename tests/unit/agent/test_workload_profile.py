"""Observation: snapshots in, family and figures out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schedtui.agent.observation import profile
from schedtui.model.goal import Family, Metric
from schedtui.model.telemetry import LoadReport, NameSample, Pressure, Snapshot
from tests.unit.agent import observed


@pytest.mark.parametrize(
    ("snapshots", "family"),
    [
        (observed.service(), Family.SERVICE),
        (observed.service(32, cpus=8), Family.SERVICE),
        (observed.service_with_report(), Family.SERVICE),
        (observed.batch(), Family.BATCH_SKEWED),
        (observed.batch(long_ms=340.0), Family.BATCH_SKEWED),
        (observed.minded_batch(), Family.BATCH_SKEWED),
        (observed.batch(long_ms=60.0), Family.BATCH_UNIFORM),
        (observed.one_name_batch(), Family.BATCH_UNIFORM),
        (observed.hogs(), Family.BATCH_UNIFORM),
        (observed.game_beside_compile(), Family.INTERACTIVE),
        (observed.game_beside_compile("renamed-thing"), Family.INTERACTIVE),
        (observed.game_beside_compile(wakeups=10.0), Family.INTERACTIVE),
        (observed.idle(), Family.IDLE),
    ],
)
def test_families_are_told_apart(snapshots: list[Snapshot], family: Family) -> None:
    seen = profile(snapshots, len(snapshots[0].cpus))
    assert seen.family is family
    assert 0.15 <= seen.confidence <= 1.0


def test_the_profile_is_deterministic() -> None:
    assert profile(observed.batch(), 2) == profile(observed.batch(), 2)


def test_nothing_observed_is_nothing_known() -> None:
    seen = profile([], 2)
    assert seen.seconds == 0
    assert seen.family is Family.IDLE
    assert seen.names == ()
    assert any("no sample" in line for line in seen.unseen)


def test_a_first_sample_without_length_does_not_count() -> None:
    first = replace(observed.idle()[0], interval_s=0.0)
    assert profile([first, *observed.service()], 2).utilisation == pytest.approx(0.99)


def test_saturation_is_busy_and_waiting_tasks_per_cpu() -> None:
    seen = profile(observed.service(waiting=3.0), 2)
    assert seen.saturation == pytest.approx(0.99 + 3.0)
    assert any("3.0 tasks wait per CPU" in line for line in seen.signals)


def test_means_are_over_time_not_over_samples() -> None:
    short = replace(observed.snapshot(busy=1.0), interval_s=0.1)
    long = replace(observed.snapshot(busy=0.5), interval_s=0.9)
    assert profile([short, long], 2).utilisation == pytest.approx(0.55)


def test_wakeup_percentile_comes_from_the_merged_histogram() -> None:
    calm = observed.snapshot(wakeups_us=(100.0,) * 990)
    burst = observed.snapshot(wakeups_us=(50_000.0,) * 5)
    seen = profile([calm, burst], 2)
    assert seen.wakeup_p99_us is not None
    assert seen.wakeup_p99_us < 200  # 5 of 995 are beyond the 99th percentile
    many = profile([calm, observed.snapshot(wakeups_us=(50_000.0,) * 50)], 2)
    assert many.wakeup_p99_us is not None
    assert many.wakeup_p99_us >= 50_000


def test_run_times_of_finished_tasks_are_means_over_all_of_them() -> None:
    names = {name.name: name for name in profile(observed.batch(), 2).names}
    assert names["stage-a"].finished == 100
    assert names["stage-a"].mean_run_ms == pytest.approx(50.0)
    assert names["stage-b"].finished == 5
    assert names["stage-b"].mean_run_ms == pytest.approx(1000.0)


def test_running_names_tell_the_time_they_used() -> None:
    names = {name.name: name for name in profile(observed.service(8), 2).names}
    assert names["worker"].finished == 0
    assert names["worker"].mean_run_ms == pytest.approx(1.8 * 4.0 * 1000 / 8)
    assert names["worker"].running_share == pytest.approx(1.8)


def test_the_load_speaks_for_itself_and_a_paused_one_does_not() -> None:
    seen = profile(observed.service_with_report(), 2)
    assert dict(seen.load)[Metric.RATE] == pytest.approx(272.0)
    paused = LoadReport("svc", running=True, paused=True, metrics=(("rate_per_s", 1.0),))
    quiet = [replace(s, load=paused) for s in observed.service()]
    assert profile(quiet, 2).load == ()


def test_procfs_alone_still_gives_a_profile_that_says_what_it_lacks() -> None:
    blind = [observed.blinded(sample) for sample in observed.service()]
    seen = profile(blind, 2)
    assert seen.family is Family.SERVICE
    assert seen.wakeup_p99_us is None
    assert seen.voluntary_share is None
    assert seen.saturation == pytest.approx(0.99 + 1.0)
    assert len(seen.unseen) >= 5
    assert seen.confidence < profile(observed.service(), 2).confidence


def test_procfs_knows_a_game_beside_a_compile_by_name_only() -> None:
    known = [observed.blinded(sample) for sample in observed.game_beside_compile()]
    assert profile(known, 2).family is Family.INTERACTIVE
    unknown = [observed.blinded(s) for s in observed.game_beside_compile("renamed-thing")]
    assert profile(unknown, 2).confidence < profile(known, 2).confidence


def test_an_idle_procfs_machine_is_idle() -> None:
    blind = [observed.blinded(sample) for sample in observed.idle()]
    assert profile(blind, 2).family is Family.IDLE


def test_waiting_for_the_disk_is_said() -> None:
    slow = replace(observed.idle()[0], pressure=(Pressure("io", 60.0, 40.0),))
    assert any("60 %" in line for line in profile([slow], 2).signals)


def test_many_hostile_names_stay_bounded() -> None:
    names = tuple(NameSample(f"[bold]{i}[/]", 1, 0.01, 1, 5.0, 5.0) for i in range(300))
    seen = profile([observed.snapshot(names=names)] * 3, 2)
    assert len(seen.names) <= 16
