"""Weights that people set are honoured, or it is said that they are not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schedtui.model.verdict import Finding
from schedtui.verify.catalogue import finding
from schedtui.verify.rules.rule import Rule, Subject
from schedtui.verify.source.unit import words_of

_NICE: Final = {"weight", "static_prio", "scale_by_weight", "by_weight"}
_SET: Final = "cgroup_set_weight"


def weights(subject: Subject) -> Iterator[Finding]:
    """SRC040: cgroup weights, and perhaps nice, are ignored."""
    for scheduler in subject.unit.schedulers:
        if _SET not in scheduler.operations:
            nice = any("weight" in w for w in words_of(subject.unit.root)) or (
                words_of(subject.unit.root) & _NICE
            )
            yield finding("SRC040", scheduler.line, also="" if nice else ", and so are nice values")


RULES: Final = (Rule("weights are honoured", ("SRC040",), weights),)
