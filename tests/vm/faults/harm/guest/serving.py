"""A node whose client goes away, in a guest that is there afterwards to tell."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
import socket
import threading
import time
from typing import Final

from schedtui.model.machine import KernelInfo
from schedtui.model.protocol import PROTOCOL, DeployArgs, GuardLimits, HelloArgs
from schedtui.model.sealing import KEY_BYTES, mac
from schedtui.model.verdict import Token, TokenMode
from schedtui.node.burnt import BurntInMemory
from schedtui.node.channel import Channel
from schedtui.node.libbpf import BpfObject
from schedtui.node.preparing import prepare
from schedtui.node.server import Server
from schedtui.node.services import Services, host_services
from tests.vm.faults.harm.guest import scx
from tests.vm.faults.harm.guest.loader import object_bytes
from tests.vm.faults.harm.guest.seen import Seen, seen

_NAME: Final = "plain_fifo"
_WATCHDOG_MS: Final = 2000
_LEASE_MS: Final = 10_000
"""So long that it is not the lease that ends it."""


def client_gone() -> Seen:
    """A client closes its channel; its node gives the kernel back and goes on living."""
    ours, theirs = socket.socketpair()
    services = _deployed()
    server = Server(Channel(theirs.fileno(), theirs.fileno()), services)
    serving = threading.Thread(target=server.serve)
    serving.start()
    time.sleep(0.3)
    before = scx.name()
    ours.close()
    gone_s = scx.wait_for("disabled", 5)
    serving.join(5)
    theirs.close()
    return seen(before=before, gone_s=gone_s, ended=services.deployments.ended)


def _deployed() -> Services:
    """Return a node like one on a host, with a scheduler in charge that a token has admitted."""
    services, key = host_services(), os.urandom(KEY_BYTES)
    # This guest has no disk.
    services.deployments.admission.burnt = BurntInMemory()
    services.greet(
        HelloArgs(PROTOCOL, "", time.time_ns(), "", key.hex(), throwaway=False, target="here")
    )
    data = object_bytes(_NAME)
    token = _token(data, services.kernel)
    token = dataclasses.replace(token, mac=mac(key, token))
    encoded, limits = base64.b64encode(data).decode(), GuardLimits(max_wait_ms=0)
    services.deployments.deploy(DeployArgs(encoded, token, _LEASE_MS, _WATCHDOG_MS, limits))
    return services


def _token(data: bytes, kernel: KernelInfo) -> Token:
    opened = BpfObject(data, _NAME)
    made = prepare(opened, name="", timeout_ms=_WATCHDOG_MS, parameters=())
    opened.close()
    return Token(
        mode=TokenMode.DEPLOY,
        source_sha256="",
        object_sha256=hashlib.sha256(data).hexdigest(),
        ops_sha256=made.ops_sha256,
        timeout_ms=_WATCHDOG_MS,
        rodata_sha256=made.rodata_sha256,
        scheduler=_NAME,
        kernel_release=kernel.release,
        kernel_build_id=kernel.build_id,
        kernel_btf_sha256=kernel.btf_sha256,
        boot_id=kernel.boot_id,
        verdict_chain="",
        expires_unix=int(time.time()) + 60,
        nonce=os.urandom(16).hex(),
        mac="",
    )
