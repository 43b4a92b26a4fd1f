"""First process of a guest that demonstrates harm: mounts, then serves one deed per call.

It speaks the node's protocol, so every answer carries the nonce of the session; but it is not the
node and refuses nothing.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import time
from pathlib import Path
from typing import Final

from schedtui.model.machine import Capability, Hello
from schedtui.model.protocol import PROTOCOL, READY, HelloArgs
from schedtui.model.wire import from_json, to_json
from schedtui.node.channel import Channel
from schedtui.node.kernel_state import kernel_info, topology
from tests.vm.faults.harm.guest.harms import HARMS
from tests.vm.faults.harm.guest.lives import APART, LIVES
from tests.vm.faults.harm.guest.seen import Order

_MOUNTS: Final = (
    ("proc", "/proc"),
    ("sysfs", "/sys"),
    ("devtmpfs", "/dev"),
    ("cgroup2", "/sys/fs/cgroup"),
    ("bpf", "/sys/fs/bpf"),
    ("debugfs", "/sys/kernel/debug"),
)
_MCL_CURRENT_AND_FUTURE: Final = 3
_DEEDS: Final = HARMS | LIVES | APART


def main() -> None:
    """Serve until the host ends the guest."""
    libc = ctypes.CDLL(None, use_errno=True)
    for kind, place in _MOUNTS:
        Path(place).mkdir(parents=True, exist_ok=True)
        libc.mount(kind.encode(), place.encode(), kind.encode(), 0, None)
    libc.mlockall(_MCL_CURRENT_AND_FUTURE)
    policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
    os.sched_setscheduler(0, policy, os.sched_param(10))
    port = os.open(_port(), os.O_RDWR | os.O_CLOEXEC)
    _serve(Channel(port, port))


def _port() -> str:
    while True:
        for entry in Path("/sys/class/virtio-ports").glob("*/name"):
            if entry.read_text().strip() == "schedtui":
                return f"/dev/{entry.parent.name}"
        time.sleep(0.01)


def _serve(channel: Channel) -> None:
    selector, nonce = selectors.DefaultSelector(), ""
    channel.watch(selector)
    channel.send({"event": READY})
    while True:
        selector.select()
        for message in channel.receive():
            if not isinstance(message, dict):
                raise TypeError("a request is no object")
            answer: dict[str, object] = {"id": message["id"]}
            if message["call"] == "hello":
                nonce = from_json(HelloArgs, message["args"]).nonce
                answer["ok"] = to_json(_hello())
            else:
                answer |= _done(from_json(Order, message["args"]).deed)
            channel.send({**answer, "nonce": nonce})


def _done(deed: str) -> dict[str, object]:
    try:
        return {"ok": to_json(_DEEDS[deed]())}
    except Exception as error:  # noqa: BLE001 - the test must hear of it, whatever it is
        return {"error": {"sentence": f"{deed}: {type(error).__name__}: {error}"}}


def _hello() -> Hello:
    no_node = Capability("deploy", available=False, reason="this is no node", fix="")
    return Hello(PROTOCOL, "rogue", kernel_info(), topology(), (no_node,), memory_mb=0)
