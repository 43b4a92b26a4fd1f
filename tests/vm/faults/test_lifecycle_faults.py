"""How schedulers end and what survives whom: recipes that are commands and no sources.

One guest of the default kernel with a rogue as its first process does them. All four kernels do in
``make bench-verify``, and what takes half a minute each as well: thirty reloads, and a kernel that
is told to keep a CPU apart.
"""

from __future__ import annotations

import pytest

from tests.vm.faults.harm.ends import ENDS, recipe
from tests.vm.faults.harm.shown import TOGETHER, on_default

pytestmark = pytest.mark.vm


def named(deed: str) -> str:
    """Return a name for people: the recipe and what happens."""
    return f"{recipe(deed)}-{deed}"


@pytest.mark.parametrize("deed", [deed for deed in TOGETHER if deed in ENDS], ids=named)
def test_it_ends_and_lives_as_is_stated(deed: str) -> None:
    told = on_default().of(deed)
    assert ENDS[deed](told), told
