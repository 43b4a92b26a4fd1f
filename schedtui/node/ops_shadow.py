"""The data members of a scheduler's operations, set by us before the kernel sees them.

A policy must not choose its own watchdog, and some numbers make the kernel allocate whatever
they say. So each data member is set or clamped in libbpf's shadow copy of the structure; its
layout is read from the object's own type information, never assumed. Any data member that is
not known here must be zero.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from schedtui.node.libbpf import MAP_STRUCT_OPS, BpfObject, LibbpfError, Map, library

TIMEOUT_MS: Final = (1000, 5000)
"""Allowed range of the kernel's watchdog, in milliseconds."""
BATCH_LIMIT: Final = 128
DUMP_LIMIT: Final = 65536

_KEEP_BUILTIN_IDLE, _ENQ_LAST, _ENQ_EXITING = 1, 2, 4
_ENQ_MIGRATION_DISABLED, _ALLOW_QUEUED_WAKEUP = 16, 32
FLAGS_ALLOWED: Final = (
    _KEEP_BUILTIN_IDLE | _ENQ_LAST | _ENQ_EXITING | _ENQ_MIGRATION_DISABLED | _ALLOW_QUEUED_WAKEUP
)

_KIND_POINTER: Final = 2
_KIND_STRUCT: Final = 4
_OPERATIONS: Final = (b"sched_ext_ops", _KIND_STRUCT)
_REQUIRED: Final = ("timeout_ms", "name")
_MEMBERS_LIMIT: Final = 128


class OpsError(Exception):
    """The object's scheduler is not of the one kind that is accepted."""


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    offset: int
    size: int
    pointer: bool


class _BtfType(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_uint32),
        ("info", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
    )


class _BtfMember(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("bit_offset", ctypes.c_uint32),
    )


def scheduler_map(opened: BpfObject) -> Map:
    """Return the one struct_ops map of an object.

    Raises OpsError unless there is exactly one and its attachment dies with its holder.
    """
    found = [each for each in opened.maps if each.type == MAP_STRUCT_OPS]
    if len(found) != 1:
        raise OpsError(f"the object defines {len(found)} schedulers; exactly one is needed")
    if not found[0].is_link:
        raise OpsError("the scheduler must be in section .struct_ops.link")
    return found[0]


def clamp_ops(opened: BpfObject, ops: Map, *, name: str, timeout_ms: int) -> None:
    """Set the data members of ``ops`` before the object is loaded.

    The structure's name must be ``name`` unless ``name`` is empty. Raises OpsError when the
    object is not acceptable, LibbpfError when this libbpf cannot show the structure.
    """
    shadow = ops.initial()
    members = {member.name: member for member in _members(opened, ops, len(shadow))}
    for wanted in _REQUIRED:
        if wanted not in members:
            raise OpsError(f"the scheduler's operations have no {wanted}")
    found = _name_in(shadow, members["name"])
    if name and found != name:
        raise OpsError("the scheduler's name is not the one that was approved")
    rules = _rules(min(max(timeout_ms, TIMEOUT_MS[0]), TIMEOUT_MS[1]))
    for member in members.values():
        _apply(shadow, member, rules)


def _rules(timeout_ms: int) -> dict[str, Callable[[int], int]]:
    return {
        "timeout_ms": lambda _: timeout_ms,
        "dispatch_max_batch": lambda value: min(value, BATCH_LIMIT),
        "exit_dump_len": lambda value: min(value, DUMP_LIMIT),
        "flags": lambda value: value & FLAGS_ALLOWED,
        "hotplug_seq": lambda _: 0,
    }


def _apply(shadow: memoryview, member: _Member, rules: dict[str, Callable[[int], int]]) -> None:
    if member.pointer or member.name == "name":
        return
    here = shadow[member.offset : member.offset + member.size]
    value = int.from_bytes(here, "little")
    rule = rules.get(member.name)
    if rule is not None:
        here[:] = rule(value).to_bytes(member.size, "little")
    elif value:
        raise OpsError("the scheduler sets a data member that is not allowed")


def _name_in(shadow: memoryview, member: _Member) -> str:
    raw = bytes(shadow[member.offset : member.offset + member.size])
    return raw.split(b"\0", 1)[0].decode("ascii", "replace")


def _members(opened: BpfObject, ops: Map, size: int) -> Iterator[_Member]:
    """Yield the members of the structure that ``ops`` really is, by the object's own BTF."""
    call = library()
    btf = opened.btf()
    address = call.btf__type_by_id(btf, ops.value_type) if ops.value_type else None
    if not address:
        raise OpsError("the scheduler's operations have no type")
    shape = _BtfType.from_address(address)
    count = shape.info & 0xFFFF
    if (call.btf__name_by_offset(btf, shape.name), shape.info >> 24 & 31) != _OPERATIONS:
        raise OpsError("the scheduler is not a struct sched_ext_ops")
    if shape.size != size or count > _MEMBERS_LIMIT or shape.info >> 31:
        raise OpsError("the scheduler's operations have an unexpected shape")
    rows = (_BtfMember * count).from_address(address + ctypes.sizeof(_BtfType))
    for row in rows:
        yield _member(btf, row)


def _member(btf: int, row: _BtfMember) -> _Member:
    call = library()
    resolved = call.btf__resolve_type(btf, row.type)
    address = call.btf__type_by_id(btf, resolved) if resolved > 0 else None
    size = call.btf__resolve_size(btf, row.type)
    if not address or size < 0:
        raise LibbpfError("the object's type information is damaged")
    kind = _BtfType.from_address(address).info >> 24 & 31
    name = call.btf__name_by_offset(btf, row.name) or b""
    return _Member(
        name.decode("ascii", "replace"), row.bit_offset // 8, size, kind == _KIND_POINTER
    )
