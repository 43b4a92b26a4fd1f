"""How long a host keeps the CPUs of a guest waiting, as its kernel counts it."""

from __future__ import annotations

from pathlib import Path

from schedtui.model.battery import HeldUp
from schedtui.target.sandbox.vcpus import Vcpus


def host(root: Path, delays_ns: dict[int, int], stolen_ticks: tuple[int, ...]) -> Path:
    for thread, delay in delays_ns.items():
        place = root / "77" / "task" / str(thread)
        place.mkdir(parents=True, exist_ok=True)
        (place / "schedstat").write_text(f"123456789 {delay} 42\n")
    lines = [f"cpu{i} 1 0 1 1 0 0 0 {ticks} 0 0" for i, ticks in enumerate(stolen_ticks)]
    (root / "stat").write_text("\n".join(["cpu  9 0 9 9 0 0 0 99 0 0", *lines, "intr 5", ""]))
    return root


def test_delays_of_each_cpu_and_what_was_stolen_from_each_of_the_host(tmp_path: Path) -> None:
    proc = host(tmp_path, {78: 30_000_000, 79: 1_500_000}, (5, 0))
    vcpus = Vcpus(77, (78, 79), proc, lambda: 12.5)
    assert vcpus.held_up() == HeldUp(12.5, (30.0, 1.5), (50.0, 0.0))


def test_what_was_lost_is_that_of_the_cpu_that_lost_most(tmp_path: Path) -> None:
    vcpus = Vcpus(77, (78, 79), host(tmp_path, {78: 30_000_000, 79: 0}, (500, 0)))
    before = vcpus.held_up()
    host(tmp_path, {78: 31_000_000, 79: 20_000_000}, (501, 4))
    assert vcpus.held_up().lost_since_ms(before) == 20 + 40


def test_a_host_that_does_not_count_excuses_nothing(tmp_path: Path) -> None:
    vcpus = Vcpus(77, (78, 79), tmp_path, lambda: 1.0)
    assert vcpus.held_up() == HeldUp(1.0, (0.0, 0.0), ())
    assert vcpus.held_up().lost_since_ms(vcpus.held_up()) == 0
    (tmp_path / "stat").write_text("cpu\ncpu0 x\n")
    place = tmp_path / "77" / "task" / "78"
    place.mkdir(parents=True)
    (place / "schedstat").write_text("1\n")
    assert Vcpus(77, (78,), tmp_path, lambda: 1.0).held_up() == HeldUp(1.0, (0.0,), ())
    assert Vcpus(77, (), tmp_path, lambda: 1.0).held_up() == HeldUp(1.0, (), ())
