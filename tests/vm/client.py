"""A client that deploys, keeps its lease and does nothing else until somebody kills it.

Started as ``python -m tests.vm.client DESCRIPTOR`` with the channel of a guest whose node has not
been greeted; prints ``renewed`` after each renewal.
"""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import sys

from schedtui.model.protocol import LEASE_MS, RENEW_MS, Nothing
from schedtui.model.telemetry import SchedulerState
from schedtui.target.link import link_over_socket
from tests.fakes.schedulers import compiled, deploy_args


async def main(descriptor: int) -> None:
    """Deploy and keep the lease as the product does."""
    link = await link_over_socket(socket.socket(fileno=descriptor))
    hello = await link.hello("sandbox", throwaway=False)
    args = deploy_args("fifo_rtc", await compiled("fifo_rtc"), hello, link.session_key)
    args = dataclasses.replace(args, lease_ms=LEASE_MS)
    await link.call("deploy", args, SchedulerState)
    while (await link.call("renew", Nothing(), SchedulerState)).ours:
        sys.stdout.write("renewed\n")
        sys.stdout.flush()
        await asyncio.sleep(RENEW_MS / 1000)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
