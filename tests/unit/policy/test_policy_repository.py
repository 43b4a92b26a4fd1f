"""The repository: what ships is complete, what is wrong is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.model.goal import Family
from schedtui.model.policy import NameWeight, ParameterType, ParameterValue, Policy
from schedtui.policy.errors import PolicyError
from schedtui.policy.repository import SOURCE_LIMIT, TOML_LIMIT, load_repository

TOML = """
name = "fixture"
title = "Fixture"
description = "A policy for tests."
source = "fixture.bpf.c"
families = ["other"]
tags = ["test"]
use_cases = ["A test."]
limits = ["Schedules nothing."]
requires = ["sched_ext"]

[[parameters]]
name = "slice_us"
type = "integer"
default = 20000
minimum = 1000
maximum = 1000000
unit = "us"
meaning = "Longest turn."
"""
SOURCE = "const volatile u64 slice_us = 20000;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fixture.toml").write_text(TOML)
    (tmp_path / "fixture.bpf.c").write_text(SOURCE)
    return tmp_path


def refusal(folder: Path) -> str:
    with pytest.raises(PolicyError) as caught:
        load_repository(folder, folder)
    return str(caught.value)


def with_toml(folder: Path, before: str, after: str) -> Path:
    assert before in TOML
    (folder / "fixture.toml").write_text(TOML.replace(before, after, 1))
    return folder


def test_the_fixture_loads(folder: Path) -> None:
    (policy,) = load_repository(folder, folder)
    assert policy.name == "fixture"
    assert policy.families == (Family.OTHER,)
    assert policy.parameter("slice_us").default == 20_000
    assert policy.source == SOURCE


def test_the_shipped_policies_are_complete() -> None:
    policies = {policy.name: policy for policy in load_repository()}
    assert {"fifo_rtc", "vtime_fair", "longest_first", "shortest_first"} <= policies.keys()
    assert {"frame_deadline", "layers", "cgroup_weight"} <= policies.keys()
    assert {"cache_local", "warm_cores", "phase_switch"} <= policies.keys()
    assert {"virtual_deadline", "partners", "lottery"} <= policies.keys()
    for policy in policies.values():
        assert len(policy.description) > 80
        assert policy.families
        assert len(policy.limits) >= 3
        assert len(policy.use_cases) >= 2
        assert "sched_ext" in policy.requires
        assert all(p.meaning.endswith(".") for p in policy.parameters)
        assert all(p.unit for p in policy.parameters if p.type is not ParameterType.BOOLEAN)


@pytest.mark.parametrize(
    ("policy", "parameter", "default", "low", "high"),
    [
        ("fifo_rtc", "slice_us", 20_000, 1000, 1_000_000),
        ("vtime_fair", "slice_us", 5000, 500, 10_000),
        ("vtime_fair", "sleeper_credit_us", 10_000, 0, 100_000),
        ("longest_first", "slice_us", 20_000, 1000, 1_000_000),
        ("longest_first", "ageing_ms", 2000, 100, 10_000),
        ("shortest_first", "slice_us", 10_000, 1000, 100_000),
        ("shortest_first", "ageing_ms", 2000, 100, 2500),
        ("shortest_first", "middle_ms", 250, 5, 10_000),
        ("frame_deadline", "frame_us", 16_667, 1000, 50_000),
        ("frame_deadline", "batch_slice_us", 20_000, 1000, 50_000),
        ("frame_deadline", "favour", 4, 1, 8),
        ("layers", "upper", (), 1, 50),
        ("layers", "lower", (), 1, 50),
        ("layers", "slice_us", 5000, 500, 50_000),
        ("layers", "ageing_ms", 200, 20, 1000),
        ("cgroup_weight", "slice_us", 5000, 500, 50_000),
        ("cgroup_weight", "longest_wait_ms", 400, 50, 1000),
        ("cache_local", "cores_per_cache", 0, 0, 256),
        ("cache_local", "second_threads_at", 0, 0, 4096),
        ("cache_local", "patience_us", 1000, 0, 50_000),
        ("cache_local", "slice_us", 8000, 500, 50_000),
        ("warm_cores", "spill_us", 3000, 0, 50_000),
        ("warm_cores", "shrink_ms", 100, 10, 2000),
        ("warm_cores", "slice_us", 5000, 500, 50_000),
        ("phase_switch", "lively_wakes", 20, 2, 10_000),
        ("phase_switch", "lively_slice_us", 2000, 500, 20_000),
        ("phase_switch", "batch_slice_us", 20_000, 1000, 100_000),
        ("phase_switch", "window_ms", 100, 10, 2000),
        ("virtual_deadline", "requests", (), 5, 1000),
        ("virtual_deadline", "request_us", 4000, 500, 20_000),
        ("partners", "slice_us", 5000, 500, 50_000),
        ("partners", "brief_us", 500, 20, 20_000),
        ("lottery", "tickets", (), 1, 10_000),
        ("lottery", "slice_us", 3000, 500, 10_000),
    ],
)
def test_shipped_ranges(
    policy: str, parameter: str, default: ParameterValue, low: int, high: int
) -> None:
    found = _named(policy).parameter(parameter)
    assert (found.default, found.minimum, found.maximum) == (default, low, high)


def test_the_shipped_limits_say_what_is_ignored() -> None:
    assert any("nice" in limit for limit in _named("fifo_rtc").limits)
    assert any("sluggish" in limit for limit in _named("fifo_rtc").limits)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('tags = ["test"]', 'tag = ["test"]', "'tag' is not known"),
        ('tags = ["test"]', "tags = [1]", "not text"),
        ('tags = ["test"]', 'tags = "test"', "not a list"),
        ('title = "Fixture"', "", "title is missing"),
        ('title = "Fixture"', 'title = "  "', "title is empty"),
        ('title = "Fixture"', f'title = "{"x" * 2000}"', "longer than"),
        ('name = "fixture"', 'name = "other"', "the file's own"),
        ('families = ["other"]', 'families = ["unheard"]', "family is not known"),
        ('"fixture.bpf.c"', '"../fixture.bpf.c"', "in the folder of BPF sources"),
        ('"fixture.bpf.c"', '"/etc/passwd"', "in the folder of BPF sources"),
        ("default = 20000", "default = 10", "outside 1000 to 1000000 us"),
        ("default = 20000", "default = 2.5", "whole number"),
        ("default = 20000", "default = 30000", "not the same"),
        ("maximum = 1000000", "maximum = 10", "in order"),
        ("maximum = 1000000", "", "needs a minimum and a maximum"),
        ('type = "integer"', 'type = "float"', "not one of"),
        ('unit = "us"', 'units = "us"', "'units' of a parameter is not known"),
        ('name = "slice_us"', 'name = "slice us"', "small letters"),
        ('name = "slice_us"', 'name = "turn_us"', "on 0 lines"),
        ("[[parameters]]", "[parameters]", "list"),
        ('type = "integer"', 'type = "integer"\nlive = 1', "live of slice_us is either"),
        ('type = "integer"', 'type = "names"\nlive = true', "only integers can"),
        ('type = "integer"', 'type = "integer"\nlive = true', "on 0 lines"),
        ('tags = ["test"]', "tags = [", "not valid TOML"),
    ],
)
def test_wrong_files_are_refused_in_a_sentence(
    before: str, after: str, words: str, folder: Path
) -> None:
    sentence = refusal(with_toml(folder, before, after))
    assert sentence.startswith("fixture.toml: ")
    assert words in sentence
    assert sentence.endswith(".")


LIVE = "LIVE_PARAMETER slice_us = {{ 20000, 1000, {} }};\n"


def test_a_live_parameter_has_the_range_of_the_source(folder: Path) -> None:
    with_toml(folder, 'type = "integer"', 'type = "integer"\nlive = true')
    (folder / "fixture.bpf.c").write_text(LIVE.format(1_000_000))
    (policy,) = load_repository(folder, folder)
    assert policy.parameter("slice_us").live
    (folder / "fixture.bpf.c").write_text(LIVE.format(2_000_000))
    assert "not the same" in refusal(folder)


def test_a_boolean_has_no_range(folder: Path) -> None:
    (folder / "fixture.bpf.c").write_text("const volatile bool slice_us = true;\n")
    text = TOML.replace("default = 20000", "default = true").replace('"integer"', '"boolean"')
    (folder / "fixture.toml").write_text(text)
    assert "true or false" in refusal(folder)


def test_names_can_have_defaults(folder: Path) -> None:
    (folder / "fixture.bpf.c").write_text(
        'const volatile struct name_weight slice_us[HINTS_MAX] = { { "cc", 2000 } };\n'
    )
    text = TOML.replace('"integer"', '"names"')
    rows = 'default = [{ name = "cc", expected_ms = 2000 }]'
    (folder / "fixture.toml").write_text(text.replace("default = 20000", rows))
    (policy,) = load_repository(folder, folder)
    assert policy.parameter("slice_us").default == (NameWeight("cc", 2000),)
    (folder / "fixture.toml").write_text(text.replace("default = 20000", "default = [{}]"))
    assert "exactly the keys" in refusal(folder)


def test_two_parameters_of_one_name_are_refused(folder: Path) -> None:
    parameter = TOML[TOML.index("[[parameters]]") :]
    (folder / "fixture.toml").write_text(TOML + parameter)
    assert "same name" in refusal(folder)


def test_links_are_not_followed(folder: Path) -> None:
    (folder / "real.c").write_text(SOURCE)
    (folder / "fixture.bpf.c").unlink()
    (folder / "fixture.bpf.c").symlink_to(folder / "real.c")
    assert "not a plain file" in refusal(folder)


def test_a_missing_source_is_named(folder: Path) -> None:
    (folder / "fixture.bpf.c").unlink()
    assert "fixture.bpf.c is missing" in refusal(folder)


def test_sizes_are_capped(folder: Path) -> None:
    (folder / "fixture.bpf.c").write_text(SOURCE + "//" + "x" * SOURCE_LIMIT)
    assert "larger than" in refusal(folder)
    (folder / "fixture.toml").write_text(TOML + "#" + "x" * TOML_LIMIT)
    assert "larger than" in refusal(folder)


def test_what_is_not_text_is_refused(folder: Path) -> None:
    (folder / "fixture.bpf.c").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in refusal(folder)


def test_deep_nesting_does_not_break_the_reader(folder: Path) -> None:
    (folder / "fixture.toml").write_text("name = " + "[" * 20_000 + "]" * 20_000)
    assert refusal(folder).startswith("fixture.toml: ")


def test_texts_are_plain_after_loading(folder: Path) -> None:
    (policy,) = load_repository(with_toml(folder, "Fixture", "\\u001b[31mred\\u202e"), folder)
    assert policy.title == "\\x1b[31mred\\u{202e}"


def test_an_empty_folder_is_an_empty_repository(tmp_path: Path) -> None:
    assert load_repository(tmp_path, tmp_path) == ()


def _named(name: str) -> Policy:
    return next(policy for policy in load_repository() if policy.name == name)
