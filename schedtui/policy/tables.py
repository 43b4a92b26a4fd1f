"""What the scaffold works out about tables of names when a policy starts."""

from __future__ import annotations

from collections.abc import Iterator

from schedtui.policy.facts import Source
from schedtui.policy.needs import Needs


def declared(needs: Needs) -> Iterator[str]:
    """Yield the variables in which it is kept."""
    for table in needs.tables(Source.LONGEST):
        yield ""
        yield f"/* The greatest that {table} says of anybody. */"
        yield f"static u64 longest_{table}_ms = 1;"
    for table in needs.tables(Source.BEGUN):
        yield ""
        yield f"static struct beginning {table}_beginnings[HINTS_MAX];"


def learnt(needs: Needs) -> list[str]:
    """Return the statements that work it out."""
    rows = [
        f"\t\tlongest_{table}_ms = MAX(longest_{table}_ms, {table}[i].expected_ms);"
        for table in needs.tables(Source.LONGEST)
    ]
    rows += [
        f"\t\tlearn_beginning(&{t}[i], &{t}_beginnings[i]);" for t in needs.tables(Source.BEGUN)
    ]
    loop = "\tfor (u32 i = 0; i < HINTS_MAX; i++)"
    if len(rows) <= 1:
        return [loop, *rows] if rows else []
    return [f"{loop} {{", *rows, "\t}"]
