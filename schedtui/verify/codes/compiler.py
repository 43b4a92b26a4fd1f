"""Findings of the compile gate: CMP."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes.entry import Entry, error

ENTRIES: Final[tuple[Entry, ...]] = (
    error(
        "CMP001",
        "It does not compile: {text}.",
        "Correct this line. Use only names that schedtui.h declares; warnings count as errors.",
        "The compiler's own words, with paths and unprintable characters removed.",
    ),
    error(
        "CMP002",
        "The compiler was ended after {seconds} s.",
        "Remove what grows without limit: macros that expand to macros, huge tables, deep nesting.",
        "A scheduler compiles in a tenth of a second. What takes four, for both of its compiles"
        " together, and computes for more than one of them, is an accident or an attack on the"
        " machine that compiles. In an emulated guest a scheduler takes ten seconds of computing;"
        " there it is ninety, and more than twenty-five of them.",
    ),
    error(
        "CMP003",
        "The compiler broke off without an explanation.",
        "Write the code in a simpler way; avoid unusual constructs and very large ones.",
        "Either the compiler has a fault that this source meets, or its memory limit was reached.",
    ),
    error(
        "CMP004",
        "Two compiles of the same source gave different bytes.",
        "Remove __DATE__, __TIME__, __COUNTER__ and anything else that differs from run to run.",
        "What was verified must be what anyone can build again from the same source.",
    ),
    error(
        "CMP005",
        "The compiler names {name}, which is no header of schedtui.",
        "Include only <schedtui.h>, and use no #line.",
        "The compiler's own list of opened files, and the places of its messages, are the truth"
        " about includes, whatever the text looks like. Its messages are not shown when they"
        " could quote a foreign file.",
    ),
    error(
        "CMP006",
        "The object is larger than {limit} KiB.",
        "Remove large tables and initialised arrays.",
        "A scheduler is some ten kilobytes of code. Larger objects are not read.",
    ),
    error(
        "CMP007",
        "There is no compiler: {sentence}.",
        "This cannot be repaired in the source.",
        "schedtui uses the ziglang package by default, or a system clang of version 16 or later.",
    ),
    error(
        "CMP008",
        "Nothing is compiled without confinement: {sentence}.",
        "This cannot be repaired in the source. Install bubblewrap and allow user namespaces, use a"
        " kernel with Landlock switched on, or prepare the sandbox: schedtui lab setup.",
        "A source from outside can make a compiler read this machine's files. It is compiled where"
        " none exist: in namespaces made by bubblewrap, else under Landlock, else in a throw-away"
        " guest of the sandbox, which takes seconds where it is emulated. Each is tried once with a"
        " source that must not see a file of schedtui's. Here not even the guest was to be had.",
    ),
    error(
        "CMP009",
        "The compiler was ended after {seconds} s, of which it had a CPU for {used}.",
        "This cannot be repaired in the source. Try again when the machine is less busy.",
        "Nothing is known of the source: its two compiles waited for the machine, not the machine"
        " for them. Only time on a CPU speaks against a source. One that makes the compiler wait"
        " for something that never comes looks the same, and does not pass either.",
    ),
)
