"""The prepared sandbox and the program, for all end-to-end tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from schedtui.target.sandbox.lab import LabOptions, prepare
from tests.e2e.program import Program, own_network


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with a prepared sandbox, state of its own and, for root, a network of its own."""
    asyncio.run(prepare(LabOptions(), print))
    with own_network() as prefix:
        yield Program(tmp_path_factory.mktemp("program"), prefix)
