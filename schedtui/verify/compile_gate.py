"""The second gate: the source compiles, twice to the same bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding, GateName, GateResult
from schedtui.resources import resource_dir
from schedtui.toolchain.bpf import CompileResult, Diagnostic, Ending, compile_bpf
from schedtui.toolchain.errors import ToolchainError
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Draft, rejects, result_of

_MOST_FINDINGS: Final = 10
_OBJECT_KIB: Final = 2048


class CompileGate:
    """Compiles in a private folder with nothing but our headers."""

    name = GateName.COMPILE
    doing = "compiling twice and comparing the bytes"

    def __init__(self, compiler: str = "zig") -> None:
        self._compiler = compiler

    async def run(self, draft: Draft) -> GateResult:
        """Compile; the object stays in the draft when everything is well."""
        started = time.monotonic()
        try:
            first = await compile_bpf(draft.source, compiler=self._compiler, fresh=True)
            findings = list(findings_of(first))
            if not rejects(findings):
                second = await compile_bpf(draft.source, compiler=self._compiler, fresh=True)
                findings += _differences(first, second)
        except ToolchainError as error:
            missing = finding("CMP007", sentence=error.sentence.rstrip("."))
            return result_of(self.name, started, "no compiler", [missing])
        if not rejects(findings):
            draft.object = first.object
        return result_of(self.name, started, _summary(first), findings[:_MOST_FINDINGS])


def findings_of(result: CompileResult) -> Iterator[Finding]:
    """Turn what a compile gave into findings."""
    foreign = [name for name in result.opened if name not in allowed_headers()]
    if foreign:
        # The compiler's words could now hold lines of a foreign file: they are not passed on.
        yield finding("CMP005", name=foreign[0])
        return
    if result.ending is Ending.TIMEOUT:
        yield finding("CMP002", seconds=f"{result.seconds:.0f}")
    elif result.ending is Ending.TOO_LARGE:
        yield finding("CMP006", limit=_OBJECT_KIB)
    elif result.ending is Ending.CRASH:
        yield finding("CMP003")
    elif result.ending is Ending.REFUSED:
        yield from map(_diagnostic, (d for d in result.diagnostics if d.severity == "error"))


def allowed_headers() -> frozenset[str]:
    """Return the names of the headers a scheduler may see."""
    include = resource_dir("bpf") / "include"
    return frozenset(str(path.relative_to(include)) for path in include.rglob("*.h"))


def _diagnostic(diagnostic: Diagnostic) -> Finding:
    if diagnostic.file:
        place = f"{diagnostic.text} (in {diagnostic.file}:{diagnostic.line})"
        return finding("CMP001", text=place)
    return finding("CMP001", diagnostic.line, text=diagnostic.text)


def _differences(first: CompileResult, second: CompileResult) -> Iterator[Finding]:
    if second.ending is not Ending.OBJECT:
        yield from findings_of(second)
    elif first.object != second.object:
        yield finding("CMP004")


def _summary(result: CompileResult) -> str:
    if result.object is None:
        return f"{result.compiler}: {result.ending.value}"
    return f"{len(result.object)} bytes, {result.compiler}, {result.seconds * 1000:.0f} ms"
