"""The themes of the screen as rows."""

from __future__ import annotations

from pathlib import Path

from schedtui.model.policy import Origin
from schedtui.model.screen import ThemeRow, ThemeTable
from schedtui.model.text import safe_text
from schedtui.ui.theme_shelf import ThemeShelf


def theme_table(own: Path) -> ThemeTable:
    """Return all themes, with those in the user's folder ``own``, by name."""
    shelf = ThemeShelf(own)
    files = shelf.files
    rows = tuple(
        ThemeRow(
            theme.name,
            theme.title,
            theme.dark,
            theme.ansi,
            Origin.YOURS if shelf.is_own(name) else Origin.BUILT_IN,
            safe_text(str(files[name])),
        )
        for name, theme in sorted(shelf.themes.items())
    )
    return ThemeTable(safe_text(str(own)), rows, tuple(safe_text(one) for one in shelf.faults))
