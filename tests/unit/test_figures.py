"""The table that a run ends with: what it counts, and where it stands."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from schedtui.model.verdict import Basis, GateName, GateResult, Tool
from tests.figures import Figures, said, table

CLOSING = r"=+ 2 passed in [0-9.]+s.* =+"


def answer(gate: GateName, *, passed: bool, seconds: float = 0.2, on: str = "") -> GateResult:
    basis = Basis((), (Tool("kernel", on),) if on else ())
    return GateResult(gate, passed, seconds, "", basis=basis)


class Run:
    """A run of tests, one report each."""

    def __init__(self) -> None:
        self.reports: list[pytest.TestReport] = []
        self._said: list[tuple[str, object]] = []

    def test(self) -> Figures:
        """Begin a test."""
        self._said = []
        return Figures(lambda name, value: self._said.append((name, value)))

    def ended(self, name: str) -> None:
        """End it: pytest reports what it said twice, once for the call and once for the end."""
        place = ("", 0, "")
        self.reports += [
            pytest.TestReport(name, place, {}, "passed", None, "call", user_properties=self._said),
            pytest.TestReport(
                name, place, {}, "passed", None, "teardown", user_properties=self._said
            ),
        ]

    @property
    def lines(self) -> list[str]:
        return [" ".join(line.split()) for line in table(said(self.reports))]


def test_what_went_wrong_is_counted_and_named() -> None:
    run = Run()
    for identity, gate, right, alone in (
        ("F01", GateName.RULES, True, False),
        ("F02", GateName.RULES, False, False),
        ("F17", GateName.KERNEL, True, False),
        ("F17", GateName.OBJECT, True, True),
    ):
        result = answer(gate, passed=False)
        run.test().fault(identity, result, as_stated=right, alone=alone)
        run.ended(f"{identity}{gate}")
    for name, passed, on in (("fair", True, ""), ("fair", False, "7.0.13"), ("fifo", True, "")):
        run.test().good(name, answer(GateName.KERNEL, passed=passed, on=on))
        run.ended(f"{name}{on}")
    assert run.lines == [
        "faults stopped where stated 2/3 rules 1/2, kernel 1/1; not so: F02",
        "gates alone said what is stated 1/1 object 1/1",
        "good sources refused 1/3 0/2 without a kernel, 1/1 by 7.0.13",
    ]


def _divide_by(*divisors: int, figures: Figures) -> None:
    with figures.mutations("token") as counted:
        for divisor in divisors:
            with counted.one():
                counted.accepted += 1 // divisor


def test_a_crash_is_counted_though_the_test_ends_by_it() -> None:
    run = Run()
    with pytest.raises(ZeroDivisionError):
        _divide_by(2, 1, 0, figures=run.test())
    run.ended("a")
    with run.test().mutations("token") as counted, counted.one():
        pass
    run.ended("b")
    assert run.lines == ["mutations: token 4 tried, 1 accepted, 1 crashed"]


def test_a_test_that_is_run_again_counts_once() -> None:
    run = Run()
    figures = run.test()
    figures.gates(answer(GateName.KERNEL, passed=True, seconds=0.1, on="7.0.13"))
    run.ended("one")
    figures.gates(answer(GateName.KERNEL, passed=True, seconds=0.3, on="7.0.13"))
    run.ended("one")
    assert run.lines == ["answers of kernels 2 7.0.13", "kernel gate, median 200 ms of 2 answers"]


def test_a_run_that_said_nothing_has_no_table() -> None:
    run = Run()
    run.test()
    run.ended("one")
    assert run.lines == []


def test_a_run_ends_with_its_own_figures_and_then_pytests_closing_line() -> None:
    fault = "tests/vm/faults/test_static_faults.py::test_stopped_where_it_should_be[F01]"
    seal = "tests/mutation/test_token_mutations.py::test_every_bit_of_the_seal_counts"
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider", fault, seal],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    *before, last = ended.stdout.strip().splitlines()
    assert re.fullmatch(CLOSING, last), ended.stdout + ended.stderr
    shown = [" ".join(line.split()) for line in before]
    assert "faults stopped where stated 1/1 rules 1/1" in shown
    assert "mutations: token 512 tried, 0 accepted, 0 crashed" in shown
    assert not any(line.startswith(("good sources", "kernel gate")) for line in shown)
