"""``--set NAME=VALUE``: read strictly, checked against the policy."""

from __future__ import annotations

import pytest

from schedtui.model.goal import Family
from schedtui.model.policy import NameWeight, Parameter, ParameterType, Policy
from schedtui.policy.assignments import read_assignments
from schedtui.policy.errors import PolicyError

POLICY = Policy(
    name="mine",
    title="",
    description="",
    families=(Family.SERVICE,),
    tags=(),
    use_cases=(),
    limits=(),
    requires=(),
    parameters=(
        Parameter("slice_us", ParameterType.INTEGER, 5, "us", "", 1, 1000),
        Parameter("fast", ParameterType.BOOLEAN, False, "", ""),
        Parameter("weights", ParameterType.NAMES, (), "ms", "", 1, 1000),
    ),
    source_name="mine.bpf.c",
    source="",
)


def test_each_type_is_read() -> None:
    values = read_assignments(POLICY, ["slice_us=70", "fast=true", "weights=cc1:900,a:b=c:5"])
    assert values == {
        "slice_us": 70,
        "fast": True,
        "weights": (NameWeight("cc1", 900), NameWeight("a:b=c", 5)),
    }
    assert read_assignments(POLICY, []) == {}
    assert read_assignments(POLICY, ["weights="]) == {"weights": ()}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("slice_us", "NAME=VALUE"),
        ("slice_us=", "whole numbers"),
        ("slice_us=1_0", "whole numbers"),
        ("slice_us=٣", "whole numbers"),
        ("slice_us=" + "9" * 5000, "whole numbers"),
        ("slice_us=0", "outside 1 to 1000 us"),
        ("fast=yes", "true or false"),
        ("weights=cc1", "whole numbers"),
        ("weights=:5", "empty"),
        ("other=1", "has no parameter called 'other'; it has: slice_us, fast, weights"),
        ("\x1b=1", r"\\x1b"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, reason: str) -> None:
    with pytest.raises(PolicyError, match=reason):
        read_assignments(POLICY, [text])


def test_a_parameter_is_given_once() -> None:
    with pytest.raises(PolicyError, match="given twice"):
        read_assignments(POLICY, ["fast=true", "fast=false"])
