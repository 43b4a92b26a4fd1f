"""On a host no external scheduler is brought or started, whoever asks."""

from __future__ import annotations

import pytest

from schedtui.model.protocol import BringArgs
from schedtui.target.link import LinkError
from schedtui.target.local import LocalTarget


async def test_a_node_on_a_host_takes_no_program() -> None:
    target = LocalTarget()
    try:
        link, _ = await target.start(lambda _: None)
        with pytest.raises(LinkError, match="started in the sandbox only") as raised:
            await link.tell("bring", BringArgs("scx_rusty", 0, ""))
        assert raised.value.refused
    finally:
        await target.close()
