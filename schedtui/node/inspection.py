"""Loading an object without attaching it, to hear what the kernel verifier says of it."""

from __future__ import annotations

import ctypes
import errno
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from schedtui.model.protocol import Parameters
from schedtui.model.text import safe_lines, safe_text
from schedtui.model.verdict import InspectReport
from schedtui.node.interrupting import interrupted_after
from schedtui.node.libbpf import (
    LOG_STATISTICS,
    LOG_TRACE,
    BpfObject,
    LibbpfError,
    libbpf_version,
    take_notes,
)
from schedtui.node.preparing import OpsError, ParameterError, Prepared, prepare
from schedtui.node.trace import room, statistics_of

_TIMEOUT_MS: Final = 1000
_LOG_LINES: Final = 60
_LINE_BYTES: Final = 400

_FAILED_PROGRAM: Final = re.compile(r"prog '([A-Za-z0-9_]{1,64})': (?:failed to load|BPF program)")
_STATISTICS_LINES: Final = (
    "processed ",
    "insns processed ",
    "verification time ",
    "stack depth ",
    "mark_precise",
)

_ALL: Final = LOG_STATISTICS | LOG_TRACE


TRACE_INSNS: Final = 200_000
"""Programs that take the verifier more instructions than this are not traced to their end."""
_TRACE_SECONDS: Final = 5.0
"""How long a trace may take before somebody looks whether it is worth it; it slows the verifier
down some twenty times."""


def inspect(data: bytes, parameters: Parameters = ()) -> InspectReport:
    """Load ``data`` without attaching it and report what the kernel verifier said.

    Almost always one load with the whole trace. Where that takes long, the verifier is asked
    without a trace first: what it refuses, or what is too large, needs none.
    """
    traced, number = _attempt(data, parameters, _ALL, _TRACE_SECONDS)
    if number == errno.EAGAIN:
        plain, _ = _attempt(data, parameters, LOG_STATISTICS)
        if not plain.ok:
            return replace(plain, log=(*traced.log, *plain.log))
        if large := _too_large(plain):
            return replace(plain, cut_traces=large)
        traced, number = _attempt(data, parameters, _ALL)
    if number == errno.ENOSPC:
        return _without_trace(data, parameters, traced)
    return traced


def _too_large(report: InspectReport) -> tuple[str, ...]:
    return tuple(p.name for p in report.programs if p.processed_insns > TRACE_INSNS)


def _without_trace(data: bytes, parameters: Parameters, traced: InspectReport) -> InspectReport:
    """Ask again: longer than its room, a trace fails the load whatever the verifier found."""
    plain, _ = _attempt(data, parameters, LOG_STATISTICS)
    if plain.ok:
        return replace(plain, cut_traces=(traced.failed_program,))
    return replace(plain, log=(*traced.log, *plain.log))


def _attempt(
    data: bytes, parameters: Parameters, level: int, seconds: float = math.inf
) -> tuple[InspectReport, int]:
    """Load once; returns the report and the number of the error, 0 when there is none."""
    began = time.monotonic()
    try:
        opened = BpfObject(data, "inspected")
    except LibbpfError as error:
        return _refused_by_us(error, began), error.number
    try:
        prepared = prepare(opened, name="", timeout_ms=_TIMEOUT_MS, parameters=parameters)
        with room(len(opened.programs)) as buffers:
            return _loaded(opened, prepared, _Log(level, buffers, seconds), began)
    except LibbpfError as error:
        return _refused_by_us(error, began), error.number
    except (OpsError, ParameterError) as error:
        return _refused_by_us(error, began), errno.EINVAL
    finally:
        take_notes()
        opened.close()


@dataclass(frozen=True, slots=True)
class _Log:
    level: int
    buffers: Sequence[ctypes.Array[ctypes.c_char]]
    seconds: float


def _loaded(
    opened: BpfObject, prepared: Prepared, log: _Log, began: float
) -> tuple[InspectReport, int]:
    for program, buffer in zip(opened.programs, log.buffers, strict=True):
        program.capture_log(buffer, log.level)
    take_notes()
    try:
        _load(opened, log.seconds)
    except LibbpfError as error:
        return _refused(opened, str(error), began), error.number
    report = InspectReport(
        ok=True,
        programs=tuple(statistics_of(program) for program in opened.programs),
        error="",
        log=(),
        seconds=time.monotonic() - began,
        ops_sha256=prepared.ops_sha256,
        rodata_sha256=prepared.rodata_sha256,
        libbpf=libbpf_version(),
    )
    return report, 0


def _load(opened: BpfObject, seconds: float) -> None:
    if math.isinf(seconds):
        opened.load()
        return
    with interrupted_after(seconds):
        opened.load()


def _refused(opened: BpfObject, sentence: str, began: float) -> InspectReport:
    """Report a refused load with the end of the failed program's log, or libbpf's own words."""
    notes = take_notes()
    failed = _failed_program(notes)
    log = _log_of(opened, failed) if failed else ()
    log = log or readable_notes(notes)
    seconds = time.monotonic() - began
    why = _why(sentence, failed, log)
    return InspectReport(False, (), why, log, failed, seconds, libbpf=libbpf_version())


def _log_of(opened: BpfObject, name: str) -> tuple[str, ...]:
    raw = opened.program(name).log()
    return _last_lines(raw[-_LOG_LINES * _LINE_BYTES :].decode("utf-8", "replace"))


def _refused_by_us(error: Exception, began: float) -> InspectReport:
    notes = readable_notes(take_notes())
    sentence = safe_text(_why(str(error), "", notes))
    seconds = time.monotonic() - began
    return InspectReport(False, (), sentence, notes, seconds=seconds, by_loader=True)


def _failed_program(notes: tuple[str, ...]) -> str:
    found = (match[1] for note in notes for match in [_FAILED_PROGRAM.search(note)] if match)
    return next(found, "")


def _last_lines(text: str) -> tuple[str, ...]:
    tail = text[-_LOG_LINES * _LINE_BYTES :].splitlines()[-_LOG_LINES:]
    return safe_lines("\n".join(tail), _LOG_LINES)


def readable_notes(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Drop libbpf's remarks on sections that no loader reads; sanitise the rest."""
    kept = [note for note in notes if ".eh_frame" not in note]
    return _last_lines("\n".join(kept))


def _why(error: str, failed: str, log: tuple[str, ...]) -> str:
    """Say in one line what was refused: the verifier's last words on a program, or libbpf's."""
    words = [line for line in log if line and not line.startswith(_STATISTICS_LINES)]
    if failed and words:
        return f"the kernel verifier refused program {failed}: {words[-1]}"
    return f"{error} ({words[0]})" if words else error
