"""``python -m schedtui.node``: a node on this machine, speaking on stdin and stdout."""

from __future__ import annotations

import os
import sys

from schedtui.node.channel import Channel
from schedtui.node.server import Server
from schedtui.node.services import host_services


def main() -> int:
    """Serve until the client goes away."""
    channel = Channel(sys.stdin.fileno(), os.dup(sys.stdout.fileno()))
    # Nothing but protocol lines may reach the client: C libraries print where they like.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Server(channel, host_services()).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
