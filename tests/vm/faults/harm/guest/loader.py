"""A loader without scruples: no clamps, no checks, and not always a link."""

from __future__ import annotations

import ctypes
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from schedtui.node.attachment import Attachment, attach
from schedtui.node.libbpf import MAP_STRUCT_OPS, BpfObject, LibbpfError, Link, Map, library
from schedtui.node.ops_shadow import clamp_ops
from schedtui.node.preparing import Admitted, prepare
from schedtui.objfile.facts import read_object
from tests.vm.faults.harm.guest import people, scx

_OBJECTS: Final = Path("/objects")
_RECORD_MAP: Final = ".data.exit_record"
_RECORD: Final = struct.Struct("=IIq128s1024s")
_ENABLE_S: Final = 3.0


def object_bytes(name: str) -> bytes:
    """Return a compiled object that travelled with the guest."""
    return (_OBJECTS / f"{name}.o").read_bytes()


class Rogue:
    """One object, loaded as it is."""

    def __init__(self, name: str, watchdog_ms: int = 0) -> None:
        """Load it; ``watchdog_ms`` shortens the wait where the watchdog is not the point."""
        self.opened = BpfObject(object_bytes(name), name)
        if watchdog_ms:
            clamp_ops(self.opened, self.maps[0], name="", timeout_ms=watchdog_ms)
        self.opened.load()

    @property
    def maps(self) -> list[Map]:
        """Its struct_ops maps."""
        return [each for each in self.opened.maps if each.type == MAP_STRUCT_OPS]

    def attach(self) -> Link:
        """Attach its first scheduler. Raises LibbpfError."""
        return self.maps[0].attach_struct_ops()

    def swap(self, link: Link) -> str:
        """Ask for this scheduler behind another one's link; returns the answer in words."""
        call = library()
        call.bpf_link__update_map.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        number = call.bpf_link__update_map(link._handle, self.maps[0]._handle)
        return os.strerror(-number)

    def exit(self) -> tuple[int, int, bytes]:
        """Return kind, code and message of its exit record; kind 0 while it has none."""
        raw = self.opened.map(_RECORD_MAP).lookup_index(0)
        kind, _, code, _, message = _RECORD.unpack(raw)
        return kind, code, message.split(b"\0", 1)[0]

    def ending(self, seconds: float) -> tuple[float, int, int, bytes]:
        """Wait for its end; returns how long that took and the exit record."""
        took = scx.wait_for("disabled", seconds)
        return took, *self.exit()


def by_the_node(name: str, watchdog_ms: int = 2000) -> Attachment:
    """Attach an object the way the node does, clamps and proof included. Raises AttachError."""
    data = object_bytes(name)
    opened = BpfObject(data, name)
    made = prepare(opened, name="", timeout_ms=watchdog_ms, parameters=())
    opened.close()
    hashes = made.ops_sha256, made.rodata_sha256
    return attach(Admitted(data, read_object(data).ops_name, watchdog_ms, (), *hashes))


@contextmanager
def in_charge(name: str, watchdog_ms: int = 0) -> Iterator[Rogue]:
    """Have an object in charge meanwhile."""
    rogue = Rogue(name, watchdog_ms)
    link = rogue.attach()
    try:
        scx.wait_for("enabled", _ENABLE_S)
        yield rogue
    finally:
        link.close()
        scx.wait_for("disabled", _ENABLE_S)
        rogue.opened.close()


def refusal(attempt: Callable[[], object]) -> str:
    """Return the error number in words that an attempt ends with, ``ok`` when it does not."""
    try:
        attempt()
    except LibbpfError as error:
        return os.strerror(error.number)
    return "ok"


@contextmanager
def loader_process(name: str, pinned: str = "") -> Iterator[int]:
    """Have another process load and hold a scheduler; yields its pid once it is in charge."""

    def life() -> None:
        rogue = Rogue(name)
        link = rogue.attach()
        if pinned and scx.pin(link.fd, pinned):
            return
        while True:
            time.sleep(1)

    with people.person(b"loader", life) as pid:
        if scx.wait_for("enabled", _ENABLE_S) >= _ENABLE_S:
            raise OSError("the loader did not get its scheduler into charge")
        yield pid
