"""The page of a trial: whole, literal, and self-contained."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from schedtui.measure.report import report
from schedtui.model.results import ResultRow
from tests.fakes.results import result_row, unfit_row
from tests.fakes.samples import HOSTILE_NAMES

VOID = {"meta"}
HARMLESS = {
    *("html", "head", "meta", "title", "style", "body", "section", "h1", "h2", "p", "pre"),
    *("table", "tr", "th", "td", "svg", "g", "text", "line", "circle"),
}
ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></svg><b>",
    "&lt;i&gt;",
    "\x1b[31mred",
)


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def marks(self, kind: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag == "circle" and attrs["class"] == kind]

    @property
    def words(self) -> str:
        return " ".join(self.text)


def page(row: ResultRow) -> Page:
    read = Page(report(row, 12))
    assert read.open == []
    return read


ROW = result_row()


def test_each_pair_has_its_mark_and_each_window_its_figures() -> None:
    assert ROW.trial is not None
    assert ROW.trial.control is not None
    seen = page(ROW)
    assert len(seen.marks("pair")) == len(ROW.trial.pairs)
    assert len(seen.marks("control")) == len(ROW.trial.control.pairs)
    for pair in (*ROW.trial.pairs, *ROW.trial.control.pairs):
        for window in (pair.baseline, pair.candidate):
            for _, value in window.metrics:
                assert f"{value:.10g}" in seen.text


def test_better_pairs_are_right_of_no_change() -> None:
    seen = page(ROW)
    (none,) = (attrs for tag, attrs in seen.tags if attrs.get("class") == "none")
    assert all(float(mark["cx"] or 0) > float(none["x1"] or 0) for mark in seen.marks("pair"))
    bars = [attrs for tag, attrs in seen.tags if attrs.get("class") == "interval pair"]
    (bar,) = bars
    middle = float(seen.marks("pair")[0]["cx"] or 0)
    assert float(bar["x1"] or 0) < middle < float(bar["x2"] or 0)


def test_it_says_what_why_where_and_how_to_repeat_it() -> None:
    words = page(ROW).words
    for part in (
        "rtc_fifo on request_service: better",
        "slice_ns=100000000",
        "rate_per_s at most 2% worse",
        "default against itself",
        "of the possible improvement reached",
        "p = 0.250",
        "2 CPUs, 512 MB, tcg",
        "zig 0.17.0",
        "ab" * 32,
        "schedtui trial rtc_fifo --load request_service --pairs 7",
        "no progress: [bold]x[/]",
    ):
        assert part in words


def test_an_unfit_host_is_told_on_the_page() -> None:
    words = page(unfit_row()).words
    assert "host unfit" in words
    assert words.count("unfit: two windows under the same scheduler scatter by ") == 1


def test_a_stopped_trial_has_a_page_too() -> None:
    row = replace(ROW, trial=None, judgement=None, rejections=("the kernel threw it out",))
    seen = page(row)
    assert "the kernel threw it out" in seen.words
    assert not seen.marks("pair")


def test_a_trial_without_a_result_says_why() -> None:
    row = replace(ROW, trial=None, judgement=None, no_result="the load reports nothing")
    words = page(row).words
    assert "rtc_fifo on request_service: no result" in words
    assert "the load reports nothing" in words


@pytest.mark.parametrize("name", [*ATTACKS, *HOSTILE_NAMES])
def test_hostile_names_are_literal_everywhere(name: str) -> None:
    assert ROW.trial is not None
    trial = replace(ROW.trial, starved=(name,), boot_id=name)
    row = replace(
        ROW,
        policy=name,
        scheduler=name,
        compiler=name,
        kernel_release=name,
        kernel_build_id=name,
        rejections=(name,),
        no_result=name,
        parameters=((name, 1),),
        command=("schedtui", "trial", name),
        workload=replace(ROW.workload, title=name, reports=name, arguments=(name,)),
        trial=trial,
    )
    text = report(row, 1)
    seen = page(row)
    assert {tag for tag, _ in seen.tags} <= HARMLESS
    assert not any(key.startswith("on") for _, attrs in seen.tags for key in attrs)
    assert "\x1b" not in text
    assert name.replace("\x1b", "\\x1b") in seen.words


def test_it_refers_to_nothing_outside() -> None:
    text = report(ROW, 1)
    for _, attrs in page(ROW).tags:
        assert not {"src", "href", "xlink:href", "srcset", "action", "data"} & attrs.keys()
    assert not re.search(r"https?:|//[a-z]|url\(|@import|<script", text)
    assert "default-src 'none'" in text


def test_of_an_external_scheduler_the_page_says_what_is_not_known() -> None:
    row = replace(result_row("scx_rusty"), program_sha256="ab" * 32, source_sha256="")
    words = Page(report(row, 7)).words
    assert "ab" * 32 in words
    assert "what this external scheduler loads: its source is not known" in words
    assert "source sha256" not in words
