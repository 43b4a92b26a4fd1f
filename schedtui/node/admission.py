"""From a deploy call with a token to what may be loaded: checked, and used up."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from schedtui.model.machine import KernelInfo
from schedtui.model.protocol import DeployArgs
from schedtui.model.sealing import Clocks, Purpose, check
from schedtui.model.verdict import TokenMode
from schedtui.node.burnt import BurnError, Burnt, BurntInMemory
from schedtui.node.preparing import Admitted


class Refused(Exception):  # noqa: N818 - a decision, not a fault
    """The node does not do what was asked; the message says why."""


def steady_clock() -> float:
    """Return seconds since boot, time asleep included. Nobody can set this clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass
class Admission:
    """Decides which deploy calls are carried out. Without a session nothing is."""

    kernel: Callable[[], KernelInfo]
    burnt: Burnt = field(default_factory=BurntInMemory)
    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = steady_clock
    _key: bytes = field(default=b"", repr=False)
    _throwaway: bool = False
    _began_unix: float = 0.0
    _began_steady: float = 0.0

    def begin(self, key: bytes, *, throwaway: bool, unix_s: float) -> None:
        """Start the session: its key, its kind, and the client's wall clock at this moment."""
        self._key, self._throwaway = key, throwaway
        self._began_unix, self._began_steady = unix_s, self.steady()

    def redeem(self, args: DeployArgs) -> Admitted:
        """Return what the token admits; it is used up by then. Raises Refused."""
        token = args.token
        try:
            data = base64.b64decode(args.object_base64, validate=True)
        except ValueError as error:
            raise Refused("the object is not valid base64") from error
        if not self._key:
            raise Refused("no session key: say hello first")
        mode = TokenMode.TRIAL if self._throwaway else TokenMode.DEPLOY
        purpose = Purpose(mode, data, args.timeout_ms)
        reason = check(self._key, token, purpose, self.kernel(), self._clocks())
        if reason:
            raise Refused(reason)
        self._burn(token.nonce, token.expires_unix)
        return Admitted(
            data=data,
            name=token.scheduler,
            timeout_ms=token.timeout_ms,
            parameters=args.parameters,
            ops_sha256=token.ops_sha256,
            rodata_sha256=token.rodata_sha256,
            program=args.program,
        )

    def _clocks(self) -> Clocks:
        steady = self._began_unix + self.steady() - self._began_steady
        return Clocks(wall=int(self.wall()), steady=int(steady))

    def _burn(self, nonce: str, expires_unix: int) -> None:
        try:
            fresh = self.burnt.burn(nonce, expires_unix)
        except BurnError as error:
            raise Refused(str(error)) from error
        if not fresh:
            raise Refused("this token has been used already")
