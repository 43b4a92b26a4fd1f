"""Loading an object without attaching it, to hear what the kernel verifier says of it."""

from __future__ import annotations

import contextlib
import re
import time
from typing import Final

from schedtui.model.text import safe_lines, safe_text
from schedtui.model.verdict import InspectReport, ProgramStats
from schedtui.node.libbpf import (
    LOG_STATISTICS,
    LOG_TRACE,
    BpfObject,
    LibbpfError,
    take_notes,
)
from schedtui.node.ops_shadow import OpsError, clamp_ops, scheduler_map

_STATISTICS_BYTES: Final = 1 << 14
_TRACE_BYTES: Final = 1 << 20
_LOG_LINES: Final = 60
_LINE_BYTES: Final = 400

_PROCESSED: Final = re.compile(r"processed (\d+) insns")
_SPENT: Final = re.compile(r"verification time (\d+) usec")
_FAILED_PROGRAM: Final = re.compile(r"prog '([A-Za-z0-9_]{1,64})': (?:failed to load|BPF program)")
_STATISTICS_LINES: Final = ("processed ", "verification time ", "stack depth ", "mark_precise")


def inspect(data: bytes) -> InspectReport:
    """Load ``data`` without attaching it and report what the kernel verifier said."""
    began = time.monotonic()
    try:
        opened = BpfObject(data, "inspected")
    except LibbpfError as error:
        return _refused(error.sentence, readable_notes(take_notes()), began)
    try:
        return _inspect_opened(opened, data, began)
    finally:
        opened.close()


def _inspect_opened(opened: BpfObject, data: bytes, began: float) -> InspectReport:
    try:
        ops = scheduler_map(opened)
        clamp_ops(opened, ops, name="", timeout_ms=1000)
        for program in opened.programs:
            program.capture_log(_STATISTICS_BYTES, LOG_STATISTICS)
        opened.load()
    except (LibbpfError, OpsError) as error:
        notes = take_notes()
        failed = _failed_program(notes)
        log = _trace(data, failed) if failed else readable_notes(notes)
        return _refused(_why(str(error), failed, log), log, began, failed)
    stats = tuple(_stats(program.name, program.log()) for program in opened.programs)
    return InspectReport(True, stats, "", (), "", time.monotonic() - began)


def _refused(sentence: str, log: tuple[str, ...], began: float, failed: str = "") -> InspectReport:
    return InspectReport(False, (), sentence, log, failed, time.monotonic() - began)


def _stats(name: str, log: str) -> ProgramStats:
    processed, spent = _PROCESSED.search(log), _SPENT.search(log)
    return ProgramStats(
        safe_text(name),
        int(processed[1]) if processed else 0,
        int(spent[1]) / 1e6 if spent else 0.0,
    )


def _failed_program(notes: tuple[str, ...]) -> str:
    found = (match[1] for note in notes for match in [_FAILED_PROGRAM.search(note)] if match)
    return next(found, "")


def _trace(data: bytes, failed: str) -> tuple[str, ...]:
    """Load once more with the full verifier log of one program; returns its last lines."""
    opened = BpfObject(data, "inspected")
    try:
        clamp_ops(opened, scheduler_map(opened), name="", timeout_ms=1000)
        program = opened.program(failed)
        program.capture_log(_TRACE_BYTES, LOG_TRACE)
        with contextlib.suppress(LibbpfError):
            opened.load()
        return _last_lines(program.log())
    except (LibbpfError, OpsError):
        return ()
    finally:
        take_notes()
        opened.close()


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
