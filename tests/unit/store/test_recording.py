"""Recordings come back whole, survive a crash, and are believed nothing unchecked."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from schedtui.model.deployment import Deployment, Stage
from schedtui.model.events import DeploymentChanged, Event, Finished, GoalRead
from schedtui.model.wire import WireError, to_json
from schedtui.store.recorder import Recorder
from schedtui.store.recording import Recording
from schedtui.store.recording_file import RecordingError
from schedtui.tape.block import OPEN_LIMIT, sealed
from schedtui.tape.frame import packed
from schedtui.tape.index import point_bytes, point_of
from tests.fakes import samples
from tests.fakes.recordings import BEGIN, recorded, shots

Read = Callable[[Path], Recording]


@pytest.fixture
def read() -> Iterator[Read]:
    """Opens recordings, which are closed in the end."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(closing(Recording(path)))


def alter(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def test_samples_marks_and_events_come_back(tmp_path: Path, read: Read) -> None:
    promoted = DeploymentChanged(Deployment("rtc_fifo", Stage.PROMOTED, "ab", "sandbox"))
    told: dict[int, Event] = {
        3: GoalRead(samples.goal("cut p99")),
        60: promoted,
        61: Finished(0, "done"),
    }
    recording = read(recorded(tmp_path / "a.rec", told=told))
    assert recording.hello == samples.hello(2)
    assert recording.index.end == 100
    for number, wanted in ((0, 0), (17, 17), (99, 99)):
        found, shot = recording.snapshot(number), shots(100)[wanted]
        assert replace(found, cpus=()) == replace(shot, cpus=())
        assert [cpu.depth for cpu in found.cpus] == [cpu.depth for cpu in shot.cpus]
        assert recording.cpus(number)[1].utilisation == pytest.approx(
            shot.cpus[1].utilisation, 1e-4
        )
    assert [(mark.at_ms - BEGIN, mark.text) for mark in recording.past.marks] == [
        (50_000, "deployed rtc_fifo"),
        (60_000, "rtc_fifo promoted"),
        (75_000, "rtc_fifo ended: asked by the user"),
    ]
    assert [(at.at_ms - BEGIN, at.event) for at in recording.past.told] == [
        (second * 1000, event) for second, event in told.items()
    ]


def test_the_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.rec", 5)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(RecordingError, match="is there already"):
        Recorder(path, samples.hello(2))
    assert path.read_bytes() == before
    with pytest.raises(RecordingError, match="cannot be used: No such file"):
        Recorder(tmp_path / "no" / "a.rec", samples.hello(2))


def test_the_file_is_bounded_and_samples_do_not_wait_long(tmp_path: Path, read: Read) -> None:
    now = 0.0
    recorder = Recorder(tmp_path / "a.rec", samples.hello(2), limit=9000, clock=lambda: now)
    for shot in shots(60):
        now += 2.0
        recorder.add(shot)
        assert (
            recorder.samples < 4 or Recording(tmp_path / "a.rec").index.end > recorder.samples - 4
        )
        if recorder.full:
            break
    assert 10 < recorder.samples < 60
    recorder.close()
    assert read(tmp_path / "a.rec").index.end == recorder.samples


_CRASH = """
import os, signal, sys
from pathlib import Path
from schedtui.store.recorder import Recorder
from tests.fakes import samples
from tests.fakes.recordings import shots
recorder = Recorder(Path(sys.argv[1]), samples.hello(2))
for shot in shots(40):
    recorder.add(shot)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_crash_loses_the_last_seconds_only(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.rec"
    done = subprocess.run([sys.executable, "-c", _CRASH, str(path)], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    recording = read(path)
    assert recording.index.end == 32
    assert recording.snapshot(31).seq == 32


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("PRAGMA user_version = 2", "is a recording of version 2"),
        ("PRAGMA application_id = 7", "is no recording of schedtui"),
        ("CREATE TABLE more (x)", "has other tables"),
        ("CREATE TRIGGER t AFTER INSERT ON marks BEGIN SELECT 1; END", "has other tables"),
        ("DELETE FROM blocks", "has no sample in it"),
        ("DELETE FROM about", "is damaged"),
        ("UPDATE about SET body = x'7b7d'", "is damaged"),
        ("UPDATE blocks SET points = x'00'", "a row of points is cut off"),
        ("UPDATE blocks SET points = zeroblob(17 * 17)", "another number of samples"),
        ("UPDATE events SET body = x'00'", "an event cannot be unpacked"),
        ("UPDATE marks SET at_ms = -5", "is of no time"),
    ],
)
def test_a_file_that_is_not_right_is_refused_in_words(
    tmp_path: Path, statement: str, words: str
) -> None:
    path = recorded(tmp_path / "a.rec", 60, {3: Finished(0, "x")})
    alter(path, statement)
    with pytest.raises(RecordingError, match=words):
        Recording(path)


@pytest.mark.parametrize("kind", ["absent", "folder", "text", "empty", "pipe", "torn"])
def test_what_is_no_recording_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a\x1b[31m.rec"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "torn":
        recorded(path, 40)
        path.write_bytes(path.read_bytes()[:9000])
    elif kind != "absent":
        path.write_text("hello" * 5000 if kind == "text" else "")
    with pytest.raises(RecordingError) as refused:
        Recording(path)
    assert "\x1b" not in refused.value.sentence


def bomb(count: int) -> bytes:
    """A block that unpacks to far more than it may."""
    return zstandard.ZstdCompressor().compress(bytes(OPEN_LIMIT + count))


def unstated(count: int) -> bytes:
    """The same, without the size in its head."""
    whole = zstandard.ZstdCompressor(write_content_size=False)
    return whole.compress(bytes(OPEN_LIMIT + count))


def with_body(change: Callable[[str], str]) -> Callable[[int], bytes]:
    """Frames whose JSON says something else."""

    def block(count: int) -> bytes:
        frames = []
        for shot in shots(count):
            frame = packed(shot)
            (length,) = struct.unpack_from("<I", frame)
            text = change(frame[6 : 6 + length].decode()).encode()
            frames.append(struct.pack("<IH", len(text), 2) + text + frame[6 + length :])
        return sealed(frames)

    return block


HOSTILE: list[Callable[[int], bytes]] = [
    bomb,
    unstated,
    lambda count: b"junk",
    lambda count: sealed([b"x"] * count),
    lambda count: sealed([packed(shot) for shot in shots(count + 1)]),
    lambda count: sealed([packed(shot)[:-1] for shot in shots(count)]),
    with_body(lambda text: text.replace('"seq"', '"more":1,"seq"')),
    with_body(lambda text: text.replace('"interval_s":1.0', '"interval_s":1e30')),
    with_body(lambda text: "[" * 100_000),
    with_body(lambda text: text.replace('"wakeup_counts":[', '"wakeup_counts":[1,')),
    with_body(lambda text: text.replace(f'"unix_ms":{BEGIN}', '"unix_ms":99999999999999999')),
]


@pytest.mark.parametrize("block", HOSTILE)
def test_a_hostile_block_costs_its_own_samples_only(
    tmp_path: Path, read: Read, block: Callable[[int], bytes]
) -> None:
    path = recorded(tmp_path / "a.rec", 40)
    alter(path, "UPDATE blocks SET frames = ? WHERE id = 1", block(16))
    recording = read(path)
    with pytest.raises(WireError):
        recording.snapshot(0)
    assert recording.snapshot(20).seq == 21


def test_text_in_a_recording_passes_the_sanitiser(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "a.rec"
    recorder = Recorder(path, replace(samples.hello(2), target="\x1b[31msandbox"))
    shot = shots(1)[0]
    cpus = tuple(replace(cpu, running="\x1b]0;owned\x07") for cpu in shot.cpus)
    tasks = tuple(replace(task, name="\u202ex") for task in shot.tasks)
    recorder.add(replace(shot, cpus=cpus, tasks=tasks, source_note="\x07" * 9000))
    recorder.tell(Finished(0, "\x1b[2J"))
    recorder.close()
    alter(path, "INSERT INTO marks (at_ms, kind, words) VALUES (5, 'own', ?)", "\x1b[31m")
    recording = read(path)
    found = recording.snapshot(0)
    told = json.dumps([to_json(found), to_json(recording.hello), recording.past.marks[0].text,
                       to_json(recording.past.told[0].event)], ensure_ascii=False)  # fmt: skip
    assert not any(sign in told for sign in ("\x1b", "\x07", "\u202e"))
    assert "\\\\x1b" in told
    assert len(found.source_note) <= 4096


def test_points_and_frames_that_contradict_do_no_harm(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.rec", 40)
    point = replace(point_of(shots(1)[0]), p99_us=-3.0)
    alter(path, "UPDATE blocks SET points = ? WHERE id = 2", point_bytes(point) * 16)
    with pytest.raises(RecordingError, match="a latency is impossible"):
        Recording(path)
