"""Used tokens on disk: once, for all threads and processes, whatever happens to the file."""

from __future__ import annotations

import multiprocessing
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from schedtui.node.burnt import BurnError, Burnt, BurntInMemory, BurntOnDisk

NONCE = "0123456789abcdef" * 2
OTHER = "f" * 32
EXPIRES = 1_800_000_060


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


def record(folder: Path) -> Path:
    return folder / "burnt-tokens"


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_a_token_burns_once(kind: str, folder: Path) -> None:
    burnt: Burnt = BurntInMemory() if kind == "memory" else BurntOnDisk(folder)
    assert burnt.burn(NONCE, EXPIRES)
    assert not burnt.burn(NONCE, EXPIRES)
    assert burnt.burn(OTHER, EXPIRES)
    assert not burnt.burn(NONCE, EXPIRES + 1)


def test_another_process_of_ours_knows(folder: Path) -> None:
    assert BurntOnDisk(folder).burn(NONCE, EXPIRES)
    assert not BurntOnDisk(folder).burn(NONCE, EXPIRES)


def test_only_we_reach_the_record(folder: Path) -> None:
    BurntOnDisk(folder).burn(NONCE, EXPIRES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(record(folder).stat().st_mode) == 0o600
    assert record(folder).read_text() == f"{NONCE} {EXPIRES}\n"


def contest(workers: int, compete: Callable[[Callable[[], None]], None]) -> None:
    """Run ``compete`` in many threads, each with a call that waits for all others."""
    barrier = threading.Barrier(workers)
    threads = [
        threading.Thread(target=compete, args=(lambda: barrier.wait() and None,))
        for _ in range(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("shared", [True, False], ids=["one object", "an object each"])
def test_of_many_threads_one_wins(folder: Path, shared: bool) -> None:
    one = BurntOnDisk(folder)
    for round_number in range(20):
        won: list[bool] = []
        nonce = f"{round_number:032x}"

        def compete(wait: Callable[[], None], nonce: str = nonce, won: list[bool] = won) -> None:
            burnt = one if shared else BurntOnDisk(folder)
            wait()
            won.append(burnt.burn(nonce, EXPIRES))

        contest(6, compete)
        assert sorted(won) == [False] * 5 + [True]


def _burn_all(folder: Path, count: int, start: int) -> list[int]:
    burnt = BurntOnDisk(folder)
    order = [(start + i) % count for i in range(count)]
    return [i for i in order if burnt.burn(f"{i:032x}", EXPIRES)]


def test_of_many_processes_one_wins(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        jobs = [pool.apply_async(_burn_all, (folder, 60, start)) for start in (0, 0, 30)]
        won = sorted(number for job in jobs for number in job.get(60))
    assert won == list(range(60))
    assert len(record(folder).read_text().splitlines()) == 60


def test_a_record_cut_anywhere_revives_nothing(folder: Path) -> None:
    BurntOnDisk(folder).burn(OTHER, EXPIRES)
    BurntOnDisk(folder).burn(NONCE, EXPIRES)
    whole = record(folder).read_bytes()
    first = whole.index(b"\n") + 1
    for size in range(first + 1, len(whole)):
        record(folder).write_bytes(whole[:size])
        burnt = BurntOnDisk(folder)
        assert not burnt.burn(NONCE, EXPIRES), size
        assert not burnt.burn(OTHER, EXPIRES), size
        # And the next ones are written whole again.
        assert burnt.burn("ab" * 16, EXPIRES), size
        assert not BurntOnDisk(folder).burn("ab" * 16, EXPIRES), size
        assert not BurntOnDisk(folder).burn(NONCE, EXPIRES), size


def test_a_record_that_became_shorter_is_not_believed(folder: Path) -> None:
    burnt = BurntOnDisk(folder)
    burnt.burn(NONCE, EXPIRES)
    for content in (b"", f"{OTHER} 1\n".encode()[:20]):
        os.truncate(record(folder), 0)
        record(folder).write_bytes(content)
        with pytest.raises(BurnError, match="not the one it was, or shorter"):
            burnt.burn(NONCE, EXPIRES)


def test_a_record_that_was_exchanged_is_not_believed(folder: Path) -> None:
    burnt = BurntOnDisk(folder)
    burnt.burn(NONCE, EXPIRES)
    kept = record(folder).rename(folder / "kept")
    record(folder).write_bytes(kept.read_bytes().replace(b"0", b"1"))
    record(folder).chmod(0o600)
    with pytest.raises(BurnError, match="not the one it was"):
        burnt.burn(NONCE, EXPIRES)


@pytest.mark.parametrize(
    "content",
    [
        b"\n",
        b"\0" * 64,
        b"\0" * 64 + b"\n",
        NONCE.encode() + b"\n",
        NONCE.upper().encode() + b" 1\n",
        NONCE.encode() + b" x\n",
        NONCE.encode() + b" 1 \n",
        b"g cut\n",
        b" cut\n",
        b"x",
    ],
)
def test_a_damaged_record_takes_no_token(folder: Path, content: bytes) -> None:
    folder.mkdir(mode=0o700)
    record(folder).write_bytes(content)
    record(folder).chmod(0o600)
    with pytest.raises(BurnError, match="damaged"):
        BurntOnDisk(folder).burn(OTHER, EXPIRES)


@pytest.mark.parametrize("nonce", ["", "0" * 31, "0" * 33, "G" * 32, "0" * 31 + "\n", "../" * 10])
def test_a_number_of_another_form_is_not_taken(folder: Path, nonce: str) -> None:
    with pytest.raises(BurnError, match="unknown form"):
        BurntOnDisk(folder).burn(nonce, EXPIRES)
    assert not folder.exists()


def test_a_folder_that_others_reach_is_not_used(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for mode in (0o701, 0o710, 0o750, 0o770, 0o707):
        folder.chmod(mode)
        with pytest.raises(BurnError, match="others can reach its folder"):
            BurntOnDisk(folder).burn(NONCE, EXPIRES)
    folder.chmod(0o700)
    folder.parent.chmod(0o777)
    with pytest.raises(BurnError, match="the folder above it"):
        BurntOnDisk(folder).burn(NONCE, EXPIRES)


def test_links_and_other_things_are_not_used(tmp_path: Path) -> None:
    real = tmp_path / "real"
    BurntOnDisk(real).burn(NONCE, EXPIRES)
    (tmp_path / "link").symlink_to(real)
    file_link, hard_link, fifo = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    for each in (file_link, hard_link, fifo):
        each.mkdir(mode=0o700)
    record(file_link).symlink_to(record(real))
    os.mkfifo(record(fifo), 0o600)
    for each in (tmp_path / "link", file_link, fifo, record(real)):
        with pytest.raises(BurnError):
            BurntOnDisk(each).burn(OTHER, EXPIRES)
    os.link(record(real), record(hard_link))
    for each in (real, hard_link):
        with pytest.raises(BurnError, match="no file of its own"):
            BurntOnDisk(each).burn(OTHER, EXPIRES)


def test_a_record_that_others_write_is_not_used(folder: Path) -> None:
    BurntOnDisk(folder).burn(NONCE, EXPIRES)
    for mode in (0o640, 0o604, 0o660, 0o602):
        record(folder).chmod(mode)
        with pytest.raises(BurnError, match="others can reach it"):
            BurntOnDisk(folder).burn(OTHER, EXPIRES)


def test_without_a_place_to_write_no_token_is_taken(tmp_path: Path) -> None:
    with pytest.raises(BurnError, match="cannot be written down"):
        BurntOnDisk(tmp_path / "missing" / "state").burn(NONCE, EXPIRES)
