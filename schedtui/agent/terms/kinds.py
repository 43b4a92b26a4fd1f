"""What a phrase does in a goal, and the shape of a table of phrases."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What a phrase does in a goal."""

    METRIC = "metric"
    SYMPTOM = "symptom"
    VIRTUE = "virtue"
    ACTION = "action"
    KEEP = "keep"
    NEGATION = "negation"
    PERMISSION = "permission"
    BOUND = "bound"
    PERCENT_WORD = "percent word"
    LITTLE = "little"
    COUNT = "count"
    SUBJECT = "subject"
    RESOURCE = "resource"
    JOIN = "join"
    RELEASE = "release"
    UNEVEN = "uneven"
    GUARANTEE = "guarantee"
    STARVE = "starve"
    OTHERS = "others"
    DISABLE = "disable"
    SAFETY = "safety"
    PRIVATE = "private"
    READ = "read"
    OTHER_OWNER = "other owner"
    STOP_WORK = "stop work"
    ENERGY = "energy"
    LOAD = "load"
    LAYER = "layer"


Table = Mapping[tuple[Kind, str], Mapping[str, str]]
"""(kind, value) to language to phrases; ``|`` separates phrases, ``*`` ends a word stem."""
