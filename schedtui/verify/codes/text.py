"""Findings about the text of a source: SRC001 to SRC019."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes.entry import Entry, error

ENTRIES: Final[tuple[Entry, ...]] = (
    error(
        "SRC001",
        "The source is not text that can be written as UTF-8.",
        "Send plain UTF-8 text.",
        "Everything after this gate, and everyone who reviews the source, must see the same"
        " characters. A text that cannot be encoded cannot be hashed or compiled.",
    ),
    error(
        "SRC002",
        "The source is too long: {size}; at most {limit} is taken.",
        "Make it shorter: a scheduler needs a few hundred lines at most. Use the functions of"
        " schedtui.h for queues, idle CPUs and time instead of writing them again.",
        "A person must be able to read what will run, and every later check costs time with the"
        " length. Our own policies have less than 400 lines.",
    ),
    error(
        "SRC003",
        "The source contains the character {character}, which cannot be seen or changes how the"
        " text is shown.",
        "Remove control, invisible and direction characters. Only newline and tab may stand"
        " beside printable characters.",
        "Direction overrides and zero-width characters make a reviewer read something else than"
        " the compiler does. Escape sequences attack the terminal that shows the source.",
    ),
    error(
        "SRC004",
        "{what} is not part of C as schedulers are written here.",
        "Use ASCII outside of comments and strings, and end every comment and string.",
        "Letters of other alphabets that look like Latin ones make two names look the same, and"
        " an unfinished comment or string hides the rest of the text from the reader.",
    ),
    error(
        "SRC005",
        "The include {name} is not allowed.",
        "Write only `#include <schedtui.h>`. Everything a scheduler needs is declared there.",
        "An include can pull any file of the machine into the compiler, and its error messages"
        " then show that file's lines. Only the headers that come with schedtui are read.",
    ),
    error(
        "SRC006",
        "{mark} is a second spelling of a punctuation mark.",
        "Write #, [, ], {, } themselves instead of digraphs or trigraphs.",
        "Digraphs and trigraphs have no use today but to hide a directive from a reader or a"
        " filter.",
    ),
    error(
        "SRC007",
        "A line is continued with a backslash where it could glue a word together.",
        "Continue lines with a backslash only inside a #define, after a space. C needs no"
        " backslash between two lines of ordinary code.",
        "A backslash at the end of a line joins it with the next before anything else is read, so"
        " that a forbidden word can be cut in two, or a comment made longer than it looks.",
    ),
    error(
        "SRC008",
        "The preprocessor line #{name} is not allowed.",
        "Use only #include <schedtui.h> and #define. Write a parameter as `const volatile` and"
        " test it with `if` in place of #if.",
        "#embed and #include_next read files, #pragma and #line change the compiler or the"
        " reported places, and #if lets the reader see code that is not compiled.",
    ),
    error(
        "SRC009",
        "The word {word} is not allowed in a scheduler.",
        "Remove it. Use the functions and macros of schedtui.h; there is no need for assembler,"
        " attributes, pragmas, or compiler builtins.",
        "Assembler can place any file or instruction into the object, attributes and pragmas"
        " change what the compiler does, and __has_include tells which files a machine has.",
    ),
    error(
        "SRC010",
        "The macro {name} is more than an expression: {why}.",
        "Let a macro stand for one expression with balanced brackets, or write a static"
        " __always_inline function instead.",
        "The rules follow every path of the program as it is written. A macro that brings"
        " statements, braces, or pasted words would change those paths out of sight.",
    ),
    error(
        "SRC011",
        "{name} is already the name of something else: here, in schedtui.h, or in C.",
        "Choose another name for this macro, variable, parameter or function.",
        "If queue_insert could mean something else inside one function, no rule that looks for"
        " it would say anything true.",
    ),
    error(
        "SRC012",
        "The text cannot be read as C here, near {near}.",
        "Look for a missing bracket or semicolon on this line or the one before. Write operations"
        " as `void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)` and end the file"
        " with SCHEDTUI_OPS(name, .enqueue = OP(enqueue), ...);",
        "A text that the parser does not understand cannot be judged, so it is refused even if a"
        " compiler might take it.",
    ),
    error(
        "SRC013",
        "Brackets or statements are nested too deeply.",
        "Split the function into smaller ones; use early returns in place of long else chains.",
        "More than a hundred levels are never needed and cost every reader, program or person.",
    ),
    error(
        "SRC014",
        "The macros that this line calls become more than {limit} words.",
        "Call a function instead of macros that call each other; write a table out by hand or"
        " fill it in init.",
        "Macros that call each other twice double with every level: a few lines become"
        " gigabytes. A text that nobody could read as a whole is not judged.",
    ),
)
