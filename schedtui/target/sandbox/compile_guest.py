"""First process of a guest that compiles: each source as nobody, in a folder that is its world.

It travels into the guest, where it has the node's rooms and what it imports here. The compiler is
kept from it as from a machine of a person: it sees no file but its own, has no right, starts no
process, and cannot open the channel to the host. How long it takes is for the host to judge.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import os
import selectors
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from schedtui.model.machine import Capability, Hello
from schedtui.model.protocol import PROTOCOL, READY, HelloArgs
from schedtui.model.wire import WireError, from_json, to_json
from schedtui.node.channel import Channel, ChannelClosed
from schedtui.node.guest import clear_free_memory, mount_all, port_path, switch_off, take_over
from schedtui.node.kernel_state import kernel_info, topology
from schedtui.node.services import NOBODY
from schedtui.target.sandbox.compile_calls import WORLD, CompileArgs, Compiled
from schedtui.toolchain.landlock import filter_calls, gain_nothing, limit

_CHUNK: Final = 1 << 16
_TICK_S: Final = 0.01
_NOT_STARTED: Final = 126


def main() -> None:
    """Serve on the virtio port until the host goes away, then switch off."""
    mount_all(ctypes.CDLL(None, use_errno=True))
    port = os.open(port_path(), os.O_RDWR | os.O_CLOEXEC)
    clear_free_memory()
    try:
        serve(Channel(port, port), Path("/") / WORLD, take_over)
    finally:
        switch_off()


def serve(channel: Channel, world: Path, on_hello: Callable[[HelloArgs], None]) -> None:
    """Answer a client that greets and then has sources compiled, until it goes away."""
    nonce = ""
    selector = selectors.DefaultSelector()
    channel.watch(selector)
    with contextlib.suppress(ChannelClosed, WireError):
        channel.send({"event": READY})
        while True:
            selector.select(_TICK_S if channel.behind else None)
            for message in channel.receive():
                number, call, args = _request(message)
                if call == "hello":
                    greeting = from_json(HelloArgs, args)
                    on_hello(greeting)
                    nonce, answer = greeting.nonce, to_json(_hello(greeting))
                else:
                    answer = to_json(compiled(from_json(CompileArgs, args), world))
                channel.send({"id": number, "nonce": nonce, "ok": answer})
            channel.flush()


def _request(message: object) -> tuple[object, object, object]:
    if not isinstance(message, dict) or message.get("call") not in {"hello", "compile"}:
        raise ChannelClosed
    return message.get("id"), message["call"], message.get("args")


def _hello(greeting: HelloArgs) -> Hello:
    return Hello(
        protocol=PROTOCOL,
        target=greeting.target,
        kernel=kernel_info(),
        cpus=topology(),
        capabilities=(Capability("compile", available=True),),
        memory_mb=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20,
        virtual=greeting.virtual,
    )


def compiled(args: CompileArgs, world: Path) -> Compiled:
    """Compile one source in ``world``, as nobody; needs root."""
    source = world / args.folder.lstrip("/") / args.name
    source.write_bytes(base64.b64decode(args.source))
    (output, told), (talk, said) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(told, 1)
            os.dup2(said, 2)
            _become(args, world)
        except OSError as error:
            print(f"the guest: {error.strerror or error}", file=sys.stderr, flush=True)
        finally:
            os._exit(_NOT_STARTED)
    os.close(told)
    os.close(said)
    kept, overflowed = followed(child, {output: args.output_bytes, talk: args.talk_bytes}, output)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Compiled(code, _base64(kept[output]), _base64(kept[talk]), overflowed)


def _become(args: CompileArgs, world: Path) -> None:
    """Turn this process into the compiler. Raises OSError."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chroot(world)
    os.chdir(args.folder)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    limit(args.memory_mb, args.file_mb, args.cpu_s, args.open_files)
    gain_nothing()
    filter_calls(bytes.fromhex(args.filter))
    os.execve(args.command[0], list(args.command), dict(args.environment))  # noqa: S606 - no shell


def followed(child: int, limits: dict[int, int], most: int) -> tuple[dict[int, bytearray], bool]:
    """Read pipes to their end and keep their first bytes.

    Returns what was kept, and whether the child was ended because the pipe ``most`` gave too much.
    """
    kept, overflowed = {pipe: bytearray() for pipe in limits}, False
    with selectors.DefaultSelector() as selector:
        for pipe in limits:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                piece = os.read(key.fd, _CHUNK)
                if not piece:
                    selector.unregister(key.fd)
                    os.close(key.fd)
                room = limits[key.fd] - len(kept[key.fd])
                kept[key.fd] += piece[:room]
                if key.fd == most and len(piece) > room and not overflowed:
                    overflowed = True
                    os.kill(child, signal.SIGKILL)
    return kept, overflowed


def _base64(data: bytearray) -> str:
    return base64.b64encode(data).decode("ascii")
