"""Keys and tokens: what is refused, down to every single bit."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import stat
from pathlib import Path

import pytest

from schedtui.model.machine import KernelInfo
from schedtui.model.sealing import KEY_BYTES, LONGEST_LIFE_S, canonical, check, mac
from schedtui.model.verdict import GateName, GateResult, Token, TokenMode, Verdict
from schedtui.model.wire import WireError, from_json, to_json
from schedtui.verify.tokens import MintError, TokenKey, TokenKeyError, mint, verdict_sha256

KEY = bytes(range(KEY_BYTES))
OBJECT = b"\x7fELF object"
SHA = hashlib.sha256(OBJECT).hexdigest()
KERNEL = KernelInfo("7.0.13", "ab" * 20, "cd" * 32, "11111111-2222-3333-4444-555555555555")
NOW = 1_800_000_000


def verdict(*, passed: bool = True, gate: bool = True, sha: str = SHA) -> Verdict:
    gates = (GateResult(GateName.RULES, gate, 0.1, ""),)
    return Verdict("sample", passed, gates, "ee" * 32, sha, "7.0.13", "ab" * 20, "cd" * 32)


def minted(mode: TokenMode = TokenMode.DEPLOY, lifetime_s: int = 60) -> Token:
    return mint(
        KEY,
        mode=mode,
        object_sha256=SHA,
        scheduler="sample",
        kernel=KERNEL,
        verdict=verdict(),
        lifetime_s=lifetime_s,
        now=NOW,
    )


def said(
    token: Token,
    *,
    key: bytes = KEY,
    data: bytes = OBJECT,
    kernel: KernelInfo = KERNEL,
    now: int = NOW,
    mode: TokenMode = TokenMode.DEPLOY,
) -> str:
    return check(key, token, object_bytes=data, kernel=kernel, now=now, mode=mode)


def test_good_token_is_taken() -> None:
    token = minted()
    assert said(token) == ""
    assert token.verdict_sha256 == verdict_sha256(verdict())
    assert said(minted(TokenMode.TRIAL), mode=TokenMode.TRIAL) == ""


def test_token_survives_the_wire() -> None:
    token = minted()
    assert from_json(Token, to_json(token)) == token


def test_nonces_differ() -> None:
    assert len({minted().nonce for _ in range(100)}) == 100


def _flips(text: str) -> list[str]:
    raw = text.encode("latin-1")
    flipped = []
    for at in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[at // 8] ^= 1 << at % 8
        flipped.append(changed.decode("latin-1"))
    return flipped


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Token)])
def test_every_bit_flip_is_refused(field: str) -> None:
    token = minted()
    value = getattr(token, field)
    changed: list[object]
    if field == "mode":
        changed = [TokenMode.TRIAL]
    elif isinstance(value, int):
        changed = [value ^ 1 << bit for bit in range(48)]
    else:
        changed = [*_flips(value), "", value + "0", value.upper() + " "]
    for other in changed:
        forged = dataclasses.replace(token, **{field: other})  # type: ignore[arg-type] # by name
        for mode in TokenMode:
            assert said(forged, mode=mode) != "", (field, other)


def test_flipped_object_key_and_kernel_are_refused() -> None:
    token = minted()
    for at in range(len(OBJECT) * 8):
        data = bytearray(OBJECT)
        data[at // 8] ^= 1 << at % 8
        assert "another object" in said(token, data=bytes(data))
    for at in range(KEY_BYTES * 8):
        key = bytearray(KEY)
        key[at // 8] ^= 1 << at % 8
        assert "seal" in said(token, key=bytes(key))
    for field in ("build_id", "btf_sha256", "boot_id"):
        for other in [*_flips(getattr(KERNEL, field)), ""]:
            kernel = dataclasses.replace(KERNEL, **{field: other})
            assert said(token, kernel=kernel) != ""


def test_object_may_not_grow_or_shrink() -> None:
    for data in (b"", OBJECT[:-1], OBJECT + b"\0"):
        assert "another object" in said(minted(), data=data)


def test_mode_is_bound() -> None:
    assert "allows a trial, not a deploy" in said(minted(TokenMode.TRIAL))
    assert "allows a deploy, not a trial" in said(minted(), mode=TokenMode.TRIAL)


def test_time_is_bound() -> None:
    token = minted(lifetime_s=60)
    assert said(token, now=NOW + 59) == ""
    assert "expired" in said(token, now=NOW + 60)
    assert "expired" in said(token, now=NOW + 10**6)
    # A clock that was set back does not make an old token live for ever.
    assert "too far ahead" in said(token, now=NOW - LONGEST_LIFE_S)


def test_key_of_wrong_length_is_refused() -> None:
    assert "seal" in said(minted(), key=b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        mac(b"short", minted())


def test_canonical_form_parts_all_fields() -> None:
    token = minted()
    one = dataclasses.replace(token, scheduler='a","x":"', nonce="b")
    other = dataclasses.replace(token, scheduler="a", nonce='","x":"b')
    assert canonical(one) != canonical(other)
    assert canonical(token) == canonical(dataclasses.replace(token, mac="other"))


def test_unnamed_kernel_is_never_enough() -> None:
    nameless = dataclasses.replace(KERNEL, btf_sha256="")
    token = mint(
        KEY,
        mode=TokenMode.DEPLOY,
        object_sha256=SHA,
        scheduler="sample",
        kernel=nameless,
        verdict=verdict(),
        lifetime_s=60,
        now=NOW,
    )
    assert "which one it is" in said(token, kernel=nameless)


def test_strange_fields_do_not_decode() -> None:
    body = to_json(minted())
    assert isinstance(body, dict)
    for change in ({"extra": 1}, {"expires_unix": 1.5}, {"mode": "root"}, {"mac": None}):
        with pytest.raises(WireError):
            from_json(Token, {**body, **change})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lifetime_s": 0}, "lives for"),
        ({"lifetime_s": LONGEST_LIFE_S + 1}, "lives for"),
        ({"object_sha256": "00" * 32}, "another object"),
        ({"verdict": verdict(passed=False)}, "only a passed verdict"),
        ({"verdict": verdict(gate=False)}, "a gate has said no"),
        ({"verdict": verdict(sha=""), "object_sha256": ""}, "another object"),
    ],
)
def test_what_is_not_minted(change: dict[str, object], reason: str) -> None:
    arguments: dict[str, object] = {
        "mode": TokenMode.DEPLOY,
        "object_sha256": SHA,
        "scheduler": "sample",
        "kernel": KERNEL,
        "verdict": verdict(),
        "lifetime_s": 60,
        "now": NOW,
        **change,
    }
    with pytest.raises(MintError, match=reason):
        mint(KEY, **arguments)  # type: ignore[arg-type] # keyword table of this test


def test_trial_token_needs_no_final_verdict() -> None:
    token = mint(
        KEY,
        mode=TokenMode.TRIAL,
        object_sha256=SHA,
        scheduler="sample",
        kernel=KERNEL,
        verdict=verdict(passed=False),
        lifetime_s=60,
        now=NOW,
    )
    assert said(token, mode=TokenMode.TRIAL) == ""


def test_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "token.key"
    key = TokenKey.at(path)
    assert len(key.secret) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TokenKey.at(path) == key
    assert list(path.parent.iterdir()) == [path]
    assert key.secret.hex() not in repr(key)
    assert str(key.secret) not in repr(key)
    assert TokenKey.fresh() != TokenKey.fresh()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o610])
def test_key_that_others_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "token.key"
    TokenKey.at(path)
    path.chmod(mode)
    with pytest.raises(TokenKeyError, match="others can read"):
        TokenKey.at(path)


def test_link_fifo_folder_and_odd_length_are_refused(tmp_path: Path) -> None:
    real = tmp_path / "real"
    TokenKey.at(real)
    link = tmp_path / "link"
    link.symlink_to(real)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo, 0o600)
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    short = tmp_path / "short"
    short.write_bytes(b"x" * 31)
    short.chmod(0o600)
    for path in (link, fifo, folder, short):
        with pytest.raises(TokenKeyError):
            TokenKey.at(path)
