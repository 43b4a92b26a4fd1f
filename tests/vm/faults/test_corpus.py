"""The corpus is read whole, states only what can be checked, and refuses what is stated wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.model.verdict import Finding, GateName, GateResult, Severity
from schedtui.verify.catalogue import entries
from tests.perf.verify_tally import Tally
from tests.vm.faults.corpus import (
    SERIES,
    CorpusError,
    Stop,
    faults,
    read_fault,
    without_duplicates,
)
from tests.vm.faults.running.proof import agrees, proofs

HEAD = "/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0\n *\n"
FAULT = " * fault: F99 - does something\n"
STOPS = " * stops: rules SRC030\n"
LEAST = 90


def written(folder: Path, text: str, name: str = "F99_sample.bpf.c") -> Path:
    path = folder / "static" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_there_are_enough_and_none_twice() -> None:
    assert len(faults()) >= LEAST
    assert len({fault.source for fault in faults() if not fault.change}) == len(
        [fault for fault in faults() if not fault.change]
    )


def test_every_code_exists() -> None:
    known = {entry.code for entry in entries()}
    for fault in faults():
        stated = [fault.stops, *fault.alone, *(s for _, s in fault.overrides)]
        assert {code for stop in stated for code in stop.codes} <= known, fault.id


def test_a_fault_is_stopped_somewhere_on_every_kernel() -> None:
    for fault in faults():
        assert all(fault.stops_on(series).codes for series in SERIES), fault.id


def test_all_fields_are_read(tmp_path: Path) -> None:
    more = (
        " * stops on 6.16: kernel KRN008, KRN001\n * object: OBJ008\n * kernel: accepts\n"
        " * kernel on 7.2: KRN006\n * harm: kill\n */\n"
    )
    fault = read_fault(
        written(tmp_path, HEAD + FAULT + " *   and more\n" + STOPS + more + "int x;")
    )
    assert (fault.id, fault.name, fault.group) == ("F99", "sample", "static")
    assert fault.sentence == "does something and more"
    assert fault.stops_on("7.0") == Stop(GateName.RULES, ("SRC030",))
    assert fault.stops_on("6.16") == Stop(GateName.KERNEL, ("KRN008", "KRN001"))
    assert fault.alone_on(GateName.OBJECT) == Stop(GateName.OBJECT, ("OBJ008",))
    assert fault.alone_on(GateName.KERNEL, "7.0") == Stop(GateName.KERNEL, ())
    assert fault.alone_on(GateName.KERNEL, "7.2") == Stop(GateName.KERNEL, ("KRN006",))
    assert fault.alone_on(GateName.COMPILE) is None
    assert fault.harm == "kill"
    assert fault.source.endswith("int x;")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("int x;", "licence line"),
        ("/* fault: F99 - x\n" + STOPS + " */", "licence line"),
        (HEAD + STOPS + " */", "'fault' is missing"),
        (HEAD + FAULT + " */", "'stops' is missing"),
        (HEAD + " * fault: F98 - another\n" + STOPS + " */", "'fault: F99 - ...' is needed"),
        (HEAD + " * fault: F99\n" + STOPS + " */", "'fault: F99 - ...' is needed"),
        (HEAD + FAULT + STOPS + STOPS + " */", "there twice"),
        (HEAD + FAULT + " * stops: nowhere SRC030\n */", "is no gate"),
        (HEAD + FAULT + " * stops: rules\n */", "is no code"),
        (HEAD + FAULT + " * stops: rules SRC30\n */", "is no code"),
        (HEAD + FAULT + STOPS + " * stops on 5.4: rules SRC030\n */", "unknown field"),
        (HEAD + FAULT + STOPS + " * colour: red\n */", "unknown field"),
        (HEAD + FAULT + STOPS + " * and then some words\n */", "is no field"),
    ],
)
def test_what_is_stated_wrongly_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CorpusError, match=told):
        read_fault(written(tmp_path, text))


def test_a_file_must_be_named_like_a_fault(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no name for a fault"):
        read_fault(written(tmp_path, HEAD + FAULT + STOPS + " */", "sample.bpf.c"))


def test_an_id_stands_for_one_fault(tmp_path: Path) -> None:
    fault = read_fault(written(tmp_path, HEAD + FAULT + STOPS + " */"))
    with pytest.raises(CorpusError, match="F99 is both"):
        without_duplicates([fault, fault])


def refused(gate: GateName, code: str) -> GateResult:
    """Return what a gate says that refuses with one finding."""
    return GateResult(gate, False, 0.0, "", (Finding(code, Severity.ERROR, "", ""),))


@pytest.mark.parametrize(
    ("on_6_16", "differing"),
    [
        (refused(GateName.RULES, "SRC020"), 0),
        (refused(GateName.COMPILE, "CMP003"), 0),
        (refused(GateName.COMPILE, "CMP004"), 1),
        (GateResult(GateName.OBJECT, True, 0.0, "", ()), 1),
    ],
)
def test_kernels_may_differ_only_as_is_stated(
    tmp_path: Path, on_6_16: GateResult, differing: int
) -> None:
    stated = " * stops: rules SRC020\n * stops on 6.16: compile CMP003\n */\n"
    fault = read_fault(written(tmp_path, HEAD + FAULT + stated))
    tally = Tally("faults")
    for series in SERIES:
        usual = refused(GateName.RULES, "SRC020")
        tally.add(fault, series, on_6_16 if series == "6.16" else usual)
    assert tally.rows()[1].value == differing


def test_an_end_may_be_left_to_chance_where_that_is_stated() -> None:
    (ring,) = (proof for proof in proofs() if proof.fault.id == "F73")
    assert agrees(ring, "lost: the guest is gone", "6.16")
    assert agrees(ring, "runnable task stall: a[1] failed to run for 1.2s", "6.16")
    assert not agrees(ring, "stays", "6.16")
    assert not agrees(ring, "runnable task stall: a[1] failed to run for 1.2s", "7.0")
