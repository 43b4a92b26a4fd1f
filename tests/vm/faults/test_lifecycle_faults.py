"""How schedulers end and what survives whom: recipes that are commands and no sources.

One guest of the default kernel with a rogue as its first process does them all, but for the one
that needs a kernel told to keep a CPU apart. All four kernels do them in ``make bench-verify``, and
thirty reloads as well, which take half a minute.
"""

from __future__ import annotations

import pytest

from tests.vm.faults.corpus import DEFAULT
from tests.vm.faults.harm.ends import ENDS, ISOLATED, recipe
from tests.vm.faults.harm.guest.lives import APART, LIVES
from tests.vm.faults.harm.shown import shown

pytestmark = pytest.mark.vm

SHORT = tuple(deed for deed in LIVES if deed != "reloads")


def named(deed: str) -> str:
    """Return a name for people: the recipe and what happens."""
    return f"{recipe(deed)}-{deed}"


@pytest.mark.parametrize("deed", SHORT, ids=named)
def test_it_ends_and_lives_as_is_stated(deed: str) -> None:
    told = shown(DEFAULT, SHORT).of(deed)
    assert ENDS[deed](told), told


def test_f47_a_kernel_that_keeps_a_cpu_apart_takes_no_scheduler() -> None:
    (deed,) = APART
    told = shown(DEFAULT, (deed,), words=ISOLATED).of(deed)
    assert ENDS[deed](told), told
