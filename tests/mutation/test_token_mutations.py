"""No changed, repeated or mixed token is ever taken, however it was changed.

Everything goes through what a node does with a deploy call: decoding, seal, clocks, burning.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import random
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from schedtui.model.machine import KernelInfo
from schedtui.model.protocol import DeployArgs, GuardLimits
from schedtui.model.sealing import LONGEST_LIFE_S, Clocks, Purpose, canonical, check, mac
from schedtui.model.verdict import Token, TokenMode
from schedtui.model.wire import WireError, from_json, to_json
from schedtui.node.admission import Admission, Refused
from schedtui.verify.tokens import mint
from tests.figures import Figures, Mutations
from tests.mutation.changes import dice
from tests.unit.verify.test_tokens import KERNEL, KEY, NOW, OBJECT, SHA, TIMEOUT_MS, verdict

SEED: Final = 20_260_806
MUTATIONS: Final = 12_000
FIELDS: Final = tuple(field.name for field in dataclasses.fields(Token))


class Node:
    """A node's admission with clocks and kernel in the test's hands."""

    def __init__(self, key: bytes = KEY, *, throwaway: bool = False) -> None:
        self.now = float(NOW)
        self.steady = 1000.0
        self.kernel = KERNEL
        self.admission = Admission(
            kernel=lambda: self.kernel, wall=lambda: self.now, steady=lambda: self.steady
        )
        self.admission.begin(key, throwaway=throwaway, unix_s=NOW)

    def takes(self, call: object) -> bool:
        """Tell whether a deploy call is carried out, from its JSON on."""
        try:
            self.admission.redeem(from_json(DeployArgs, call))
        except (Refused, WireError):
            return False
        return True


def minted(mode: TokenMode = TokenMode.DEPLOY, lifetime_s: int = 600) -> Token:
    return mint(
        KEY,
        mode=mode,
        object_sha256=SHA,
        scheduler="sample",
        kernel=KERNEL,
        verdict=verdict(),
        timeout_ms=TIMEOUT_MS,
        lifetime_s=lifetime_s,
        now=NOW,
    )


def call_of(token: Token, data: bytes = OBJECT, timeout_ms: int = TIMEOUT_MS) -> DeployArgs:
    encoded = base64.b64encode(data).decode()
    return DeployArgs(encoded, token, 2000, timeout_ms, GuardLimits())


def test_the_unchanged_call_is_taken() -> None:
    assert Node().takes(to_json(call_of(minted())))


def sealed(token: Token, code: str) -> bool:
    """Tell whether ``code`` seals the token, as a node judges it."""
    given = dataclasses.replace(token, mac=code)
    purpose = Purpose(token.mode, OBJECT, TIMEOUT_MS)
    return check(KEY, given, purpose, KERNEL, Clocks(NOW, NOW)) == ""


@pytest.fixture
def counted(figures: Figures) -> Iterator[Mutations]:
    with figures.mutations("token") as counting:
        yield counting


def test_every_bit_of_the_seal_counts(counted: Mutations) -> None:
    token = minted()
    assert sealed(token, token.mac)
    raw = token.mac.encode()
    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        with counted.one():
            taken = sealed(token, flipped.decode("latin-1"))
        counted.accepted += taken
        assert not taken, bit


def _token_from(text: bytes, seal: str) -> Token | None:
    """Return the token whose canonical bytes these are, None when there is none."""
    domain, _, body = text.partition(b"\n")
    try:
        fields = json.loads(body)
        token = from_json(Token, {**fields, "mac": seal})
    except (ValueError, TypeError, RecursionError):
        return None
    return token if domain == b"schedtui token 2" and canonical(token) == text else None


def test_every_bit_of_what_is_sealed_counts(counted: Mutations) -> None:
    token = minted()
    text = canonical(token)
    assert _token_from(text, token.mac) == token
    readable = 0
    for bit in range(len(text) * 8):
        flipped = bytearray(text)
        flipped[bit // 8] ^= 1 << bit % 8
        other = _token_from(bytes(flipped), token.mac)
        if other is None:
            continue
        readable += 1
        for mode in TokenMode:
            purpose = Purpose(mode, OBJECT, other.timeout_ms)
            with counted.one():
                why_not = check(KEY, other, purpose, KERNEL, Clocks(NOW, NOW))
            counted.accepted += why_not == ""
            assert why_not != "", bit
    # Most flips in names and hashes still read as a token; they must have been tried.
    assert readable > 2000


Change = Callable[[random.Random, dict[str, object]], None]


def _flip_character(chance: random.Random, token: dict[str, object]) -> None:
    name = chance.choice(FIELDS)
    value = str(token[name])
    at = chance.randrange(len(value) + 1)
    token[name] = value[:at] + chance.choice("0123456789abcdefXYZ\0 é") + value[at + 1 :]


def _swap_fields(chance: random.Random, token: dict[str, object]) -> None:
    one, other = chance.sample(FIELDS, 2)
    token[one], token[other] = token[other], token[one]


def _from_another(chance: random.Random, token: dict[str, object]) -> None:
    other = to_json(minted(chance.choice(list(TokenMode)), chance.randrange(1, LONGEST_LIFE_S)))
    assert isinstance(other, dict)
    # Never its number, or the whole of it might be taken over, which is no forgery.
    names = [name for name in FIELDS if name != "nonce"]
    for name in chance.sample(names, chance.randrange(1, len(names) + 1)):
        token[name] = other[name]


def _other_number(chance: random.Random, token: dict[str, object]) -> None:
    name = chance.choice(("timeout_ms", "expires_unix"))
    token[name] = chance.choice((0, -1, 1, 2**31, 2**63, 2**70, NOW + 1, NOW + 10**6, 1000, 30_000))


def _other_type(chance: random.Random, token: dict[str, object]) -> None:
    odd: tuple[object, ...] = (None, True, 1.5, [], {}, "", ["a"], 10**30)
    token[chance.choice(FIELDS)] = chance.choice(odd)


def _lose_or_add(chance: random.Random, token: dict[str, object]) -> None:
    if chance.random() < 0.5:
        del token[chance.choice(FIELDS)]
    else:
        token[f"extra{chance.randrange(10)}"] = "x"


def _stretch(chance: random.Random, token: dict[str, object]) -> None:
    name = chance.choice(FIELDS)
    value = str(token[name])
    choices = (value + "0", value[:-1], value * 2, value.upper(), value[::-1], "")
    token[name] = chance.choice(choices)


CHANGES: Final[tuple[Change, ...]] = (
    *(_flip_character, _swap_fields, _from_another, _other_number),
    *(_other_type, _lose_or_add, _stretch),
)


def test_no_mutated_token_is_taken(counted: Mutations) -> None:
    chance = dice(SEED)
    node = Node()
    known = [minted() for _ in range(8)]
    while counted.tried < MUTATIONS:
        source = chance.choice(known)
        call = to_json(call_of(source))
        assert isinstance(call, dict)
        token = call["token"]
        assert isinstance(token, dict)
        before = dict(token)
        for _ in range(chance.randrange(1, 4)):
            with_fields = set(FIELDS) <= token.keys()
            if with_fields:
                chance.choice(CHANGES)(chance, token)  # type: ignore[arg-type] # JSON is wider
        if token == before:
            continue
        with counted.one():
            taken = node.takes(call)
        counted.accepted += taken
        assert not taken, (before, token)
    # The node is as it was: none of these burnt a token that is good.
    assert all(node.takes(to_json(call_of(token))) for token in known)


def test_no_token_is_taken_twice() -> None:
    chance = dice(SEED)
    node = Node()
    tokens = [minted() for _ in range(300)]
    calls = [to_json(call_of(token)) for token in tokens] * 4
    chance.shuffle(calls)
    assert sum(node.takes(call) for call in calls) == len(tokens)


@pytest.mark.parametrize("field", ["release", "build_id", "btf_sha256", "boot_id"])
def test_no_token_is_taken_by_another_kernel(field: str) -> None:
    node, token = Node(), minted()
    for other in ("", "0", getattr(KERNEL, field)[:-1], getattr(KERNEL, field) + "0"):
        node.kernel = dataclasses.replace(KERNEL, **{field: other})
        assert not node.takes(to_json(call_of(token)))
    node.kernel = KernelInfo("", "", "", "")
    assert not node.takes(to_json(call_of(token)))
    node.kernel = KERNEL
    assert node.takes(to_json(call_of(token)))


def test_no_clock_step_prolongs_a_token() -> None:
    chance = dice(SEED)
    for _ in range(500):
        node, token = Node(), minted(lifetime_s=60)
        # Its time goes by, and somebody sets the wall clock meanwhile, as often as they like.
        passed = 0.0
        while passed < 60:
            step = chance.uniform(0, 40)
            passed += step
            node.steady += step
            node.now = NOW + chance.choice((passed, -passed, -3600.0, 0.0, 59.0))
        assert not node.takes(to_json(call_of(token)))


def test_no_token_is_taken_for_another_use() -> None:
    deploy, trial = minted(), minted(TokenMode.TRIAL)
    guest, target = Node(throwaway=True), Node()
    assert not guest.takes(to_json(call_of(deploy)))
    assert not target.takes(to_json(call_of(trial)))
    for timeout_ms in (0, 999, 4999, 5001, 30_000):
        assert not target.takes(to_json(call_of(deploy, timeout_ms=timeout_ms)))
    for data in (b"", OBJECT[:-1], OBJECT + b"\0", bytes(reversed(OBJECT))):
        assert not target.takes(to_json(call_of(deploy, data)))
    assert guest.takes(to_json(call_of(trial)))
    assert target.takes(to_json(call_of(deploy)))


def test_no_token_of_another_session_is_taken() -> None:
    for bit in range(len(KEY) * 8):
        key = bytearray(KEY)
        key[bit // 8] ^= 1 << bit % 8
        token = dataclasses.replace(minted(), mac="")
        foreign = dataclasses.replace(token, mac=mac(bytes(key), token))
        assert not Node().takes(to_json(call_of(foreign)))
    assert not Node(b"").takes(to_json(call_of(minted())))
