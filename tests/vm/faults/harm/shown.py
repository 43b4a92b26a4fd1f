"""All demonstrations of one guest, made once and then looked at one by one."""

from __future__ import annotations

import asyncio
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from schedtui.target.link import LinkError
from schedtui.target.sandbox.lab import LabOptions, find_kernel, prepare
from tests.vm.faults.corpus import DEFAULT
from tests.vm.faults.harm.guest.harms import HARMS
from tests.vm.faults.harm.guest.lives import LIVES
from tests.vm.faults.harm.guest.seen import Seen
from tests.vm.faults.harm.stage import RogueGuest, compiled_objects, rogue_guest
from tests.vm.faults.kernels import options_of

PANIC: Final = "panic"
TOGETHER: Final = (
    *(deed for deed in LIVES if deed != "reloads"),
    *(deed for deed in HARMS if deed != PANIC),
    PANIC,
)
"""What one guest shows in the tests; thirty reloads take half a minute."""
_PANIC_SECONDS: Final = 15.0


class NotShownError(AssertionError):
    """A demonstration broke off; the message says where."""


class Shown:
    """What one guest showed."""

    def __init__(self, answers: dict[str, Seen | str], panic: str) -> None:
        self._answers = answers
        self.panic = panic
        """The guest's last words when it was made to panic, empty when it lived on."""

    def of(self, deed: str) -> Seen:
        """Return what a demonstration saw. Raises NotShownError."""
        answer = self._answers[deed]
        if isinstance(answer, str):
            raise NotShownError(answer)
        return answer

    def gave(self, deed: str) -> bool:
        """Tell whether a demonstration came to its end."""
        return isinstance(self._answers[deed], Seen)


@cache
def on_default() -> Shown:
    """Boot the default kernel at the first call and have it give all that tests look at."""
    return asyncio.run(demonstrated(DEFAULT, TOGETHER))


async def demonstrated(
    series: str, deeds: tuple[str, ...], cpus: int = 2, words: str = ""
) -> Shown:
    """Boot a kernel and have it give ``deeds``, in order; ``words`` are for its command line.

    A panic goes last: it ends the guest.

    An emulated guest is lost now and then while a scheduler is attached. One loss is made good by
    another guest that goes on from there; the rest break off with a second one.
    """
    # The image does not depend on the kernel, so that of the default sandbox serves for all.
    lab = await prepare(LabOptions(), print)
    kernel = await find_kernel(options_of(series), print)
    objects = await compiled_objects()
    with tempfile.TemporaryDirectory(prefix="schedtui-harm-") as folder:
        answers: dict[str, Seen | str] = {}
        panic = ""
        for last in (False, True):
            async with rogue_guest(lab, kernel, Path(folder), objects, cpus, words) as guest:
                await _give(guest, deeds, answers, until_lost=not last)
                panic = await guest.died(_PANIC_SECONDS) if PANIC in answers else ""
            if len(answers) == len(deeds):
                break
    return Shown(answers, panic)


async def _give(
    guest: RogueGuest, deeds: tuple[str, ...], answers: dict[str, Seen | str], *, until_lost: bool
) -> None:
    """Have the guest give what has no answer yet, to its end or until the guest is lost."""
    for deed in deeds:
        if deed in answers:
            continue
        answer = await _answer(guest, deed)
        if until_lost and isinstance(answer, str) and deed != PANIC:
            print(f"{deed} broke off: {answer}")
            return
        answers[deed] = answer


async def _answer(guest: RogueGuest, deed: str) -> Seen | str:
    try:
        return await guest.do(deed)
    except LinkError as error:
        return "; ".join([error.sentence, *guest.console[-4:]])
