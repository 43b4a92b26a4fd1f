"""Energy counters of processors, where there are any and they may be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from schedtui.target.sandbox.energy import Counter, joules, read_counters


def zone(powercap: Path, name: str, kind: str, used_uj: str) -> None:
    place = powercap / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "name").write_text(f"{kind}\n")
    (place / "energy_uj").write_text(f"{used_uj}\n")
    (place / "max_energy_range_uj").write_text("10000000\n")


def test_packages_count_and_their_parts_do_not(tmp_path: Path) -> None:
    zone(tmp_path, "intel-rapl:0", "package-0", "1000000")
    zone(tmp_path, "intel-rapl:0:0", "core", "700000")
    zone(tmp_path, "intel-rapl:1", "package-1", "9500000")
    zone(tmp_path, "intel-rapl:2", "psys", "5")
    zone(tmp_path, "intel-rapl-mmio:0", "package-0", "7")
    before = read_counters(tmp_path)
    assert before == (Counter(1_000_000, 10_000_000), Counter(9_500_000, 10_000_000))
    zone(tmp_path, "intel-rapl:0", "package-0", "3000000")
    zone(tmp_path, "intel-rapl:1", "package-1", "500000")  # it has begun again
    assert joules(before, read_counters(tmp_path)) == pytest.approx(2 + 1)


def test_what_cannot_be_read_whole_is_no_figure(tmp_path: Path) -> None:
    assert read_counters(tmp_path) == ()
    assert joules((), ()) is None
    zone(tmp_path, "intel-rapl:0", "package-0", "1000000")
    seen = read_counters(tmp_path)
    zone(tmp_path, "intel-rapl:1", "package-1", "nonsense")
    assert read_counters(tmp_path) == ()
    assert joules(seen, ()) is None
