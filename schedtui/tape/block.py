"""Several frames packed together: neighbours in time have much in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import zstandard

from schedtui.model.wire import WireError
from schedtui.tape.frame import joined, parted

FRAMES: Final = 16
"""Frames in a full block."""

PACKED_LIMIT: Final = 8 << 20
"""Largest block that is opened, in bytes as it is packed."""

OPEN_LIMIT: Final = 32 << 20
"""Largest block that is opened, in bytes as it is unpacked."""

_LEVEL: Final = 3


def sealed(frames: Sequence[bytes]) -> bytes:
    """Return ``frames`` as a block."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(joined(frames))


def unsealed(block: bytes, count: int) -> tuple[bytes, ...]:
    """Return the ``count`` frames of a block. Raises WireError, and never unpacks too much."""
    if len(block) > PACKED_LIMIT:
        raise WireError("a block is too large")
    try:
        # The size that the block states is what would be allocated: it is judged first.
        if not 0 <= zstandard.frame_content_size(block) <= OPEN_LIMIT:
            raise WireError("a block states no size, or one that is too large")
        raw = zstandard.ZstdDecompressor().decompress(block, max_output_size=OPEN_LIMIT)
    except zstandard.ZstdError as error:
        raise WireError("a block cannot be unpacked") from error
    return parted(raw, count)
