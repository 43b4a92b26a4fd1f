"""A self-contained page of HTML: no scripts, nothing from outside, every text literal."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final

from schedtui.model.text import safe_text

_TEXT_LIMIT: Final = 4096

DOCTYPE: Final = "<!DOCTYPE html>"
"""What every page begins with."""

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
       color: #1a1a1a; background: #fff; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { text-align: left; vertical-align: top;
       padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #f4f4f4; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; } text { font: 12px system-ui, sans-serif; fill: #333; }
text.label { text-anchor: end; } text.tick { text-anchor: middle; }
.none { stroke: #999; stroke-dasharray: 4 3; } .stem { stroke: #ccc; }
circle.pair { fill: #0b5fa5; } circle.control { fill: #fff; stroke: #666; stroke-width: 1.5; }
.interval { stroke-width: 5; stroke-opacity: .45; } .mean { stroke-width: 2; }
line.pair { stroke: #0b5fa5; } line.control { stroke: #666; }
"""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def sheet(title: str, sections: Iterable[str]) -> str:
    """Return a page; ``sections`` are HTML already."""
    return "\n".join(
        (
            f'{DOCTYPE}\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<title>{literal(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{literal(title)}</h1>",
            *sections,
            "</body></html>\n",
        )
    )


def section(title: str, body: str) -> str:
    """Return a part of a page; ``body`` is HTML already."""
    return f"<section><h2>{literal(title)}</h2>\n{body}</section>"


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of words and what there is to them, both texts."""
    body = "\n".join(
        f"<tr><th>{literal(word)}</th><td>{literal(text)}</td></tr>" for word, text in rows
    )
    return f"<table>{body}</table>"


def paragraph(text: str) -> str:
    """Return a text as a paragraph."""
    return f"<p>{literal(text)}</p>"


def verbatim(text: str) -> str:
    """Return a text that is kept as it is, such as a command."""
    return f"<pre>{literal(text)}</pre>"


def literal(text: str) -> str:
    """Return a text as HTML that shows it as it is."""
    return html.escape(safe_text(text, _TEXT_LIMIT))
