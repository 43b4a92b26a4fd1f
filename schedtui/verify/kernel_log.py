"""Turns the log of the kernel's verifier into one sentence with a source line."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from schedtui.model.verdict import Finding, InspectReport
from schedtui.toolchain.bpf import SOURCE_NAME
from schedtui.verify.catalogue import finding
from schedtui.verify.source_place import (
    definition,
    first_call,
    line_text,
    quoting,
    scheduler_line,
)

# Messages: kernel/bpf/verifier.c, kernel/sched/ext.c and libbpf.c of 6.12 to 7.3. First match wins.
_MEANINGS: Final = tuple(
    (code, re.compile("|".join(patterns)))
    for code, patterns in (
        ("KRN002", (r"or_null", r"[Pp]ossibly NULL", r"may be NULL", r"NULL pointer passed")),
        ("KRN013", (r"combined stack size", r"exceeds? .*stack")),
        (
            "KRN004",
            (
                *(r"infinite loop", r"too large", r"too complex", r"back-edge"),
                *(r"loop is not bounded", r"not converging"),
            ),
        ),
        (
            "KRN005",
            (
                *(r"[Uu]nreleased reference", r"reference leak", r"reference has not been"),
                *(r"cannot be used inside .*-ed region", r"is missing$", r"lock is still held"),
            ),
        ),
        (
            "KRN017",
            (r"unsupported member (?P<member>\w+)", r"is not a valid sleepable program"),
        ),
        (
            "KRN008",
            (
                *(r"not found in kernel", r"cannot find function", r"wasn't resolved"),
                *(r"doesn't support", r"has no member", r"Cannot find member"),
                *(r"invalid kernel function call", r"invalid func unknown", r"failed to find BTF"),
                *(r"failed to resolve CO-RE", r"is not a kernel function", r"incompatible with"),
            ),
        ),
        (
            "KRN006",
            (
                r"(?:kernel function|kfunc|func) (?P<function>[\w#]+).* (?:is )?not allowed",
                r"must be sleepable to call sleepable kfunc (?P<sleeping>\w+)",
                r"program of this type cannot use helper (?P<helper>[\w#]+)",
                r"func(?:tion)? (?P<within>\w+) is sleepable within",
                r"sleepable helper (?P<asleep>[\w#]+) ",
                r"function calls are not allowed while holding a lock",
            ),
        ),
        (
            "KRN007",
            (
                *(r"only read is supported", r"cannot write", r"may not be written"),
                *(r"write .*(?:prohibited|not allowed|disallowed|forbidden)", r"read-only"),
                r"write into map",
            ),
        ),
        ("KRN019", (r"!read_ok", r"invalid (?:indirect )?read from stack")),
        ("KRN021", (r"R0 .*should have been", r"[Tt]he register R0 ")),
        (
            "KRN018",
            (
                *(r"R\d+ type=\w+ expected=", r"must be (?:referenced|trusted|a rcu pointer)"),
                *(r"arg#?\d+ .*(?:expected|must|is neither)", r"^R\d+ .*must point to"),
                *(r"arg#?\d+ .*(?:doesn't|does not) point", r"expected pointer to"),
                r"expects ref(?:counted|erenced)",
            ),
        ),
        (
            "KRN003",
            (
                *(r"unbounded", r"invalid access to (?:map|memory)", r"variable.offset"),
                *(r"min value is (?:negative|outside)", r"max value is outside"),
                *(r"outside of the allowed memory", r"array range", r"access beyond"),
                *(r"invalid (?:write|access) to stack", r"misaligned"),
            ),
        ),
        (
            "KRN020",
            (
                *(r"invalid mem access", r"invalid bpf_context access"),
                *(r"pointer arithmetic", r"dereference of modified", r"pointer operation"),
            ),
        ),
    )
)
_SOURCE_LINE: Final = re.compile(rf"^;(?P<text>.*) @ {re.escape(SOURCE_NAME)}:(?P<line>\d+)")
_NO_MESSAGE: Final = re.compile(
    r"^\s*$|^;|^processed \d+ insns|^insns processed \d|^\s*\d+: |^from \d+ to |^R\d+(?:_w)?="
    r"|^-- |^libbpf: --"
    r"|^verification time|^stack depth \d|^arg#\d+ reference type|^func#\d|^last_idx|^parent "
    r"|^regs=|^mark_prec|^func '|^Global function .* (?:doesn't return|is safe)|^Live regs"
    r"|^Validating |^frame ?\d|^caller:|^callee:|^returning from callee|^to caller at"
    r"|^propagating |^(?:cur|old) state:"
)
_STORE: Final = re.compile(r"^\d+: \([0-9a-f]{2}\) (?:lock )?\*\(u\d+ \*\)\(r\d+ [+-]\d+\) ")
_STEP: Final = re.compile(r"^\d+: \(")
_ACQUIRED_AT: Final = re.compile(r"alloc_insn=(\d+)")
_LACKED: Final = re.compile(
    r"(?:ksym\)|kfunc|kernel function) '?(?P<function>\w+)|CO-RE .*(?P<type>struct [\w.]+)"
    r"|find member (?P<member>\w+)"
)
_UNHELPFUL: Final = re.compile(r"^libbpf: failed to load (?:object|BPF)")
_REFUSED_STORE: Final = "it may not be written"
_SILENT: Final = "it gave no reason"
_ENDING: Final = 8
"""Lines at the end of a log that say why it ends."""


def refusal(report: InspectReport, source: str = "") -> Finding:
    """Return the finding for a report that is not ok, with the source line where one is known."""
    if report.by_loader and not _missing(report.error):
        line = scheduler_line(source)
        refused = finding("KRN022", line, reason=report.error.rstrip("."))
        return quoting(refused, line_text(source, line))
    reason = _reason(report)
    program = report.failed_program or "the object"
    # The last line says what went wrong; libbpf's own sentence helps when the log is silent.
    for text in (reason, report.error):
        for code, pattern in _MEANINGS:
            if match := pattern.search(text):
                return _placed(_finding(code, program, text, match), report, source, text)
    found = finding("KRN001", program=program, reason=reason.rstrip("."))
    return _placed(found, report, source, reason)


def _missing(error: str) -> bool:
    """Tell whether the loader only says what the kernel lacks."""
    pattern = next(pattern for code, pattern in _MEANINGS if code == "KRN008")
    return pattern.search(error) is not None


def _reason(report: InspectReport) -> str:
    messages = [line for line in report.log if not _NO_MESSAGE.search(line)]
    telling = [line for line in messages if not _UNHELPFUL.search(line)]
    if telling:
        return telling[-1].removeprefix("libbpf: ")
    # A write to a member that schedulers may not write is refused without a word.
    steps = [line for line in report.log if _STEP.search(line)]
    if steps and _STORE.search(steps[-1]):
        return _REFUSED_STORE
    return report.error or _SILENT


def _finding(code: str, program: str, text: str, match: re.Match[str]) -> Finding:
    named = next((group for group in match.groups() if group), "")
    if code == "KRN008":
        return finding(code, what=_lacking(text))
    if code == "KRN006":
        return finding(code, program=program, function=named or "this function")
    if code == "KRN017":
        return finding(code, program=program, member=named or program)
    return finding(code, program=program)


def _lacking(text: str) -> str:
    """Return what a kernel lacks, by its name where the message gives one."""
    match = _LACKED.search(text)
    if match is None:
        return f"something ({text.rstrip('.')})"
    if match["function"]:
        as_we_do = " with the arguments it is given" if "incompatible" in text else ""
        return f"the function {match['function']}{as_we_do}"
    return match["type"] or f"the operation {match['member']}"


def _placed(found: Finding, report: InspectReport, source: str, reason: str) -> Finding:
    """Return the finding with the best line that is known, and that line's words."""
    line, text = _logged_line(report.log)
    if not line:
        line = _line_by_name(source, reason) or definition(source, report.failed_program)
        text = line_text(source, line)
    return quoting(replace(found, line=line), text)


def _logged_line(log: tuple[str, ...]) -> tuple[int, str]:
    """Return the line of the source that the log is at where it ends, and its text."""
    end = len(log)
    if acquired := _ACQUIRED_AT.search("\n".join(log[-_ENDING:])):
        # What was not given back was taken there; the end of the program says little.
        step = f"{acquired[1]}: ("
        end = next((i for i, entry in enumerate(log) if entry.startswith(step)), end)
    for entry in reversed(log[:end]):
        if match := _SOURCE_LINE.search(entry):
            return int(match["line"]), match["text"]
    return 0, ""


def _line_by_name(source: str, reason: str) -> int:
    match = _LACKED.search(reason)
    return first_call(source, match["function"]) if match and match["function"] else 0
