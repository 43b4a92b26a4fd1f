"""Damaged exports: refused in words, or the very policy that was sent."""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from schedtui.policy.errors import PolicyError
from schedtui.policy.exchange import MANIFEST, MANIFEST_LIMIT, SCHEMA, manifest_of, read_parcel
from tests.fakes.own_policies import manifest, sent, source, toml
from tests.figures import Figures, Mutations
from tests.mutation.changes import Change, changed, dice, flip_bits, set_bytes, splice

A = TypeVar("A")
B = TypeVar("B")

SLOWEST_S: Final = 0.5
FILES: Final = {"mine.toml": toml(), "mine.bpf.c": source()}
WHOLE: Final = json.dumps(manifest(FILES), indent=2).encode()

_STRANGE: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, 2, -1, 1.0, 1e300, float("nan"), float("inf"), 2**63, 10**400),
    *(
        "",
        "mine",
        "../mine",
        "/etc/passwd",
        "mine.toml",
        "mine.bpf.c",
        "..",
        ".",
        "mine/",
        "a\x00b",
    ),
    *("\x1b[2J", "\u202e", "\ud800", "0" * 64, "F" * 64, [], {}, [[]], [{}], {"name": "mine"}),
)


def answer(read: Callable[[A], B], what: A) -> B | str:
    """Return what was read, or the sentence that refuses it."""
    sentence = ""
    try:
        return read(what)
    except PolicyError as error:
        sentence = str(error)
    assert sentence.isprintable()
    assert sentence.endswith(".")
    return sentence


class Manifests:
    """Reads damaged manifests and counts what became of them."""

    def __init__(self, counted: Mutations) -> None:
        self._counted = counted
        self.refused = self.accepted = 0
        self.slowest = 0.0

    def judge(self, damaged: Iterable[bytes]) -> None:
        for content in damaged:
            started = time.process_time()
            with self._counted.one():
                found = answer(manifest_of, content)
            self.slowest = max(self.slowest, time.process_time() - started)
            if isinstance(found, str):
                self.refused += 1
            else:
                self.accepted += 1
                self._counted.accepted += 1
                names = {file.name for file in found.files}
                assert found.schema == SCHEMA
                assert names == {f"{found.name}.toml", f"{found.name}.bpf.c"}
                assert not set("/.\0") & set(found.name)


@pytest.fixture
def counted(figures: Figures) -> Iterator[Mutations]:
    with figures.mutations("export") as counting:
        yield counting


@pytest.fixture
def manifests(counted: Mutations) -> Iterator[Manifests]:
    judged = Manifests(counted)
    yield judged
    assert judged.slowest < SLOWEST_S


@pytest.mark.parametrize("change", [flip_bits, set_bytes, splice])
def test_damaged_bytes(manifests: Manifests, change: Change) -> None:
    manifests.judge(changed(WHOLE, 31, change, 4000))
    assert manifests.refused > 1000
    # A digit of a hash can change without the form being another one.
    assert manifests.accepted > 10


def test_cut_anywhere(manifests: Manifests) -> None:
    manifests.judge(WHOLE[:size] for size in range(len(WHOLE)))
    assert (manifests.refused, manifests.accepted) == (len(WHOLE), 0)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a document with each of its keys."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _other(chance: random.Random) -> bytes:
    document = manifest(FILES)
    for _ in range(chance.choice((1, 1, 2))):
        container, key = chance.choice(list(_places(document)))
        deed = chance.randrange(4)
        if deed == 0:
            del container[key]
        elif deed == 1 and isinstance(container, dict):
            container[chance.choice(("name", "schema", "path", "\x1b", ""))] = container[key]
        else:
            container[key] = chance.choice(_STRANGE)
    return json.dumps(document).encode()


def test_other_values(manifests: Manifests) -> None:
    chance = dice(32)
    manifests.judge(_other(chance) for _ in range(4000))
    assert manifests.refused > 2000
    assert manifests.accepted > 10


@pytest.mark.parametrize(
    "content",
    [
        b"[" * MANIFEST_LIMIT,
        b'{"a":' * (MANIFEST_LIMIT // 5),
        b'{"schema": ' + b"9" * 4000 + b"}",
        b'{"schema": 1e' + b"9" * 4000 + b"}",
        b'"' + b"\\u0000" * 600 + b'"',
        b"\xff" * MANIFEST_LIMIT,
        b"\xef\xbb\xbf" + WHOLE,
        WHOLE.decode().encode("utf-16"),
        b"",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_manifests_made_to_break_a_parser(manifests: Manifests, content: bytes) -> None:
    manifests.judge([content])
    assert manifests.refused == 1


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: it is written thousands of times."""
    memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    parent = memory if os.access(memory, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=parent, prefix="schedtui-") as name:
        yield Path(name)


@pytest.mark.parametrize("name", [MANIFEST, *FILES])
def test_a_damaged_export_is_never_another_policy(
    root: Path, name: str, counted: Mutations
) -> None:
    folder = sent(root / "sent")
    original = (folder / name).read_bytes()
    whole = read_parcel(folder)
    for seed, change in enumerate((flip_bits, set_bytes, splice)):
        for content in changed(original, seed, change, 300):
            (folder / name).write_bytes(content)
            with counted.one():
                found = answer(read_parcel, folder)
            if not isinstance(found, str):
                counted.accepted += 1
                assert found == whole
    # Space between two values of the manifest may change; in the two files nothing may.
    assert (counted.accepted > 0) is (name == MANIFEST)
