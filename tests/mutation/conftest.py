"""Times of single answers, undisturbed by the garbage of all tests before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _own_garbage() -> Iterator[None]:
    """Keep a collection of everything in this process, a second at worst, out of the times."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
