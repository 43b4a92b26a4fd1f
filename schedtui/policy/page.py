"""Prints the page of slots and what they can read: ``python -m schedtui.policy.page``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Final

from schedtui.model.policy import Policy
from schedtui.model.slots import SlotName
from schedtui.policy.expressions import DEEPEST, DEEPEST_CALLS
from schedtui.policy.facts import FACTS, Fact, table_facts
from schedtui.policy.grammar import LONGEST, MOST_LINES, WIDEST
from schedtui.policy.repository import load_repository
from schedtui.policy.slots import CONSTANTS, FUNCTIONS, SLOT_CONSTANTS, SLOTS, Slot
from schedtui.policy.variables import MOST

COMMAND: Final = "python -m schedtui.policy.page > docs/slots.md"
"""Writes the page anew, from the top of the repository."""

_HEAD: Final = f"""# Slots

A scheduler can be written whole, in BPF C, or composed: a few *slots* say what is peculiar to it,
and the *scaffold* (`bpf/scaffold/scaffold.bpf.c.in`) does everything else. The scaffold has the
queues, the insertion of tasks, the guard against starvation, the virtual clocks, what is learnt
of tasks, the start and the end. Only the parts that some slot needs are in the source: a policy
that reads no averages has no map.

A slot answers one question in one number. It can see what stands below and nothing else, and
whatever it answers, the scaffold keeps it within bounds. So a slot can make a policy bad, but it
can keep nobody waiting for good, crash nothing and read nothing that it was not given. Whether it
is bad, the gates say: a composed source passes the same ones as any other.

This page is made from the tables behind the composer, not written: `{COMMAND}`.

## In a policy file

`policies/NAME.toml` has, beside the keys of every policy, `idea` (the text in the head of the
source) and a table of slots:

```toml
idea = \"\"\"
mine: who has waited longest goes first, kernel threads a little before.
\"\"\"

[slots]
order = "task->kthread ? task->now - NSEC_PER_MSEC : task->now"
slice = '''
u64 turn = slice_us * NSEC_PER_USEC;

return task->waking ? turn : turn / 2;
'''
```

`schedtui policies compose NAME.toml --out NAME.bpf.c` writes the source, the same for the same
file every time; `schedtui verify NAME.toml` takes it through the gates and says in which line of
which slot a finding is. Each slot stands in the source as a function of its own, `slot_order` and
so on.

## What can stand in a slot

One expression, or statements that return one on every way: variables (`u64` or `bool`, each with
a value, at most {MOST}), assignments to them, `if` and `else`, `return`, comments. All numbers are
whole, without sign, of 64 bits. C takes written numbers and truths for shorter ones; where they are
reckoned with each other and that could matter, one of the numbers must end in `ULL`, as in
`3000ULL * 1000000`, or the slot is refused. Operators are those of C but for pointers, casts,
commas, `++` and `--`; a shift is by a number that is written down, and nothing is divided by a
written 0.

No loops, no strings, no preprocessor, no memory, no calls but those below; printable ASCII only. At
most {LONGEST} characters, {MOST_LINES} lines of {WIDEST} columns, {DEEPEST} levels of nesting and
{DEEPEST_CALLS} calls within each other. This is judged on the tree that a parser of C makes, not on
the text, and everything that is not on these lists is refused, with the slot, the line and the
reason in one sentence.

A slot can read every parameter of the policy but tables of names, which it reads through facts.
"""

_EXPRESS: Final = """Where a class can be `EXPRESS`, nobody goes on with the rest of a turn:
who is interrupted waits in the queue of its kind again, or that rest would be missing in the
account that holds express tasks to half of the CPU time.
"""

_WHOLE: Final = """## Policies that are written whole

Not everything fits, and the scaffold gives up none of its bounds to make it fit:

* `longest_first` lets short jobs wait for as long as a batch lasts, up to 10 s; the scaffold never
  puts anybody back by more than 2 s.
* `shortest_first` learns how much CPU time each process name needs from birth to end, and
  remembers with every place in the queue how much work was left when it was taken.
* `frame_deadline` would fit by its form, with `classify`, `order`, `credit`, `charge`, `preempt`.
  Its time line, its newborn tasks and its limits on deadlines are a little different, and its
  measured figures are those of its own source.
* `cgroup_weight` keeps a tree of groups.
"""


def page() -> str:
    """Return the whole page. Raises PolicyError when the repository cannot be read."""
    chapters = (_HEAD, *_slots(), *_facts(), *_words(), _composed(load_repository()), _WHOLE)
    return "\n".join(chapters)


def _slots() -> Iterator[str]:
    yield "## The slots\n"
    for slot in SLOTS:
        yield _slot(slot)
    yield _EXPRESS


def _slot(slot: Slot) -> str:
    rows = [f"* Unit: {slot.unit}.", f"* Bound: {slot.bound}", f"* Not filled: {slot.unfilled}"]
    return "\n".join([f"### {slot.name}\n", f"{slot.meaning}\n", *rows, ""])


def _facts() -> Iterator[str]:
    yield "## What slots can read\n"
    yield "| fact | unit | meaning | in |\n|---|---|---|---|"
    for fact in (*FACTS, *table_facts("TABLE")):
        yield f"| `{fact.access}` | {_unit(fact)} | {fact.meaning} | {_where(fact)} |"
    yield "\n`TABLE` stands for a parameter of the type `names`.\n"


def _unit(fact: Fact) -> str:
    return "yes or no" if fact.type == "bool" else fact.unit


def _where(fact: Fact) -> str:
    missing = [slot for slot in SlotName if slot not in fact.slots]
    if not missing:
        return "all"
    if len(missing) == 1:
        return f"all but {missing[0]}"
    return ", ".join(slot for slot in SlotName if slot in fact.slots)


def _words() -> Iterator[str]:
    yield "## What slots can call and name\n"
    for name, (count, meaning) in FUNCTIONS.items():
        yield f"* `{name}({', '.join('abc'[:count])})`: {meaning}"
    for name, value in CONSTANTS.items():
        yield f"* `{name}`: {value}"
    for slot, words in SLOT_CONSTANTS.items():
        for name, meaning in words.items():
            yield f"* `{name}` of the slot {slot}: {meaning}"
    yield ""


def _composed(policies: Iterable[Policy]) -> str:
    lines = ["## Policies that are composed\n"]
    for policy in policies:
        if policy.fillings:
            filled = ", ".join(filling.slot for filling in policy.fillings)
            lines.append(f"* `{policy.name}`: {filled}")
    return "\n".join([*lines, ""])


def main() -> int:
    """Print the page."""
    sys.stdout.write(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
