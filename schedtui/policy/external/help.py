"""Asks a program for its help, and reads the options in it. What it says is foreign text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from schedtui.model.external import HelpOption, Program, ProgramHelp
from schedtui.model.text import safe_lines, safe_text
from schedtui.policy.errors import reason_of
from schedtui.toolchain.confined import Launch, Limits, Ran, limited, run_confined

_LIMITS: Final = Limits(
    wall_s=3.0, memory_mb=1024, file_mb=1, output_bytes=128 << 10, talk_bytes=32 << 10
)
_MOST_LINES: Final = 1500
_MOST_OPTIONS: Final = 120
_LONGEST_MEANING: Final = 300
_FLAG: Final = r"-[A-Za-z0-9]|--[a-zA-Z0-9][a-zA-Z0-9-]{0,40}"
_HEAD: Final = re.compile(
    rf"^ {{1,12}}(?P<flags>(?:{_FLAG})(?:, {{1,8}}(?:{_FLAG}))?)"
    r"(?P<value>\[=<[^<>]{1,40}>\]|[ =]<[^<>]{1,40}>|[ =][A-Z][A-Z0-9_]{0,30})?(?:\.\.\.)?"
    r"(?: {2,}(?P<text>.*))?$"
)
"""One option, as argument parsers of Rust and hand-written helps in C set it."""
_DEFAULT: Final = re.compile(r"\[default: ?([^\]]{0,60})\]|\(default:? ([^()]{1,60})\)")
_VERSION_FLAG: Final = "--version"


async def ask(program: Program) -> ProgramHelp:
    """Return what a program says of itself, within some seconds and kilobytes.

    It runs as this user, without our environment. Never raises.
    """
    said = await _said(program, "--help")
    if isinstance(said, str):
        return ProgramHelp(trouble=said)
    options = read_options(said.output or said.talk)
    if not options:
        return ProgramHelp(trouble="its help names no options")
    version = await _version(program) if _offered(options, _VERSION_FLAG) else ""
    return ProgramHelp(version, options)


async def _version(program: Program) -> str:
    said = await _said(program, _VERSION_FLAG)
    if isinstance(said, str) or said.code != 0:
        return ""
    return next(iter(safe_lines(said.output, 1, 120)), "")


async def _said(program: Program, argument: str) -> Ran | str:
    """Return what it answers to one argument, or why it does not."""
    try:
        command = limited((program.path, argument), _LIMITS)
        ran = await run_confined(Launch(command, "/"), _LIMITS)
    except OSError as error:
        return f"it cannot be started: {reason_of(error)}"
    if ran.timed_out:
        return f"it gave no help within {_LIMITS.wall_s:g} s"
    if ran.overflowed:
        return "its help is too long"
    return ran


def read_options(help_text: bytes) -> tuple[HelpOption, ...]:
    """Return the options that a help names, in its order."""
    lines = safe_lines(help_text, _MOST_LINES)
    heads = [(at, match) for at, line in enumerate(lines) if (match := _HEAD.match(line))]
    ends = [at for at, _ in heads[1:]] + [len(lines)]
    parts = zip(heads[:_MOST_OPTIONS], ends, strict=False)
    return tuple(_option(match, lines[at + 1 : end]) for (at, match), end in parts)


def _option(head: re.Match[str], below: Sequence[str]) -> HelpOption:
    text = " ".join((head["text"] or "", *_indented(below))).strip()
    found = _DEFAULT.search(text)
    default = (found[1] or found[2] or "").strip() if found else ""
    meaning = " ".join(_DEFAULT.sub("", text).split())
    flags = tuple(each.strip() for each in head["flags"].split(","))
    value = (head["value"] or "").strip(" =[]<>")
    return HelpOption(flags, value, default, safe_text(meaning, _LONGEST_MEANING))


def _indented(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines of an option's text: indented ones, up to the next heading."""
    for line in lines:
        if line and not line.startswith("  "):
            return
        yield line.strip()


def _offered(options: Sequence[HelpOption], flag: str) -> bool:
    return any(flag in option.flags for option in options)
