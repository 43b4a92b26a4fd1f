"""Small words that tell which language a goal is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_EN: Final = (
    "the my must not but while of and is to with make i should without keep for this as be "
    "it when our all"
)
_DE: Final = (
    "waehrend fuer durfen sollen wird sind bitte ein eine unser meinem meines meiner "
    "meinen fur von muss auf im zu mach der die das den dem des und aber ohne nicht mein "
    "meine darf soll wahrend wenn ich ist kein keine bei beim mit"
)
_ES: Final = (
    "deben pueden lo mas quiero nuestro el los las mi mis sin pero mientras que la del de "
    "en y debe puede con por para un una se cuando al sea"
)
_FR: Final = (
    "doivent peuvent au sur qui tant l d n notre soit le les mon ma mes sans mais pas ne "
    "pendant que la du des et doit peut avec pour un une est quand de je"
)

SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "en": frozenset(_EN.split()),
    "de": frozenset(_DE.split()),
    "es": frozenset(_ES.split()),
    "fr": frozenset(_FR.split()),
}
"""Language to its small words, in plain form."""
