"""QEMU programs that start no guest."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from pathlib import Path

from schedtui.target.sandbox.emulator import Emulator
from schedtui.target.sandbox.kernel import KernelImage
from schedtui.target.sandbox.saved import GuestFiles

REFUSES = """#!/bin/sh
echo "$*" >>"$0.asked"
echo "Could not access KVM kernel module: Permission denied" >&2
exit 1
"""
"""What QEMU does where /dev/kvm is there and of no use."""
ANSWERS = f"""#!{sys.executable} -I
import re, socket, sys, time
told = " ".join(sys.argv[1:])
with open(sys.argv[0] + ".asked", "a") as record:
    record.write(told + chr(10))
def channel(name):
    return socket.socket(fileno=int(re.search(f"id={{name}},fd=([0-9]+)", told)[1]))
qmp, node = channel("qmp"), channel("node")
qmp.sendall(b'{{"QMP": {{}}}}' + bytes([10]))
qmp.recv(4096)
qmp.sendall(b'{{"return": {{}}}}' + bytes([10]))
node.sendall(b'{{"event": "ready"}}' + bytes([10]))
time.sleep(60)
"""
"""What QEMU does when it gets along with everything: its guest is ready at once."""
COMPILES = f"""#!{sys.executable} -I
import base64, json, os, re, socket, sys, threading
told = " ".join(sys.argv[1:])
with open(sys.argv[0] + ".asked", "a") as record:
    record.write(told + chr(10))
def channel(name):
    return socket.socket(fileno=int(re.search(f"id={{name}},fd=([0-9]+)", told)[1]))
def say(where, what):
    where.sendall(json.dumps(what).encode() + bytes([10]))
def obey(qmp):
    say(qmp, dict(QMP=dict()))
    while qmp.recv(4096):
        say(qmp, {{"return": dict(status="running")}})
threading.Thread(target=obey, args=(channel("qmp"),), daemon=True).start()
node, nonce = channel("node"), ""
kernel = dict(release="7.0.1", build_id="", btf_sha256="", boot_id="")
hello = dict(protocol=2, target="sandbox", kernel=kernel, cpus=[], capabilities=[], memory_mb=1024)
for line in node.makefile("rb"):
    request = json.loads(line)
    args, ok = request["args"], hello
    if request["call"] == "hello":
        nonce = args["nonce"]
    else:
        source = base64.b64decode(args["source"])
        output = dict(much=b"x" * (args["output_bytes"] + 1)).get(source.decode(), source)
        ok = dict(code=0, output=base64.b64encode(output).decode(), talk="")
        if source == b"nonsense":
            ok["output"] = "%"
        if source == b"gone":
            os._exit(1)
        if source == b"silent":
            continue
    say(node, dict(id=request["id"], nonce=nonce, ok=ok))
"""
"""What QEMU does with a saved guest that compiles. It gives the source back as the object, unless
that is the name of what it shall do instead."""


@dataclasses.dataclass(frozen=True)
class FakeEmulator:
    """A QEMU that is a script, with a kernel and an image of nothing."""

    folder: Path
    script: str

    @property
    def files(self) -> GuestFiles:
        """What guests are started from."""
        program, kernel, image = (self.folder / name for name in ("qemu", "kernel", "image"))
        program.write_text(self.script)
        program.chmod(0o700)
        kernel.touch()
        image.touch()
        emulator = Emulator(str(program), "QEMU emulator version 10.0.2")
        nothing = hashlib.sha256(b"").hexdigest()
        return GuestFiles(emulator, KernelImage(kernel, "7.0.1", nothing), image, "cd" * 32)

    @property
    def asked(self) -> list[str]:
        """The arguments of every start."""
        record = self.folder / "qemu.asked"
        return record.read_text().splitlines() if record.exists() else []
