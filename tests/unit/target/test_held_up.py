"""How long a host keeps the CPUs of a guest waiting, as its kernel counts it."""

from __future__ import annotations

from pathlib import Path

from schedtui.target.sandbox.held_up import HeldUp

STAT = "cpu  9 0 9 9 0 0 0 {both} 0 0\ncpu0 1 0 1 1 0 0 0 {first} 0 0\ncpu1 1 0 1 1 0 0 0 2 0 0\n"


def host(root: Path, delays_ns: dict[int, int], stolen_ticks: int) -> Path:
    for thread, delay in delays_ns.items():
        place = root / "77" / "task" / str(thread)
        place.mkdir(parents=True, exist_ok=True)
        (place / "schedstat").write_text(f"123456789 {delay} 42\n")
    (root / "stat").write_text(STAT.format(both=stolen_ticks + 2, first=stolen_ticks))
    return root


def test_each_cpu_has_its_delay_and_the_most_that_was_stolen(tmp_path: Path) -> None:
    proc = host(tmp_path, {78: 30_000_000, 79: 1_500_000}, stolen_ticks=5)
    assert HeldUp(77, (78, 79), proc).read_ms() == (80.0, 51.5)


def test_a_host_that_does_not_count_excuses_nothing(tmp_path: Path) -> None:
    assert HeldUp(77, (78, 79), tmp_path).read_ms() == (0.0, 0.0)
    (tmp_path / "stat").write_text("cpu\ncpu0 x\n")
    place = tmp_path / "77" / "task" / "78"
    place.mkdir(parents=True)
    (place / "schedstat").write_text("1\n")
    assert HeldUp(77, (78,), tmp_path).read_ms() == (0.0,)
    assert HeldUp(77, (), tmp_path).read_ms() == ()
