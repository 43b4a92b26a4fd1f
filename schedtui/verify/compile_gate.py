"""The second gate: the source compiles in confinement, twice to the same bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from schedtui.model.verdict import Basis, Digest, Finding, GateName, GateResult, Tool
from schedtui.resources import resource_dir
from schedtui.toolchain.bpf import CompileResult, Diagnostic, Ending, open_compiler
from schedtui.toolchain.confinement import CONFINEMENTS, Confinement
from schedtui.toolchain.errors import NoConfinementError, ToolchainError
from schedtui.verify.basis import basis_of, source_read
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Cost, Draft, rejects, result_of

_MOST_FINDINGS: Final = 10
_OBJECT_KIB: Final = 2048
_LEAST_S: Final = 0.1
"""What the second compile may take when the first took all: so it is started, and then ended."""
_BUSY_SHARE: Final = 2 / 7
"""The part of all its time that a source whose compiles did not end must have computed for to be at
fault; both compiles of a scheduler need less than half of that. Who used less has waited for a
busy machine, or for what never comes."""
_SAY_NOTHING: Final = ("file not found", "#embed is a C23 extension [-Werror,-Wc23-extensions]")


class CompileGate:
    """Compiles where nothing of this machine exists but the compiler and our headers."""

    name = GateName.COMPILE
    cost: ClassVar[Cost] = Cost.SECOND
    needs: ClassVar[tuple[str, ...]] = ("a compiler", "a way to confine it")
    doing = "compiling twice in confinement and comparing the bytes"

    def __init__(
        self, compiler: str = "zig", confinements: Sequence[Confinement] = CONFINEMENTS
    ) -> None:
        self._compiler = compiler
        self._confinements = confinements

    async def run(self, draft: Draft) -> GateResult:
        """Compile; the object stays in the draft when everything is well."""
        started = time.monotonic()
        unread = basis_of([source_read(draft.source)])
        try:
            async with open_compiler(self._compiler, self._confinements) as opened:
                first = await opened.compile(draft.source)
                findings = list(findings_of(first))
                if not rejects(findings):
                    left = max(_LEAST_S, first.allowed_s - first.seconds)
                    findings += differences(first, await opened.compile(draft.source, left))
        except NoConfinementError as error:
            missing = finding("CMP008", sentence=error.sentence)
            return result_of(self.name, started, "no confinement", [missing], unread)
        except ToolchainError as error:
            missing = finding("CMP007", sentence=error.sentence.rstrip("."))
            return result_of(self.name, started, "no compiler", [missing], unread)
        if not rejects(findings):
            draft.object, draft.compiler = first.object, first.compiler
        told = findings[:_MOST_FINDINGS]
        return result_of(self.name, started, _summary(first), told, _basis(draft, first))


def _basis(draft: Draft, made: CompileResult) -> Basis:
    read = source_read(draft.source), Digest("headers", made.headers_sha256)
    tools = Tool("compiler", made.compiler), Tool("confinement", made.confinement)
    return basis_of(read, *tools)


def findings_of(result: CompileResult) -> Iterator[Finding]:
    """Turn what a compile gave into findings."""
    foreign = next(_foreign(result), None)
    if foreign is not None:
        # The compiler's words could now hold lines of a foreign file: they are not passed on.
        yield finding("CMP005", name=Path(foreign).name or foreign)
    elif result.ending is Ending.TIMEOUT:
        yield _took_too_long(result)
    elif result.ending is Ending.TOO_LARGE:
        yield finding("CMP006", limit=_OBJECT_KIB)
    elif result.ending is Ending.REFUSED and (errors := _told(result)):
        yield from map(_diagnostic, errors)
    elif result.ending is not Ending.OBJECT:
        yield finding("CMP003")


def _took_too_long(result: CompileResult) -> Finding:
    seconds = f"{result.seconds:.0f}"
    if result.cpu_seconds < _BUSY_SHARE * result.allowed_s:
        return finding("CMP009", seconds=seconds, used=f"{result.cpu_seconds:.1f}")
    return finding("CMP002", seconds=seconds)


def differences(first: CompileResult, second: CompileResult) -> Iterator[Finding]:
    """Tell what a second compile gave that the first, which made an object, did not."""
    if second.ending is not Ending.OBJECT:
        # Both share one limit on time, so it is told what they took together.
        seconds, cpu_seconds = (
            first.seconds + second.seconds,
            first.cpu_seconds + second.cpu_seconds,
        )
        yield from findings_of(replace(second, seconds=seconds, cpu_seconds=cpu_seconds))
    elif first.object != second.object:
        yield finding("CMP004")


def _foreign(result: CompileResult) -> Iterator[str]:
    headers = allowed_headers()
    yield from (name for name in result.opened if name not in headers)
    names = {"", *(Path(header).name for header in headers)}
    places = {d.file for d in result.diagnostics} - names
    yield from sorted(name for name in places if not _is_no_file(name))


def _is_no_file(name: str) -> bool:
    # The compiler's names for text that it made itself, such as <inline asm>.
    return name.startswith("<") and name.endswith(">")


def _told(result: CompileResult) -> list[Diagnostic]:
    """Return the errors that may be passed on.

    Without a list of opened files nobody knows whose lines the compiler quotes, so only sentences
    that quote none are told. A missing file is why there is no list, so there is one of these.
    """
    errors = [d for d in result.diagnostics if d.severity == "error"]
    if result.listed:
        return errors
    return [d for d in errors if d.text.endswith(_SAY_NOTHING)]


def allowed_headers() -> frozenset[str]:
    """Return the names of the headers a scheduler may see."""
    include = resource_dir("bpf") / "include"
    return frozenset(str(path.relative_to(include)) for path in include.rglob("*.h"))


def _diagnostic(diagnostic: Diagnostic) -> Finding:
    if diagnostic.file:
        place = f"{diagnostic.text} (in {diagnostic.file}:{diagnostic.line})"
        return finding("CMP001", text=place)
    return finding("CMP001", diagnostic.line, text=diagnostic.text)


def _summary(result: CompileResult) -> str:
    if result.object is None:
        return f"{result.ending.value}, {result.compiler} confined by {result.confinement}"
    made = f"{len(result.object)} bytes in {result.seconds * 1000:.0f} ms"
    return f"{made}, {result.compiler} confined by {result.confinement}"
