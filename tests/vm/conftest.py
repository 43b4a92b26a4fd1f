"""The sandbox for tests that need the real kernel. It is prepared, never skipped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from schedtui.target.sandbox.lab import Lab, LabOptions, prepare
from schedtui.target.sandbox.target import Guest, open_guest


@pytest.fixture(scope="session")
def lab() -> Lab:
    """A prepared sandbox, made once."""
    return asyncio.run(prepare(LabOptions(), print))


@pytest.fixture
async def guest(lab: Lab) -> AsyncIterator[Guest]:
    """A pristine guest that accepts deployments."""
    opened = await open_guest(lab, throwaway=False)
    yield opened
    await opened.end()
