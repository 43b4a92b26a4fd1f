"""This machine as a target: a node as an ordinary child process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys

from schedtui.model.machine import Hello
from schedtui.target.link import LinkError, NodeLink, link_over_socket
from schedtui.target.port import Progress, TargetError

_START_SECONDS = 10.0


class LocalTarget:
    """A node beside us. It sees what this user may see."""

    name = "local"

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._link: NodeLink | None = None

    async def start(self, progress: Progress) -> tuple[NodeLink, Hello]:
        """Start the node and greet it. Raises TargetError."""
        progress("starting the node on this machine")
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "schedtui.node",
                stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self._link = await link_over_socket(ours)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._link.ready.wait()
            return self._link, await self._link.hello("local", throwaway=False)
        except (TimeoutError, LinkError) as error:
            await self.close()
            raise TargetError(f"the node on this machine did not start: {error}") from error

    def last_words(self) -> str:
        """A process that ended says nothing more."""
        return ""

    async def close(self) -> None:
        """End the node. It gives the kernel back by itself when its client is gone."""
        if self._link is not None:
            await self._link.close()
        if self._process is not None:
            try:
                async with asyncio.timeout(0.4):
                    await self._process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
