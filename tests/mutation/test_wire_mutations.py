"""Damaged lines of the node protocol: the declared refusal, or a whole message.

Lines go through the node's own channel and the decoder, and through the client's link, which
reads what a hostile guest may have written.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import random
import socket
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from schedtui.model.protocol import DeployArgs, Nothing
from schedtui.model.wire import WireError, from_json, to_json
from schedtui.node.channel import Channel, ChannelClosed
from schedtui.node.load_output import ReportLines
from schedtui.target.link import link_over_socket
from tests.figures import Figures, Mutations
from tests.mutation.changes import changed, dice, flip_bits, set_bytes, splice
from tests.mutation.samples import conforms, sample, shapes

SLOWEST_S: Final = 1.0
_DEEP: Final = 100_000
_PIECE: Final = 1 << 15
_HOSTILE: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 2**63, 10**400, 1.5, -0.0, 1e308, math.inf, -math.inf, math.nan),
    *("", "\x1b]0;x\x07", "\ud800", "[@click=app.quit]", "a" * 10_000, "1"),
    *([], [[]], [None] * 50, {}, {"": {}}, {"event": "Sample"}, {"__class__": 1}),
)


class Lines:
    """The node's channel over a pipe: bytes in, messages out."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self._sink = os.open(os.devnull, os.O_WRONLY)

    def messages(self, line: bytes) -> list[object]:
        """Return what the node makes of a line. Raises ChannelClosed."""
        channel, found, whole = Channel(self._read, self._sink), list[object](), line + b"\n"
        # A pipe holds 64 KiB; more than that would wait for somebody to read.
        for start in range(0, len(whole), _PIECE):
            os.write(self._write, whole[start : start + _PIECE])
            found += channel.receive()
        return found

    def close(self) -> None:
        for fd in (self._read, self._write, self._sink):
            os.close(fd)


@pytest.fixture
def lines() -> Iterator[Lines]:
    opened = Lines()
    yield opened
    opened.close()


@pytest.fixture
def counted(figures: Figures) -> Iterator[Mutations]:
    with figures.mutations("protocol line") as counting:
        yield counting


def line_of(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def decoded(lines: Lines, shape: type, line: bytes, counted: Mutations) -> tuple[int, float]:
    """Return how many whole messages a line held, and the seconds that took."""
    values: list[object] = []
    started = time.process_time()
    with counted.one(), contextlib.suppress(ChannelClosed, WireError):
        values.extend(from_json(shape, message) for message in lines.messages(line))
    seconds = time.process_time() - started
    assert all(conforms(shape, value) for value in values)
    counted.accepted += bool(values)
    return len(values), seconds


@pytest.mark.parametrize("shape", shapes(), ids=lambda s: s.__name__)
def test_undamaged_messages_come_back_the_same(shape: type) -> None:
    value = sample(shape)
    assert conforms(shape, value)
    assert from_json(shape, json.loads(line_of(to_json(value)))) == value


@pytest.mark.parametrize("change", [flip_bits, set_bytes, splice])
def test_damaged_bytes(lines: Lines, counted: Mutations, change: Any) -> None:
    accepted, slowest, times = 0, 0.0, 8000 // len(shapes()) + 1
    for seed, shape in enumerate(shapes()):
        line = line_of(to_json(sample(shape)))
        for damaged in changed(line, seed, change, times):
            whole, seconds = decoded(lines, shape, damaged, counted)
            accepted, slowest = accepted + whole, max(slowest, seconds)
    assert 0 < accepted < 8000
    assert slowest < SLOWEST_S


def test_cut_anywhere(lines: Lines, counted: Mutations) -> None:
    for shape in shapes():
        line = line_of(to_json(sample(shape)))
        cut = (line[:size] for size in range(len(line)))
        assert all(decoded(lines, shape, part, counted)[0] == 0 for part in cut)


def replaced(chance: random.Random, data: Any) -> Any:
    """Return a copy in which one value, key or item is another."""
    if isinstance(data, dict) and data and chance.random() < 0.85:
        name = chance.choice(list(data))
        deed = chance.randrange(8)
        if deed == 0:
            return {key: value for key, value in data.items() if key != name}
        if deed == 1:
            return {**data, chance.choice(("unknown", "", "__init__", name + " ")): 1}
        return {**data, name: replaced(chance, data[name])}
    if isinstance(data, list) and data and chance.random() < 0.8:
        place = chance.randrange(len(data))
        extra = chance.choice(([], [chance.choice(_HOSTILE)]))
        return [*data[:place], replaced(chance, data[place]), *extra, *data[place + 1 :]]
    return chance.choice(_HOSTILE)


def test_other_values(lines: Lines, counted: Mutations) -> None:
    chance = dice(7)
    accepted, slowest, times = 0, 0.0, 9000 // len(shapes()) + 1
    for shape in shapes():
        whole_message = to_json(sample(shape))
        for _ in range(times):
            other = line_of(replaced(chance, whole_message))
            whole, seconds = decoded(lines, shape, other, counted)
            accepted, slowest = accepted + whole, max(slowest, seconds)
    assert 0 < accepted < 6000
    assert slowest < SLOWEST_S


@pytest.mark.parametrize(
    "line",
    [
        b"[" * _DEEP,
        b'{"a":' * _DEEP,
        b"[" * _DEEP + b"]" * _DEEP,
        b"9" * 20_000,
        b"1e999999999",
        b'{"id":' + b"1" * 4000 + b"}",
        b"\xff\xfe" + b"x" * 100,
        b'"' + b"\\u0000" * 20_000 + b'"',
        b"\x00" * 1000,
    ],
    ids=lambda line: repr(line[:8]),
)
def test_lines_made_to_break_a_decoder(lines: Lines, counted: Mutations, line: bytes) -> None:
    for shape in (DeployArgs, Nothing):
        _, seconds = decoded(lines, shape, line, counted)
        assert seconds < SLOWEST_S


def test_what_a_workload_says(counted: Mutations) -> None:
    """Its lines are read by the node: every one is a report of numbers, or is not counted."""
    report = {"kind": "final", "metrics": {"p99_us": 2.5, "rate": 41, "lost": 0}}
    chance = dice(8)
    damaged = [line_of(replaced(chance, report)) for _ in range(3000)]
    for seed, change in enumerate((flip_bits, set_bytes, splice)):
        damaged += changed(line_of(report), seed, change, 1000)
    for line in damaged:
        reader = ReportLines()
        with counted.one():
            reader.feed(line + b"\n")
        if reader.final is not None:
            counted.accepted += 1
            assert all(type(value) is float and math.isfinite(value) for _, value in reader.final)
        assert reader.last_words.isprintable()
    assert 0 < counted.accepted < len(damaged)


async def heard(line: bytes) -> str:
    """Return why a client's link broke off after a line, empty when it did not."""
    ours, theirs = socket.socketpair()
    link = await link_over_socket(ours)
    link.on_sample(lambda _: None)
    with theirs:
        theirs.sendall(line + b"\n")
    await link.closed.wait()
    await link.close()
    return link.failure


async def test_client_breaks_off_in_words(counted: Mutations) -> None:
    snapshot = next(shape for shape in shapes() if shape.__name__ == "Snapshot")
    message = {"event": "sample", "nonce": "", "data": to_json(sample(snapshot))}
    assert await heard(line_of(message)) == "the node ended the conversation"
    for seed, change in enumerate((flip_bits, set_bytes, splice)):
        for damaged in changed(line_of(message), seed, change, 500):
            with counted.one():
                failure = await heard(damaged)
            assert failure.isprintable()
            assert failure != ""
    chance = dice(9)
    for _ in range(1500):
        with counted.one():
            failure = await heard(line_of(replaced(chance, message)))
        assert failure != ""


async def test_client_survives_lines_made_to_break_a_decoder() -> None:
    for line in (b"[" * 20_000, b'{"a":' * 10_000, b"9" * 20_000, b'{"id":1e400,"nonce":""}'):
        assert "conversation" in await heard(line)
