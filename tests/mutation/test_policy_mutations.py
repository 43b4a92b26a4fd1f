"""Damaged policy files: a PolicyError in words, or a policy that is valid and runs the same."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest

from schedtui.model.goal import Family
from schedtui.model.policy import Parameter, Policy
from schedtui.policy.errors import PolicyError
from schedtui.policy.render import render
from schedtui.policy.repository import TOML_LIMIT, load_repository
from schedtui.policy.values import check_value
from schedtui.resources import resource_dir
from tests.figures import Figures, Mutations
from tests.mutation.changes import Change, changed, dice, flip_bits, set_bytes, splice

SLOWEST_S: Final = 1.0

SMALL: Final = """name = "small"
title = "A small policy"
description = "One queue."
source = "small.bpf.c"
families = ["batch_uniform"]
tags = ["one"]
use_cases = []
limits = ["none"]
requires = ["sched_ext"]
[[parameters]]
name = "slice_us"
type = "integer"
default = 200
minimum = 100
maximum = 300
unit = "us"
meaning = "A turn."
[[parameters]]
name = "hints"
type = "names"
default = [{ name = "cc1", expected_ms = 5 }]
minimum = 1
maximum = 9
unit = "ms"
meaning = "By name."
[[parameters]]
name = "eager"
type = "boolean"
default = true
unit = ""
meaning = "Now."
"""
SMALL_SOURCE: Final = """#include <schedtui.h>
const volatile u64 slice_us = 200;
const volatile struct name_weight hints[HINTS_MAX] = { { "cc1", 5 } };
const volatile bool eager = true;
"""
_WORDS: Final = (
    *(
        '"',
        "'",
        '"""',
        "=",
        "[",
        "]",
        "[[",
        "{",
        "}",
        ",",
        "\n",
        "#",
        "\\u0000",
        "\\x1b",
        "\\U00110000",
    ),
    *("true", "nan", "inf", "-1", "9" * 30, "9" * 5000, "1e400", "0x", "1979-05-27", "12:00:00"),
    *("../small", "/etc/passwd", "small.bpf.c", "name = 1\n", "a.b.c = 1\n", "[parameters]\n"),
    *("\u202e", "\ufeff", "\u0430", "\x00", "\x7f", "\r", "integer", "names", "boolean"),
)


class Folder:
    """A folder with one policy file whose content is damaged again and again."""

    def __init__(self, root: Path, name: str, source: str, counted: Mutations) -> None:
        self._counted = counted
        self._sources, self._policies = root / "sources", root / "policies"
        self._sources.mkdir()
        self._policies.mkdir()
        (self._sources / f"{name}.bpf.c").write_text(source, "utf-8")
        self._file = self._policies / f"{name}.toml"
        self.name, self.source = name, source
        self.refused = self.accepted = 0
        self.slowest = 0.0

    def load(self, content: bytes) -> Policy | None:
        """Return the policy, None when it was refused in words."""
        self._file.write_bytes(content)
        started = time.process_time()
        policy, words = None, ""
        try:
            (policy,) = load_repository(self._policies, self._sources)
        except PolicyError as error:
            words = str(error)
        self.slowest = max(self.slowest, time.process_time() - started)
        assert words.isprintable()
        assert (policy is None) is (words != "")
        return policy

    def judge(self, damaged: Iterable[bytes]) -> None:
        for content in damaged:
            with self._counted.one():
                policy = self.load(content)
            if policy is None:
                self.refused += 1
            else:
                self.accepted += 1
                self._counted.accepted += 1
                self._check(policy)

    def _check(self, policy: Policy) -> None:
        assert (policy.name, policy.source) == (self.name, self.source)
        assert render(policy, {}) == self.source
        assert all(isinstance(family, Family) for family in policy.families)
        assert all(map(is_sound, policy.parameters))
        shown = (policy.title, policy.description, *policy.tags, *policy.use_cases, *policy.limits)
        assert all(text.isprintable() for text in shown)
        assert policy.title != ""


def is_sound(parameter: Parameter) -> bool:
    """Tell whether a parameter's default is one of its own values."""
    assert parameter.unit.isprintable()
    assert parameter.meaning.isprintable()
    assert 0 <= parameter.minimum <= parameter.maximum < 2**63
    return check_value(parameter, parameter.default) == parameter.default


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: twenty thousand files take a disk a minute."""
    memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    parent = memory if os.access(memory, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=parent, prefix="schedtui-") as name:
        yield Path(name)


@pytest.fixture
def counted(figures: Figures) -> Iterator[Mutations]:
    with figures.mutations("policy file") as counting:
        yield counting


@pytest.fixture
def small(root: Path, counted: Mutations) -> Folder:
    return Folder(root, "small", SMALL_SOURCE, counted)


def test_undamaged_file_is_a_policy(small: Folder) -> None:
    small.judge([SMALL.encode()])
    assert small.accepted == 1


@pytest.mark.parametrize(("change", "accepted"), [(flip_bits, 50), (set_bytes, 0), (splice, 50)])
def test_damaged_bytes(small: Folder, change: Change, accepted: int) -> None:
    small.judge(changed(SMALL.encode(), 21, change, 4000))
    assert small.refused > 1000
    assert small.accepted >= accepted
    assert small.slowest < SLOWEST_S


def test_cut_anywhere(small: Folder) -> None:
    content = SMALL.encode()
    small.judge(content[:size] for size in range(len(content)))
    # A file that ends before a table of parameters is a policy with fewer of them.
    assert small.refused > len(content) - 10


def reworded(seed: int, times: int) -> Iterator[bytes]:
    """Yield copies in which words are put in, taken out, repeated or swapped."""
    chance = dice(seed)
    for _ in range(times):
        words = SMALL.split(" ")
        for _ in range(chance.choice((1, 1, 2, 3))):
            _reword(chance, words)
        yield " ".join(words).encode("utf-8", "surrogatepass")


def _reword(chance: random.Random, words: list[str]) -> None:
    place, other = chance.randrange(len(words)), chance.randrange(len(words))
    deed = chance.randrange(5)
    if deed == 0:
        words[place] = chance.choice(_WORDS)
    elif deed == 1:
        words.insert(place, chance.choice(_WORDS))
    elif deed == 2 and len(words) > 3:
        del words[place]
    elif deed == 3:
        words[place], words[other] = words[other], words[place]
    else:
        words[place] += chance.choice(_WORDS)


def test_other_words(small: Folder) -> None:
    small.judge(reworded(22, 7000))
    assert small.refused > 3000
    assert small.accepted > 10
    assert small.slowest < SLOWEST_S


@pytest.mark.parametrize(
    "path", sorted(resource_dir("policies").glob("*.toml")), ids=lambda p: p.stem
)
def test_damaged_policies_of_our_own(root: Path, path: Path, counted: Mutations) -> None:
    source = resource_dir("bpf") / "schedulers" / f"{path.stem}.bpf.c"
    folder = Folder(root, path.stem, source.read_text("utf-8"), counted)
    content = path.read_bytes()
    folder.judge([content])
    assert folder.accepted == 1
    for seed, change in enumerate((flip_bits, set_bytes, splice)):
        folder.judge(changed(content, seed, change, 100))
    assert folder.slowest < SLOWEST_S


@pytest.mark.parametrize(
    "content",
    [
        b"a = " + b"[" * 30_000,
        b"a = " + b"{b=" * 15_000,
        b"a." * 30_000 + b"b = 1",
        b"[" + b"a." * 30_000 + b"b]",
        b"".join(b"[[p%d]]\n" % i for i in range(6000)),
        b"a = " + b"9" * 60_000,
        b'a = "' + b"\\" * 60_000 + b'"',
        b"#" * TOML_LIMIT,
        b"#" * (TOML_LIMIT + 1),
        b"a = 1e" + b"9" * 60_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_files_made_to_break_a_parser(small: Folder, content: bytes) -> None:
    assert small.load(content) is None
    assert small.slowest < SLOWEST_S
