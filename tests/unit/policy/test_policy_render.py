"""Parameters become exactly one line each, or nothing is rendered."""

from __future__ import annotations

import re
import string
from dataclasses import replace

import pytest

from schedtui.model.goal import Family
from schedtui.model.policy import NameWeight, Parameter, ParameterType, ParameterValue, Policy
from schedtui.policy.errors import PolicyError
from schedtui.policy.render import complete, render
from schedtui.policy.repository import load_repository
from schedtui.policy.values import MAX_ROWS, load_values

SOURCE = """/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include "schedtui.h"

const volatile struct name_weight hints[HINTS_MAX] = {};
/* longest turn */
const volatile u64 slice_us = 20000;
const volatile bool preempt_on_wakeup = true;
static u64 slice_us_unused = 20000;
"""

POLICY = Policy(
    name="fixture",
    title="Fixture",
    description="A policy for tests.",
    families=(Family.OTHER,),
    tags=(),
    use_cases=(),
    limits=(),
    requires=(),
    parameters=(
        Parameter("hints", ParameterType.NAMES, (), "ms", "Run times.", 1, 3_600_000),
        Parameter("slice_us", ParameterType.INTEGER, 20_000, "us", "Turn.", 1000, 1_000_000),
        Parameter("preempt_on_wakeup", ParameterType.BOOLEAN, default=True, unit="", meaning="."),
    ),
    source_name="fixture.bpf.c",
    source=SOURCE,
)


def line_with(source: str, name: str) -> str:
    lines = [line for line in source.splitlines() if re.search(rf"\b{name}\b", line)]
    assert len(lines) == 1
    return lines[0]


def test_defaults_leave_the_source_as_it_is() -> None:
    assert render(POLICY, {}) == SOURCE
    assert render(POLICY, dict(complete(POLICY, {}))) == SOURCE


@pytest.mark.parametrize("policy", load_repository(), ids=lambda policy: policy.name)
def test_defaults_of_the_shipped_policies_leave_their_source_as_it_is(policy: Policy) -> None:
    assert render(policy, {}) == policy.source


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("slice_us", 5000, "const volatile u64 slice_us = 5000;"),
        ("preempt_on_wakeup", False, "const volatile bool preempt_on_wakeup = false;"),
        (
            "hints",
            (NameWeight("stage-b", 1000), NameWeight("stage-a", 50)),
            (
                "const volatile struct name_weight hints[HINTS_MAX] = "
                '{ { "stage-b", 1000 }, { "stage-a", 50 } };'
            ),
        ),
    ],
)
def test_a_value_changes_its_own_line_only(name: str, value: ParameterValue, line: str) -> None:
    rendered = render(POLICY, {name: value})
    assert line_with(rendered, name) == line
    others = zip(SOURCE.splitlines(), rendered.splitlines(), strict=True)
    assert sum(before != after for before, after in others) == 1


def test_a_live_parameter_is_written_with_its_range() -> None:
    turn = replace(POLICY.parameter("slice_us"), live=True)
    line = "LIVE_PARAMETER slice_us = { 20000, 1000, 1000000 };\n"
    source = SOURCE.replace("const volatile u64 slice_us = 20000;\n", line)
    policy = replace(POLICY, parameters=(turn,), source=source)
    assert render(policy, {}) == source
    assert render(policy, {"slice_us": 5000}) == source.replace("{ 20000,", "{ 5000,")


def test_rendering_twice_gives_the_same_bytes() -> None:
    values: dict[str, ParameterValue] = {"slice_us": 7000, "hints": (NameWeight("a", 1),)}
    assert render(POLICY, values) == render(POLICY, values)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("slice_us", 999, "outside 1000 to 1000000 us"),
        ("slice_us", 1_000_001, "outside"),
        ("slice_us", True, "whole number"),
        ("preempt_on_wakeup", 1, "true or false"),
        ("hints", (NameWeight("x" * 16, 5),), "over 15 bytes"),
        ("hints", (NameWeight("é" * 8, 5),), "over 15 bytes"),
        ("hints", (NameWeight("", 5),), "empty"),
        ("hints", (NameWeight("a\nb", 5),), "not printable"),
        ("hints", (NameWeight("a", 0),), "outside"),
        ("hints", (NameWeight("a", 5), NameWeight("a", 6)), "twice"),
        ("hints", tuple(NameWeight(str(i), 5) for i in range(MAX_ROWS + 1)), "at most 16"),
        ("hints", 5, "table of process names"),
        ("unheard_of", 5, "no parameter called"),
    ],
)
def test_wrong_values_are_refused_in_a_sentence(
    name: str, value: ParameterValue, words: str
) -> None:
    with pytest.raises(PolicyError, match=words) as caught:
        render(POLICY, {name: value})
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "source",
    [
        SOURCE.replace("const volatile u64 slice_us = 20000;\n", ""),
        SOURCE + "const volatile u64 slice_us = 20000;\n",
        SOURCE.replace("const volatile u64 slice_us", "const volatile u32 slice_us"),
        SOURCE.replace("slice_us = 20000;\n", "slice_us = 20000; /* us */\n"),
    ],
)
def test_a_source_without_exactly_one_line_is_refused(source: str) -> None:
    with pytest.raises(PolicyError, match="exactly one is needed"):
        render(replace(POLICY, source=source), {})


@pytest.mark.parametrize("char", [*sorted(set(string.printable) - set(string.whitespace)), "é"])
def test_no_character_of_a_name_leaves_its_string(char: str) -> None:
    rendered = render(POLICY, {"hints": (NameWeight(f'{char}7"; x', 5),)})
    line = line_with(rendered, "hints")
    text = re.fullmatch(r'.* = \{ \{ "((?:[^"\\]|\\[0-7]{3})*)", 5 \} \};', line)
    assert text is not None
    plain = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m.group(1), 8)), text.group(1))
    assert plain.encode("latin-1").decode() == f'{char}7"; x'
    assert "?" not in text.group(1)


def test_complete_names_every_parameter_in_order() -> None:
    assert complete(POLICY, {"slice_us": 5000}) == (
        ("hints", ()),
        ("slice_us", 5000),
        ("preempt_on_wakeup", True),
    )


def test_values_to_load_are_numbers_in_the_policys_order() -> None:
    chosen: dict[str, ParameterValue] = {"preempt_on_wakeup": False, "slice_us": 4000}
    assert load_values(POLICY, chosen) == (("slice_us", 4000), ("preempt_on_wakeup", 0))
    assert load_values(POLICY, {}) == ()


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"slice": 4000}, "no parameter called 'slice'"),
        ({"slice_us": 999}, "outside 1000 to 1000000 us"),
        ({"slice_us": True}, "whole number"),
        ({"slice_us": "4000"}, "whole number"),
        ({"preempt_on_wakeup": 1}, "either true or false"),
        ({"hints": ()}, "set in the source only"),
    ],
)
def test_other_values_are_not_loaded(chosen: dict[str, ParameterValue], reason: str) -> None:
    with pytest.raises(PolicyError, match=reason):
        load_values(POLICY, chosen)
