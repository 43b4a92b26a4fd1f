"""One kernel of the corpus after the other, so that there is never more than one guest."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from schedtui.target.sandbox.lab import prepare
from tests.vm.faults.corpus import SERIES
from tests.vm.faults.kernels import OneGuest, options_of


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=SERIES)
async def asked(request: pytest.FixtureRequest) -> AsyncIterator[OneGuest]:
    """Each kernel in turn, in a guest that answers what it thinks of objects."""
    series: str = request.param
    guest = OneGuest(await prepare(options_of(series), print), series)
    yield guest
    await guest.end()
