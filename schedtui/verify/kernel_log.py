"""Turns the log of the kernel's verifier into one sentence with a source line."""

from __future__ import annotations

import re
from typing import Final

from schedtui.model.verdict import Finding, InspectReport
from schedtui.toolchain.bpf import SOURCE_NAME
from schedtui.verify.catalogue import finding

# Messages: kernel/bpf/verifier.c and libbpf.c of 6.12 to 7.3. First match wins.
_MEANINGS: Final = tuple(
    (code, re.compile("|".join(patterns)))
    for code, patterns in (
        ("KRN002", (r"or_null", r"[Pp]ossibly NULL", r"may be NULL")),
        ("KRN013", (r"combined stack size", r"exceeds? .*stack")),
        ("KRN004", (r"infinite loop", r"too large", r"too complex", r"back-edge")),
        ("KRN005", (r"[Uu]nreleased reference", r"reference leak", r"reference has not been")),
        (
            "KRN008",
            (
                *(r"not found in kernel", r"cannot find function", r"wasn't resolved"),
                *(r"doesn't support", r"has no member"),
            ),
        ),
        (
            "KRN006",
            (
                r"(?:kernel function|kfunc|func) (?P<function>[\w#]+).* (?:is )?not allowed",
                r"must be sleepable to call sleepable kfunc (?P<sleeping>\w+)",
                r"program of this type cannot use helper (?P<helper>[\w#]+)",
            ),
        ),
        (
            "KRN007",
            (
                *(r"only read is supported", r"cannot write", r"may not be written"),
                *(r"write .*(?:prohibited|not allowed)", r"read-only"),
            ),
        ),
        (
            "KRN003",
            (
                *(r"unbounded", r"invalid access to map value", r"variable.offset"),
                *(r"min value is (?:negative|outside)", r"max value is outside"),
                *(r"outside of the allowed memory", r"array range"),
            ),
        ),
    )
)
_SOURCE_LINE: Final = re.compile(rf"^;.*@ {re.escape(SOURCE_NAME)}:(\d+)")
_NO_MESSAGE: Final = re.compile(
    r"^\s*$|^;|^processed \d+ insns|^\s*\d+: |^from \d+ to |^R\d+(?:_w)?=|^-- |^libbpf: --"
    r"|^verification time|^stack depth \d|^arg#\d|^func#\d|^last_idx|^parent |^regs=|^mark_prec"
    r"|^func '|^Global function .* (?:doesn't return|is safe)|^Live regs|^Validating "
)
_STORE: Final = re.compile(r"^\d+: \([0-9a-f]{2}\) (?:lock )?\*\(u\d+ \*\)\(r\d+ [+-]\d+\) ")
_STEP: Final = re.compile(r"^\d+: \(")
_REFUSED_STORE: Final = "it may not be written"
_SILENT: Final = "it gave no reason"


def refusal(report: InspectReport) -> Finding:
    """Return the finding for a report that is not ok."""
    reason = _reason(report)
    program = report.failed_program or "the object"
    line = _source_line(report.log)
    # The last line says what went wrong; libbpf's own sentence helps when the log is silent.
    for text in (reason, report.error):
        for code, pattern in _MEANINGS:
            if match := pattern.search(text):
                return _finding(code, line, program, text, match)
    return finding("KRN001", line, program=program, reason=reason.rstrip("."))


def _reason(report: InspectReport) -> str:
    messages = [line for line in report.log if not _NO_MESSAGE.search(line)]
    if messages:
        return messages[-1]
    # A write to a member that schedulers may not write is refused without a word.
    steps = [line for line in report.log if _STEP.search(line)]
    if steps and _STORE.search(steps[-1]):
        return _REFUSED_STORE
    return report.error or _SILENT


def _finding(code: str, line: int, program: str, text: str, match: re.Match[str]) -> Finding:
    if code == "KRN008":
        return finding(code, line, what=text.rstrip("."))
    if code == "KRN006":
        function = next((g for g in match.groups() if g), "this function")
        return finding(code, line, program=program, function=function)
    return finding(code, line, program=program)


def _source_line(log: tuple[str, ...]) -> int:
    """Return the last line of the source that the log names, 0 if there is none."""
    for entry in reversed(log):
        if match := _SOURCE_LINE.search(entry):
            return int(match[1])
    return 0
