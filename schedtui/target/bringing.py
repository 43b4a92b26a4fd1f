"""Brings files to a node."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable

from schedtui.model.parcel import CarriedFile, Use
from schedtui.model.protocol import BRING_BYTES, BringArgs
from schedtui.target.link import NodeLink


async def bring(link: NodeLink, use: Use, files: Iterable[CarriedFile]) -> None:
    """Send files to a node, piece by piece. Raises LinkError."""
    for each in files:
        for offset in range(0, max(1, len(each.content)), BRING_BYTES):
            piece = zlib.compress(each.content[offset : offset + BRING_BYTES], 1)
            packed = base64.b64encode(piece).decode()
            await link.tell("bring", BringArgs(use, each.path, offset, packed, each.executable))
