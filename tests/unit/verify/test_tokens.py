"""Tokens: what is refused, down to every single bit."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from schedtui.model.battery import BatteryResult, Depth
from schedtui.model.machine import KernelInfo
from schedtui.model.protocol import HelloArgs
from schedtui.model.sealing import (
    KEY_BYTES,
    LONGEST_LIFE_S,
    Clocks,
    Purpose,
    canonical,
    check,
    mac,
    ops_sha256,
    rodata_sha256,
)
from schedtui.model.verdict import (
    Basis,
    Digest,
    Finding,
    GateName,
    GateResult,
    ProgramStats,
    Severity,
    Token,
    TokenMode,
    Tool,
    Verdict,
)
from schedtui.model.wire import WireError, from_json, to_json
from schedtui.node.admission import Admission
from schedtui.verify.tokens import MintError, mint, verdict_chain

KEY = bytes(range(KEY_BYTES))
OBJECT = b"\x7fELF object"
SHA = hashlib.sha256(OBJECT).hexdigest()
KERNEL = KernelInfo("7.0.13", "ab" * 20, "cd" * 32, "11111111-2222-3333-4444-555555555555")
NOW = 1_800_000_000
TIMEOUT_MS = 5000


def verdict(*, passed: bool = True, gate: bool = True, sha: str = SHA) -> Verdict:
    return Verdict(
        candidate="sample",
        passed=passed,
        gates=(GateResult(GateName.RULES, gate, 0.1, ""),),
        source_sha256="ee" * 32,
        object_sha256=sha,
        kernel_release=KERNEL.release,
        kernel_build_id=KERNEL.build_id,
        kernel_btf_sha256=KERNEL.btf_sha256,
        ops_sha256=ops_sha256("sample", {"flags": 2}),
        rodata_sha256=rodata_sha256([b"constants"]),
    )


def minted(
    mode: TokenMode = TokenMode.DEPLOY, lifetime_s: int = 60, judged: Verdict | None = None
) -> Token:
    return mint(
        KEY,
        mode=mode,
        object_sha256=SHA,
        scheduler="sample",
        kernel=KERNEL,
        verdict=judged or verdict(),
        timeout_ms=TIMEOUT_MS,
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
    steady: int | None = None,
    mode: TokenMode = TokenMode.DEPLOY,
    timeout_ms: int = TIMEOUT_MS,
) -> str:
    clocks = Clocks(wall=now, steady=now if steady is None else steady)
    return check(key, token, Purpose(mode, data, timeout_ms), kernel, clocks)


def test_good_token_is_taken() -> None:
    token = minted()
    assert said(token) == ""
    assert token.verdict_chain == verdict_chain(verdict())[-1]
    assert token.source_sha256 == verdict().source_sha256
    assert token.ops_sha256 == verdict().ops_sha256
    assert token.rodata_sha256 == verdict().rodata_sha256
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
    for field in ("release", "build_id", "btf_sha256", "boot_id"):
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


def test_a_clock_set_back_revives_nothing() -> None:
    token = minted(lifetime_s=60)
    assert said(token, now=NOW, steady=NOW + 59) == ""
    assert "expired" in said(token, now=NOW, steady=NOW + 60)
    assert "expired" in said(token, now=NOW - 3600, steady=NOW + 3600)
    # Set so far back that no token could have been minted then.
    assert "too far ahead" in said(token, now=NOW - LONGEST_LIFE_S)


def test_a_clock_set_ahead_prolongs_nothing() -> None:
    assert "expired" in said(minted(lifetime_s=60), now=NOW + 60, steady=NOW)
    later = dataclasses.replace(minted(), expires_unix=NOW + LONGEST_LIFE_S + 1)
    later = dataclasses.replace(later, mac=mac(KEY, later))
    assert "too far ahead" in said(later)


def test_watchdog_is_bound() -> None:
    for timeout_ms in (0, 1000, TIMEOUT_MS - 1, TIMEOUT_MS + 1, 30_000):
        assert "another watchdog" in said(minted(), timeout_ms=timeout_ms)


def test_hash_of_operations() -> None:
    one = ops_sha256("sample", {"flags": 2, "timeout_ms": 5000, "dispatch_max_batch": 0})
    assert one == ops_sha256("sample", {"timeout_ms": 1000, "flags": 2})
    others = [
        ops_sha256("sampl", {"flags": 2}),
        ops_sha256("sample", {"flags": 3}),
        ops_sha256("sample", {"exit_dump_len": 2}),
        ops_sha256("sample", {}),
    ]
    assert len({one, *others}) == 5


def test_hash_of_constants_parts_sections() -> None:
    hashes = {
        rodata_sha256(sections)
        for sections in ([], [b""], [b"ab"], [b"a", b"b"], [b"", b"ab"], [b"ab", b""], [b"ba"])
    }
    assert len(hashes) == 7


def gate(name: GateName, version: str = "7.0.13") -> GateResult:
    basis = Basis((Digest("object", "9f" * 32),), (Tool("kernel", version),))
    warned = (Finding("TRL020", Severity.WARNING, "One got 31 %.", line=3),)
    return GateResult(name, True, 0.1, "31 ms", warned, basis=basis)


def test_chain_holds_every_gate_in_its_place() -> None:
    rules, kernel = gate(GateName.RULES), gate(GateName.KERNEL)
    whole = dataclasses.replace(verdict(), gates=(rules, kernel))
    chain = verdict_chain(whole)
    assert len(chain) == 3
    # What came before stays as it is; everything after a change is another.
    changed = gate(GateName.KERNEL, "7.0.14")
    other = verdict_chain(dataclasses.replace(whole, gates=(rules, changed)))
    assert (other[:2], other[2] == chain[2]) == (chain[:2], False)
    heads = {
        verdict_chain(dataclasses.replace(whole, gates=gates))[-1]
        for gates in ((), (rules,), (kernel,), (kernel, rules), (rules, rules), (rules, kernel))
    }
    assert len(heads) == 6


@pytest.mark.parametrize(
    "change",
    [
        {"source_sha256": "00" * 32},
        {"ops_sha256": "00" * 32},
        {"rodata_sha256": "00" * 32},
        {"kernel_release": "7.0.14"},
        {"candidate": "other"},
        {"passed": False},
    ],
)
def test_chain_holds_what_was_judged(change: dict[str, object]) -> None:
    other = dataclasses.replace(verdict(), **change)  # type: ignore[arg-type] # table of this test
    assert not set(verdict_chain(other)) & set(verdict_chain(verdict()))


@pytest.mark.parametrize("name", GateName)
def test_every_bit_of_what_a_gate_judged_and_with_what_is_in_the_chain(name: GateName) -> None:
    result = gate(name)
    (read,), (used,) = result.basis.read, result.basis.used
    bases = [
        *(Basis((Digest(other, read.sha256),), (used,)) for other in _flips(read.name)),
        *(Basis((Digest(read.name, other),), (used,)) for other in _flips(read.sha256)),
        *(Basis((read,), (Tool(other, used.version),)) for other in _flips(used.name)),
        *(Basis((read,), (Tool(used.name, other),)) for other in _flips(used.version)),
        *(Basis(), Basis((read,)), Basis((), (used,)), Basis((read, read), (used,))),
    ]
    heads = {head_of(dataclasses.replace(result, basis=basis)) for basis in (result.basis, *bases)}
    assert len(heads) == 1 + len(bases)


def head_of(result: GateResult) -> str:
    return verdict_chain(dataclasses.replace(verdict(), gates=(result,)))[-1]


@pytest.mark.parametrize("name", GateName)
def test_what_a_gate_decided_is_in_the_chain_and_what_it_measured_is_not(name: GateName) -> None:
    result = gate(name)
    (found,) = result.findings
    other = Finding("TRL022", found.severity, found.sentence, line=found.line)
    for change in ({"passed": False}, {"inconclusive": True}, {"findings": ()}):
        assert head_of(dataclasses.replace(result, **change)) != head_of(result)
    assert head_of(dataclasses.replace(result, findings=(other,))) != head_of(result)
    # Sentences of the battery and of the trial have figures in them; others are word for word.
    told = (dataclasses.replace(found, sentence="One got 32 %."),)
    measures = name in {GateName.BATTERY, GateName.TRIAL}
    assert (head_of(dataclasses.replace(result, findings=told)) == head_of(result)) is measures
    assert head_of(dataclasses.replace(result, seconds=9.0, summary="9 ms")) == head_of(result)


def test_the_same_judgement_has_the_same_chain_however_long_it_took() -> None:
    counted = ProgramStats("enqueue", 142, 0.009)
    one = dataclasses.replace(verdict(), programs=(counted,))
    battery = BatteryResult(Depth.QUICK, (2,), (), 3, 71.5, "forks", 16.0)
    slower = dataclasses.replace(counted, seconds=0.2)
    other = dataclasses.replace(one, programs=(slower,), battery=battery)
    assert verdict_chain(other) == verdict_chain(one)
    more = dataclasses.replace(counted, processed_insns=143)
    assert verdict_chain(dataclasses.replace(one, programs=(more,))) != verdict_chain(one)


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
        verdict=dataclasses.replace(verdict(), kernel_btf_sha256=""),
        timeout_ms=TIMEOUT_MS,
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
        ({"verdict": dataclasses.replace(verdict(), ops_sha256="")}, "no kernel has been asked"),
        ({"verdict": dataclasses.replace(verdict(), rodata_sha256="")}, "no kernel has been"),
        ({"scheduler": "other"}, "another scheduler"),
        ({"kernel": dataclasses.replace(KERNEL, release="7.0.14")}, "another kernel"),
        ({"kernel": dataclasses.replace(KERNEL, build_id="00" * 20)}, "another kernel"),
        ({"kernel": dataclasses.replace(KERNEL, btf_sha256="00" * 32)}, "another kernel"),
    ],
)
def test_what_is_not_minted(change: dict[str, object], reason: str) -> None:
    arguments: dict[str, object] = {
        "mode": TokenMode.DEPLOY,
        "object_sha256": SHA,
        "scheduler": "sample",
        "kernel": KERNEL,
        "verdict": verdict(),
        "timeout_ms": TIMEOUT_MS,
        "lifetime_s": 60,
        "now": NOW,
        **change,
    }
    with pytest.raises(MintError, match=reason):
        mint(KEY, **arguments)  # type: ignore[arg-type] # keyword table of this test


def test_trial_token_needs_no_final_verdict() -> None:
    token = minted(TokenMode.TRIAL, judged=verdict(passed=False))
    assert said(token, mode=TokenMode.TRIAL) == ""


def test_no_description_shows_a_key() -> None:
    hello = HelloArgs(2, "n", 0, "00" * 32, KEY.hex(), throwaway=False, target="sandbox")
    admission = Admission(kernel=lambda: KERNEL)
    admission.begin(KEY, throwaway=False, unix_s=0.0)
    for shown in (repr(hello), repr(admission)):
        assert KEY.hex() not in shown
        assert repr(KEY) not in shown
