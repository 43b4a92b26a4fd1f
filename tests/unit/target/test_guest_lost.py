"""What is said of a guest that is lost."""

from __future__ import annotations

import pytest

from schedtui.target.link import LinkError
from schedtui.target.sandbox.target import why_lost

GONE = LinkError("the node ended the conversation")
OOPS = (
    "[   13.48] Oops: int3: 0000 [#1] SMP NOPTI",
    "[   13.48] RIP: 0010:scx_allow_ttwu_queue+0xa/0x50",
    "[   13.49] Kernel panic - not syncing: Fatal exception in interrupt",
)


@pytest.mark.parametrize(
    ("error", "failure", "console", "words"),
    [
        (GONE, "", (), "the node ended the conversation"),
        (GONE, "", OOPS[2:], "Kernel panic"),
        (GONE, "the guest flooded its console", OOPS[2:], "the guest flooded its console"),
        (GONE, "", OOPS, "says nothing of a policy"),
        (LinkError("not now", refused=True), "", OOPS, "not now"),
    ],
)
def test_the_best_reason_is_given(
    error: LinkError, failure: str, console: tuple[str, ...], words: str
) -> None:
    assert words in why_lost(error, failure, console)
