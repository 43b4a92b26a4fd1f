"""Sound schedulers pass every gate that judges without running them.

Here on the default kernel, on all four of the corpus in ``make bench-verify``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.verify.gate import Draft
from schedtui.verify.kernel_gate import KernelGate
from tests.figures import Figures
from tests.vm.faults.corpus import DEFAULT, FOLDER
from tests.vm.faults.gates import errors, judged, plain_gates, seen
from tests.vm.faults.kernels import OneGuest

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="module")]

GOOD = sorted((FOLDER / "good").glob("*.bpf.c"))
LEAST = 20

_drafts: dict[str, Draft] = {}


def name_of(path: Path) -> str:
    """Return the name that a scheduler's file gives it."""
    return path.name.removesuffix(".bpf.c")


async def asked_without_a_kernel(path: Path) -> Draft:
    """Return the draft after the gates that need no kernel."""
    name = name_of(path)
    if name not in _drafts:
        _drafts[name] = Draft(name, path.read_text("utf-8"))
        await judged(_drafts[name], plain_gates())
    return _drafts[name]


async def test_there_are_enough() -> None:
    assert len(GOOD) >= LEAST


@pytest.mark.parametrize("path", GOOD, ids=name_of)
async def test_passes_without_a_kernel(path: Path, figures: Figures) -> None:
    draft = await asked_without_a_kernel(path)
    last = draft.results[-1]
    figures.good(draft.name, last)
    figures.gates(*draft.results)
    assert last.passed, seen(last)
    assert draft.object is not None
    assert draft.facts is not None
    assert draft.facts.ops_name == name_of(path)


@pytest.mark.parametrize("path", GOOD, ids=name_of)
@pytest.mark.parametrize("asked", [DEFAULT], indirect=True)
async def test_passes_on_the_default_kernel(asked: OneGuest, path: Path, figures: Figures) -> None:
    result = await KernelGate(asked).run(await asked_without_a_kernel(path))
    figures.good(name_of(path), result)
    figures.gates(result)
    assert result.passed, f"{asked.series}: {seen(result)}"
    assert errors(result.findings) == []
