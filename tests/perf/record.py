"""Figures that are kept: what ``--record`` writes into ``docs/figures``, and the page made of it.

A record is one part of a bench as it came out once: where, when, at which commit. A newer run of
the same part on the same kernels takes its place; nothing else does. ``docs/figures.md`` is made
from all records and a test holds the two together, so a figure cannot be written by hand.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.perf.row import Row

FOLDER = Path("docs/figures")
PAGE = Path("docs/figures.md")

_HEAD = """# Figures

Made by `make bench`, `make bench-verify` and `make bench-policies` with `ARGS="... --record"` from
the raw samples in `docs/figures`; `python -m tests.perf.record` writes this page from them. All
guests are emulated where nothing else is said. The load is what else ran when a part began,
as the average number of running tasks in the last minute.
"""


@dataclass(frozen=True)
class Record:
    """One part of a bench, as it came out."""

    command: str
    part: str
    kernels: tuple[str, ...]
    commit: str
    """Short hash, with a ``+`` when files were changed since."""
    date: str
    """UTC day."""
    cpus: int
    load: float
    """Tasks that ran on the average in the minute before."""
    rows: tuple[dict[str, object], ...]

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return FOLDER / ("-".join((self.command, self.part, *self.kernels)) + ".json")


def begin(command: str, part: str, kernels: tuple[str, ...] = ()) -> Record:
    """Return a record without rows of what begins now."""
    return Record(
        command=command,
        part=part,
        kernels=kernels,
        commit=_commit(),
        date=datetime.now(UTC).date().isoformat(),
        cpus=os.cpu_count() or 1,
        load=round(os.getloadavg()[0], 2),
        rows=(),
    )


def keep(begun: Record, rows: list[Row]) -> None:
    """Write a record with these rows and make the page anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**asdict(begun), "rows": [row.as_json() for row in rows]}, indent=1)
    begun.path.write_text(text + "\n")
    PAGE.write_text(page())


def page(folder: Path = FOLDER) -> str:
    """Return the page of all records in ``folder``."""
    records = [_read(path) for path in sorted(folder.glob("*.json"))]
    return "\n".join((_HEAD, *(_section(record) for record in records)))


def _read(path: Path) -> Record:
    raw = json.loads(path.read_text())
    return Record(**{**raw, "kernels": tuple(raw["kernels"]), "rows": tuple(raw["rows"])})


def _section(record: Record) -> str:
    arguments = " ".join((record.part, *record.kernels))
    lines = [
        f'## `make {record.command} ARGS="{arguments}"`',
        "",
        f"{record.date}, commit {record.commit}, {record.cpus} CPUs, load {record.load:g}",
        "",
        "| figure | value | goal | | detail |",
        "|---|---|---|---|---|",
        *(_line(row) for row in record.rows),
        "",
    ]
    return "\n".join(lines)


def _line(row: dict[str, object]) -> str:
    sign = "≤" if row["at_most"] else "≥"
    goal = "" if row["goal"] is None else f"{sign} {row['goal']:g}"
    met = "" if row["goal"] is None else "met" if row["met"] else "**missed**"
    detail = str(row["detail"]).replace("|", "\\|")
    return f"| {row['name']} | {row['value']:.4g} {row['unit']} | {goal} | {met} | {detail} |"


@functools.cache
def _commit() -> str:
    """Return the commit at the first call: what a run keeps changes files itself."""
    head = _git("rev-parse", "--short", "HEAD")
    return f"{head}+" if _git("status", "--porcelain", "--untracked-files=no") else head


def _git(*arguments: str) -> str:
    return subprocess.run(
        ("git", *arguments), check=True, capture_output=True, text=True
    ).stdout.strip()


if __name__ == "__main__":
    PAGE.write_text(page())
