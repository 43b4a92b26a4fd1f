"""Fillings: what is a decision is taken, what would be more than that is refused in a sentence."""

from __future__ import annotations

import random
import string

import pytest

from schedtui.model.composition import Composed
from schedtui.model.slots import SlotName
from schedtui.policy.composing import composed
from schedtui.policy.errors import PolicyError
from schedtui.policy.facts import FACTS
from schedtui.policy.grammar import LONGEST
from schedtui.policy.slots import FUNCTIONS
from schedtui.resources import resource_dir
from schedtui.verify.source.unit import read_unit
from tests.fakes.compositions import composition

USE = "slice_us + "
"""So that the one parameter is read."""


def filled(code: str, slot: SlotName = SlotName.ORDER) -> Composed:
    return composed(composition(parameters=(), **{slot: code}))


def refusal(code: str, slot: SlotName = SlotName.ORDER) -> str:
    with pytest.raises(PolicyError) as caught:
        filled(code, slot)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    "code",
    [
        "task->now",
        "task->now + 0x1F * NSEC_PER_USEC - (5ULL << 3)",
        "task->waking && !task->kthread ? task->now : task->held",
        "time_within(task->held, task->now, task->now + MIN(task->weight, 100))",
        "u64 a = 1; return a;",
        "u64 a = 1;\nif (task->waking)\n\ta = 2;\na += task->now;\nreturn a;",
        "const bool late = before(task->held, task->now); return late ? 1 : 2;",
        "if (task->pinned) { return 1; } else if (task->kthread) { return 2; } else return 3;",
        "/* A comment: } ; */ return task->now; // and another {",
        "u64 a = 1, b = 2; return a ^ ~b;",
        "task -> now",
        "task->now // since then",
        "task->now / MAX(task->weight, 1ULL) % 7",
        "\n\n  task->now\n",
        "{ u64 a = 1; return a; }",
    ],
)
def test_a_decision_over_facts_is_taken(code: str) -> None:
    assert "slot_order" in filled(code).source


HOSTILE = (
    # It closes the function, or opens another one.
    ("} int evil(void) { return 1;", "ends the block"),
    ("return 1; } static u64 evil(void) { return 1;", "ends the block"),
    ("1); } void evil(void) { (1", "not C that can be read"),
    ("return 1; }", "not C that can be read"),
    ("{ return 1;", "not C that can be read"),
    ("u64 f(void) { return 1; } return f();", "another function"),
    # The preprocessor.
    ("#include <linux/sched.h>\nreturn 1;", "# has no place"),
    ("return 1;\n#define task other", "# has no place"),
    ("return 1 \\\n+ 2;", "a backslash has no place"),
    ("%:include <x>\nreturn 1;", "second spelling"),
    ("return task<:0:>;", "second spelling"),
    ("return 1; ??/", "second spelling"),
    ("_Pragma(1); return 1;", "does nothing"),
    # Comments that do not end, or end what is around them.
    ("return 1; /* no end", "not C that can be read"),
    ("return 1; */ evil /*", "not C that can be read"),
    ("return /* } */ 1 } /*", "not C that can be read"),
    # Assembler, attributes, builtins.
    ('asm("int3"); return 1;', "a string has no place"),
    ("asm(1); return 1;", "has no place|not C|does nothing"),
    ("__asm__ volatile(1); return 1;", "has no place|not C|does nothing"),
    ("__attribute__((weak)) u64 a = 1; return a;", "has no place|not C|with a value"),
    ("[[noreturn]] return 1;", "has no place"),
    ("__builtin_trap()", "can call before"),
    ("return ({ 1; });", "has no place"),
    # Calls of anything but four pure functions.
    ("scx_bpf_kick_cpu(0, 0)", "can call before"),
    ("bpf_ktime_get_ns()", "can call before"),
    ("now_ns()", "can call before"),
    ("slot_slice(task)", "can call before"),
    ("(before)(1, 2)", "can call before"),
    ("before(1)", "takes 2 arguments"),
    ("task->now(1)", "can call before"),
    # Ways that do not end, or do not return.
    ("while (1) {} return 1;", "a loop has no place"),
    ("for (;;); return 1;", "a loop has no place"),
    ("do { } while (1); return 1;", "a loop has no place"),
    ("again: goto again; return 1;", "a label|goto"),
    ("if (task->waking) return 1;", "not every way"),
    ("u64 a = 1; a = 2;", "not every way"),
    ("return;", "needs a value"),
    ("switch (task->now) { case 1: return 1; default: return 2; }", "switch has no place"),
    # Memory.
    ("*(u64 *)0", "has no place"),
    ("(u64)task", "has no place|not known|can call"),
    ("task", "not known here"),
    ("&task->now", "has no place"),
    ("task[1].now", "has no place|not among"),
    ("(*task).now", "not among"),
    ("task->now->now", "not among"),
    ("task->secret", "not among"),
    ("other->key", "not among"),
    ("nr_cpus", "not known here"),
    ("timeline", "not known here"),
    ("p->scx.weight", "not among"),
    ("task->now = 1; return 1;", "only variables"),
    ("slice_us = 1; return 1;", "not known"),
    ("sizeof(u64)", "sizeof has no place"),
    ("'a'", "a character has no place"),
    ('"a"', "a string has no place"),
    # Statements where none can be, and types that are not offered.
    ("task->now; return 1;", "does nothing"),
    (";", "has no place|does nothing"),
    ("1, 2", "a comma between"),
    ("u64 a = 1; return a = 2;", "an assignment inside"),
    ("u64 a = 1; a++; return a;", "does nothing"),
    ("u64 a = 1; return a--;", "has no place"),
    ("int a = 1; return a;", "types of a slot are u64 and bool"),
    ("u64 *a = 1; return 1;", "a variable is a name with a value"),
    ("u64 a[2] = 1; return 1;", "a variable is a name with a value"),
    ("u64 a; return a;", "a variable is a name with a value"),
    ("static u64 a = 1; return a;", "a variable is a name with a value"),
    ("struct facts a = 1; return 1;", "a variable is a name with a value"),
    ("typedef u64 word; return 1;", "has no place"),
    ("volatile u64 a = 1; return a;", "a variable is a name with a value"),
    # Names that mean something else.
    ("u64 before = 1; return before;", "means something else"),
    ("u64 task = 1; return task;", "means something else"),
    ("u64 scx_bpf_now = 1; return scx_bpf_now;", "means something else"),
    ("u64 linux = 1; return linux;", "means something else"),
    ("u64 SEC = 1; return SEC;", "small letters"),
    ("u64 a = 1; u64 a = 2; return a;", "declared twice"),
    ("{ u64 a = 1; } return a;", "not known here"),
    ("u64 a = a; return a;", "not known here"),
    ("u64 a = 1; return 1;", "never read"),
    ("const u64 a = 1; a = 2; return a;", "constant"),
    # Numbers.
    ("1.5", "whole"),
    ("010", "whole"),
    ("0b1", "whole"),
    ("-1", "whole|no sign"),
    ("99999999999999999999", "whole"),
    ("1'000", "not C|whole|has no place"),
    ("task->now >> 64", "from 0 to 63"),
    ("1 << task->now", "from 0 to 63"),
    ("task->now / 0", "divides by 0"),
    ("task->now % 0x0", "divides by 0"),
    # What C would not reckon in 64 bits.
    ("0xFFFFFFFF + 1", "ULL"),
    ("3000 * 1000000", "ULL"),
    ("task->waking * 3000 * 1000000", "ULL"),
    ("(task->now > 1) * 3000 * 1000000", "ULL"),
    ("MAX(3000, 4000) * 1000000", "ULL"),
    ("(task->waking ? 3000 : 1) * 1000000", "ULL"),
    ("bool a = task->now; return a * 3000 * 1000000;", "ULL"),
    ("u64 a = 1;\nif (a)\n\treturn 1 << 31;\nreturn a;", "line 3:"),
    ("1 << 40ULL", "ULL"),
    ("task->waking >> 40", "ULL"),
    ("5U - 7", "ULL"),
    ("~5U", "ULL"),
    ("~0 / 2", "ULL"),
    ("1 - 2 < 3", "ULL"),
    ("MIN(1 - 2, 5)", "ULL"),
    ("task->now + (task->waking ? 0x80000000 : ~0)", "ULL"),
    # Size and depth.
    ("", "is empty"),
    (" \n\t ", "is empty"),
    ("1 +" * 1000 + "1", "longer than"),
    ("\n" * 100 + "1", "more than 60 lines"),
    ("1 + " * 30 + "1", "wider than"),
    ("(\n" * 50 + "1" + ")" * 50, "nested too deeply"),
    ("MIN(1,\n" * 20 + "1" + ")" * 20, "too deep"),
    ("!\n" * 55 + "1", "nested too deeply"),
    ("".join(f"u64 v{i} = 1;\n" for i in range(30)) + "return 1;", "too many"),
    # Text that is not what it looks like.
    ("task->\u043dow", "ASCII"),
    ("return 1; // \u202e evil", "ASCII"),
    ("return\u00a01;", "ASCII"),
    ("return 1;\u2028evil();", "ASCII"),
    ("\ufeffreturn 1;", "ASCII"),
    ("return 1;\r\nreturn 2;", "ASCII"),
    ("return 1;\x00", "ASCII"),
    ("return 1;\x1b[2J", "ASCII"),
    ("\uff11", "ASCII"),
    ("return\x0b1;", "ASCII"),
    ("\ud800", "ASCII"),
    ("$", "has no place"),
    ("`id`", "has no place"),
    ("@", "has no place"),
)


@pytest.mark.parametrize(("code", "words"), HOSTILE, ids=range(len(HOSTILE)))
def test_anything_more_is_refused_with_slot_and_reason(code: str, words: str) -> None:
    sentence = refusal(code)
    assert sentence.startswith("Slot order, line ")
    assert any(word in sentence for word in words.split("|")), sentence


@pytest.mark.parametrize(
    ("code", "line"), [("u64 a = 1;\nreturn b;", 2), ("\n\n\nwhile (1);", 4), ("1 +\n2 +\nx", 3)]
)
def test_the_line_is_that_of_the_slot(code: str, line: int) -> None:
    assert refusal(code).startswith(f"Slot order, line {line}:")


@pytest.mark.parametrize("slot", SlotName)
def test_a_slot_reads_its_own_facts_and_no_others(slot: SlotName) -> None:
    for fact in FACTS:
        if slot not in fact.slots:
            assert "not among what this slot can read" in refusal(fact.access, slot)


def test_words_of_one_slot_are_not_for_another() -> None:
    assert "not known" in refusal("ANY_CPU")
    assert "slot_cpu" in filled("ANY_CPU", SlotName.CPU).source


@pytest.mark.parametrize(
    "code",
    [
        *("500 * 1000", "1 << 20", "~0", "~0 & task->now", "task->waking * 1000", "0xFFFFFFFFFF"),
        *("0xFFFFFFFFULL + 1", "task->waking * 3000ULL * 1000000", "1ULL << 40", "5 - 7"),
        *("task->now * 3000 * 1000000", "3000 * NSEC_PER_MSEC", "MIN(1, task->now) << 40"),
        *("u64 a = task->waking; return a * 3000 * 1000000;", "~0ULL / 2", "!task->now + 1"),
    ],
)
def test_what_comes_to_the_same_in_64_bits_is_taken(code: str) -> None:
    assert "slot_order" in filled(code).source


PIECES = (
    *("return", "if", "else", "u64", "bool", "const", "while", "for", "goto", "asm", "sizeof"),
    *("(", ")", "{", "}", "[", "]", ";", ",", "?", ":", "=", "+=", "+", "-", "*", "/", "%", "<<"),
    *("&", "&&", "||", "!", "~", "<", ">", "==", "->", ".", "/*", "*/", "//", "\n", "\t", " "),
    *("task", "task->now", "task->held", "other->key", "slice_us", "a", "b", "0", "1", "0x1F"),
    *("NSEC_PER_SEC", "EXPRESS", "before(", "MIN(", "MAX(", "time_within(", "scx_bpf_now()"),
    *("#", "\\", '"', "'", "\u00e9", "\x00"),
)


def _random_code(source: random.Random) -> str:
    if source.random() < 0.2:
        return "".join(source.choices(string.printable, k=source.randrange(60)))
    joined = " " if source.random() < 0.7 else ""
    return joined.join(source.choices(PIECES, k=source.randrange(1, 25)))


def _sound(source: random.Random, depth: int) -> str:
    """Return an expression that must be taken."""
    if depth == 0 or source.random() < 0.2:
        return source.choice(["task->now", "task->weight", "slice_us", "7", "NSEC_PER_USEC"])
    left, right = _sound(source, depth - 1), _sound(source, depth - 1)
    operator = source.choice(["+", "-", "*", "&", "|", "^", "<", "==", "&&", "||"])
    wide = "0ULL + " if operator == "-" else ""
    forms = (f"({wide}{left} {operator} {right})", f"({left} ? {right} : 1)", f"!({left})")
    return source.choice(forms)


def _attempt(code: str) -> Composed | None:
    sentence = ""
    try:
        return composed(composition(order=code, slice=f"{USE}1"))
    except PolicyError as refused:
        sentence = str(refused)
    assert sentence.endswith(".")
    assert len(sentence) < 1000
    return None


@pytest.mark.parametrize("seed", range(8))
def test_random_fillings_never_crash_and_never_leave_their_slot(seed: int) -> None:
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    whole = read_unit(composed(composition(order="task->now", slice=f"{USE}1")).source)
    for _ in range(250):
        made = _attempt(_random_code(source))
        if made is None:
            continue
        unit = read_unit(made.source)
        assert set(unit.functions) <= set(whole.functions) | {"memory_of", "clock_of", "charge"} | {
            "turn_of", "cost_of", "stopping", "init_task", "runnable", "learn_run"
        }  # fmt: skip
        assert len(unit.directives) <= len(whole.directives) + 4


@pytest.mark.parametrize("seed", range(4))
def test_random_sound_expressions_are_taken(seed: int) -> None:
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(50):
        code = _sound(source, 3).replace(" ", "\n")
        if code.count("\n") < 60:
            assert _attempt(code) is not None, code


def test_the_limits_are_reached_before_they_are_passed() -> None:
    padding = "/* " + "x" * 60 + " */\n"
    whole = padding * 28 + "return task->now;"
    assert len(whole) < LONGEST
    assert "slot_order" in filled(whole).source


def test_every_function_is_one_of_the_header() -> None:
    folder = resource_dir("bpf") / "include"
    header = "".join(path.read_text("utf-8") for path in folder.glob("*.h"))
    for name in FUNCTIONS:
        assert f"{name}(" in header
