"""On a host no files are brought and no external scheduler is started, whoever asks."""

from __future__ import annotations

import pytest

from schedtui.model.parcel import Use
from schedtui.model.protocol import BringArgs
from schedtui.target.link import LinkError
from schedtui.target.local import LocalTarget


@pytest.mark.parametrize("use", Use)
async def test_a_node_on_a_host_takes_no_files(use: Use) -> None:
    target = LocalTarget()
    try:
        link, _ = await target.start(lambda _: None)
        with pytest.raises(
            LinkError, match=f"files for a {use} are taken in the sandbox only"
        ) as raised:
            await link.tell("bring", BringArgs(use, "scx_rusty", 0, ""))
        assert raised.value.refused
    finally:
        await target.close()
