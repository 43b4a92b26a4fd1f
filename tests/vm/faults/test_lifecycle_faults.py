"""How schedulers end and what survives whom: recipes that are commands and no sources.

One guest of the default kernel with a rogue as its first process does them. All four kernels do in
``make bench-verify``, and what takes half a minute each as well: thirty reloads, and a kernel that
is told to keep a CPU apart.
"""

from __future__ import annotations

import pytest

from tests.vm.faults.corpus import DEFAULT
from tests.vm.faults.harm.ends import ENDS, recipe
from tests.vm.faults.harm.guest.lives import LIVES
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
