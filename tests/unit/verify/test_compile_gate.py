"""The compile gate on real compiles."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from schedtui.toolchain.bpf import CompileResult, Diagnostic, Ending
from schedtui.toolchain.compilers import find_compiler
from schedtui.toolchain.confined import Launch
from schedtui.toolchain.confinement import Bubblewrap, Job
from schedtui.toolchain.errors import NoConfinementError
from schedtui.toolchain.probe import find_confinement
from schedtui.verify.codes import ALL
from schedtui.verify.compile_gate import CompileGate, allowed_headers, differences, findings_of
from schedtui.verify.gate import Draft
from schedtui.verify.verifier import verify
from tests.unit.verify.sources import scheduler, with_enqueue


async def test_good_source_leaves_its_object() -> None:
    draft = Draft("sample", scheduler())
    said = await CompileGate().run(draft)
    assert said.passed
    assert said.findings == ()
    assert draft.object is not None
    assert draft.object.startswith(b"\x7fELF")
    assert f"{len(draft.object)} bytes" in said.summary


async def test_error_has_its_line() -> None:
    source = with_enqueue("\tno_such_function(p);")
    draft = Draft("sample", source)
    said = await CompileGate().run(draft)
    assert not said.passed
    assert draft.object is None
    assert {f.code for f in said.findings} == {"CMP001"}
    line = next(i for i, text in enumerate(source.split("\n"), 1) if "no_such" in text)
    assert said.findings[0].line == line
    assert "no_such_function" in said.findings[0].sentence


def test_foreign_file_is_refused_and_nothing_is_quoted() -> None:
    quoted = Diagnostic("error", "unknown type name 'TOP_SECRET'", 1, 1, "secret.h")
    opened = CompileResult(None, (), 0.1, "zig", Ending.OBJECT, ("schedtui.h", "/etc/secret.h"))
    placed = CompileResult(None, (quoted,), 0.1, "zig", Ending.REFUSED, listed=False)
    for result in (opened, placed):
        (found,) = findings_of(result)
        assert found.code == "CMP005"
        assert "secret.h" in found.sentence
        assert "TOP" not in found.sentence


def test_without_a_list_only_the_missing_file_is_told() -> None:
    said = tuple(Diagnostic("error", text, 1) for text in ("a quote", "'x.h' file not found"))
    (found,) = findings_of(CompileResult(None, said, 0.1, "zig", Ending.REFUSED, listed=False))
    assert "x.h" in found.sentence
    (found,) = findings_of(CompileResult(None, said[:1], 0.1, "zig", Ending.REFUSED, listed=False))
    assert found.code == "CMP003"


async def test_without_confinement_nothing_is_compiled() -> None:
    draft = Draft("sample", scheduler())
    said = await CompileGate(confinements=()).run(draft)
    assert [f.code for f in said.findings] == ["CMP008"]
    assert draft.object is None
    assert not said.passed


async def test_summary_names_the_confinement() -> None:
    said = await CompileGate().run(Draft("sample", scheduler()))
    assert said.summary.endswith(("confined by bubblewrap", "confined by Landlock"))


@dataclass(frozen=True)
class LateBubblewrap(Bubblewrap):
    """Starts a compiler late; what only asks whether it confines is not held up."""

    late: str = "sleep 2"
    """What it does before, in two seconds."""

    @contextmanager
    def prepared(self, job: Job) -> Iterator[Launch]:
        """See the port."""
        with super().prepared(job) as launch:
            waits = ("sh", "-c", f'{self.late}; exec "$@"', "sh", *launch.command)
            yield replace(launch, command=waits) if "-MD" in job.command else launch


@pytest.mark.parametrize(
    ("late", "code"), [("timeout 2 sh -c 'while :; do :; done'", "CMP002"), ("sleep 2", "CMP009")]
)
async def test_both_compiles_share_one_limit_and_only_computing_counts_against_a_source(
    late: str, code: str
) -> None:
    ways = (LateBubblewrap(late=late),)
    try:
        await find_confinement(await find_compiler("zig"), ways)
    except NoConfinementError as error:
        pytest.skip(error.sentence)
    started = time.monotonic()
    verdict, _ = await verify(
        Draft("sample", scheduler()), [CompileGate(confinements=ways)], lambda _: None
    )
    (said,) = verdict.gates
    assert [f.code for f in said.findings] == [code]
    assert not said.passed
    assert said.inconclusive is (code == "CMP009")
    # The product's own limit is 4.8 s; the rest is for a machine that does other things as well.
    assert time.monotonic() - started < 7.0


async def test_missing_compiler_is_a_no(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = await CompileGate("clang").run(Draft("sample", scheduler()))
    assert not said.passed
    assert [f.code for f in said.findings] == ["CMP007"]


def test_second_compile_must_give_the_same() -> None:
    first = CompileResult(b"one", (), 0.6, "zig")
    assert list(differences(first, CompileResult(b"one", (), 0.2, "zig"))) == []
    (found,) = differences(first, CompileResult(b"two", (), 0.1, "zig"))
    assert found.code == "CMP004"
    late = CompileResult(None, (), 3.1, "zig", Ending.TIMEOUT, cpu_seconds=0.8)
    (found,) = differences(replace(first, cpu_seconds=0.3), late)
    assert found.code == "CMP002"
    assert "after 4 s" in found.sentence  # both together, to the second


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (Ending.TIMEOUT, "CMP002"),
        (Ending.CRASH, "CMP003"),
        (Ending.TOO_LARGE, "CMP006"),
        (Ending.REFUSED, "CMP001"),
    ],
)
def test_every_ending_has_a_code(ending: Ending, code: str) -> None:
    said = (Diagnostic("note", "ignored", 1), Diagnostic("error", "bad", 3, 4))
    (found,) = findings_of(CompileResult(None, said, 5.0, "zig", ending, cpu_seconds=3.0))
    assert found.code == code


@pytest.mark.parametrize(("computed_s", "code"), [(9.0, "CMP009"), (80.0, "CMP002")])
def test_where_compiles_are_granted_more_they_may_compute_more(
    computed_s: float, code: str
) -> None:
    late = CompileResult(
        None, (), 90.0, "zig", Ending.TIMEOUT, cpu_seconds=computed_s, allowed_s=90.0
    )
    (found,) = findings_of(late)
    assert found.code == code


def test_error_in_a_header_names_it() -> None:
    said = (Diagnostic("error", "bad", 30, 4, "schedtui.h"),)
    (found,) = findings_of(CompileResult(None, said, 0.1, "zig", Ending.REFUSED))
    assert found.line == 0
    assert "schedtui.h:30" in found.sentence


def test_headers_are_the_folders() -> None:
    assert {"schedtui.h", "schedtui_base.h"} <= allowed_headers()


def test_all_codes_are_covered() -> None:
    tried = {f"CMP00{number}" for number in range(1, 10)}
    assert tried == {e.code for e in ALL if e.code.startswith("CMP")}
