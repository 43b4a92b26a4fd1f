from __future__ import annotations

import re

import pytest

from schedtui.measure.battery import COMMON_METRICS, EXERCISES, exercise, exercises_for, window
from schedtui.toolchain.native import PROGRAMS


def test_the_table_and_the_program_name_the_same_exercises() -> None:
    source = (PROGRAMS.sources / "battery.c").read_text()
    assert [spec.name for spec in EXERCISES] == re.findall(r'\.name = "(\w+)"', source)


def test_each_exercise_is_told_in_words_and_bounded() -> None:
    for spec in EXERCISES:
        assert 10 < len(spec.title) < 70
        assert 0.5 <= spec.seconds <= 5
        assert len({*COMMON_METRICS, *spec.metrics}) == len(COMMON_METRICS) + len(spec.metrics)
        assert len(COMMON_METRICS) + len(spec.metrics) < 32


def test_hotplug_needs_a_second_cpu() -> None:
    assert exercise("hotplug") not in exercises_for(1)
    assert exercise("hotplug") in exercises_for(2)
    with pytest.raises(KeyError):
        exercise("none")


def test_what_only_some_policies_do_is_no_part_of_a_battery() -> None:
    assert set(EXERCISES) - set(exercises_for(2)) == {exercise("weights")}


def test_a_window_says_how_long_and_by_what_names() -> None:
    call = window(exercise("rt_hog"), seed=3, names="ab")
    assert call.name == "battery"
    assert call.arguments == ("rt_hog", "--seconds", "1.0", "--seed", "3", "--names", "ab")
    assert window(exercise("idle"), seed=1, names="a", seconds=4).arguments[2] == "4.0"
    assert call.timeout_s > 2
