"""What of a verdict speaks against a candidate, and what says that nothing is known."""

from __future__ import annotations

import pytest

from schedtui.engine.trying import no_result, rejections
from schedtui.model.verdict import Finding, GateName, GateResult, Severity
from schedtui.verify.gate import Draft, result_of
from schedtui.verify.trial_gate import GUARDRAIL_CODE
from schedtui.verify.verifier import UNDECIDED_CODES, verify
from tests.fakes.trying import StoppingGate


class Raising(StoppingGate):
    """Breaks off."""

    async def run(self, draft: Draft) -> GateResult:
        """Break off."""
        raise ValueError(draft.name)


def error(code: str) -> Finding:
    return Finding(code, Severity.ERROR, f"{code} it is.")


@pytest.mark.parametrize("code", sorted(UNDECIDED_CODES))
async def test_what_a_gate_could_not_decide_is_no_rejection(code: str) -> None:
    verdict, _ = await verify(Draft("mine", ""), [StoppingGate(error(code))], lambda _: None)
    assert rejections(verdict.gates) == ()
    assert no_result(verdict.gates) == f"{code} it is."


async def test_a_gate_that_breaks_off_is_no_rejection() -> None:
    verdict, _ = await verify(Draft("mine", ""), [Raising(error("KRN001"))], lambda _: None)
    assert rejections(verdict.gates) == ()
    assert "ValueError" in no_result(verdict.gates)


async def test_what_is_found_is_a_rejection_also_beside_what_is_not_known() -> None:
    verdict, _ = await verify(Draft("", ""), [StoppingGate(error("KRN001"))], lambda _: None)
    assert (rejections(verdict.gates), no_result(verdict.gates)) == (("KRN001 it is.",), "")
    both = result_of(GateName.BATTERY, 0.0, "", [error("TRL005"), error("TRL009")])
    assert (rejections([both]), no_result([both])) == (("TRL009 it is.",), "")
    rail = result_of(GateName.TRIAL, 0.0, "", [error(GUARDRAIL_CODE)])
    assert (rejections([rail]), no_result([rail])) == ((), "")
