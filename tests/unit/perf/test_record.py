"""Kept figures and the page that is made of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from tests.perf.record import FOLDER, PAGE, Record, page
from tests.perf.row import Row

CHECKOUT = Path(__file__).resolve().parents[3]


def test_the_page_is_made_of_the_records() -> None:
    written = (CHECKOUT / PAGE).read_text()
    command = "python -m tests.perf.record"
    assert written == page(CHECKOUT / FOLDER), f"docs/figures.md is old; make it by: {command}"


def test_every_figure_stands_beside_its_goal_its_commit_and_its_day(tmp_path: Path) -> None:
    rows = [
        Row("restore", 1.25, "s", 1.0, True, "min 1|2"),
        Row("no goal", 5, "%", float("inf"), True, ""),
        Row("factor", 6, "x", 5, False, ""),
    ]
    record = Record("bench", "attach", ("7.0",), "abc1234+", "2026-01-02", 2, 0.5, ())
    raw = {**asdict(record), "rows": [row.as_json() for row in rows]}
    (tmp_path / "one.json").write_text(json.dumps(raw))
    text = page(tmp_path)
    assert '## `make bench ARGS="attach 7.0"`' in text
    assert "2026-01-02, commit abc1234+, 2 CPUs, load 0.5" in text
    assert "| restore | 1.25 s | ≤ 1 | **missed** | min 1\\|2 |" in text
    assert "| no goal | 5 % |  |  |  |" in text
    assert "| factor | 6 x | ≥ 5 | met |  |" in text
