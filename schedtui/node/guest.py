"""First process of the micro-VM: mounts what is needed and serves the node.

The guest is saved while it waits for its client and restored many times, so it takes clock and
randomness from the client's hello.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import mmap
import os
import struct
import time
from pathlib import Path
from typing import Final

from schedtui.model.machine import Hello
from schedtui.model.protocol import (
    DeployArgs,
    HelloArgs,
    InspectArgs,
    LoadArgs,
    WatchArgs,
    WindowArgs,
)
from schedtui.model.wire import warm
from schedtui.node.channel import Channel
from schedtui.node.libbpf import LibbpfError, share_kernel_types
from schedtui.node.server import Server
from schedtui.node.services import guest_services

_MOUNTS: Final = (
    ("proc", "/proc", "proc"),
    ("sysfs", "/sys", "sysfs"),
    ("devtmpfs", "/dev", "devtmpfs"),
    ("tmpfs", "/tmp", "tmpfs"),  # noqa: S108 - the guest's own, and empty
    ("cgroup2", "/sys/fs/cgroup", "cgroup2"),
    ("debugfs", "/sys/kernel/debug", "debugfs"),
)
_PORT_NAME: Final = "schedtui"
_RNDADDENTROPY: Final = 0x40085203
_RNDRESEEDCRNG: Final = 0x5207
_MCL_CURRENT_AND_FUTURE: Final = 3
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8


def main() -> None:
    """Serve on the virtio port until the host goes away, then switch off."""
    libc = ctypes.CDLL(None, use_errno=True)
    _keep_memory(libc)
    mount_all(libc)
    # Without libbpf a guest has no telemetry and no deployments, and says so when asked.
    with contextlib.suppress(LibbpfError):
        share_kernel_types(Path("/node/kernel_types.so"))
    port = os.open(port_path(), os.O_RDWR | os.O_CLOEXEC)
    services = guest_services(Path("/node/telemetry.bpf.o"), Path("/workloads"))
    # Done once before the guest is saved instead of after each restore.
    warm(HelloArgs, Hello, WatchArgs, InspectArgs, DeployArgs, LoadArgs, WindowArgs)
    services.sampler.sample()
    services.sampler.stop()
    services.state()
    # What lives now lives for ever; collecting it again would only touch cold memory.
    gc.collect()
    gc.freeze()
    clear_free_memory()
    # Locked memory: a policy that stalls the pager must not stall the guard.
    libc.mlockall(_MCL_CURRENT_AND_FUTURE)
    try:
        Server(Channel(port, port), services, take_over).serve()
    finally:
        switch_off()


def switch_off() -> None:
    """End this guest."""
    Path("/proc/sysrq-trigger").write_text("o")
    time.sleep(10)


def mount_all(libc: ctypes.CDLL) -> None:
    """Mount what a guest's programs look at."""
    for source, place, kind in _MOUNTS:
        Path(place).mkdir(parents=True, exist_ok=True)
        libc.mount(source.encode(), place.encode(), kind.encode(), 0, None)


def _keep_memory(libc: ctypes.CDLL) -> None:
    """Let the allocator keep what it once had, in one arena for all threads.

    Loading an object takes some 10 MB for a moment. Fresh pages cost an emulated guest more time
    than the load itself, and the probe's load before the guest is saved has paid for them.
    """
    libc.mallopt(_M_ARENA_MAX, 1)
    libc.mallopt(_M_MMAP_THRESHOLD, 32 << 20)
    libc.mallopt(_M_TRIM_THRESHOLD, 1 << 30)


def clear_free_memory() -> None:
    """Leave zeroes where the boot left garbage: zero pages take no room in a saved guest."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
    with contextlib.suppress(OSError), mmap.mmap(-1, max(free * 9 // 10, mmap.PAGESIZE), flags):
        pass


def port_path() -> str:
    """Return the device of the channel to the host. Raises OSError when there is none."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for entry in Path("/sys/class/virtio-ports").glob("*/name"):
            with contextlib.suppress(OSError):
                if entry.read_text().strip() == _PORT_NAME:
                    return f"/dev/{entry.parent.name}"
        time.sleep(0.01)
    raise OSError("the host gave this guest no channel")


def take_over(args: HelloArgs) -> None:
    """Take clock and randomness from the client: a restored guest repeats its own."""
    time.clock_settime_ns(time.CLOCK_REALTIME, args.unix_ns)
    seed = bytes.fromhex(args.seed)
    with open("/dev/urandom", "wb", buffering=0) as device:  # noqa: PTH123 - unbuffered device
        request = struct.pack(f"ii{len(seed)}s", len(seed) * 8, len(seed), seed)
        fcntl.ioctl(device, _RNDADDENTROPY, request)
        fcntl.ioctl(device, _RNDRESEEDCRNG)
