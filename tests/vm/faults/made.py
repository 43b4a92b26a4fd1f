"""Faults that no text file can be: changed objects, and texts that are no texts."""

from __future__ import annotations

from typing import Final

from tests.vm.faults.corpus import Fault

MADE: Final[tuple[Fault, ...]] = ()
