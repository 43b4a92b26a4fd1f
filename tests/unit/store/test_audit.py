"""The audit grows, is private, and shows tampering."""

from __future__ import annotations

import stat
from pathlib import Path

from schedtui.store.audit import Audit


def test_lines_are_chained_and_private(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit = Audit(path)
    assert audit.broken_at() == 0
    for number in range(3):
        audit.append("deployment", number=number)
    assert audit.broken_at() == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_changed_line_and_a_missing_line_show(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit = Audit(path)
    for number in range(4):
        audit.append("deployment", number=number)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"number": 1', b'"number": 9'))
    assert audit.broken_at() == 3
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    assert audit.broken_at() == 2


def test_a_line_nested_beyond_reading_shows(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    Audit(path).append("deployment", number=0)
    with path.open("ab") as file:
        file.write(b"[" * 100_000 + b"\n")
    assert Audit(path).broken_at() == 2
