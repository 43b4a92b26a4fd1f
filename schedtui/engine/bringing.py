"""Sends the files of an external scheduler to a node."""

from __future__ import annotations

import base64
import zlib

from schedtui.model.protocol import BRING_BYTES, BringArgs
from schedtui.policy.external.bundle import Bundle
from schedtui.target.link import NodeLink


async def bring(link: NodeLink, bundle: Bundle) -> None:
    """Send the files of an external scheduler to a node, piece by piece. Raises LinkError."""
    for name, content in sorted(bundle.content.items()):
        for offset in range(0, max(1, len(content)), BRING_BYTES):
            piece = zlib.compress(content[offset : offset + BRING_BYTES], 1)
            packed = base64.b64encode(piece).decode()
            await link.tell("bring", BringArgs(name, offset, packed))
