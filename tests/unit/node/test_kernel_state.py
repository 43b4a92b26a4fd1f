"""Reading the kernel's own account of itself from files that may be odd or vanish."""

from __future__ import annotations

import hashlib
import struct
import threading
from pathlib import Path

import pytest

from schedtui.model.machine import Cpu
from schedtui.node.kernel_state import (
    build_id,
    cpu_list,
    kernel_info,
    read_state,
    topology,
)


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


ENABLED: dict[str, str | bytes] = {
    "state": "enabled\n",
    "switch_all": "1\n",
    "nr_rejected": "3\n",
    "enable_seq": "7\n",
    "root/ops": "fifo_rtc\n",
    "root/events": "SCX_EV_SELECT_CPU_FALLBACK 2\nSCX_EV_BYPASS_DURATION 35780358\n",
}


def test_a_kernel_without_sched_ext_is_absent(tmp_path: Path) -> None:
    state = read_state(tmp_path / "sched_ext")
    assert state.state == "absent"
    assert state.in_charge == "kernel default (EEVDF)"


def test_everything_is_read_while_a_scheduler_is_enabled(tmp_path: Path) -> None:
    state = read_state(write(tmp_path, ENABLED))
    assert (state.state, state.ops, state.in_charge) == ("enabled", "fifo_rtc", "fifo_rtc")
    assert (state.enable_seq, state.rejected, state.switch_all) == (7, 3, True)
    assert state.events == (("SELECT_CPU_FALLBACK", 2), ("BYPASS_DURATION", 35780358))
    assert not state.ours


def test_files_that_exist_only_while_enabled_may_be_missing(tmp_path: Path) -> None:
    files = {name: text for name, text in ENABLED.items() if not name.startswith("root/")}
    state = read_state(write(tmp_path, files | {"state": "disabled\n"}))
    assert (state.state, state.ops, state.events, state.enable_seq) == ("disabled", "", (), 7)


def test_reading_survives_files_that_come_and_go(tmp_path: Path) -> None:
    write(tmp_path, ENABLED)
    done = threading.Event()

    def flicker() -> None:
        while not done.is_set():
            (tmp_path / "root" / "ops").unlink(missing_ok=True)
            write(tmp_path, {"root/ops": "fifo_rtc\n"})

    thread = threading.Thread(target=flicker)
    thread.start()
    try:
        seen = {read_state(tmp_path).ops for _ in range(300)}
    finally:
        done.set()
        thread.join()
    assert seen <= {"", "fifo_rtc"}


@pytest.mark.parametrize("text", ["", "x", "-1", "1 2", "\u0663"])
def test_a_counter_that_is_no_number_counts_as_zero(tmp_path: Path, text: str) -> None:
    state = read_state(write(tmp_path, ENABLED | {"enable_seq": text}))
    assert state.enable_seq == 0


def test_a_hostile_name_is_made_plain(tmp_path: Path) -> None:
    state = read_state(write(tmp_path, ENABLED | {"root/ops": b"\x1b]0;t\x07" + b"n" * 5000}))
    assert state.ops.startswith("\\x1b]0;t\\x07n")
    assert len(state.ops) == 64


def test_odd_event_lines_are_skipped(tmp_path: Path) -> None:
    text = "SCX_EV_A 1\nnonsense\nSCX_EV_B many\nSCX_EV_C 2 3\nSCX_EV_D -4\n"
    state = read_state(write(tmp_path, ENABLED | {"root/events": text}))
    assert state.events == (("A", 1), ("D", -4))


def note(name: bytes, kind: int, body: bytes) -> bytes:
    def padded(raw: bytes) -> bytes:
        return raw + b"\0" * (-len(raw) % 4)

    return struct.pack("=III", len(name), len(body), kind) + padded(name) + padded(body)


WANTED = note(b"GNU\0", 3, bytes(range(20)))


def test_the_build_id_is_found_behind_other_notes() -> None:
    notes = note(b"Linux\0", 0x101, b"abc") + note(b"Xen\0", 3, b"no") + WANTED
    assert build_id(notes) == bytes(range(20)).hex()


def test_damaged_notes_have_no_build_id() -> None:
    for cut in range(len(WANTED)):
        assert build_id(WANTED[:cut]) == ""
    assert build_id(struct.pack("=III", 0xFFFFFFFF, 0xFFFFFFFF, 3) * 4) == ""


def test_kernel_identity_comes_from_the_given_files(tmp_path: Path) -> None:
    btf = b"types" * 500_000
    write(tmp_path, {"notes": WANTED, "btf/vmlinux": btf, "boot_id": "1234-ab\n"})
    info = kernel_info(tmp_path, tmp_path / "boot_id")
    assert info.build_id == bytes(range(20)).hex()
    assert info.btf_sha256 == hashlib.sha256(btf).hexdigest()
    assert info.boot_id == "1234-ab"
    assert info.release


def test_a_kernel_that_hides_its_identity_is_still_described(tmp_path: Path) -> None:
    info = kernel_info(tmp_path / "none", tmp_path / "none" / "boot_id")
    assert (info.build_id, info.btf_sha256, info.boot_id) == ("", "", "")


@pytest.mark.parametrize(
    ("text", "cpus"),
    [
        ("0", (0,)),
        ("0-3", (0, 1, 2, 3)),
        ("0-1,8,10-11", (0, 1, 8, 10, 11)),
        ("", ()),
        ("a-b", ()),
        ("1-", (1,)),
        ("-", ()),
    ],
)
def test_cpu_lists(text: str, cpus: tuple[int, ...]) -> None:
    assert cpu_list(text) == cpus


def smt_pair(cpu: int, siblings: str, shared: str, node: int) -> dict[str, str | bytes]:
    return {
        f"cpu{cpu}/topology/thread_siblings_list": siblings,
        f"cpu{cpu}/cache/index0/level": "1\n",
        f"cpu{cpu}/cache/index0/shared_cpu_list": siblings,
        f"cpu{cpu}/cache/index3/level": "3\n",
        f"cpu{cpu}/cache/index3/shared_cpu_list": shared,
        f"cpu{cpu}/node{node}/cpulist": "",
    }


def test_topology_groups_by_core_last_level_cache_and_node(tmp_path: Path) -> None:
    write(tmp_path, {"online": "0-3\n"})
    for cpu, siblings, shared, node in (
        (0, "0,2", "0,2", 0),
        (1, "1,3", "1,3", 1),
        (2, "0,2", "0,2", 0),
        (3, "1,3", "1,3", 1),
    ):
        write(tmp_path, smt_pair(cpu, siblings, shared, node))
    assert topology(tmp_path) == (
        Cpu(0, core=0, llc=0, node=0),
        Cpu(1, core=1, llc=1, node=1),
        Cpu(2, core=0, llc=0, node=0),
        Cpu(3, core=1, llc=1, node=1),
    )


def test_an_offline_cpu_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"online": "0,2\n"})
    for cpu in range(3):
        write(tmp_path, smt_pair(cpu, str(cpu), "0-2", 0))
    assert [place.cpu for place in topology(tmp_path)] == [0, 2]


def test_topology_without_any_detail_falls_back(tmp_path: Path) -> None:
    for cpu in range(2):
        (tmp_path / f"cpu{cpu}").mkdir()
    (tmp_path / "cpufreq").mkdir()
    assert topology(tmp_path) == (Cpu(0, 0, 0, 0), Cpu(1, 1, 0, 0))


def test_a_machine_of_512_cpus(tmp_path: Path) -> None:
    write(tmp_path, {"online": "0-511\n"})
    for cpu in range(512):
        first = cpu // 8 * 8
        write(
            tmp_path,
            {
                f"cpu{cpu}/topology/thread_siblings_list": f"{cpu // 2 * 2}-{cpu // 2 * 2 + 1}",
                f"cpu{cpu}/cache/index3/level": "3",
                f"cpu{cpu}/cache/index3/shared_cpu_list": f"{first}-{first + 7}",
                f"cpu{cpu}/node{cpu // 128}/cpulist": "",
            },
        )
    places = topology(tmp_path)
    assert len(places) == 512
    assert places[511] == Cpu(511, core=510, llc=63, node=3)


def test_this_machine_has_a_place_for_every_cpu() -> None:
    places = topology()
    assert places
    assert [place.cpu for place in places] == sorted({place.cpu for place in places})
